/* Saved plans on their way back. */
#include "runtime/saved.h"

#include <string.h>

#include "compiler/lookup.h"

static int is_plan_name(Str name) {
    return name.length > 5 && memcmp(name.text + name.length - 5, ".json", 5) == 0;
}

static int saved_print(Saved *saved, App *app, int code) {
    app_print_text(app, saved->diagnostics);
    return code;
}

/* ---- options ---- */

/* What the plan holds can't be said again: it would be another plan. */
static int options_refuse(App *app) {
    const Options *given = app->options;
    const struct { uint32_t count; const char *name; } FIXED[] = {
        {given->only.count, "only"},     {given->skip.count, "skip"},        {given->adopt.count, "adopt"},      {given->allow.count, "allow"},
        {given->errors.count, "error"},  {given->silenced.count, "silence"}, {given->shown.count, "warn"},       {(uint32_t)given->prune, "prune"},
        {(uint32_t)given->gates, "gates"},
        {given->snapshot_before, "snapshot-before"},
    };
    for (size_t i = 0; i < sizeof FIXED / sizeof *FIXED; i++)
        if (FIXED[i].count) {
            app_complain(app, "a saved plan holds what was chosen when it was made: --%s belongs to `phxc plan`", FIXED[i].name);
            return EXIT_USAGE;
        }
    return EXIT_OK;
}

static Str setting_name(Str word) {
    const char *equals = memchr(word.text, '=', word.length);
    return (Str){word.text, equals ? (size_t)(equals - word.text) : word.length};
}

static int is_given(const Options *options, Str name) {
    for (uint32_t i = 0; i < options->settings.count; i++)
        if (str_equal(options->settings.items[i].name, name))
            return 1;
    return 0;
}

/* Of the parameters those that are secret are not in the plan: they, and no others, are given again. */
static int settings_take(Saved *saved, App *app) {
    const RequestWords *words = &saved->plan->request.lists[REQUEST_SET];
    const Options *given = app->options;
    for (uint32_t i = 0; i < given->settings.count; i++) {
        int missing = 0;
        for (uint32_t k = 0; k < words->count; k++)
            missing |= str_equal(words->items[k], given->settings.items[i].name);
        if (!missing) {
            app_complain(app, "a saved plan holds what was chosen when it was made: --set belongs to `phxc plan`");
            return EXIT_USAGE;
        }
    }
    for (uint32_t i = 0; i < words->count; i++) {
        Str word = words->items[i], name = setting_name(word);
        if (name.length < word.length) {
            Setting setting = {name, {word.text + name.length + 1, word.length - name.length - 1}};
            VECTOR_PUSH(app->arena, &saved->options.settings, setting);
        } else if (!is_given(given, name)) {
            app_complain(app, "the parameter `%.*s` is a secret, which the plan does not hold: give it again with --set", (int)name.length, name.text);
            return EXIT_USAGE;
        }
    }
    return EXIT_OK;
}

static void words_take(App *app, const SavedPlan *plan, RequestList list, Strs *strs) {
    for (uint32_t i = 0; i < plan->request.lists[list].count; i++)
        VECTOR_PUSH(app->arena, strs, plan->request.lists[list].items[i]);
}

static int options_take(Saved *saved, App *app) {
    const SavedPlan *plan = saved->plan;
    Options *options = &saved->options;
    int code = options_refuse(app);
    if (!code)
        code = settings_take(saved, app);
    if (code)
        return code;
    words_take(app, plan, REQUEST_ONLY, &options->only);
    words_take(app, plan, REQUEST_SKIP, &options->skip);
    words_take(app, plan, REQUEST_ADOPT, &options->adopt);
    words_take(app, plan, REQUEST_ALLOW, &options->allow);
    words_take(app, plan, REQUEST_ERROR, &options->errors);
    words_take(app, plan, REQUEST_WARN, &options->shown);
    words_take(app, plan, REQUEST_SILENCE, &options->silenced);
    options->prune = plan->request.prune;
    options->gates = plan->request.gates;
    options->snapshot_before = plan->request.snapshot_before;
    options->operands = (Strs){0};
    VECTOR_PUSH(app->arena, &options->operands, plan->request.site);
    app->options = options;
    return EXIT_OK;
}

