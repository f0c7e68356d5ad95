/* Commands and reads inside of something, made into those of the place around it, layer by layer. */
#include "compiler/enter.h"

#include <string.h>

#include "compiler/slice.h"
#include "compiler/state.h"

/* What is between a place of the site and what stands inside; none where that place is all there is. */
static int is_inside(const Instance *place) {
    return place && !place->schema->is_place;
}

Str enter_address(Session *session, const Instance *place) {
    const Instance *outermost = place_outermost(session, place);
    return outermost ? outermost->head.address : STR("");
}

Str enter_identity(Session *session, const Instance *place, Str identity) {
    for (; is_inside(place); place = instance_place(session, place))
        identity = arena_printf(session->arena, "%s:%.*s>%.*s", place->schema->name->text, (int)place->identity.length, place->identity.text,
                                (int)identity.length, identity.text);
    return identity;
}

/* ---- one layer ---- */

/* What runs [argv] in [place], as a `run` of the place around it; NULL after a report. */
static const Value *exec_eval(Session *session, const Instance *place, const Value *argv, const Value *timeout) {
    RuleContext context = {.schema = place->schema, .instance = place, .argv = argv, .timeout = timeout,
                           .want = value_reference(session->arena, place->origin, &place->head),
                           .identity = value_string(session->arena, place->origin, place->identity)};
    const Value *run = rule_eval(session, RULE_EXEC, &context);
    if (run->kind == VALUE_RECORD && run->as.record->tag == session->words.run)
        return run;
    if (run->kind != VALUE_POISON)
        diag_error(session->diagnostics, CODE_RULE, place->schema->rules[RULE_EXEC]->span, "`exec` gives a `run`, not %s",
                   value_kind_phrase((ValueKind)run->kind));
    return NULL;
}

/* A `run` with another command line around it; what else it says of itself stays. */
static const Record *run_around(Session *session, const Record *inner, const Record *outer) {
    const Words *w = &session->words;
    Field *fields = ARENA_ARRAY(session->arena, Field, inner->count + 2);
    uint32_t count = 0;
    for (uint32_t i = 0; i < inner->count; i++)
        if (inner->fields[i].name != w->argv && inner->fields[i].name != w->unwrap)
            fields[count++] = inner->fields[i];
    fields[count++] = (Field){w->argv, record_get(outer, w->argv), SPAN_NONE};
    /* Two programs that tell of another one are not known one inside the other. */
    const Value *unwrap = record_get(outer, w->unwrap);
    if (!unwrap)
        unwrap = record_get(inner, w->unwrap);
    if (unwrap)
        fields[count++] = (Field){w->unwrap, unwrap, SPAN_NONE};
    return value_record(session->arena, SPAN_NONE, w->run, fields, count)->as.record;
}

/* Through all layers, each of which is told how long it may take; NULL after a report. */
static const Record *run_enter(Session *session, const Instance *place, const Record *run, const Value *timeout) {
    const Words *w = &session->words;
    for (; run && is_inside(place); place = instance_place(session, place)) {
        const Value *outer = exec_eval(session, place, record_get(run, w->argv), timeout);
        run = outer ? run_around(session, run, outer->as.record) : NULL;
    }
    return run;
}

/* ---- commands ---- */

static int refuse(Session *session, const Instance *place, Span span, const char *what) {
    Diagnostic *d = diag_error(session->diagnostics, CODE_NOT_HERE, span, "inside of %.*s nothing can be done by `%s`", (int)place->head.address.length,
                               place->head.address.text, what);
    diag_also(session->diagnostics, d, place->schema->rules[RULE_EXEC]->span, "programs are all that can be run in it");
    diag_help(session->diagnostics, d, "a type that is to stand there reads by `run` and `file` and changes by `run` and `write`");
    return 0;
}

static const Value *words_value(Session *session, const Str *words, uint32_t count) {
    const Value **items = ARENA_ARRAY(session->arena, const Value *, count);
    for (uint32_t i = 0; i < count; i++)
        items[i] = value_string(session->arena, SPAN_NONE, words[i]);
    return value_list(session->arena, SPAN_NONE, items, count);
}

