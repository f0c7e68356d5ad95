/* Sources to modules: parses, follows imports, declares names. */
#include "compiler/module.h"

#include <string.h>

#include "compiler/call.h"
#include "compiler/library.h"
#include "compiler/secret.h"
#include "compiler/state.h"
#include "lang/json.h"
#include "lang/parse.h"

/* ---- declaring what only a file can declare ---- */

static Binding *module_declare(Session *session, Scope *scope, const Decl *decl, BindingKind kind, const Frame *frame) {
    Binding *binding = ARENA_NEW(session->arena, Binding), *earlier;
    *binding = (Binding){.kind = (uint8_t)kind, .name = decl->name.name, .decl = decl, .span = decl->name.span, .frame = frame};
    if (kind == BINDING_VALUE)
        binding->thunk = (Thunk){.expr = decl->value, .frame = frame};
    if (!decl->name.name)
        return binding;
    if (!scope_add(scope, decl->name.name, binding, &earlier)) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_DUPLICATE_NAME, decl->name.span, "`%s` is declared twice", decl->name.name->text);
        diag_also(session->diagnostics, d, earlier->span, "first here");
    }
    return binding;
}

/* Tags are names of no scope: any type may declare them, and a call by that name makes a value of it. */
static void tags_collect(Session *session, const TypeExpr *type) {
    if (!type)
        return;
    if (type->kind == TYPEX_TAGGED && !scope_find(session->tags, type->name.name)) {
        Binding *binding = ARENA_NEW(session->arena, Binding);
        *binding = (Binding){.kind = BINDING_TYPE, .name = type->name.name, .span = type->name.span};
        scope_add(session->tags, type->name.name, binding, NULL);
    }
    tags_collect(session, type->element);
    tags_collect(session, type->key);
    for (uint32_t i = 0; i < type->member_count; i++)
        tags_collect(session, type->members[i]);
    for (uint32_t i = 0; i < type->field_count; i++)
        tags_collect(session, type->fields[i].type);
}

void declare_top(Session *session, Scope *scope, const Frame *frame, const Decl *decl) {
    LintRun run = {decl, frame};
    Binding *binding = NULL;
    switch ((DeclKind)decl->kind) {
    case DECL_SECRET:
        module_declare(session, scope, decl, BINDING_VALUE, frame);
        secret_declare(session, decl, frame);
        break;
    case DECL_PARAM:
    case DECL_IMPORT_JSON:
        module_declare(session, scope, decl, BINDING_VALUE, frame);
        break;
    case DECL_IMPORT: module_declare(session, scope, decl, BINDING_MODULE, frame); break;
    case DECL_TYPE: module_declare(session, scope, decl, BINDING_TYPE, frame); break;
    case DECL_FUNCTION: module_declare(session, scope, decl, BINDING_FUNCTION, frame); break;
    case DECL_SCHEMA:
        binding = module_declare(session, scope, decl, BINDING_SCHEMA, frame);
        binding->schema = schema_build(session, decl, frame);
        break;
    case DECL_COMPONENT: module_declare(session, scope, decl, BINDING_COMPONENT, frame); break;
    case DECL_PROFILE: module_declare(session, scope, decl, BINDING_PROFILE, frame); break;
    case DECL_LINT: VECTOR_PUSH(session->arena, &session->lints, run); break;
    case DECL_SITE: case DECL_LET: case DECL_RULE: case DECL_RESOURCE: case DECL_ATTRIBUTE: case DECL_USE: case DECL_FOR: case DECL_IF:
    case DECL_ASSERT: case DECL_OUTPUT: case DECL_IGNORE: case DECL_INSIDE: case DECL_PHASE: case DECL_DENY: case DECL_SET: case DECL_FACTS: case DECL_RECORDED: case DECL_EXPECT:
        break;
    case DECL_POLICY: VECTOR_PUSH(session->arena, &session->policies, run); break;
    case DECL_TEST: {
        TestRun test = {decl, frame, 0};
        VECTOR_PUSH(session->arena, &session->tests, test);
        break;
    }
    case DECL_FACT:     /* it gets its value before the resources are expanded */
        module_declare(session, scope, decl, BINDING_VALUE, frame)->thunk.expr = NULL;
        break;
    }
}

