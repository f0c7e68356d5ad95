/* `phxc doctor`: what is in the way of a plan, on this machine and on the hosts. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lang/json.h"
#include "runtime/command.h"
#include "runtime/inspect.h"
#include "runtime/state_folder.h"

typedef struct Doctor {
    App *app;
    VECTOR(Ailment) ailments;
    uint32_t errors;
    uint32_t steps;             /* of the plan that was looked at */
    int planned;
} Doctor;

static void ailment_push(Doctor *doctor, Ailment ailment) {
    VECTOR_PUSH(doctor->app->arena, &doctor->ailments, ailment);
    doctor->errors += ailment.severity == SEVERITY_ERROR;
}

/* Without a site in sight the hosts alone are looked at. */
static Str site_take(App *app) {
    if (app->options->operands.count || access("site.phx", F_OK) == 0)
        return app_site(app, 0);
    load_embed(&app->load, STR("no site"), STR("site \"home\" edition 1\n"));
    return STR("no site");
}

/* ---- this machine ---- */

static void look_here(Doctor *doctor) {
    Text folder = {0};
    int fd = state_folder_open(&folder);
    if (fd >= 0)
        close(fd);
    else
        ailment_push(doctor, (Ailment){SEVERITY_ERROR, STR("this machine"), STR(""),
                                       arena_printf(doctor->app->arena, "the journal of what is applied can't be kept in %s: %s", folder.bytes ? folder.bytes : "a folder of HOME",
                                                    strerror(errno)),
                                       STR("make the folder writable, or set XDG_STATE_HOME to another one")});
    text_fini(&folder);
}

/* ---- the hosts ---- */

static int look_there(Doctor *doctor, const Plan *plan) {
    App *app = doctor->app;
    uint32_t count;
    const ReadRequest *requests = session_doctor_reads(app->session, plan, &count);
    if (inspect_requests(app->session, &app->places, app->loop, requests, count) == INSPECT_INTERRUPTED)
        return app_interrupted(app);
    const Ailment *ailments = session_ailments(app->session, &count);
    for (uint32_t i = 0; ailments && i < count; i++)
        ailment_push(doctor, ailments[i]);
    return ailments ? EXIT_OK : EXIT_ERROR;
}

/* What is planned decides what is needed. Where nothing can be planned the rest is told all the same. */
static const Plan *plan_look(Doctor *doctor) {
    static const Str all = {"all", 3};
    App *app = doctor->app;
    PlanOptions options = {.adopt = &all, .adopt_count = 1, .busy_too = 1};
    const Plan *plan = inspect_places(app->session, &app->places, app->loop) == INSPECT_KNOWN ? session_plan(app->session, &options) : NULL;
    doctor->planned = plan != NULL;
    doctor->steps = plan ? plan->step_count : 0;
    if (!plan)
        ailment_push(doctor, (Ailment){SEVERITY_ERROR, STR("this machine"), STR(""), STR("the site can't be planned: see the errors"), STR("mend these first")});
    return plan;
}

/* ---- what is printed ---- */

static void print_text(const Doctor *doctor, Text *out) {
    const Ailment *last = NULL;
    for (uint32_t i = 0; i < doctor->ailments.count; i++) {
        const Ailment *ailment = &doctor->ailments.items[i];
        Str place = ailment->place.length ? ailment->place : STR("the host");
        if (!last || !str_equal(last->place, ailment->place))
            text_addf(out, "%s%.*s\n", last ? "\n" : "", (int)place.length, place.text);
        text_addf(out, "  %-8s %.*s\n", ailment->severity == SEVERITY_ERROR ? "error" : "warning", (int)ailment->what.length, ailment->what.text);
        if (ailment->help.length)
            text_addf(out, "           %.*s\n", (int)ailment->help.length, ailment->help.text);
        last = ailment;
    }
    uint32_t warnings = doctor->ailments.count - doctor->errors;
    if (!doctor->ailments.count)
        text_addf(out, "Nothing is in the way of a plan of %u step%s.\n", doctor->steps, doctor->steps == 1 ? "" : "s");
    else
        text_addf(out, "\n%u error%s, %u warning%s\n", doctor->errors, doctor->errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
}

static void json_member(Text *out, const char *before, Str text) {
    text_add(out, str_of(before));
    json_write_string(text, out);
}

static void print_json(const Doctor *doctor, Text *out) {
    text_add_literal(out, "{\n  \"format\": \"phx-doctor/1\",");
    json_member(out, "\n  \"site\": ", session_site(doctor->app->session));
    text_addf(out, ",\n  \"steps\": %u,\n  \"errors\": %u,\n  \"findings\": [", doctor->steps, doctor->errors);
    for (uint32_t i = 0; i < doctor->ailments.count; i++) {
        const Ailment *ailment = &doctor->ailments.items[i];
        json_member(out, i ? ",\n    { \"level\": " : "\n    { \"level\": ", ailment->severity == SEVERITY_ERROR ? STR("error") : STR("warning"));
        json_member(out, ", \"place\": ", ailment->place);
        json_member(out, ", \"type\": ", ailment->type);
        json_member(out, ", \"what\": ", ailment->what);
        json_member(out, ", \"help\": ", ailment->help);
        text_add_literal(out, " }");
    }
    text_add_literal(out, doctor->ailments.count ? "\n  ]\n}\n" : "]\n}\n");
}

int command_doctor(App *app) {
    Doctor doctor = {.app = app};
    int code = app_ready(app, site_take(app));
    if (!code)
        code = app_places(app);
    if (code)
        return code;
    look_here(&doctor);
    const Plan *plan = plan_look(&doctor);
    code = look_there(&doctor, plan);
    app_print_diagnostics(app);
    Text text = {0};
    if (app->options->format == FORMAT_JSON)
        print_json(&doctor, &text);
    else
        print_text(&doctor, &text);
    if (code != EXIT_INTERRUPTED && app_deliver(app, text_str(&text)))
        code = EXIT_ERROR;
    text_fini(&text);
    return code ? code : doctor.errors ? EXIT_ERROR : EXIT_OK;
}
