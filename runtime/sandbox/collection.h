// What backup jobs, HA resources, HA rules and mapped devices have in common: a file of stanzas with a REST path that
// lists, makes, changes and removes them.
#ifndef PHX_SANDBOX_COLLECTION_H
#define PHX_SANDBOX_COLLECTION_H

#include "pvesh.h"
#include "stanza.h"

typedef struct Collection Collection;

struct Collection {
    StanzaForm form;
    const char *key;         // the parameter that names an entry
    const char *no_entry;    // the error for one that does not exist, with a %s for its name
    const char *taken;       // and for one that does
    const char *failing[3];  // what stands before the errors of create, update, delete; NULL: nothing
    bool shows_type;         // errors name an entry `type:id`
    bool refuses_parameter;  // a missing entry is a wrong parameter
    bool forgives_delete;    // removing what is not there is no error

    /// The type and id that the parameter or path [given] (NULL: none was) means. May be NULL.
    void (*name)(const Request *request, const Args *args, const char *given, const char **type, const char **id);
    /// Checks and completes an entry that was made or changed. May be NULL.
    void (*check)(const Request *request, const Args *args, const Collection *collection, const StanzaFile *file,
                  Stanza *stanza, bool is_new);
    /// Changes what is shown of an entry. May be NULL.
    void (*show)(const Request *request, const Stanza *stanza, json_t *object);
    /// Does more when an entry is removed. May be NULL.
    void (*removed)(const Request *request, const Args *args, const char *id);
};

/// Answers a request on the collection; [id] names the entry, NULL is all of them.
json_t *collection_answer(const Request *request, const Collection *collection, const char *id);

/// Leaves with the error of the collection's [step] (0 create, 1 update, 2 delete).
_Noreturn void collection_fail(Host *host, const Collection *collection, int step, const char *format, ...)
    PRINTF_LIKE(4, 5);

#endif
