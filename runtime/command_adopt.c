/* `phxc adopt`: what stands on the hosts and not in the site, as .phx. */
#include <string.h>

#include "runtime/command.h"
#include "runtime/new_text.h"

typedef struct Adopt {
    App *app;
    Str site;                   /* the site's file; empty: there is none yet */
    Strs wanted;
    uint8_t *met;
    Text facts;                 /* what was seen, to look at the new text with */
    Ignores ignores;
    VECTOR(AdoptDrop) drops;
} Adopt;

enum { ROUNDS_MOST = 8 };       /* each leaves out more; what can't be settled in so many is printed as it is, with what is wrong */

static int is_file(Str operand) {
    return operand.length > 4 && memcmp(operand.text + operand.length - 4, ".phx", 4) == 0;
}

static void operands_take(Adopt *adopt) {
    App *app = adopt->app;
    const Strs *operands = &app->options->operands;
    for (uint32_t i = 0; i < operands->count; i++) {
        if (!i && is_file(operands->items[0]))
            adopt->site = operands->items[0];
        else
            VECTOR_PUSH(app->arena, &adopt->wanted, operands->items[i]);
    }
    adopt->met = ARENA_ARRAY(app->arena, uint8_t, adopt->wanted.count + 1);
}

/* Without a site an empty one, of the name that the new one is to have. */
static Str site_take(Adopt *adopt) {
    App *app = adopt->app;
    if (adopt->site.length)
        return adopt->site;
    Str name = app->options->site.length ? app->options->site : STR("home");
    Text text = {0};
    text_add_literal(&text, "site ");
    value_print(value_string(app->arena, SPAN_NONE, name), 0, &text);
    text_add_literal(&text, " edition 1\n");
    load_embed(&app->load, STR("--site"), arena_str(app->arena, text_str(&text)));
    text_fini(&text);
    return STR("--site");
}

/* What is printed at the top: how to go on. */
static Str comment(Adopt *adopt) {
    Str name = adopt->site.length ? adopt->site : adopt->app->options->output.length ? adopt->app->options->output : STR("FILE");
    return arena_printf(adopt->app->arena,
                        "Made by `phxc adopt` of what stands on the host%s.\n"
                        "`phxc apply %.*s --adopt all` takes it over: it writes stamps, and changes nothing.",
                        adopt->site.length ? " and not in the site" : "", (int)name.length, name.text);
}

static int text_make(Adopt *adopt, uint32_t *count, Text *out) {
    AdoptOptions options = {
        .wanted = adopt->wanted.items, .wanted_count = adopt->wanted.count, .met = adopt->met,
        .comment = comment(adopt), .is_part = adopt->site.length > 0,
        .ignores = adopt->ignores.items, .ignore_count = adopt->ignores.count,
        .drops = adopt->drops.items, .drop_count = adopt->drops.count,
    };
    text_clear(out);
    return session_adopt(adopt->app->session, &options, count, out);
}

/* ---- the new text, looked at ---- */

static void drop(Adopt *adopt, Str address, Str attribute, Str reason) {
    Arena *arena = adopt->app->arena;
    AdoptDrop new = {arena_str(arena, address), arena_str(arena, attribute), reason};
    for (uint32_t i = 0; i < adopt->drops.count; i++)
        if (str_equal(adopt->drops.items[i].address, address) && str_equal(adopt->drops.items[i].attribute, attribute))
            return;
    VECTOR_PUSH(arena, &adopt->drops, new);
}

/* A plan of what stands there holds stamps alone. What would be more is not written: the host does not keep it as its own programs would be told. */
static void plan_look(Adopt *adopt, const Plan *plan) {
    for (uint32_t i = 0; i < plan->step_count; i++) {
        const Step *step = plan->steps[i];
        Str reason = arena_printf(adopt->app->arena, "written here, the next plan would %s it", verb_name(step->verb));
        if (step->verb == VERB_ADOPT)
            continue;
        for (uint32_t k = 0; k < step->change_count; k++) {
            Str name = step->changes[k].attribute;
            const char *dot = memchr(name.text, '.', name.length);
            drop(adopt, step->address, (Str){name.text, dot ? (size_t)(dot - name.text) : name.length}, reason);
        }
        if (!step->change_count)
            drop(adopt, step->address, STR(""), reason);
    }
}

/* Checks the text and plans it with what was seen; 1 where it has to be made anew. */
static int text_look(Adopt *adopt, Str text, Str site, int *code) {
    static const Str all = {"all", 3};
    NewText new_text = {.app = adopt->app, .text = text, .is_part = adopt->site.length > 0};
    Session *session = new_text_open(&new_text);
    uint32_t ignores = adopt->ignores.count, drops = adopt->drops.count;
    PlanOptions options = {.adopt = &all, .adopt_count = 1};
    if (session_load(session, site) && session_facts_read(session, session_source(session, SOURCE_JSON, STR("what was seen"), text_str(&adopt->facts))))
        session_check(session, site);
    *code = new_text_findings(&new_text, session, &adopt->ignores);
    if (!*code && adopt->ignores.count == ignores) {
        const Plan *plan = session_plan(session, &options);
        if (plan)
            plan_look(adopt, plan);
        else
            app_print_text(adopt->app, session_diagnostics(session));
        *code = plan ? EXIT_OK : EXIT_ERROR;
    }
    session_close(session);
    return !*code && (adopt->ignores.count > ignores || adopt->drops.count > drops);
}

static int adopt_seen(Adopt *adopt, Str site, Text *text) {
    App *app = adopt->app;
    uint32_t count = 0, round = 0;
    int code = EXIT_OK;
    session_facts_write(app->session, &adopt->facts);
    do {
        if (!text_make(adopt, &count, text))
            code = EXIT_ERROR;
    } while (!code && count && ++round < ROUNDS_MOST && text_look(adopt, text_str(text), site, &code));
    app_print_diagnostics(app);
    if (!code && !count)
        app_complain(app, "there is nothing on the hosts to be written");
    return code || !text->length ? code : app_deliver(app, text_str(text));
}

int command_adopt(App *app) {
    Adopt adopt = {.app = app};
    Text text = {0};
    operands_take(&adopt);
    Str site = site_take(&adopt);
    app_open(app);
    session_survey(app->session);
    int code = app_ready(app, site);
    if (!code)
        code = app_facts(app);
    if (!code)
        code = adopt_seen(&adopt, site, &text);
    text_fini(&text);
    text_fini(&adopt.facts);
    return code;
}
