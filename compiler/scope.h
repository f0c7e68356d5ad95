/* Names in force: scopes of declarations, and the frames that expressions look through. */
#ifndef PHX_COMPILER_SCOPE_H
#define PHX_COMPILER_SCOPE_H

#include "compiler/schema.h"

struct Instance;
struct Group;

/* A value that is computed once, when it is first asked for. */
typedef enum ThunkState { THUNK_NEW, THUNK_SUSPENDED, THUNK_RUNNING, THUNK_DONE } ThunkState;
typedef struct Thunk {
    const Expr *expr;
    const struct Frame *frame;
    const Value *value;         /* of THUNK_DONE */
    uint8_t state;
    int32_t member;             /* of an attribute that is one of a family; here, where there is room for it */
} Thunk;

typedef enum BindingKind {
    BINDING_VALUE,          /* let, param, imported JSON: thunk, type */
    BINDING_RESOURCE,       /* one instance; may be missing where it stands in an `if` */
    BINDING_FAMILY,         /* key -> instance, from a `for` */
    BINDING_MODULE,         /* an imported .phx: scope */
    BINDING_FUNCTION, BINDING_TYPE, BINDING_SCHEMA, BINDING_COMPONENT, BINDING_PROFILE
} BindingKind;

/* A site has as many of these as resources: what only some kinds have shares its room. */
typedef struct Binding {
    uint8_t kind;
    uint8_t used;                       /* something in the text names it (check_names.c, and types and targets where they are looked up) */
    uint8_t expanding;                  /* a resource being made, a constant being computed */
    uint8_t type_state;                 /* a ThunkState: `type`s may name each other */
    uint32_t mark;                      /* of the check for recursion among functions */
    const Name *name;
    const Decl *decl;                   /* NULL for a component's parameters */
    Span span;                          /* of the name where it is declared */
    const struct Frame *frame;          /* where its expressions look up names */
    union {
        Thunk thunk;                            /* VALUE */
        struct {                                /* RESOURCE, FAMILY */
            struct Referent *referent;          /* an Instance or Group; NULL: not there */
            RecordBuilder *family;              /* key -> reference */
            const Value *members;               /* the same as a value, once it was asked for */
            struct Block *block;                /* where it is declared, hence what must be expanded first */
        };
        struct {                                /* FUNCTION, COMPONENT */
            const TypeField *parameters;
            const Type *result;
            const Value *constant;              /* of a function without parameters: its value */
        };
        struct Scope *scope;                    /* MODULE */
    };
    union {
        const Type *type;                       /* TYPE, and VALUE with a declared type */
        struct {                                /* SCHEMA, COMPONENT */
            const Schema *schema;
            const Value *all;                   /* what all(NAME) gave */
        };
    };
} Binding;

typedef struct Scope Scope;

Scope *scope_new(Arena *arena);
/* A scope of declarations that are read when their names are first looked up: [read] is then called for each of which only the head is known,
   but not for those of resource types, which are mostly only referred to (schema_ready). */
typedef void ScopeRead(void *context, Binding *binding);
Scope *scope_new_unread(Arena *arena, ScopeRead *read, void *context);
/* Adds a name; 0 where it is taken (then *earlier is the one that has it). */
int scope_add(Scope *scope, const Name *name, Binding *binding, Binding **earlier);
Binding *scope_find(const Scope *scope, const Name *name);
/* The same, without reading what was not read yet. */
Binding *scope_peek(const Scope *scope, const Name *name);
/* In order of declaration. */
uint32_t scope_count(const Scope *scope);
Binding *scope_at(const Scope *scope, uint32_t index, const Name **name);

typedef enum FrameKind {
    FRAME_LOCAL,        /* one name with a value: a loop's variable, a parameter, a rule's `want` */
    FRAME_SCOPE,        /* a scope of declarations */
    FRAME_WHERE,        /* the `where` of a function: declarations evaluated at most once per call */
    FRAME_RULE          /* attributes of the resource that a rule is about, by their names */
} FrameKind;

typedef struct Frame {
    const struct Frame *parent;
    uint8_t kind;                       /* FrameKind */
    const Name *name;                   /* LOCAL */
    union {
        const Value *value;             /* LOCAL */
        Scope *scope;                   /* SCOPE */
        struct Where *where;            /* WHERE */
        const struct RuleContext *rule; /* RULE */
    } as;
} Frame;

/* The `where` of a function, in one of its calls. */
typedef struct Where {
    const DeclList *declarations;
    Thunk *thunks;                      /* one per declaration */
    uint32_t remembered;                /* how many of them have been asked for */
} Where;

const Frame *frame_local(Arena *arena, const Frame *parent, const Name *name, const Value *value);
const Frame *frame_scope(Arena *arena, const Frame *parent, Scope *scope);

#endif
