/* The declarations of secrets, which of them a plan needs, and their values as long as they are needed. */
#include "compiler/secret.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/defer.h"
#include "compiler/state.h"

static const char *const KINDS[] = {[SECRET_ENV] = "env", [SECRET_FILE] = "file", [SECRET_COMMAND] = "command"};
enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };

static int secret_kind(const Name *word) {
    for (int kind = 0; kind < KIND_COUNT; kind++)
        if (!strcmp(KINDS[kind], word->text))
            return kind;
    return -1;
}

static Secret *secret_find(Session *session, Str name) {
    for (uint32_t i = 0; i < session->secrets.count; i++)
        if (str_equal(name_str(session->secrets.items[i]->decl->name.name), name))
            return session->secrets.items[i];
    return NULL;
}

void secret_declare(Session *session, const Decl *decl, const Frame *frame) {
    const Secret *earlier = secret_find(session, name_str(decl->name.name));
    if (earlier) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_DUPLICATE_NAME, decl->name.span, "there are two secrets `%s` in the site", decl->name.name->text);
        diag_also(session->diagnostics, d, earlier->decl->name.span, "first here");
        return;
    }
    if (secret_kind(decl->extra->target.name) < 0) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_SECRET_SOURCE, decl->extra->target.span, "a secret does not come from `%s`",
                                   decl->extra->target.name->text);
        diag_help(session->diagnostics, d, "write `from env \"NAME\"`, `from file \"path\"` or `from command [\"program\", \"argument\"]`");
        return;
    }
    Secret *secret = ARENA_NEW(session->permanent, Secret);
    *secret = (Secret){.decl = decl, .frame = frame};
    VECTOR_PUSH(session->permanent, &session->secrets, secret);
}

/* ---- sources ---- */

static int source_refuse(Session *session, const Value *value, Span span, const char *wanted) {
    Diagnostic *d;
    if (value->kind != VALUE_POISON)
        eval_problem(session, CODE_SECRET_SOURCE, span, NULL, &d, "this is to be %s, not %s", wanted, value_kind_phrase((ValueKind)value->kind));
    return 0;
}

static int source_command(Session *session, const Value *value, SecretSource *source) {
    if (value->kind != VALUE_LIST || !value->as.list.count)
        return source_refuse(session, value, source->span, "a list of a program and its arguments");
    Str *argv = ARENA_ARRAY(session->permanent, Str, value->as.list.count);
    for (uint32_t i = 0; i < value->as.list.count; i++) {
        const Value *word = value->as.list.items[i];
        if (word->kind != VALUE_STRING || value_is_secret(word))
            return source_refuse(session, word, source->span, "a list of strings");
        argv[i] = word->as.string;
    }
    source->argv = argv;
    source->argc = value->as.list.count;
    return 1;
}

/* 0 after a report. */
static int secret_source(Session *session, const Secret *secret, SecretSource *source) {
    const Decl *decl = secret->decl;
    const Value *value = eval(session, decl->value, secret->frame);
    *source = (SecretSource){.name = name_str(decl->name.name), .kind = (SecretKind)secret_kind(decl->extra->target.name), .span = decl->value->span,
                             .file = source_get(session->sources, decl->span.file)->name};
    if (source->kind == SECRET_COMMAND)
        return source_command(session, value, source);
    if (value->kind != VALUE_STRING || !value->as.string.length)
        return source_refuse(session, value, source->span, source->kind == SECRET_ENV ? "the name of a variable" : "a path");
    source->text = value->as.string;
    return 1;
}

static void secret_want(void *context, Str name) {
    Secret *secret = secret_find(context, name);
    if (secret)
        secret->wanted = 1;
}

static int secret_order(const void *a, const void *b) {
    return str_compare(((const SecretSource *)a)->name, ((const SecretSource *)b)->name);
}

const SecretSource *session_secrets(Session *session, const Plan *plan, uint32_t *count) {
    SecretSource *sources = ARENA_ARRAY(session->permanent, SecretSource, session->secrets.count + 1);
    int good = 1;
    *count = 0;
    for (uint32_t i = 0; i < plan->step_count; i++)
        for (uint32_t k = 0; k < plan->steps[i]->command_count; k++) {
            const Command *command = &plan->steps[i]->commands[k];
            for (uint32_t f = 0; f < command->field_count; f++)
                secrets_each(command->fields[f].value, secret_want, session);
        }
    for (uint32_t i = 0; i < session->secrets.count; i++)
        if (session->secrets.items[i]->wanted)
            good &= secret_source(session, session->secrets.items[i], &sources[(*count)++]);
    if (*count)
        qsort(sources, *count, sizeof *sources, secret_order);
    return good ? sources : NULL;
}

/* ---- values ---- */

int session_secret_give(Session *session, Str name, Str value) {
    Secret *secret = secret_find(session, name);
    if (!secret)
        return 0;
    const Type *type = type_resolve(session, secret->decl->extra->type, secret->frame);
    Use use = {.quiet = 1};
    const Value *text = value_flagged(session->scratch, value_string(session->scratch, secret->decl->name.span, value), VALUE_SECRET);
    const Value *accepted = type->kind == TYPE_POISON ? text : type_accept(session, type, text, &use);
    if (!accepted || accepted->kind == VALUE_POISON) {
        Text wanted = {0};
        type_print(type, &wanted);
        Diagnostic *d = diag_error(session->diagnostics, CODE_SECRET_SOURCE, secret->decl->value->span, "the secret `%s` that was read is no %s", secret->decl->name.name->text,
                                   wanted.bytes);
        diag_also(session->diagnostics, d, secret->decl->extra->type->span, "declared here");
        text_fini(&wanted);
        return 0;
    }
    /* What is computed of it lies there too. */
    arena_guard(session->permanent);
    arena_guard(session->scratch);
    secret->value = arena_text(session->permanent, value.length + 1);
    memcpy(secret->value, value.text, value.length);
    secret->value[value.length] = 0;
    secret->length = value.length;
    return 1;
}

const Value *secret_value(Session *session, Str name) {
    const Secret *secret = secret_find(session, name);
    return secret && secret->value ? value_string(session->arena, SPAN_NONE, (Str){secret->value, secret->length}) : NULL;
}

/* What is shorter stands in too many words by chance. */
enum { MASK_LEAST = 4 };

static void mask_value(const Secret *secret, Text *text) {
    Str mask = STR("(secret)");
    Text out = {0};
    size_t at = 0;
    for (;;) {
        const char *found = at < text->length ? memmem(text->bytes + at, text->length - at, secret->value, secret->length) : NULL;
        if (!found)
            break;
        size_t before = (size_t)(found - text->bytes);
        text_add(&out, (Str){text->bytes + at, before - at});
        text_add(&out, mask);
        at = before + secret->length;
    }
    if (at) {
        text_add(&out, (Str){text->bytes + at, text->length - at});
        text_fini(text);
        *text = out;
    }
}

void session_secrets_mask(Session *session, Text *text) {
    for (uint32_t i = 0; i < session->secrets.count; i++)
        if (session->secrets.items[i]->value && session->secrets.items[i]->length >= MASK_LEAST)
            mask_value(session->secrets.items[i], text);
}

void session_secrets_wipe(Session *session) {
    for (uint32_t i = 0; i < session->secrets.count; i++)
        if (session->secrets.items[i]->value)
            explicit_bzero(session->secrets.items[i]->value, session->secrets.items[i]->length);
}
