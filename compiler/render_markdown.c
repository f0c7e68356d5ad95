/* A plan to the comment under a pull request: what is final or interrupts first and in full, then a table of all steps and their
   details, as far as the budget reaches. A hidden marker in the first line lets a bot find its own comment again. */
#include "compiler/render.h"

enum {
    BUDGET_DEFAULT = 60000,     /* a comment on GitHub holds 65,536 characters */
    BUDGET_RESERVE = 400,       /* for the lines that say what was cut, and what closes an open element */
    VALUE_LIMIT = 400
};

typedef struct Page {
    const Plan *plan;
    Sources *sources;
    Text *out;
    Text piece;         /* what is added next, if it fits */
    size_t used, budget;
} Page;

/* ---- fitting ---- */

static void page_add(Page *page) {
    text_add(page->out, text_str(&page->piece));
    page->used += page->piece.length;
    text_clear(&page->piece);
}

/* Adds the piece if it fits, else drops it: 0. */
static int page_fit(Page *page) {
    if (page->used + page->piece.length + BUDGET_RESERVE <= page->budget) {
        page_add(page);
        return 1;
    }
    text_clear(&page->piece);
    return 0;
}

/* ---- text that Markdown must not read ---- */

static void add_escaped(Str text, Text *out) {
    for (size_t i = 0; i < text.length; i++) {
        char c = text.text[i];
        if ((unsigned char)c < ' ' || c == 0x7f) {
            text_add_char(out, ' ');
            continue;
        }
        switch (c) {
        case '\\': case '`': case '*': case '_': case '[': case ']': case '<': case '>': case '|': case '&': case '#': case '@': case '~':
            text_add_char(out, '\\');
            break;
        default:
            break;
        }
        text_add_char(out, c);
    }
}

/* A code span in a table: only the bar and the backtick are special there. */
static void add_code(Str text, Text *out) {
    text_add_char(out, '`');
    for (size_t i = 0; i < text.length; i++) {
        char c = text.text[i];
        if (c == '|')
            text_add_char(out, '\\');
        if (c == '`')
            c = '\'';
        if ((unsigned char)c < ' ' || c == 0x7f)
            c = ' ';
        text_add_char(out, c);
    }
    text_add_char(out, '`');
}

/* ---- steps ---- */

static int is_destructive(const Step *step) {
    return step->risk >= RISK_DOWNTIME || step->verb == VERB_REMOVE;
}

static void add_place(Page *page, Span span, Text *out) {
    if (!span.file)
        return;
    add_escaped(source_get(page->sources, span.file)->name, out);
    text_add_char(out, ':');
    text_add_int(out, source_position(page->sources, span).line);
}

static void add_row(Page *page, const Step *step) {
    Text *out = &page->piece;
    text_add_literal(out, "| ");
    text_add_int(out, step->id);
    text_add_literal(out, " | ");
    text_add(out, str_of(verb_name(step->verb)));
    text_add_literal(out, " | ");
    add_code(step->address, out);
    text_add_literal(out, " | ");
    add_escaped(step->reason, out);
    text_add(out, step->risk >= RISK_RESTART ? STR(" | **") : STR(" | "));
    add_escaped(str_of(risk_name(step->risk)), out);
    text_add(out, step->risk >= RISK_RESTART ? STR("** | ") : STR(" | "));
    add_place(page, step->source, out);
    text_add_literal(out, " |\n");
}

/* Each line of a diff begins with its sign; a line break inside would begin one without. */
static void add_line(char sign, const Text *line, Text *out) {
    text_add_char(out, sign);
    text_add_char(out, ' ');
    for (size_t i = 0; i < line->length; i++) {
        char c = line->bytes[i];
        if ((unsigned char)c < ' ')
            c = ' ';
        text_add_char(out, c);
    }
    text_add_char(out, '\n');
}

static void add_value(char sign, const Change *change, const Value *value, Text *out) {
    if (value->kind == VALUE_NONE || value->kind == VALUE_UNSET)
        return;
    Text line = {0};
    text_add(&line, change->attribute);
    text_add_literal(&line, " = ");
    value_print(value, VALUE_LIMIT, &line);
    add_line(sign, &line, out);
    text_fini(&line);
}

static void add_commands(const Command *commands, uint32_t count, char sign, Str before, Text *out) {
    for (uint32_t i = 0; i < count; i++) {
        Text line = {0};
        text_add(&line, before);
        render_command_line(&commands[i], &line);
        add_line(sign, &line, out);
        text_fini(&line);
    }
}

static size_t longest_run(Str text, char c) {
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < text.length; i++) {
        run = text.text[i] == c ? run + 1 : 0;
        if (run > longest)
            longest = run;
    }
    return longest;
}

/* A fence has to be longer than every run of backticks inside. */
static void add_fenced(const Text *body, Text *out) {
    size_t fence = longest_run(text_str(body), '`') + 1;
    if (fence < 3)
        fence = 3;
    text_add_repeat(out, '`', fence);
    text_add_literal(out, "diff\n");
    text_add(out, text_str(body));
    text_add_repeat(out, '`', fence);
    text_add_char(out, '\n');
}

