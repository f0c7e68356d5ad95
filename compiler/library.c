/* The library's declarations, each read once, when it is first asked for. */
#include "compiler/library.h"

#include "compiler/module.h"
#include "compiler/state.h"
#include "lang/outline.h"
#include "lang/parse.h"

typedef struct Part {
    Decl head;                  /* what the outline tells; a binding or lint leads to it until the part is read */
    Span span;
    const Decl *decl;           /* NULL: not read yet */
} Part;

/* ---- reading ---- */

/* What stands for a declaration that could not be read: the mistake in it was reported, and nobody needs to ask whether it is there. */
static const Decl *decl_unreadable(Session *session, const Decl *head) {
    Expr *value = ARENA_NEW(session->permanent, Expr);
    TypeExpr *type = ARENA_NEW(session->permanent, TypeExpr);
    DeclExtra *extra = ARENA_NEW(session->permanent, DeclExtra);
    Decl *decl = ARENA_NEW(session->permanent, Decl);
    *value = (Expr){.span = head->span, .kind = EXPR_POISON, .depth = 1};
    *type = (TypeExpr){.span = head->span, .kind = TYPEX_POISON, .depth = 1};
    *extra = (DeclExtra){.type = type, .target = head->name, .text = value_string(session->permanent, head->span, STR(""))};
    *decl = *head;
    decl->depth = 1;
    decl->value = value;
    decl->extra = extra;
    return decl;
}

static const Decl *part_read(Session *session, Part *part) {
    if (part->decl)
        return part->decl;
    const Source *source = source_get(session->sources, part->span.file);
    DeclList read = parse_declarations(session->permanent, session->names, session->diagnostics, source, part->span);
    part->decl = read.count == 1 && read.items[0]->kind == part->head.kind ? read.items[0] : decl_unreadable(session, &part->head);
    Arena *arena = session_keep(session);
    tags_declare(session, part->decl);
    session_restore(session, arena);
    return part->decl;
}

const Decl *library_decl(Session *session, const Decl *decl) {
    return decl->depth ? decl : part_read(session, (Part *)(uintptr_t)decl);
}

static void binding_read(void *context, Binding *binding) {
    binding->decl = library_decl(context, binding->decl);
}

static void part_add(Session *session, const Heading *heading) {
    Part *part = ARENA_NEW(session->arena, Part);
    part->head = (Decl){.span = heading->part, .kind = (uint8_t)heading->kind, .name = heading->name};
    part->span = heading->part;
    VECTOR_PUSH(session->arena, &session->library, part);
    declare_top(session, session->prelude, session->prelude_frame, &part->head);
}

void library_declare(Session *session) {
    session->prelude = scope_new_unread(session->arena, binding_read, session);
    session->prelude_frame = frame_scope(session->arena, NULL, session->prelude);
    session->tags = scope_new(session->arena);
    for (size_t i = 0; i < session->options.stdlib_count; i++) {
        const NamedText *text = &session->options.stdlib[i];
        const Source *source = source_add(session->sources, SOURCE_STDLIB, text->name, text->text);
        Heading heading;
        for (uint32_t at = 0; outline_next(session->names, source, &at, &heading);)
            part_add(session, &heading);
    }
    session->complete = session->schemas.count;
}

void library_read(Session *session) {
    for (; session->library_read < session->library.count; session->library_read++)
        part_read(session, session->library.items[session->library_read]);
}

/* ---- on demand ---- */

/* It may be asked for in the midst of an evaluation, which must neither cut this one short nor be part of it. */
void schema_ready(Session *session, const Schema *schema) {
    if (schema->ready)
        return;
    Schema *own = (Schema *)(uintptr_t)schema;
    own->ready = 1;
    own->decl = library_decl(session, schema->decl);
    const RuleContext *rule = session->rule;
    uint32_t depth = session->depth, calls = session->calls;
    Arena *arena = session_keep(session);
    session->rule = NULL;
    session->depth = session->calls = 0;
    schema_check(session, own);
    session->rule = rule;
    session->depth = depth;
    session->calls = calls;
    session_restore(session, arena);
}

const Schema *schema_named(Session *session, Str type) {
    const Name *name = name_find(session->names, type);
    uint32_t i = 0;
    while (name && i < session->schemas.count && session->schemas.items[i]->name != name)
        i++;
    if (!name || i == session->schemas.count)
        return NULL;
    schema_ready(session, session->schemas.items[i]);
    return session->schemas.items[i];
}

int tag_declared(Session *session, const Name *tag) {
    if (scope_find(session->tags, tag))
        return 1;
    library_read(session);
    return scope_find(session->tags, tag) != NULL;
}

void library_complete(Session *session) {
    library_read(session);
    for (uint32_t i = 0; i < session->schemas.count; i++)
        schema_ready(session, session->schemas.items[i]);
}

void library_check(Session *session) {
    library_read(session);
    for (uint32_t i = 0; i < session->schemas.count; i++)
        schema_ready(session, session->schemas.items[i]);
    for (uint32_t i = 0; i < session->library.count; i++) {
        Tree tree = {.declarations = {&session->library.items[i]->decl, 1}};
        Module module = {.tree = &tree, .scope = session->prelude, .frame = session->prelude_frame};
        names_check(session, &module);
    }
}
