/* Resource types as data: what stands in a `schema`. */
#ifndef PHX_COMPILER_SCHEMA_H
#define PHX_COMPILER_SCHEMA_H

#include "compiler/type.h"

/* The fields of a schema that are expressions, evaluated when they are needed. */
typedef enum Rule {
    RULE_IDENTITY, RULE_READ, RULE_READ_ONE, RULE_FOUND, RULE_CREATE, RULE_UPDATE, RULE_DELETE, RULE_RESTART, RULE_LIVE,
    RULE_DIGEST, RULE_OBJECT, RULE_LOCKS, RULE_TIMEOUT, RULE_FLAGS, RULE_PLACE, RULE_STAMP, RULE_DATA, RULE_PROTECT, RULE_SHARED,
    RULE_AFTER, RULE_IN_FORCE, RULE_PENDING, RULE_EXEC, RULE_READY, RULE_GATE, RULE_ACT, RULE_DONE, RULE_SYNONYMS, RULE_ADOPT, RULE_CALLED, RULE_DOCTOR, RULE_AILMENTS,
    RULE_PARTIAL, RULE_BUSY, RULE_RETRY, RULE_ELSEWHERE, RULE_MOVE, RULE_KNOWN_AS, RULE_SNAPSHOT, RULE_COUNT
} Rule;
const char *rule_name(Rule rule);

typedef struct Schema {
    const Name *name;               /* "pve.lxc" */
    const Decl *decl;               /* only the head of one of the library before it is ready */
    const struct Frame *frame;      /* where its rules look up names */
    const TypeField *attributes;
    uint32_t attribute_count;
    struct SchemaIndex *index;      /* names to attributes, families included */
    uint8_t *written;               /* by the number of an attribute: does a resource of the text write it? */
    uint8_t *unique;                /* likewise: must its value, or something in it, not occur twice? */
    const Expr *rules[RULE_COUNT];  /* NULL where not given */
    int ready;                      /* attributes and rules are known: see library.h */
    int is_place;
    int holds_data;
    int is_shared;                  /* others write into the object too: it belongs to nobody as a whole */
    int has_conditions;             /* does an attribute have the option `only` or `needed`? */
    const TypeField *stamp;         /* the attribute that carries the stamp, or NULL: the index of names is used */
    int stamp_fenced;               /* a line at its end, not the whole text */
    const TypeField *protect;       /* or NULL */
    const TypeField *elsewhere;     /* the attribute that names the place where an object is that its own place does not have, or NULL */
    const TypeField *in_force;      /* the attribute that says what is in force where other values wait for a restart, or NULL */
    const Name *const *flags;       /* default of the attributes' option; NULL: every command */
    uint32_t flag_count;
    uint32_t number;                /* order of declaration */
} Schema;

/* The attribute named [name]; of a family (`net3`) the attribute `net` with its index in *member, else *member is -1. */
const TypeField *schema_attribute(const Schema *schema, const Name *name, int64_t *member);
/* By the host's name of it: "net3", "nameserver", "phx:owner". */
const TypeField *schema_property(const Schema *schema, Str property, int64_t *member);

/* Does a command, by the name that the rules give it, take the attribute as an option? NULL: any command. */
int schema_takes_flag(const Schema *schema, const TypeField *attribute, const Name *command);

/* Offers the schema's name: for itself and for its synonyms. */
void schema_suggest(Session *session, const Schema *schema, Suggestion *suggestion);

/* Builds the schema of a declaration: types, options, rules; reports what is wrong with it. */
const Schema *schema_build(Session *session, const Decl *decl, const struct Frame *frame);
/* After all are built: names in rules resolved, required rules there, options consistent. */
void schema_check(Session *session, Schema *schema);
/* The part of it in schema_sound.c: reports attributes that nothing can change, and secrets on command lines. */
void schema_sound(Session *session, const Schema *schema);

#endif