int saved_open(Saved *saved, App *app) {
    Str name = app_site(app, 0), bytes, problem;
    *saved = (Saved){.options = *app->options};
    if (!is_plan_name(name))
        return EXIT_OK;
    Sources *sources = sources_new(app->arena);
    saved->diagnostics = diagnostics_new(app->arena, sources);
    if (load_file(app->arena, name, LOAD_DATA_LIMIT, &bytes, &problem) != LOAD_OK) {
        diag_error(saved->diagnostics, CODE_FILE_UNREADABLE, SPAN_NONE, "the plan %.*s cannot be read: %.*s", (int)name.length, name.text,
                   (int)problem.length, problem.text);
        return saved_print(saved, app, EXIT_ERROR);
    }
    saved->plan = saved_plan_read(app->arena, saved->diagnostics, source_add(sources, SOURCE_JSON, name, bytes));
    return saved->plan ? options_take(saved, app) : saved_print(saved, app, EXIT_ERROR);
}

/* ---- what must still be so ---- */

int saved_check_sources(Saved *saved, App *app, int loaded) {
    uint32_t count;
    const PlanSource *now = session_sources(app->session, &count);
    return saved_plan_check_sources(saved->plan, now, count, loaded, saved->diagnostics) ? EXIT_OK : saved_print(saved, app, EXIT_STALE);
}

/* By address, what the runs of this plan began. */
typedef struct Past {
    Lookup *numbers;
    VECTOR(SavedPast) began;
    uint32_t runs;
} Past;

static SavedPast past_of(void *context, Str address) {
    const Past *past = context;
    uint32_t number = lookup_get(past->numbers, address);
    return number ? past->began.items[number - 1] : (SavedPast){0};
}

static void past_add(Past *past, App *app, const PastStep *step) {
    if (str_equal(step->state, STR("left_out")))
        return;
    uint32_t *slot = lookup_slot(past->numbers, step->address);
    if (!*slot) {
        VECTOR_PUSH(app->arena, &past->began, (SavedPast){0});
        *slot = past->began.count;
    }
    past->began.items[*slot - 1] = (SavedPast){1, str_equal(step->state, STR("done")) ? step->seen : STR("")};
}

static void past_gather(Past *past, App *app, const SavedPlan *plan, History *history) {
    past->numbers = lookup_new(app->arena);
    for (uint32_t i = 0; i < history->runs.count; i++) {
        const PastRun *run = &history->runs.items[i];
        if (!str_equal(run->saved, plan->id))
            continue;
        uint32_t count;
        const PastStep *steps = history_steps(history, run, &count);
        past->runs++;
        for (uint32_t k = 0; k < count; k++)
            past_add(past, app, &steps[k]);
    }
}

/* "Of the saved plan 0123456789ab 3 of 7 steps are so already." */
static void done_tell(const Saved *saved, App *app, const uint8_t *done) {
    Text *out = &app->out.text;
    uint32_t total = saved->plan->steps->as.list.count, count = 0;
    for (uint32_t i = 0; i < total; i++)
        count += done[i];
    if (!count || app->options->events)
        return;
    text_addf(out, "Of the saved plan %.12s %u of %u steps are so already:\n", saved->plan->id.text, count, total);
    for (uint32_t i = 0; i < total; i++) {
        const Value *step = saved->plan->steps->as.list.items[i];
        const Value *address = saved_plan_member(saved->plan, step, "address"), *verb = saved_plan_member(saved->plan, step, "verb");
        if (done[i])
            text_addf(out, "    %u  %.*s: %.*s\n", i + 1, (int)address->as.string.length, address->as.string.text, (int)verb->as.string.length,
                      verb->as.string.text);
    }
    text_add_char(out, '\n');
}

int saved_check_steps(Saved *saved, App *app, const Plan *now, History *history) {
    Past past = {0};
    uint8_t *done = ARENA_ARRAY(app->arena, uint8_t, saved->plan->steps->as.list.count + 1);
    past_gather(&past, app, saved->plan, history);
    if (!saved_plan_check_steps(saved->plan, now, session_diagnostics(app->session), past_of, &past, done, saved->diagnostics))
        return saved_print(saved, app, EXIT_STALE);
    done_tell(saved, app, done);
    return EXIT_OK;
}
