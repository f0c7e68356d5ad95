/* A plan to the text that people read:

   Plan for site phoenix: 1 to create, 1 to set (worst class: restart)

      1  create    pve.lxc.base      does not exist      site.phx:41
                   pct create 900 local:vztmpl/ubuntu.tar.zst --cores 4
                   undo: pct destroy 900 --purge 1
      2  set       pve.lxc.qdrant    memory differs      site.phx:52  restart
                   ~ memory: 24GiB -> 32GiB (restart)
                   pct set 952 --memory 32768

   It is written step by step as it is made. */
#include "compiler/render.h"

/* A column is as wide as its longest entry, up to these: a longer one pushes the rest of its line. */
enum { ADDRESS_WIDTH = 44, REASON_WIDTH = 44, PLACE_WIDTH = 32, VALUE_LIMIT = 200 };

typedef struct Painter {
    const Plan *plan;
    Diagnostics *diagnostics;
    TextStyle style;
    Text *out;
    size_t id_width, verb_width, address_width, reason_width;
    int several_places;
} Painter;

/* ---- small parts ---- */

static const char *risk_colour(RiskClass risk) {
    switch (risk) {
    case RISK_ONLINE: return "\033[32m";
    case RISK_RESTART: return "\033[33m";
    case RISK_DOWNTIME: return "\033[35m";
    case RISK_DATA_LOSS: return "\033[1;31m";
    case RISK_NONE:
    case RISK_COUNT: break;
    }
    return "";
}

static void add_coloured(Painter *painter, RiskClass risk, const char *word) {
    int colour = painter->style.colour && *risk_colour(risk);
    if (colour)
        text_add(painter->out, str_of(risk_colour(risk)));
    text_add(painter->out, str_of(word));
    if (colour)
        text_add_literal(painter->out, "\033[0m");
}

/* Columns are counted in characters; a byte that continues one is none. */
static size_t text_width(Str text) {
    size_t width = 0;
    for (size_t i = 0; i < text.length; i++)
        width += ((unsigned char)text.text[i] & 0xc0) != 0x80;
    return width;
}

/* Names and reasons may hold what a host said: a control character would reach the terminal. */
static void add_clean(Painter *painter, Str text) {
    size_t from = 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.text[i];
        int control = c < ' ' || c == 0x7f || (c == 0xc2 && i + 1 < text.length && (unsigned char)text.text[i + 1] < 0xa0);
        if (!control)
            continue;
        text_add(painter->out, (Str){text.text + from, i - from});
        text_add_char(painter->out, '?');
        i += c == 0xc2;
        from = i + 1;
    }
    text_add(painter->out, (Str){text.text + from, text.length - from});
}

static void add_padded(Painter *painter, Str text, size_t width) {
    size_t used = text_width(text);
    add_clean(painter, text);
    if (used < width)
        text_add_repeat(painter->out, ' ', width - used);
}

/* A column and the gap behind it; a text that is longer than its share moves what follows. */
static void add_column(Painter *painter, Str text, size_t width) {
    add_padded(painter, text, width);
    text_add_literal(painter->out, "  ");
}

static void widen(size_t *width, Str text, size_t limit) {
    if (*width >= limit || text.length <= *width)
        return;
    size_t wanted = text_width(text);
    if (wanted > limit)
        wanted = limit;
    if (wanted > *width)
        *width = wanted;
}

/* "site.phx:41" */
static void add_place(Painter *painter, Span span) {
    Sources *sources = diagnostics_sources(painter->diagnostics);
    text_add(painter->out, source_get(sources, span.file)->name);
    text_add_char(painter->out, ':');
    text_add_int(painter->out, source_position(sources, span).line);
}

static size_t digits_of(uint32_t number) {
    size_t digits = 1;
    while (number >= 10) {
        number /= 10;
        digits++;
    }
    return digits;
}

/* ---- the headline ---- */

static void add_count(Painter *painter, uint32_t count, const char *what, int *any) {
    if (!count)
        return;
    text_add(painter->out, *any ? STR(", ") : STR(": "));
    text_add_int(painter->out, count);
    text_add_char(painter->out, ' ');
    text_add(painter->out, str_of(what));
    *any = 1;
}