void tags_declare(Session *session, const Decl *decl) {
    const DeclExtra *extra = decl->extra;
    if (!extra)
        return;
    tags_collect(session, extra->type);
    for (uint32_t i = 0; i < extra->field_count; i++)
        tags_collect(session, extra->fields[i].type);
}

static void module_declare_all(Session *session, Module *module) {
    for (uint32_t i = 0; i < module->tree->declarations.count; i++) {
        declare_top(session, module->scope, module->frame, module->tree->declarations.items[i]);
        tags_declare(session, module->tree->declarations.items[i]);
    }
    module->block = block_declare(session, &module->tree->declarations, module->scope, scope_new(session->arena), module->frame, (BlockHome){0}, STR(""));
}

/* ---- loading ---- */

/* The text of an import's path; empty after a report. Parameters may be named in it, so it is evaluated. */
static Str import_path(Session *session, const Decl *decl, const Frame *frame) {
    const Value *path = eval(session, decl->value, frame);
    Diagnostic *d;
    if (path->kind == VALUE_STRING && path->as.string.length)
        return path->as.string;
    if (path->kind != VALUE_POISON)
        eval_problem(session, CODE_IMPORT, decl->value->span, NULL, &d, "the path of an import is a string that is not empty");
    return STR("");
}

static const Source *import_load(Session *session, Str importer, Str path, SourceKind kind, Span span, int optional) {
    Str name = path, bytes = STR(""), problem = STR("");
    LoadStatus status = session->options.loader.load(session->options.loader.context, importer, path, kind, &name, &bytes, &problem);
    for (uint32_t i = 0; status == LOAD_OK && kind == SOURCE_PHX && i < session->modules.count; i++)
        if (str_equal(session->modules.items[i]->name, name))
            return session->modules.items[i]->tree->source;
    if (status == LOAD_OK)
        return source_add(session->sources, kind, name, bytes);
    if (status == LOAD_ABSENT && optional)
        return NULL;
    Diagnostic *d;
    if (status == LOAD_ABSENT) {
        d = diag_error(session->diagnostics, CODE_IMPORT, span, "there is no file %.*s", (int)path.length, path.text);
        if (kind == SOURCE_JSON)
            diag_help(session->diagnostics, d, "`import json optional` takes a missing file for an empty one");
    } else
        diag_error(session->diagnostics, CODE_IMPORT, span, "%.*s can't be read: %.*s", (int)path.length, path.text, (int)problem.length, problem.text);
    return NULL;
}

enum {
    IMPORT_DEPTH = 64,          /* modules inside modules */
    IMPORT_LIMIT = 1000         /* modules in all: one that imports another twice, which does so too, makes many */
};

static Module *module_load(Session *session, const Module *importer, const Decl *import, Str path, Span span, uint32_t depth);

static void module_load_imports(Session *session, Module *module, uint32_t depth) {
    for (uint32_t i = 0; i < module->tree->declarations.count; i++) {
        const Decl *decl = module->tree->declarations.items[i];
        if (decl->kind != DECL_IMPORT || !decl->name.name)
            continue;
        if (decl->value->kind != EXPR_LITERAL) {
            diag_error(session->diagnostics, CODE_IMPORT, decl->value->span, "the path of a module is a plain string");
            continue;
        }
        Str path = import_path(session, decl, module->frame);
        Binding *binding = scope_find(module->scope, decl->name.name);
        if (!path.length || !binding || binding->decl != decl)
            continue;
        ModuleImport import = {decl->name.name, module_load(session, module, decl, path, decl->value->span, depth + 1)};
        if (!import.module)
            continue;
        binding->scope = import.module->visible;
        VECTOR_PUSH(session->arena, &module->imports, import);
    }
}