static void add_details(Page *page, const Step *step) {
    Text body = {0}, line = {0};
    text_addf(&line, "%u %s %.*s: ", step->id, verb_name(step->verb), (int)step->address.length, step->address.text);
    text_add(&line, step->reason);
    add_line('#', &line, &body);
    text_fini(&line);
    for (uint32_t i = 0; i < step->change_count; i++) {
        add_value('-', &step->changes[i], step->changes[i].have, &body);
        add_value('+', &step->changes[i], step->changes[i].want, &body);
    }
    for (uint32_t i = 0; i < step->effect_count; i++) {
        const Effect *effect = &step->effects[i];
        Text text = {0};
        text_add(&text, effect->object);
        if (effect->note.length)
            text_addf(&text, " (%.*s)", (int)effect->note.length, effect->note.text);
        text_addf(&text, ": %s", fate_name(effect->fate));
        add_line(effect->fate == FATE_KEPT ? ' ' : effect->fate == FATE_DESTROYED ? '-' : '!', &text, &body);
        text_fini(&text);
    }
    char sign = '!';
    if (step->verb == VERB_CREATE)
        sign = '+';
    else if (step->verb == VERB_REMOVE)
        sign = '-';
    add_commands(step->commands, step->command_count, sign, STR(""), &body);
    const StepMore *more = step_more(step);
    add_commands(more->undo, more->undo_count, '#', STR("undo: "), &body);
    if (step->undo_note) {
        Text note = {0};
        text_add_literal(&note, "no undo: ");
        text_add(&note, str_of(step->undo_note));
        add_line('#', &note, &body);
        text_fini(&note);
    }
    add_fenced(&body, &page->piece);
    text_fini(&body);
}

/* ---- sections ---- */

static void add_summary(Page *page) {
    const Plan *plan = page->plan;
    Text *out = &page->piece;
    text_add_literal(out, "<!-- phxc-plan: ");
    for (size_t i = 0; i < plan->site.length; i++)
        if (plan->site.text[i] != '>' && plan->site.text[i] != '-')
            text_add_char(out, plan->site.text[i]);
        else
            text_add_char(out, '_');
    text_add_literal(out, " -->\n### Plan for site ");
    add_escaped(plan->site, out);
    text_add_literal(out, "\n\n");
    if (!plan->step_count) {
        text_addf(out, "Nothing to do: %u resource%s as written.\n", plan->unchanged, plan->unchanged == 1 ? " is" : "s are");
    } else {
        text_addf(out, "**%u step%s**:", plan->step_count, plan->step_count == 1 ? "" : "s");
        for (int verb = 0, any = 0; verb < VERB_COUNT; verb++)
            if (plan->by_verb[verb]) {
                text_addf(out, "%s %u %s", any ? "," : "", plan->by_verb[verb], verb_name((Verb)verb));
                any = 1;
            }
        text_addf(out, "; %u resource%s unchanged. Worst class: **", plan->unchanged, plan->unchanged == 1 ? "" : "s");
        add_escaped(str_of(risk_name(plan->worst)), out);
        text_add_literal(out, "**.\n");
    }
    text_add_literal(out, "\nPlan `");
    text_add(out, plan->id.length > 12 ? (Str){plan->id.text, 12} : plan->id);
    text_add_literal(out, "`");
    if (plan->facts_host.length) {
        text_add_literal(out, ", facts of ");
        add_escaped(plan->facts_host, out);
    }
    text_add_literal(out, ".\n");
    page_add(page);
}

static void add_destructive(Page *page) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < page->plan->step_count; i++) {
        const Step *step = page->plan->steps[i];
        if (!is_destructive(step))
            continue;
        if (!count++)
            text_add_literal(&page->piece, "\n#### Steps that interrupt or remove\n\n");
        text_addf(&page->piece, "%u. ", step->id);
        add_code(step->address, &page->piece);
        text_add_literal(&page->piece, ": ");
        text_add(&page->piece, str_of(verb_name(step->verb)));
        text_add_literal(&page->piece, ", **");
        add_escaped(str_of(risk_name(step->risk)), &page->piece);
        text_add_literal(&page->piece, "**, ");
        add_escaped(step->reason, &page->piece);
        text_add_literal(&page->piece, "\n\n");
        add_details(page, step);
        text_add_char(&page->piece, '\n');
        page_add(page);
    }
}

static void add_bystanders(Page *page, const Bystander *bystanders, uint32_t count, const char *title) {
    if (!count)
        return;
    text_addf(&page->piece, "\n#### %s\n\n", title);
    for (uint32_t i = 0; i < count; i++) {
        const Bystander *bystander = &bystanders[i];
        text_add_literal(&page->piece, "- ");
        add_code(bystander->address, &page->piece);
        text_add_literal(&page->piece, " (");
        add_escaped(bystander->type, &page->piece);
        text_add_char(&page->piece, ' ');
        add_escaped(bystander->identity, &page->piece);
        text_add_literal(&page->piece, "): ");
        add_escaped(bystander->reason, &page->piece);
        text_add_char(&page->piece, '\n');
        if (!page_fit(page)) {
            text_addf(&page->piece, "- and %u more\n", count - i);
            page_add(page);
            return;
        }
    }
}

