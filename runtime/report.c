/* Progress, failures and the summary of a run. */
#include "runtime/report.h"

#include <string.h>

#include "compiler/render.h"

enum { REPORT_STDERR_LINES = 20 };     /* of what a failed program said */

void report_init(Report *report, App *app, const Plan *plan, const RunName *run) {
    *report = (Report){app, plan, *run, 0};
}

/* ---- progress ---- */

static void add_state(const Report *report, StepState state, Text *out) {
    static const char *const WORDS[] = {
        [STEP_STARTED] = "started", [STEP_COMMAND] = "command", [STEP_DONE] = "done",       [STEP_ALREADY] = "already so",
        [STEP_FAILED] = "failed",   [STEP_LEFT_OUT] = "left out", [STEP_STOPPED] = "stopped",
    };
    static const char *const COLOURS[] = {
        [STEP_STARTED] = "", [STEP_COMMAND] = "", [STEP_DONE] = "\033[32m", [STEP_ALREADY] = "\033[32m",
        [STEP_FAILED] = "\033[1;31m", [STEP_LEFT_OUT] = "\033[33m", [STEP_STOPPED] = "\033[33m",
    };
    int colour = app_colour(report->app, &report->app->out);
    text_addf(out, "%s%s%s", colour ? COLOURS[state] : "", WORDS[state], colour ? "\033[0m" : "");
}

static void progress_line(Report *report, const StepNews *news) {
    Text *out = &report->app->out.text;
    text_addf(out, "[%u/%u] ", ++report->ended, report->plan->step_count);
    add_state(report, news->state, out);
    text_addf(out, " %.*s: %s", (int)news->step->address.length, news->step->address.text, verb_name(news->step->verb));
    if (news->cause)
        text_addf(out, " (it needs %.*s: %s)", (int)news->cause->address.length, news->cause->address.text, verb_name(news->cause->verb));
    else if (news->problem.length)
        text_addf(out, ": %.*s", (int)news->problem.length, news->problem.text);
    text_add_char(out, '\n');
    output_flush(&report->app->out);
}

/* ---- failures ---- */

/* The last lines of what a program said. */
static Str last_lines(Str text) {
    int lines = 0;
    while (text.length && strchr(" \t\r\n", text.text[text.length - 1]))
        text.length--;
    for (size_t at = text.length; at > 0; at--)
        if (text.text[at - 1] == '\n' && ++lines == REPORT_STDERR_LINES)
            return (Str){text.text + at, text.length - at};
    return text;
}

/* Prints without the line that counts: the summary counts all failures together. */
static void failure_write(App *app, Diagnostics *diagnostics) {
    Text text = {0};
    diag_print_text(diagnostics, (DiagnosticStyle){.colour = app_colour(app, &app->err)}, &text);
    Str printed = text_str(&text);
    const char *end = printed.length > 1 ? memrchr(printed.text, '\n', printed.length - 1) : NULL;
    text_add(&app->err.text, (Str){printed.text, end ? (size_t)(end - printed.text) + 1 : 0});
    output_flush(&app->err);
    text_fini(&text);
}

static void failure_print(Report *report, const StepNews *news) {
    App *app = report->app;
    const Step *step = news->step;
    Diagnostics *diagnostics = diagnostics_new(app->arena, diagnostics_sources(session_diagnostics(app->session)));
    Code code = news->command || !news->report.length ? CODE_STEP_FAILED : CODE_STEP_UNVERIFIED;
    Diagnostic *error = diag_error(diagnostics, code, step->source, "%.*s: %s: %.*s", (int)step->address.length, step->address.text,
                                   verb_name(step->verb), (int)news->problem.length, news->problem.text);
    diag_label(diagnostics, error, "this resource");
    if (news->command) {
        Text line = {0};
        render_command_line(news->command, &line);
        diag_note(diagnostics, error, "the command was: %s", line.bytes);
        text_fini(&line);
    }
    if (news->outcome) {
        /* Some programs complain where others answer. */
        int silent = !news->outcome->err.length;
        Str said = last_lines(text_str(silent ? &news->outcome->out : &news->outcome->err));
        if (said.length)
            diag_note(diagnostics, error, "%s:\n%.*s", silent ? "it printed" : "it said", (int)said.length, said.text);
    }
    Str differs = last_lines(news->report);
    if (differs.length)
        diag_note(diagnostics, error, "%.*s", (int)differs.length, differs.text);
    failure_write(app, diagnostics);
}

void report_step(Report *report, const StepNews *news) {
    if (report->app->options->events) {
        event_step(&report->run, news, &report->app->out.text);
        output_flush(&report->app->out);
    } else if (news->state != STEP_STARTED && news->state != STEP_COMMAND) {
        progress_line(report, news);
    }
    if (news->state == STEP_FAILED)
        failure_print(report, news);
}

/* ---- the end ---- */

static void add_part(Text *out, uint32_t count, const char *what) {
    if (count)
        text_addf(out, ", %u %s", count, what);
}

static void add_outputs(const Plan *plan, Session *session, Text *out) {
    for (uint32_t i = 0; i < plan->output_count; i++) {
        const Field *field = &plan->outputs[i];
        Str known;
        text_addf(out, "%s = ", field->name->text);
        if (field->value->kind == VALUE_UNKNOWN && session_fill(session, field->value, &known))
            text_add(out, known);
        else
            value_print(field->value, 0, out);
        text_add_char(out, '\n');
    }
}

void report_end(Report *report, const ExecutionResult *result, int exit_code) {
    Text *out = &report->app->out.text;
    uint32_t total = report->plan->step_count;
    uint32_t never = total - result->done - result->already - result->failed - result->left_out - result->stopped;
    if (report->app->options->events) {
        event_end(&report->run, result, exit_code, out);
        output_flush(&report->app->out);
        return;
    }
    text_addf(out, "\n%u of %u steps done", result->done + result->already, total);
    add_part(out, result->already, "of them already so");
    add_part(out, result->failed, "failed");
    add_part(out, result->stopped, "stopped");
    add_part(out, result->left_out, "left out");
    add_part(out, never, "not started");
    text_add_literal(out, ".\n");
    if (result->done + result->already < total)
        text_add_literal(out, "What is done stays done: the same command looks at the host again and goes on with the rest.\n");
    else
        add_outputs(report->plan, report->app->session, out);
    output_flush(&report->app->out);
}