static int run_push(Session *session, const Instance *place, const Value *argv, const Value *input, const Value *timeout, Commands *commands) {
    const Words *w = &session->words;
    Field fields[] = {{w->argv, argv, SPAN_NONE}, {w->timeout, timeout, SPAN_NONE}, {w->std_in, input, SPAN_NONE}};
    const Record *run = value_record(session->arena, SPAN_NONE, w->run, memcpy(ARENA_ARRAY(session->arena, Field, 3), fields, sizeof fields),
                                     input ? 3 : 2)->as.record;
    run = run_enter(session, place, run, timeout);
    if (run)
        VECTOR_PUSH(session->arena, commands, command_of(COMMAND_RUN, enter_address(session, place), run));
    return run != NULL;
}

static Str text_of(const Record *record, const Name *name) {
    const Value *value = record_get(record, name);
    return value && value->kind == VALUE_STRING ? value->as.string : STR("");
}

static Str command_text(const Command *command, const char *name) {
    const Value *value = command_field(command, name);
    return value && value->kind == VALUE_STRING ? value->as.string : STR("");
}

enum { WRITE_TIMEOUT_MS = 60000 };  /* of each of the programs that write a file: a guest under load takes its time */

/* A file appears under its own name only when all of it is there, and nobody who may not read it has seen a part: an empty file with its owner
   and permissions, then the content by standard input (by `dd`, since in a container /dev/stdin itself may not be opened), then its name. What is
   secret is never compared: nobody would notice later that it did not arrive, so that is asked before the file gets its name. */
static int write_enter(Session *session, const Instance *place, const Command *write, Span span, Commands *commands) {
    const Value *timeout = value_integer(session->arena, SPAN_NONE, VALUE_DURATION, WRITE_TIMEOUT_MS), *path = command_field(write, "path");
    if (!path || path->kind != VALUE_STRING)
        return refuse(session, place, span, "write, with a path that is not known yet,");
    Str owner = command_text(write, "owner"), fresh = arena_printf(session->arena, "%.*s.phxc-new", (int)path->as.string.length, path->as.string.text);
    size_t colon = slice_find_char(owner, ':', 0);
    Str words[10] = {STR("install"), STR("-m"), command_text(write, "mode")};
    uint32_t count = 3;
    if (owner.length) {
        words[count++] = STR("-o");
        words[count++] = slice(owner, 0, colon);
    }
    if (colon < owner.length) {
        words[count++] = STR("-g");
        words[count++] = slice(owner, colon + 1, owner.length);
    }
    words[count++] = STR("--");
    words[count++] = STR("/dev/null");
    words[count++] = fresh;
    Str fill[] = {STR("dd"), arena_printf(session->arena, "of=%.*s", (int)fresh.length, fresh.text), STR("status=none")};
    Str look[] = {STR("test"), STR("-s"), fresh};
    const Value *content = command_field(write, "content");
    Str name[] = {STR("mv"), STR("-fT"), STR("--"), fresh, path->as.string};
    return run_push(session, place, words_value(session, words, count), NULL, timeout, commands) &&
           run_push(session, place, words_value(session, fill, 3), content, timeout, commands) &&
           (!content || !value_is_secret(content) || run_push(session, place, words_value(session, look, 3), NULL, timeout, commands)) &&
           run_push(session, place, words_value(session, name, 5), NULL, timeout, commands);
}

/* What it must change is looked at where it runs itself. */
static const Record *look_enter(Session *session, const Instance *place, const Record *run) {
    const Words *w = &session->words;
    const Value *look = run ? record_get(run, w->changes) : NULL;
    if (!look)
        return run;
    const Record *entered = run_enter(session, place, look->as.record, record_get(look->as.record, w->timeout));
    return entered ? record_with(session->arena, run, w->changes, value_record(session->arena, look->origin, w->run, entered->fields, entered->count)) : NULL;
}

