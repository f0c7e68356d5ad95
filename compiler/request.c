/* How a plan was asked for, and from what texts it was made: what it takes to make it again. */
#include "compiler/planner.h"

#include <stdlib.h>

#include "compiler/codec.h"
#include "compiler/hash.h"
#include "compiler/module.h"

static int source_order(const void *a, const void *b) {
    return str_compare(((const PlanSource *)a)->file, ((const PlanSource *)b)->file);
}

const PlanSource *session_sources(Session *session, uint32_t *count) {
    PlanSource *sources = ARENA_ARRAY(session->arena, PlanSource, sources_count(session->sources) + 1);
    *count = 0;
    for (uint32_t i = 1; i <= sources_count(session->sources); i++) {
        const Source *source = source_get(session->sources, i);
        if ((source->kind == SOURCE_PHX || source->kind == SOURCE_JSON) && i != session->facts_source)
            sources[(*count)++] = (PlanSource){source->name, hash_sha256(session->arena, source->bytes)};
    }
    if (*count)
        qsort(sources, *count, sizeof *sources, source_order);
    return sources;
}

/* The value of a parameter may be a secret: then the plan only says that it was given. */
static Str setting_word(Session *session, const NamedText *setting) {
    const Name *name = name_find(session->names, setting->name);
    const Binding *binding = name ? scope_find(session->site_scope, name) : NULL;
    const Value *value = binding ? binding->thunk.value : NULL;
    if (value && (value_is_secret(value) || codec_holds_secret(value)))
        return setting->name;
    return arena_printf(session->arena, "%.*s=%.*s", (int)setting->name.length, setting->name.text, (int)setting->text.length, setting->text.text);
}

static void request_list(PlanRequest *request, RequestList list, const Str *items, size_t count) {
    request->lists[list] = (RequestWords){items, (uint32_t)count};
}

PlanRequest request_of(Session *session, const PlanOptions *options) {
    const SessionOptions *given = &session->options;
    PlanRequest request = {.site = session->site_module ? session->site_module->name : STR(""), .prune = options->prune,
                           .gates = options->gates, .snapshot_before = options->snapshot_before};
    Str *settings = ARENA_ARRAY(session->arena, Str, given->setting_count + 1);
    for (size_t i = 0; i < given->setting_count; i++)
        settings[i] = setting_word(session, &given->settings[i]);
    request_list(&request, REQUEST_SET, settings, given->setting_count);
    request_list(&request, REQUEST_ONLY, options->only, options->only_count);
    request_list(&request, REQUEST_SKIP, options->skip, options->skip_count);
    request_list(&request, REQUEST_ADOPT, options->adopt, options->adopt_count);
    request_list(&request, REQUEST_ALLOW, options->allow, options->allow_count);
    request_list(&request, REQUEST_ERROR, given->errors, given->error_count);
    request_list(&request, REQUEST_WARN, given->shown, given->shown_count);
    request_list(&request, REQUEST_SILENCE, given->silenced, given->silenced_count);
    return request;
}