static void report_cycle(Session *session, Str name, Str path, Span span) {
    Diagnostic *d = diag_error(session->diagnostics, CODE_IMPORT_CYCLE, span, "%.*s is imported by what it imports", (int)path.length, path.text);
    int from = 0;
    for (uint32_t i = 0; i < session->modules.count; i++) {
        const Module *module = session->modules.items[i];
        int first = !from && module->state == THUNK_RUNNING && str_equal(module->name, name);
        from |= first;
        if (from && module->state == THUNK_RUNNING)
            diag_note(session->diagnostics, d, "%s%.*s", first ? "" : "which imports ", (int)module->name.length, module->name.text);
    }
    diag_note(session->diagnostics, d, "which imports %.*s", (int)name.length, name.text);
}

/* A resource type is one in the whole site, whoever imports it. */
static void report_type_twice(Session *session, const Module *earlier, Span span) {
    const DeclList *list = &earlier->tree->declarations;
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i]->kind != DECL_SCHEMA)
            continue;
        Diagnostic *d = diag_error(session->diagnostics, CODE_IMPORT, span, "a module that declares a resource type can't be imported with two sets of arguments");
        diag_also(session->diagnostics, d, list->items[i]->name.span, "the resource type");
        if (earlier->import)
            diag_also(session->diagnostics, d, earlier->import->span, "the other import");
        diag_help(session->diagnostics, d, "move the type into a module of its own, which this one imports");
        return;
    }
}

/* Outputs go before other names: they are what the module says of itself. */
static Scope *module_visible(Session *session, const Module *module) {
    const Scope *parts[] = {module->block->outputs, module->scope};
    if (!scope_count(parts[0]))
        return module->scope;
    Scope *visible = scope_new(session->arena);
    for (size_t part = 0; part < sizeof parts / sizeof *parts; part++)
        for (uint32_t i = 0; i < scope_count(parts[part]); i++) {
            const Name *name;
            Binding *binding = scope_at(parts[part], i, &name);
            scope_add(visible, name, binding, NULL);
        }
    return visible;
}

/* A module of the session that this import means too, or NULL after a report (*failed). *same is one of the same file, with other arguments. */
static Module *module_known(Session *session, Str name, const Module *importer, const Decl *import, Str path, Span span, const Module **same, int *failed) {
    for (uint32_t i = 0; i < session->modules.count; i++) {
        Module *module = session->modules.items[i];
        if (!str_equal(module->name, name))
            continue;
        if (module->state == THUNK_RUNNING) {
            report_cycle(session, name, path, span);
            *failed = 1;
            return NULL;
        }
        if (arguments_alike(module->importer, module->import, importer, import))
            return module;
        *same = module;
    }
    return NULL;
}

static Module *module_load(Session *session, const Module *importer, const Decl *import, Str path, Span span, uint32_t depth) {
    if (depth > IMPORT_DEPTH || session->modules.count >= IMPORT_LIMIT) {
        diag_error(session->diagnostics, CODE_IMPORT, span, depth > IMPORT_DEPTH ? "modules import each other more than %d deep" : "the site has more than %d modules",
                   depth > IMPORT_DEPTH ? (int)IMPORT_DEPTH : (int)IMPORT_LIMIT);
        return NULL;
    }
    const Source *source = import_load(session, importer ? importer->name : STR(""), path, SOURCE_PHX, span, 0);
    if (!source)
        return NULL;
    const Module *same = NULL;
    int failed = 0;
    Module *known = module_known(session, source->name, importer, import, path, span, &same, &failed);
    if (known || failed)
        return known;
    if (same)
        report_type_twice(session, same, span);
    Module *module = ARENA_NEW(session->arena, Module);
    *module = (Module){.name = source->name, .scope = scope_new(session->arena), .importer = importer, .import = import, .state = THUNK_RUNNING};
    module->frame = frame_scope(session->arena, session->prelude_frame, module->scope);
    VECTOR_PUSH(session->arena, &session->modules, module);
    module->tree = same ? same->tree : parse_source(session->arena, session->names, session->diagnostics, source);
    module_declare_all(session, module);
    module->visible = module_visible(session, module);
    arguments_bind(session, module);
    module_load_imports(session, module, depth);
    module->state = THUNK_DONE;
    return module;
}