static void add_headline(Painter *painter) {
    static const char *const wanted[VERB_COUNT] = {
        [VERB_CREATE] = "to create",     [VERB_SET] = "to set",       [VERB_RESIZE] = "to resize",
        [VERB_MOVE] = "to move",         [VERB_START] = "to start",   [VERB_STOP] = "to stop",
        [VERB_RESTART] = "to restart",   [VERB_SNAPSHOT] = "to snapshot", [VERB_ADOPT] = "to adopt",
        [VERB_RUN] = "to run",           [VERB_WAIT] = "to wait for", [VERB_REMOVE] = "to remove",
    };
    const Plan *plan = painter->plan;
    if (!plan->step_count) {
        text_add_literal(painter->out, "Nothing to do: ");
        text_add_int(painter->out, plan->unchanged);
        text_add(painter->out, plan->unchanged == 1 ? STR(" resource is as written.\n") : STR(" resources are as written.\n"));
        return;
    }
    int any = 0;
    text_add_literal(painter->out, "Plan for site ");
    text_add(painter->out, plan->site);
    for (int verb = 0; verb < VERB_COUNT; verb++)
        add_count(painter, plan->by_verb[verb], wanted[verb], &any);
    add_count(painter, plan->unchanged, "unchanged", &any);
    text_add_literal(painter->out, " (worst class: ");
    add_coloured(painter, plan->worst, risk_name(plan->worst));
    text_add_literal(painter->out, ")\n\n");
}

/* ---- steps ---- */

static void add_indent(Painter *painter) {
    text_add_repeat(painter->out, ' ', painter->id_width + painter->verb_width + 4);
}

static void add_command(Painter *painter, const Command *command, Str before) {
    add_indent(painter);
    text_add(painter->out, before);
    if (painter->several_places) {
        text_add_char(painter->out, '[');
        text_add(painter->out, command->place);
        text_add_literal(painter->out, "] ");
    }
    render_command_line(command, painter->out);
    text_add_char(painter->out, '\n');
}

static void add_value(Painter *painter, const Value *value) {
    if (value->kind == VALUE_NONE)
        text_add_literal(painter->out, "(none)");
    else if (value->kind == VALUE_UNSET)
        text_add_literal(painter->out, "(cleared)");
    else
        value_print(value, VALUE_LIMIT, painter->out);
}

static void add_change(Painter *painter, const Change *change) {
    add_indent(painter);
    text_add(painter->out, change->have->kind == VALUE_NONE ? STR("+ ") : change->want->kind == VALUE_UNSET ? STR("- ") : STR("~ "));
    text_add(painter->out, change->attribute);
    text_add_literal(painter->out, ": ");
    add_value(painter, change->have);
    text_add_literal(painter->out, " -> ");
    add_value(painter, change->want);
    text_add_literal(painter->out, " (");
    text_add(painter->out, str_of(change->change));
    text_add_literal(painter->out, ")\n");
}

static void add_effect(Painter *painter, const Effect *effect) {
    static const char *const signs[FATE_COUNT] = {[FATE_KEPT] = "= ", [FATE_DESTROYED] = "- ", [FATE_REFUSED] = "! "};
    add_indent(painter);
    text_add(painter->out, str_of(signs[effect->fate]));
    add_clean(painter, effect->object);
    if (effect->note.length) {
        text_add_literal(painter->out, " (");
        add_clean(painter, effect->note);
        text_add_char(painter->out, ')');
    }
    text_add_literal(painter->out, ": ");
    text_add(painter->out, str_of(fate_name(effect->fate)));
    text_add_char(painter->out, '\n');
}

static void add_step(Painter *painter, const Step *step) {
    text_add_repeat(painter->out, ' ', painter->id_width - digits_of(step->id));
    text_add_int(painter->out, step->id);
    text_add_literal(painter->out, "  ");
    add_column(painter, str_of(verb_name(step->verb)), painter->verb_width);
    add_column(painter, step->address, painter->address_width);
    if (step->source.file || step->risk > RISK_NONE)
        add_column(painter, step->reason, painter->reason_width);
    else
        add_clean(painter, step->reason);
    if (step->source.file)
        add_place(painter, step->source);
    if (step->phase.length) {
        text_add_literal(painter->out, "  phase ");
        add_clean(painter, step->phase);
    }
    if (step->risk > RISK_NONE) {
        text_add_literal(painter->out, "  ");
        add_coloured(painter, step->risk, risk_name(step->risk));
    }
    text_add_char(painter->out, '\n');
    for (uint32_t i = 0; i < step->change_count; i++)
        add_change(painter, &step->changes[i]);
    for (uint32_t i = 0; i < step->effect_count; i++)
        add_effect(painter, &step->effects[i]);
    if (painter->style.commands)
        for (uint32_t i = 0; i < step->command_count; i++)
            add_command(painter, &step->commands[i], STR(""));
    if (!painter->style.undo)
        return;
    const StepMore *more = step_more(step);
    for (uint32_t i = 0; i < more->undo_count; i++)
        add_command(painter, &more->undo[i], STR("undo: "));
    if (step->undo_note) {
        add_indent(painter);
        text_add_literal(painter->out, "no undo: ");
        add_clean(painter, str_of(step->undo_note));
        text_add_char(painter->out, '\n');
    }
}

