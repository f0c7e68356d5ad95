/* Secrets: declared in the text, known only while applying. */
#ifndef PHX_COMPILER_SECRET_H
#define PHX_COMPILER_SECRET_H

#include "compiler/scope.h"

typedef struct Secret {
    const Decl *decl;
    const Frame *frame;
    char *value;                /* NULL until it is given */
    size_t length;
    uint8_t wanted;             /* by the plan whose secrets are being listed */
} Secret;

/* Takes up a declaration; reports a second one of the same name, and what no secret can come from. */
void secret_declare(Session *session, const Decl *decl, const Frame *frame);
/* The value that was given; NULL where none was. */
const Value *secret_value(Session *session, Str name);

#endif
