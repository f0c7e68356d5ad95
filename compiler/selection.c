/* Options that name resources: --only, --skip, --adopt, --allow. */
#include "compiler/planner.h"

/* Addresses that are listed in the note about what was left out. */
enum { LEFT_OUT_SHOWN = 20 };

/* ---- addresses ---- */

static uint32_t lower_bound(const Planning *planning, Str text) {
    uint32_t low = 0, high = planning->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (str_compare(planning->items[middle].instance->head.address, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Calls [mark] for what has the address, or stands in the component of that address. How many there are. */
static uint32_t address_each(Planning *planning, Str address, void (*mark)(Item *item)) {
    uint32_t found = 0;
    for (uint32_t i = lower_bound(planning, address); i < planning->count; i++, found++) {
        if (!str_equal(planning->items[i].instance->head.address, address))
            break;
        mark(&planning->items[i]);
    }
    Str inside = arena_printf(planning->session->arena, "%.*s/", (int)address.length, address.text);
    for (uint32_t i = lower_bound(planning, inside); i < planning->count; i++, found++) {
        Str other = planning->items[i].instance->head.address;
        if (other.length < inside.length || !str_equal((Str){other.text, inside.length}, inside))
            break;
        mark(&planning->items[i]);
    }
    return found;
}

static void report_unknown(Planning *planning, const char *option, Str address) {
    Session *session = planning->session;
    Suggestion suggestion = suggestion_for(address);
    for (uint32_t i = 0; i < planning->count; i++)
        suggestion_offer(&suggestion, planning->items[i].instance->head.address);
    Diagnostic *diagnostic = diag_error(session->diagnostics, CODE_NO_SUCH_ADDRESS, SPAN_NONE, "%s: the site has no resource %.*s", option,
                                        (int)address.length, address.text);
    if (suggestion.best.length)
        diag_help(session->diagnostics, diagnostic, "did you mean %.*s?", (int)suggestion.best.length, suggestion.best.text);
}

static void mark_selected(Item *item) {
    item->selected = 1;
}

static void mark_adopted(Item *item) {
    item->adopt = 2;
}

static void mark_nothing(Item *item) {
    (void)item;
}

static void addresses_mark(Planning *planning, const char *option, const Str *addresses, size_t count, void (*mark)(Item *item)) {
    for (size_t i = 0; i < count; i++)
        if (!address_each(planning, addresses[i], mark))
            report_unknown(planning, option, addresses[i]);
}

/* ---- only and skip ---- */

/* The marks of the nodes that the options name, spread over the graph. */
static uint8_t *addresses_spread(Planning *planning, const char *option, const Str *addresses, size_t count, int to_needed_by) {
    uint8_t *marks = ARENA_ARRAY(planning->session->arena, uint8_t, planning->node_count);
    for (uint32_t i = 0; i < planning->count; i++)
        planning->items[i].selected = 0;
    addresses_mark(planning, option, addresses, count, mark_selected);
    for (uint32_t i = 0; i < planning->count; i++)
        marks[i] = planning->items[i].selected;
    graph_spread(planning->graph, marks, 1, to_needed_by);
    return marks;
}

static void note_left_out(Planning *planning) {
    Session *session = planning->session;
    uint32_t count = 0;
    for (uint32_t i = 0; i < planning->count; i++)
        count += !planning->items[i].selected;
    if (!count)
        return;
    const char *options = planning->options->only_count && planning->options->skip_count ? "--only and --skip leave out"
                          : planning->options->only_count                               ? "--only leaves out"
                                                                                        : "--skip leaves out";
    Diagnostic *diagnostic =
        diag_add(session->diagnostics, SEVERITY_NOTE, str_of(code_info(CODE_SELECTION)->id), SPAN_NONE,
                 arena_printf(session->arena, "%s %u of %u resources", options, count, planning->count));
    uint32_t shown = 0;
    for (uint32_t i = 0; i < planning->count && shown < LEFT_OUT_SHOWN; i++) {
        Str address = planning->items[i].instance->head.address;
        if (planning->items[i].selected)
            continue;
        diag_note(session->diagnostics, diagnostic, "%.*s", (int)address.length, address.text);
        shown++;
    }
    if (shown < count)
        diag_note(session->diagnostics, diagnostic, "and %u more", count - shown);
}

/* ---- all ---- */

static const Str data_loss_suffix = {":data_loss", 10};

/* "ADDRESS:data_loss" without its end; empty where it has another. */
static Str allow_address(Str allow) {
    size_t end = data_loss_suffix.length;
    if (allow.length <= end || !str_equal((Str){allow.text + allow.length - end, end}, data_loss_suffix))
        return STR("");
    return (Str){allow.text, allow.length - end};
}

static void allow_check(Planning *planning) {
    const PlanOptions *options = planning->options;
    for (size_t i = 0; i < options->allow_count; i++) {
        Str address = allow_address(options->allow[i]);
        if (!address.length) {
            Diagnostic *diagnostic = diag_error(planning->session->diagnostics, CODE_NO_SUCH_ADDRESS, SPAN_NONE, "--allow %.*s allows nothing",
                                                (int)options->allow[i].length, options->allow[i].text);
            diag_help(planning->session->diagnostics, diagnostic, "it takes ADDRESS:data_loss");
        } else {
            addresses_mark(planning, "--allow", &address, 1, mark_nothing);
        }
    }
}

int selection_mark(Planning *planning) {
    const PlanOptions *options = planning->options;
    uint32_t errors = diag_errors(planning->session->diagnostics);
    uint8_t *only = options->only_count ? addresses_spread(planning, "--only", options->only, options->only_count, 0) : NULL;
    uint8_t *skip = options->skip_count ? addresses_spread(planning, "--skip", options->skip, options->skip_count, 1) : NULL;
    for (uint32_t i = 0; i < planning->count; i++)
        planning->items[i].selected = (!only || only[i]) && (!skip || !skip[i]);
    if ((only || skip) && diag_errors(planning->session->diagnostics) == errors)
        note_left_out(planning);
    for (size_t i = 0; i < options->adopt_count; i++) {
        if (!str_equal(options->adopt[i], STR("all")))
            continue;
        for (uint32_t k = 0; k < planning->count; k++)
            planning->items[k].adopt = 1;
    }
    for (size_t i = 0; i < options->adopt_count; i++)
        if (!str_equal(options->adopt[i], STR("all")))
            addresses_mark(planning, "--adopt", &options->adopt[i], 1, mark_adopted);
    allow_check(planning);
    return diag_errors(planning->session->diagnostics) == errors;
}

/* The address itself, or of a component around it. */
static int address_covers(Str address, Str of) {
    return address.length && of.length >= address.length && str_equal((Str){of.text, address.length}, address) &&
           (of.length == address.length || of.text[address.length] == '/');
}

int selection_allows(const Planning *planning, const PlanOptions *options, const Item *item) {
    const Value *allow = item->is_orphan ? NULL : instance_meta(planning->session, item->instance, META_ALLOW);
    for (uint32_t i = 0; allow && allow->kind == VALUE_LIST && i < allow->as.list.count; i++)
        if (str_equal(allow->as.list.items[i]->as.string, str_of(risk_name(RISK_DATA_LOSS))))
            return 1;
    for (size_t i = 0; i < options->allow_count; i++)
        if (address_covers(allow_address(options->allow[i]), item->instance->head.address))
            return 1;
    return 0;
}