static void add_denied(Page *page) {
    const Plan *plan = page->plan;
    if (!plan->denial_count)
        return;
    text_add_literal(&page->piece, "\n#### Denied: nothing of this runs\n\n");
    for (uint32_t i = 0; i < plan->denial_count; i++) {
        const Denial *denial = &plan->denials[i];
        if (denial->step) {
            text_addf(&page->piece, "- step %u, ", denial->step->id);
            add_code(denial->step->address, &page->piece);
        } else {
            text_add_literal(&page->piece, "- the whole plan");
        }
        text_add_literal(&page->piece, ": ");
        add_escaped(denial->reason, &page->piece);
        if (denial->policy.length) {
            text_add_literal(&page->piece, " (policy ");
            add_code(denial->policy, &page->piece);
            text_add_char(&page->piece, ')');
        }
        text_add_char(&page->piece, '\n');
        if (!page_fit(page)) {
            text_addf(&page->piece, "- and %u more\n", plan->denial_count - i);
            page_add(page);
            return;
        }
    }
}

static void add_facts(Page *page) {
    const Plan *plan = page->plan;
    if (!plan->fact_count)
        return;
    text_add_literal(&page->piece, "\n#### Facts that decided\n\n");
    for (uint32_t i = 0; i < plan->fact_count; i++) {
        Text value = {0};
        value_print(plan->facts[i].value, VALUE_LIMIT, &value);
        text_add_literal(&page->piece, "- ");
        add_code(name_str(plan->facts[i].name), &page->piece);
        text_add_literal(&page->piece, " = ");
        add_code(text_str(&value), &page->piece);
        text_add_char(&page->piece, '\n');
        text_fini(&value);
        if (!page_fit(page)) {
            text_addf(&page->piece, "- and %u more\n", plan->fact_count - i);
            page_add(page);
            return;
        }
    }
}

static void add_not_compared(Page *page) {
    const Plan *plan = page->plan;
    if (!plan->not_compared_count)
        return;
    text_add_literal(&page->piece, "\n#### Secrets that are not compared\n\n");
    for (uint32_t i = 0; i < plan->not_compared_count; i++) {
        const Uncertain *uncertain = &plan->not_compared[i];
        Text name = {0};
        text_addf(&name, "%.*s.%.*s", (int)uncertain->address.length, uncertain->address.text, (int)uncertain->attribute.length,
                  uncertain->attribute.text);
        text_add_literal(&page->piece, "- ");
        add_code(text_str(&name), &page->piece);
        text_add_char(&page->piece, '\n');
        text_fini(&name);
        if (!page_fit(page)) {
            text_addf(&page->piece, "- and %u more\n", plan->not_compared_count - i);
            page_add(page);
            return;
        }
    }
}

static void add_table(Page *page) {
    const Plan *plan = page->plan;
    text_add_literal(&page->piece, "\n#### All steps\n\n| step | verb | resource | why | class | written at |\n|---:|---|---|---|---|---|\n");
    for (uint32_t i = 0; i < plan->step_count; i++) {
        add_row(page, plan->steps[i]);
        if (!page_fit(page)) {
            text_addf(&page->piece, "\n%u more step%s left out here.\n", plan->step_count - i, plan->step_count - i == 1 ? " is" : "s are");
            page_add(page);
            return;
        }
    }
}

/* What was shown in full above is not shown again. */
static void add_all_details(Page *page) {
    const Plan *plan = page->plan;
    uint32_t open = 0, left = 0;
    for (uint32_t i = 0; i < plan->step_count; i++) {
        if (is_destructive(plan->steps[i]))
            continue;
        if (left) {
            left++;
            continue;
        }
        if (!open)
            text_add_literal(&page->piece, "\n<details><summary>Commands and changes</summary>\n\n");
        add_details(page, plan->steps[i]);
        if (page_fit(page))
            open = 1;
        else
            left = 1;
    }
    if (left && open)
        text_addf(&page->piece, "\nThe details of %u step%s are left out here.\n", left, left == 1 ? "" : "s");
    if (open)
        text_add_literal(&page->piece, "\n</details>\n");
    page_add(page);
}

void render_plan_markdown(const Plan *plan, Diagnostics *diagnostics, size_t budget, Text *out) {
    Page page = {.plan = plan, .sources = diagnostics_sources(diagnostics), .out = out, .budget = budget ? budget : BUDGET_DEFAULT};
    add_summary(&page);
    add_denied(&page);
    add_destructive(&page);
    add_bystanders(&page, plan->blocked, plan->blocked_count, "Blocked and left alone");
    add_bystanders(&page, plan->orphans, plan->orphan_count, "No longer in the text");
    add_not_compared(&page);
    add_facts(&page);
    if (plan->step_count) {
        add_table(&page);
        add_all_details(&page);
    }
    text_fini(&page.piece);
}
