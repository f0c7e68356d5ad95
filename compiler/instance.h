/* Resources as they are after loops, conditions and components are expanded. */
#ifndef PHX_COMPILER_INSTANCE_H
#define PHX_COMPILER_INSTANCE_H

#include "compiler/scope.h"

/* One attribute that was written. */
typedef struct Slot {
    const TypeField *attribute;
    const Span *name_span;      /* `cores` in `cores = 4` */
    Thunk thunk;                /* its member is -1 where the attribute is none of a family, or all of one */
} Slot;

/* Meta-attributes: of every resource, whatever its schema. */
typedef enum Meta { META_AFTER, META_ON, META_PROTECT, META_ALLOW, META_TIMEOUT, META_RETRY, META_COUNT } Meta;
const char *meta_name(Meta meta);
/* -1 where the name is no meta-attribute. */
int meta_find(const Name *name);

/* One that was written. */
typedef struct MetaSlot {
    Thunk thunk;
    uint8_t meta;
} MetaSlot;

/* A barrier: what stands in it comes after all that stands in the phases before it. */
typedef struct Phase {
    const Name *name;
    const Decl *decl;
    uint32_t number;            /* in session->phases */
} Phase;

/* To what the resources of a block belong. */
typedef struct BlockHome {
    struct Group *group;            /* the component instance, or NULL */
    struct Instance *inside;        /* the resource that they stand in, or NULL: a place of the site */
    const Phase *phase;             /* or NULL */
} BlockHome;

/* A resource. Its Referent comes first, so that a reference's target can be told from a Group's by `is_group`. */
typedef struct Instance {
    Referent head;              /* address */
    uint8_t is_group;           /* 0 */
    uint8_t absent;             /* `absent`: must not exist */
    uint8_t left_out;           /* a finding on imported data keeps it out of the plan */
    uint8_t broken;             /* lacks a required attribute: reported, so that nothing that follows from it is */
    uint8_t mark;               /* for whoever walks over instances */
    uint8_t hosts;              /* others stand inside it */
    uint8_t asked;              /* inspection has asked for it */
    uint8_t flat;               /* each member of a family has a slot of its own */
    uint8_t meta_count;
    const Schema *schema;
    const Decl *decl;
    Span origin;                /* of its key where that is imported, else of the declaration's head */
    uint32_t number;            /* in order of expansion */
    uint32_t slot_count;
    Slot *slots;                /* ascending by attribute number and member */
    struct MetaSlot *meta;      /* those that are written */
    const Frame *frame;
    BlockHome home;
    Str identity;               /* rendered once the attributes are known; empty before */
    const DeclList *ignores;    /* its body, for `ignore` */
    struct Reading *reading;     /* while it is being read again after a step */
} Instance;

/* One use of a component: its parameters and body. */
typedef struct Group {
    Referent head;
    uint8_t is_group;           /* 1 */
    uint8_t left_out;
    uint8_t expanded;
    Binding *component;         /* whose parameters it has */
    struct Block *block;
    const Decl *decl;
    Span origin;
    const Frame *frame;         /* the body's */
    Scope *scope;               /* the body's */
    Scope *outputs;             /* what is visible from outside */
    BlockHome home;                  /* what it stands in itself */
    Thunk *parameters;
    Thunk after;                /* the meta-attribute `after`, for everything in it; expr NULL where not written */
    MetaSlot on;                /* the same of `on`: for what stands inside of nothing that is in it too */
    uint32_t first, last;       /* what stands in it is numbered first..last-1, among others that were expanded meanwhile */
} Group;

int referent_is_group(const Referent *referent);
#define INSTANCE(referent) ((Instance *)(void *)(uintptr_t)(referent))
#define GROUP(referent) ((Group *)(void *)(uintptr_t)(referent))

/* Where the last part of an address begins: a `/` in a key parts nothing. */
size_t address_last_part(Str address);
/* What is asked of an instance is worked out where nobody asked before: that changes nothing of what it says.
   The value of an attribute as wanted: NULL where it is not written (or was left out), else a value, unset or poison. */
const Value *instance_attribute(Session *session, const Instance *instance, const TypeField *attribute, int64_t member);
/* The members of a family that are written. */
Slot *instance_family(const Instance *instance, const TypeField *attribute, uint32_t *count);
/* The same of a slot of its own. */
const Value *slot_value(Session *session, Slot *slot);
const Value *instance_meta(Session *session, const Instance *instance, Meta meta);
/* Where one that is written stands. */
Span instance_meta_span(const Instance *instance, Meta meta);
/* NULL where it is not among these. */
MetaSlot *meta_slot(MetaSlot *slots, uint32_t count, Meta meta);
/* "net3" for a member of a family. */
Str slot_name(Session *session, const Slot *slot);
/* The identity rule, rendered; empty after a report. */
Str instance_identity(Session *session, Instance *instance);
/* The place it stands on: an instance, or NULL for the default place of a site that declares none. A place of the site stands on itself, a
   resource that others stand inside on the place around it. */
Instance *instance_place(Session *session, const Instance *instance);
/* Its address; empty for that default place. */
Str instance_place_address(Session *session, const Instance *instance);
/* The place of the site around a place: that itself, or what it stands on, however deep. */
const Instance *place_outermost(Session *session, const Instance *place);
/* Can things stand in it? */
int instance_is_place(const Instance *instance);
/* The place with this address, among those where things stand; NULL where there is none. */
const Instance *host_find(const Session *session, Str address);
/* The resources it needs: those that its attributes and `after` refer to, groups resolved; each once. */
typedef struct InstanceList { Instance **items; uint32_t count; } InstanceList;
InstanceList instance_needs(Session *session, Instance *instance);
/* Those that its attributes refer to: without them it can't be made. */
InstanceList instance_references(Session *session, Instance *instance);
/* Those that `after` names, of the resource and of the components around it. */
InstanceList instance_after(Session *session, Instance *instance);

/* Before: a family written as a whole (`net = [a, b]`) is one slot. After this there is one slot for each member. */
void instance_flatten(Session *session, Instance *instance);

/* Where declarations stand: the body of a module, a component or an `inside`, or a `for`, `if` or `phase` in it. */
typedef struct Block {
    const Decl *decl;           /* the `for`, `if` or `phase`; NULL for a whole body */
    const DeclList *declarations;
    Scope *scope;               /* where the names of resources are declared */
    Scope *outputs;
    const Frame *frame;
    BlockHome home;
    Str prefix;                 /* of addresses: "", or "vllm.server.gpu[0]/" */
    struct Block *outer;
    uint8_t state;              /* a ThunkState */
    VECTOR(struct Block *) inner;   /* the blocks in it, in order */
} Block;

/* Declares the names of a body, those of resources inside `for`, `if` and `phase` included. */
Block *block_declare(Session *session, const DeclList *declarations, Scope *scope, Scope *outputs, const Frame *frame, BlockHome home, Str prefix);
/* Gives the addresses of what stands in the block, and in the blocks in it, another beginning. Before any of it is expanded. */
void block_set_prefix(Block *block, Str prefix);
/* Makes all resources of a body: fills session->instances and session->groups. */
void block_expand(Session *session, Block *block);
/* Makes only what has to do with the places of the site. */
void block_expand_places(Session *session, Block *block);
/* Makes what a name of a resource stands for. */
void binding_expand(Session *session, Binding *binding);
/* The binding of a resource's type: a schema or component; NULL after a report. */
Binding *target_find(Session *session, const Ident *target, const Frame *frame);
/* An instance's slots out of its body and profiles (instance_build.c). */
void instance_build(Session *session, Instance *instance, const Decl *decl, const Frame *frame);

#endif