/* A request goes out from the place of the site; a program runs where the resource stands. */
static const Record *wait_enter(Session *session, const Instance *place, const Record *wait) {
    const Words *w = &session->words;
    const Value *condition = record_get(wait, w->condition);
    if (condition->as.record->tag != w->run)
        return wait;
    const Record *run = run_enter(session, place, condition->as.record, record_get(condition->as.record, w->timeout));
    if (!run)
        return NULL;
    return record_with(session->arena, wait, w->condition, value_record(session->arena, condition->origin, w->run, run->fields, run->count));
}

/* What the command does, done inside; NULL after a report. */
static const Record *fields_enter(Session *session, const Instance *place, const Command *command, Span span) {
    const Record *fields = value_record(session->arena, span, NULL, command->fields, command->field_count)->as.record;
    switch (command->kind) {
    case COMMAND_RUN: return look_enter(session, place, run_enter(session, place, fields, command_field(command, "timeout")));
    case COMMAND_WAIT: return wait_enter(session, place, fields);
    case COMMAND_EDIT: refuse(session, place, span, "edit"); return NULL;
    case COMMAND_WRITE: case COMMAND_HTTP: case COMMAND_COUNT: break;
    }
    return fields;
}

int enter_command(Session *session, const Instance *place, const Command *command, Span span, Commands *commands) {
    if (is_inside(place) && command->kind == COMMAND_WRITE)
        return write_enter(session, place, command, span, commands);
    Command made = *command;
    made.place = enter_address(session, place);
    if (is_inside(place)) {
        const Record *fields = fields_enter(session, place, command, span);
        if (!fields)
            return 0;
        made.fields = fields->fields;
        made.field_count = fields->count;
    }
    VECTOR_PUSH(session->arena, commands, made);
    return 1;
}

/* ---- reads ---- */

static Str unwrap_name(const Record *unwrap, const Name *name) {
    return unwrap ? text_of(unwrap, name) : STR("");
}

int enter_read(Session *session, const Instance *place, Span span, ReadRequest *read) {
    const Words *w = &session->words;
    read->place = enter_address(session, place);
    /* A request goes out from the place of the site. */
    if (!is_inside(place) || read->kind == READ_HTTP)
        return 1;
    if (read->kind != READ_RUN && read->kind != READ_FILE)
        return refuse(session, place, span, read->kind == READ_FILES ? "files" : "glob");
    Str cat[] = {STR("cat"), STR("--"), read->path};
    const Value *timeout = value_integer(session->arena, SPAN_NONE, VALUE_DURATION, READ_TIMEOUT_MS);
    Field fields[] = {{w->argv, read->kind == READ_FILE ? words_value(session, cat, 3) : words_value(session, read->argv, read->argc), SPAN_NONE}};
    const Record *run = run_enter(session, place, value_record(session->arena, SPAN_NONE, w->run, fields, 1)->as.record, timeout);
    const Value *argv = run ? record_get(run, w->argv) : NULL;
    if (!argv)
        return 0;
    if (read->kind == READ_FILE)
        read->absent = STR("No such file or directory");
    Str *words = ARENA_ARRAY(session->arena, Str, argv->as.list.count);
    for (read->argc = 0; read->argc < argv->as.list.count; read->argc++) {
        const Value *word = argv->as.list.items[read->argc];
        if (word->kind != VALUE_STRING)
            return refuse(session, place, span, "a read whose words are not known yet");
        words[read->argc] = word->as.string;
    }
    const Value *unwrap = record_get(run, w->unwrap);
    const Record *names = unwrap && unwrap->kind == VALUE_RECORD ? unwrap->as.record : NULL;
    *read = (ReadRequest){.place = read->place, .kind = READ_RUN, .argv = words, .argc = read->argc, .absent = read->absent,
                          .is_file = read->kind == READ_FILE,
                          .unwrap = {unwrap_name(names, w->code), unwrap_name(names, w->output), unwrap_name(names, w->errors)}};
    return 1;
}