/* Widths need every step, and whether commands go to more than one place does too. */
static void measure(Painter *painter) {
    const Plan *plan = painter->plan;
    const Command *first = NULL;
    painter->id_width = digits_of(plan->step_count) + 3;
    for (uint32_t i = 0; i < plan->step_count; i++) {
        const Step *step = plan->steps[i];
        widen(&painter->verb_width, str_of(verb_name(step->verb)), ADDRESS_WIDTH);
        widen(&painter->address_width, step->address, ADDRESS_WIDTH);
        widen(&painter->reason_width, step->reason, REASON_WIDTH);
        for (uint32_t k = 0; k < step->command_count; k++) {
            if (!first)
                first = &step->commands[k];
            else if (!str_equal(first->place, step->commands[k].place))
                painter->several_places = 1;
        }
    }
}

/* ---- what else there is to say ---- */

static void add_bystanders(Painter *painter, const Bystander *bystanders, uint32_t count, const char *one, const char *many) {
    if (!count)
        return;
    size_t width = 0;
    text_add_char(painter->out, '\n');
    text_add_int(painter->out, count);
    text_add(painter->out, str_of(count == 1 ? one : many));
    text_add_char(painter->out, '\n');
    for (uint32_t i = 0; i < count; i++)
        widen(&width, bystanders[i].address, ADDRESS_WIDTH);
    for (uint32_t i = 0; i < count; i++) {
        const Bystander *bystander = &bystanders[i];
        text_add_literal(painter->out, "    ");
        add_column(painter, bystander->address, width);
        add_clean(painter, bystander->type);
        text_add_char(painter->out, ' ');
        add_clean(painter, bystander->identity);
        if (bystander->place.length) {
            text_add_literal(painter->out, " on ");
            add_clean(painter, bystander->place);
        }
        text_add_literal(painter->out, ": ");
        add_clean(painter, bystander->reason);
        if (bystander->source.file) {
            text_add_literal(painter->out, "  ");
            add_place(painter, bystander->source);
        }
        text_add_char(painter->out, '\n');
    }
}

static void add_not_compared(Painter *painter) {
    const Plan *plan = painter->plan;
    if (!plan->not_compared_count)
        return;
    text_add_char(painter->out, '\n');
    text_add_int(painter->out, plan->not_compared_count);
    text_add(painter->out, plan->not_compared_count == 1 ? STR(" secret is not compared:\n") : STR(" secrets are not compared:\n"));
    for (uint32_t i = 0; i < plan->not_compared_count; i++) {
        const Uncertain *uncertain = &plan->not_compared[i];
        text_add_literal(painter->out, "    ");
        text_add(painter->out, uncertain->address);
        text_add_char(painter->out, '.');
        text_add(painter->out, uncertain->attribute);
        text_add_literal(painter->out, "  ");
        add_place(painter, uncertain->source);
        text_add_char(painter->out, '\n');
    }
}

static void add_fields(Painter *painter, const char *title, const Field *fields, uint32_t count) {
    if (!count)
        return;
    size_t width = 0;
    text_addf(painter->out, "\n%s:\n", title);
    for (uint32_t i = 0; i < count; i++)
        widen(&width, name_str(fields[i].name), PLACE_WIDTH);
    for (uint32_t i = 0; i < count; i++) {
        text_add_literal(painter->out, "    ");
        add_padded(painter, name_str(fields[i].name), width);
        text_add_literal(painter->out, " = ");
        value_print(fields[i].value, 0, painter->out);
        text_add_char(painter->out, '\n');
    }
}

void render_plan_text(const Plan *plan, Diagnostics *diagnostics, TextStyle style, Text *out) {
    Painter painter = {.plan = plan, .diagnostics = diagnostics, .style = style, .out = out};
    measure(&painter);
    add_headline(&painter);
    for (uint32_t i = 0; i < plan->step_count; i++)
        add_step(&painter, plan->steps[i]);
    add_bystanders(&painter, plan->stays, plan->stays_count, " resource stays as it is, wholly or in part: there is no way back:",
                   " resources stay as they are, wholly or in part: there is no way back:");
    add_bystanders(&painter, plan->blocked, plan->blocked_count, " resource is blocked and left alone:",
                   " resources are blocked and left alone:");
    add_bystanders(&painter, plan->orphans, plan->orphan_count, " object of this site is no longer in the text:",
                   " objects of this site are no longer in the text:");
    add_not_compared(&painter);
    add_fields(&painter, "Facts", plan->facts, plan->fact_count);
    add_fields(&painter, "Outputs", plan->outputs, plan->output_count);
}
