/* What the text declares and nothing in it names: most likely what once did is gone, or is misspelt and means another. */
#include "compiler/lints.h"
#include "compiler/module.h"
#include "compiler/state.h"

/* Whoever imports a file that makes or checks something by itself need not name it; neither need he where it imports others that may. */
static int module_acts(const Module *module) {
    for (uint32_t i = 0; i < module->tree->declarations.count; i++)
        switch ((DeclKind)module->tree->declarations.items[i]->kind) {
        case DECL_RESOURCE: case DECL_FOR: case DECL_IF: case DECL_ASSERT: case DECL_LINT: case DECL_IGNORE: case DECL_SCHEMA: case DECL_IMPORT: case DECL_PHASE:
        case DECL_POLICY: case DECL_TEST:
            return 1;
        case DECL_SITE: case DECL_PARAM: case DECL_LET: case DECL_IMPORT_JSON: case DECL_TYPE: case DECL_FUNCTION: case DECL_RULE: case DECL_COMPONENT:
        case DECL_PROFILE: case DECL_ATTRIBUTE: case DECL_USE: case DECL_OUTPUT: case DECL_INSIDE: case DECL_SECRET: case DECL_DENY: case DECL_SET:
        case DECL_FACTS: case DECL_RECORDED: case DECL_EXPECT: case DECL_FACT:
            break;
        }
    return 0;
}

static int import_acts(const Module *module, const Name *name) {
    for (uint32_t i = 0; i < module->imports.count; i++)
        if (module->imports.items[i].name == name)
            return module_acts(module->imports.items[i].module);
    return 1;   /* it could not be read, which was reported */
}

/* A module may be there for several sites, so only its imports are its own business; of the site's main file everything is. */
static int is_private(const Session *session, const Module *module, const Binding *binding) {
    switch ((BindingKind)binding->kind) {
    case BINDING_MODULE: return !import_acts(module, binding->name);
    case BINDING_VALUE: case BINDING_FUNCTION: case BINDING_TYPE: case BINDING_COMPONENT: case BINDING_PROFILE:
        return module->scope == session->site_scope;
    /* What is made of a resource type may be gone from the text and still be removed by it. */
    case BINDING_RESOURCE: case BINDING_FAMILY: case BINDING_SCHEMA: return 0;
    }
    return 0;
}

static int is_unused(const Binding *binding) {
    return !binding->used && binding->decl && binding->name && binding->name->text[0] != '_';
}

static void report_declaration(Session *session, const Binding *binding) {
    finding_report(session, SEVERITY_WARNING, STR("unused_declaration"), binding->span, NULL,
                   arena_printf(session->arena, "nothing uses `%s`, %s", binding->name->text, decl_kind_name((DeclKind)binding->decl->kind)));
}

void unused_check(Session *session) {
    if (diag_errors(session->diagnostics))
        return;     /* a misspelt name has been reported; what it was to mean would be reported as well */
    for (uint32_t m = 0; m < session->modules.count; m++) {
        const Module *module = session->modules.items[m];
        for (uint32_t i = 0; i < scope_count(module->scope); i++) {
            const Name *name;
            const Binding *binding = scope_at(module->scope, i, &name);
            if (is_unused(binding) && is_private(session, module, binding))
                report_declaration(session, binding);
        }
    }
    for (uint32_t i = 0; i < session->unused.count; i++) {
        const Binding *parameter = session->unused.items[i];
        if (is_unused(parameter))
            finding_report(session, SEVERITY_WARNING, STR("unused_parameter"), parameter->span, NULL,
                           arena_printf(session->arena, "`%s` does not use its parameter `%s`", parameter->decl->name.name->text, parameter->name->text));
    }
}