/* What several import is called by the shortest way that leads to it, of equally short ones by the first in the alphabet:
   the order of imports means nothing. */
static void modules_address(Session *session, Module *site) {
    VECTOR(Module *) queue = {0};
    site->level = 1;
    VECTOR_PUSH(session->arena, &queue, site);
    for (uint32_t at = 0; at < queue.count; at++) {
        const Module *module = queue.items[at];
        for (uint32_t i = 0; i < module->imports.count; i++) {
            const ModuleImport *import = &module->imports.items[i];
            Module *inner = import->module;
            Str prefix = arena_printf(session->arena, "%s%s/", module->block->prefix.text, import->name->text);
            if (inner->level && (inner->level <= module->level || str_compare(prefix, inner->block->prefix) >= 0))
                continue;
            block_set_prefix(inner->block, prefix);
            if (!inner->level)
                VECTOR_PUSH(session->arena, &queue, inner);
            inner->level = module->level + 1;
        }
    }
}

static void site_take(Session *session, const Module *module) {
    const Decl *site = NULL;
    for (uint32_t i = 0; i < module->tree->declarations.count; i++) {
        const Decl *decl = module->tree->declarations.items[i];
        if (decl->kind != DECL_SITE)
            continue;
        if (site) {
            Diagnostic *d = diag_error(session->diagnostics, CODE_SITE, decl->span, "a file names one site");
            diag_also(session->diagnostics, d, site->span, "the first");
        } else if (i)
            diag_error(session->diagnostics, CODE_SITE, decl->span, "`site` is the first line of the file");
        site = decl;
    }
    if (!site) {
        if (!module->tree->broken) {
            Diagnostic *d = diag_error(session->diagnostics, CODE_SITE, (Span){module->tree->source->number, 0, 0}, "the file names no site");
            diag_help(session->diagnostics, d, "begin it with `site \"NAME\" edition 1`: what phxc makes carries the name");
        }
        return;
    }
    session->site = site->extra->text->as.string;
    session->edition = site->extra->number->as.integer;
    if (session->edition != 1) {
        Span place = site->extra->number->origin;
        Diagnostic *d = diag_error(session->diagnostics, CODE_SITE, place, "edition %lld of the language is not known here", (long long)session->edition);
        diag_note(session->diagnostics, d, "this phxc knows edition 1");
        if (session->edition > 1)
            diag_help(session->diagnostics, d, "use a newer phxc for this site, or write `edition 1` if it needs nothing that came later");
        else
            diag_help(session->diagnostics, d, "write `edition 1`");
        diag_fix(session->diagnostics, d, place, STR("1"));
    }
    if (!session->site.length || session->site.length > 63 || strspn(session->site.text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") < session->site.length)
        diag_error(session->diagnostics, CODE_SITE, site->extra->text->origin, "a site's name is 1 to 63 letters, digits, `-` and `_`: it stands in stamps and paths");
}

Module *modules_load_site(Session *session, Str path) {
    Module *module = module_load(session, NULL, NULL, path, SPAN_NONE, 0);
    if (!module)
        return NULL;
    modules_address(session, module);
    session->site_scope = module->scope;
    session->site_frame = module->frame;
    site_take(session, module);
    return module;
}

/* ---- parameters ---- */

/* The text of --set as a value: as it stands where a string fits, else as an expression. */
static const Value *setting_value(Session *session, Binding *binding, const Type *type, const NamedText *setting) {
    const Source *source = source_add(session->sources, SOURCE_ARGUMENT, arena_printf(session->arena, "--set %.*s", (int)setting->name.length, setting->name.text), setting->text);
    Span span = {source->number, 0, (uint32_t)setting->text.length};
    const Value *text = value_string(session->arena, span, setting->text);
    Use use = {.what = arena_printf(session->arena, "parameter `%s`", binding->name->text), .span = span, .quiet = 1};
    const Value *value = type_accept(session, type, text, &use);
    if (value)
        return value;
    const Expr *expr = parse_expression(session->arena, session->names, session->diagnostics, source);
    use.quiet = 0;
    return expr ? type_accept(session, type, eval(session, expr, session->prelude_frame), &use) : value_poison(session->arena, span, 0);
}

int takes_setting(const Binding *binding) {
    return binding->decl && (binding->decl->kind == DECL_PARAM || binding->decl->kind == DECL_FACT);
}

/* A module that has a parameter of this name, or NULL. */
static const Module *parameter_owner(Session *session, Str parameter) {
    const Name *name = name_find(session->names, parameter);
    for (uint32_t i = 0; name && i < session->modules.count; i++) {
        const Binding *binding = scope_find(session->modules.items[i]->scope, name);
        if (binding && binding->decl && binding->decl->kind == DECL_PARAM)
            return session->modules.items[i];
    }
    return NULL;
}

void settings_suggest(Session *session, Diagnostic *d, Str wanted) {
    Suggestion suggestion = suggestion_for(wanted);
    for (uint32_t i = 0; i < scope_count(session->site_scope); i++) {
        const Name *name;
        if (takes_setting(scope_at(session->site_scope, i, &name)))
            suggestion_offer(&suggestion, name_str(name));
    }
    suggestion_tell(&suggestion, session->diagnostics, d, SPAN_NONE);
    const Module *owner = parameter_owner(session, wanted);
    if (!suggestion.best.length && owner)
        diag_help(session->diagnostics, d, "%.*s has one: whoever imports it gives it, `import ... with { %.*s = VALUE }`", (int)owner->name.length,
                  owner->name.text, (int)wanted.length, wanted.text);
}

static void setting_unknown(Session *session, const NamedText *setting) {
    Diagnostic *d = diag_error(session->diagnostics, CODE_SETTING, SPAN_NONE, "--set %.*s: the site has no parameter of that name", (int)setting->name.length, setting->name.text);
    settings_suggest(session, d, setting->name);
}

static void parameters_set(Session *session) {
    for (size_t i = 0; i < session->options.setting_count; i++) {
        const NamedText *setting = &session->options.settings[i];
        const Name *name = name_find(session->names, setting->name);
        Binding *binding = name ? scope_find(session->site_scope, name) : NULL;
        if (!binding || !takes_setting(binding)) {
            setting_unknown(session, setting);
            continue;
        }
        binding->type = type_resolve(session, binding->decl->extra->type, binding->frame);
        binding->thunk.value = setting_value(session, binding, binding->type, setting);
        binding->thunk.state = THUNK_DONE;
    }
    for (uint32_t i = 0; i < scope_count(session->site_scope); i++) {
        const Name *name;
        Binding *binding = scope_at(session->site_scope, i, &name);
        if (!binding->decl || binding->decl->kind != DECL_PARAM || binding->thunk.expr || binding->thunk.state == THUNK_DONE)
            continue;
        Diagnostic *d = diag_error(session->diagnostics, CODE_SETTING, binding->span, "the parameter `%s` has no value", name->text);
        diag_help(session->diagnostics, d, "give it with --set %s=VALUE, or a default: `param %s: TYPE = VALUE`", name->text, name->text);
        binding->thunk.value = value_poison(session->arena, binding->span, 0);
        binding->thunk.state = THUNK_DONE;
    }
}

void modules_complete(Session *session) {
    for (; session->complete < session->schemas.count; session->complete++)
        schema_ready(session, session->schemas.items[session->complete]);
    if (session->site_scope)
        parameters_set(session);
}

/* ---- data ---- */

static const Value *data_empty(Session *session, const Type *type, Span span) {
    RecordBuilder builder = {.arena = session->arena};
    return type->kind == TYPE_LIST ? value_list(session->arena, span, NULL, 0) : record_finish(&builder, span, NULL);
}

static void data_load(Session *session, const Module *module, const Decl *decl, Binding *binding) {
    binding->type = type_resolve(session, decl->extra->type, module->frame);
    binding->thunk.state = THUNK_DONE;
    binding->thunk.value = value_poison(session->arena, decl->span, 0);
    Str path = import_path(session, decl, module->frame);
    if (!path.length)
        return;
    uint32_t errors = diag_errors(session->diagnostics), warnings = diag_warnings(session->diagnostics);
    const Source *source = import_load(session, module->name, path, SOURCE_JSON, decl->value->span, decl->optional);
    const Value *value;
    if (source)
        value = problem_is_fatal(session, CODE_JSON_DUPLICATE_KEY) ? json_read(session->arena, session->names, session->diagnostics, source)
                                                                   : json_read_lenient(session->arena, session->names, session->diagnostics, source);
    else if (diag_errors(session->diagnostics) > errors)
        return;
    else {
        diag_add(session->diagnostics, SEVERITY_NOTE, STR("missing_file"), decl->value->span,
                 arena_printf(session->arena, "there is no %.*s: it counts as empty", (int)path.length, path.text));
        value = data_empty(session, binding->type, decl->value->span);
    }
    session->data_left_out |= diag_warnings(session->diagnostics) > warnings;
    Use use = {.what = arena_printf(session->arena, "%.*s", (int)path.length, path.text), .span = decl->value->span};
    if (value->kind != VALUE_POISON)
        value = type_accept(session, binding->type, value, &use);
    /* Data that is no use at all is an error even so: there is nothing to leave out. */
    if (value->kind == VALUE_POISON && value->flags & VALUE_LEFT_OUT) {
        Diagnostic *d = diag_error(session->diagnostics, CODE_IMPORT, decl->value->span, "nothing in %.*s can be used", (int)path.length, path.text);
        diag_note(session->diagnostics, d, "the warnings about the file say why");
        value = value_poison(session->arena, decl->span, 0);
    }
    binding->thunk.value = value;
}

void modules_load_data(Session *session) {
    for (uint32_t m = 0; m < session->modules.count; m++) {
        const Module *module = session->modules.items[m];
        for (uint32_t i = 0; i < module->tree->declarations.count; i++) {
            const Decl *decl = module->tree->declarations.items[i];
            Binding *binding = decl->kind == DECL_IMPORT_JSON && decl->name.name ? scope_find(module->scope, decl->name.name) : NULL;
            if (binding && binding->decl == decl)
                data_load(session, module, decl, binding);
        }
    }
}

/* ---- questions ---- */

Binding *word_find(Session *session, Str word) {
    const Name *name = name_find(session->names, word);
    Binding *binding = NULL;
    if (!name)
        return NULL;
    binding = frame_find_path(session, session->site_frame ? session->site_frame : session->prelude_frame, name);
    for (uint32_t i = 0; i < session->modules.count && !binding; i++)
        binding = scope_find(session->modules.items[i]->scope, name);
    return binding;
}

void word_suggest(Session *session, Suggestion *suggestion) {
    for (uint32_t i = 0; i < session->modules.count; i++)
        for (uint32_t k = 0; k < scope_count(session->modules.items[i]->scope); k++) {
            const Name *name;
            scope_at(session->modules.items[i]->scope, k, &name);
            suggestion_offer(suggestion, name_str(name));
        }
}
