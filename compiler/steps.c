/* Tagged records (run, write, edit, http, wait, step, effect) to commands and drafts of steps. */
#include "compiler/steps.h"

#include "compiler/codec.h"
#include "compiler/defer.h"
#include "compiler/enter.h"
#include "compiler/regexp.h"
#include "compiler/state.h"

Verb rule_verb(Rule rule) {
    return rule == RULE_CREATE                         ? VERB_CREATE
           : rule == RULE_DELETE                       ? VERB_REMOVE
           : rule == RULE_RESTART                      ? VERB_RESTART
           : rule == RULE_GATE || rule == RULE_READY   ? VERB_WAIT
           : rule == RULE_ACT                          ? VERB_RUN
           : rule == RULE_SNAPSHOT                     ? VERB_SNAPSHOT
                                                       : VERB_SET;
}

RiskClass verb_risk(Verb verb) {
    switch (verb) {
    case VERB_CREATE: case VERB_SNAPSHOT: case VERB_ADOPT: case VERB_WAIT: return RISK_NONE;
    case VERB_SET: case VERB_RESIZE: case VERB_MOVE: case VERB_START: case VERB_RUN: return RISK_ONLINE;
    case VERB_RESTART: return RISK_RESTART;
    case VERB_STOP: case VERB_REMOVE: return RISK_DOWNTIME;
    case VERB_COUNT: break;
    }
    return RISK_NONE;
}

/* ---- reports ---- */

/* Where a rule's value was written, else the rule. */
static Span value_place(const RuleUse *use, const Value *value) {
    return value->origin.file ? value->origin : use->schema->rules[use->rule]->span;
}

static int refuse(Session *session, const RuleUse *use, const Value *value, const char *problem) {
    if (value->kind == VALUE_POISON)
        return 0;
    Diagnostic *diagnostic = diag_error(session->diagnostics, CODE_RULE_RESULT, value_place(use, value), "`%s` of %s %s", rule_name(use->rule),
                                        use->schema->name->text, problem);
    Text text = {0};
    value_print(value, 100, &text);
    diag_note(session->diagnostics, diagnostic, "the value is %s", text.bytes);
    text_fini(&text);
    return 0;
}

/* ---- commands ---- */

enum { TERMS_LIMIT = 64 };  /* how many are remembered: they are looked through for each command, and a site has a handful */

static int kind_of(Session *session, const Name *tag) {
    const Words *words = &session->words;
    return tag == words->run     ? COMMAND_RUN
           : tag == words->write ? COMMAND_WRITE
           : tag == words->edit  ? COMMAND_EDIT
           : tag == words->http  ? COMMAND_HTTP
           : tag == words->wait  ? COMMAND_WAIT
                                 : -1;
}

/* An argument is a text or filled in at apply. Whoever can list the processes of the host reads arguments: no secret may stand there,
   neither by its name nor by its value. */
static int argument_check(Session *session, const RuleUse *use, const Value *value) {
    if (value_is_secret(value))
        return refuse(session, use, value, "puts a secret into an argument: it may go into `stdin` or a file only");
    if (value->kind != VALUE_STRING && value->kind != VALUE_UNKNOWN)
        return refuse(session, use, value, "gives a command an argument that is no text");
    return 1;
}

static int run_check(Session *session, const RuleUse *use, const Value *command) {
    const Value *argv = record_get(command->as.record, session->words.argv);
    if (!argv || argv->kind != VALUE_LIST || !argv->as.list.count)
        return refuse(session, use, argv ? argv : command, "gives a command without arguments");
    for (uint32_t i = 0; i < argv->as.list.count; i++)
        if (!argument_check(session, use, argv->as.list.items[i]))
            return 0;
    return 1;
}

/* What only looks may say whether it has, but is not to change anything itself. */
static int look_check(Session *session, const RuleUse *use, const Value *command) {
    if (record_get(command->as.record, session->words.changes))
        return refuse(session, use, command, "gives a command that looks something to change");
    return run_check(session, use, command);
}

static int change_check(Session *session, const RuleUse *use, const Value *command) {
    const Value *look = record_get(command->as.record, session->words.changes);
    if (look && (look->kind != VALUE_RECORD || look->as.record->tag != session->words.run))
        return refuse(session, use, look, "looks at what a command changes by something that is no `run`");
    return run_check(session, use, command) && (!look || look_check(session, use, look));
}

/* What a wait asks again and again. */
static int condition_check(Session *session, const RuleUse *use, const Value *command) {
    const Words *words = &session->words;
    const Value *condition = record_get(command->as.record, words->condition);
    if (condition && condition->kind == VALUE_RECORD && condition->as.record->tag == words->run)
        return look_check(session, use, condition);
    if (condition && condition->kind == VALUE_RECORD && condition->as.record->tag == words->http)
        return 1;
    return refuse(session, use, condition ? condition : command, "waits for something that is neither `run` nor `http`");
}

static int is_digest(const Value *value) {
    return value->kind == VALUE_UNKNOWN && value->hole == HOLE_DIGEST;
}

/* Does it carry the digest of the object that it writes, as an argument or a field? */
static int carries_digest(const Field *fields, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const Value *value = fields[i].value;
        if (is_digest(value))
            return 1;
        for (uint32_t k = 0; value->kind == VALUE_LIST && k < value->as.list.count; k++)
            if (is_digest(value->as.list.items[k]))
                return 1;
    }
    return 0;
}

/* Texts with holes as commands hold them: lists of their parts. */
static const Record *record_parts(Session *session, const Record *record) {
    for (uint32_t i = 0; i < record->count; i++) {
        const Value *parts = parts_list(session, record->fields[i].value);
        if (parts != record->fields[i].value)
            record = record_with(session->arena, record, record->fields[i].name, parts);
    }
    return record;
}

static const Record *with_default(Arena *arena, const Record *record, const Name *name, const Value *value) {
    const Value *given = record_get(record, name);
    return given && given->kind != VALUE_NONE ? record : record_with(arena, record, name, value);
}

/* A file in which a secret stands is for its owner, or its group: not for everybody. */
static int write_check(Session *session, const RuleUse *use, const Value *command) {
    const Value *content = record_get(command->as.record, session->words.content), *mode = record_get(command->as.record, session->words.mode);
    Str text = mode && mode->kind == VALUE_STRING ? mode->as.string : STR("0644");
    if (!content || !codec_holds_secret(content) || (text.length && text.text[text.length - 1] == '0'))
        return 1;
    Diagnostic *d = diag_error(session->diagnostics, CODE_SECRET_SINK, content->origin.file ? content->origin : value_place(use, command),
                               "a secret would stand in a file that everybody can read (mode %.*s)", (int)text.length, text.text);
    diag_help(session->diagnostics, d, "give the file a mode such as \"600\"");
    return 0;
}

/* `retry` says for each command line which failures mean that nothing was done: a regular expression, or none; NULL. */
static const Value *retry_pattern(Session *session, const RuleUse *use, const Record *fields) {
    if (!use->context || !use->retries || !use->schema->rules[RULE_RETRY])
        return NULL;
    RuleContext context = *use->context;
    context.argv = record_get(fields, session->words.argv);
    const Value *pattern = rule_eval(session, RULE_RETRY, &context);
    return pattern->kind == VALUE_NONE || pattern->kind == VALUE_POISON ? NULL : pattern;
}

static int retry_check(Session *session, const RuleUse *use, const Value *pattern) {
    Str error = STR("it is no text");
    if (pattern->kind == VALUE_STRING && regexp_match(session, pattern->as.string, STR(""), NULL, 0, NULL, &error) >= 0)
        return 1;
    diag_error(session->diagnostics, CODE_RULE, use->schema->rules[RULE_RETRY]->span, "`retry` of %s gives no regular expression: %.*s",
               use->schema->name->text, (int)error.length, error.text);
    return 0;
}

static int same_term(const Record *terms, const Name *name, const Value *value) {
    const Value *other = record_get(terms, name);
    return other == value || (other && value && value_equal(other, value));
}

/* Most commands of a plan have the same few terms: those of the last ones are found again. */
static const Record *terms_find(Session *session, const Value *timeout, const Value *pattern, uint32_t retries) {
    const Words *words = &session->words;
    for (uint32_t i = 0; i < session->terms.count; i++) {
        const Record *terms = session->terms.items[i];
        const Value *times = pattern ? record_get(terms, words->retries) : NULL;
        if (same_term(terms, words->timeout, timeout) && same_term(terms, words->retry, pattern) && (!times || times->as.integer == (int64_t)retries))
            return terms;
    }
    return NULL;
}

/* What a command has in common with others, NULL where that is nothing: how long it may take, where it does not say so itself, and after which
   failures it is tried again. */
static const Record *command_terms(Session *session, const RuleUse *use, CommandKind kind, const Record *fields) {
    const Words *words = &session->words;
    const Value *written = record_get(fields, words->timeout);
    const Value *timeout = written && written->kind != VALUE_NONE ? NULL : use->timeout;
    const Value *pattern = kind == COMMAND_RUN ? retry_pattern(session, use, fields) : NULL;
    const Record *known = terms_find(session, timeout, pattern, use->retries);
    if (known || (pattern && !retry_check(session, use, pattern)) || (!timeout && !pattern))
        return known;
    Arena *arena = session_keep(session);
    Field *terms = ARENA_ARRAY(session->arena, Field, 3);
    uint32_t count = 0;
    if (timeout)
        terms[count++] = (Field){words->timeout, value_keep(session, timeout), SPAN_NONE};
    if (pattern) {
        terms[count++] = (Field){words->retry, value_keep(session, pattern), SPAN_NONE};
        terms[count++] = (Field){words->retries, value_integer(session->arena, SPAN_NONE, VALUE_INT, use->retries), SPAN_NONE};
    }
    const Record *made = value_record(session->arena, SPAN_NONE, NULL, terms, count)->as.record;
    if (session->terms.count < TERMS_LIMIT)
        VECTOR_PUSH(session->arena, &session->terms, made);
    session_restore(session, arena);
    return made;
}

/* What a rule leaves out stands in the plan all the same: it says all that will be done. */
static Command command_make(Session *session, const RuleUse *use, CommandKind kind, const Value *value) {
    Arena *arena = session->arena;
    const Words *words = &session->words;
    const Record *fields = value->as.record, *terms = NULL;
    if (kind == COMMAND_RUN || kind == COMMAND_HTTP) {
        if (use->timeout_forced && record_get(fields, words->timeout))
            fields = record_with(arena, fields, words->timeout, use->timeout);
        terms = command_terms(session, use, kind, fields);
    }
    fields = record_parts(session, fields);
    if (kind == COMMAND_WRITE)
        fields = with_default(arena, fields, words->mode, value_string(arena, SPAN_NONE, STR("0644")));
    if (kind == COMMAND_EDIT) {
        const Value *nothing = value_list(arena, SPAN_NONE, NULL, 0);
        fields = with_default(arena, fields, words->section, value_string(arena, SPAN_NONE, STR("")));
        fields = with_default(arena, fields, words->remove, nothing);
        fields = with_default(arena, fields, words->add, nothing);
    }
    Command command = command_of(kind, use->place, fields);
    command.terms = terms;
    return command;
}

/* Most steps have one command: the first takes no more room than that. */
static void commands_push(Session *session, Draft *draft, Command command) {
    if (!draft->commands.capacity) {
        draft->commands.items = ARENA_NEW(session->arena, Command);
        draft->commands.capacity = 1;
    }
    VECTOR_PUSH(session->arena, &draft->commands, command);
}

static int command_add(Session *session, const RuleUse *use, const Value *value, Draft *draft) {
    int kind = value->kind == VALUE_RECORD ? kind_of(session, value->as.record->tag) : -1;
    if (kind < 0)
        return refuse(session, use, value, "gives something that is neither a command nor a step");
    if ((kind == COMMAND_RUN && !change_check(session, use, value)) || (kind == COMMAND_WAIT && !condition_check(session, use, value)) ||
        (kind == COMMAND_WRITE && !write_check(session, use, value)))
        return 0;
    if (carries_digest(value->as.record->fields, value->as.record->count) && !use->schema->rules[RULE_DIGEST])
        return refuse(session, use, value, "uses `digest`, for which the schema has no rule");
    Command command = command_make(session, use, (CommandKind)kind, value);
    Commands commands = {0};
    if (!enter_command(session, use->stands, &command, value_place(use, value), &commands))
        return 0;
    for (uint32_t i = 0; i < commands.count; i++)
        commands_push(session, draft, commands.items[i]);
    return 1;
}

void draft_add(Session *session, Draft *draft, const RuleUse *use, const Value *command, int first) {
    Command made = command_make(session, use, (CommandKind)kind_of(session, command->as.record->tag), command);
    commands_push(session, draft, made);
    for (uint32_t i = draft->commands.count - 1; first && i; i--) {
        draft->commands.items[i] = draft->commands.items[i - 1];
        draft->commands.items[i - 1] = made;
    }
}

/* ---- steps ---- */

static int commands_add(Session *session, const RuleUse *use, const Value *value, Draft *draft) {
    if (value->kind == VALUE_NONE)
        return 1;
    if (value->kind != VALUE_LIST)
        return command_add(session, use, value, draft);
    for (uint32_t i = 0; i < value->as.list.count; i++)
        if (!commands_add(session, use, value->as.list.items[i], draft))
            return 0;
    return 1;
}

static Str text_field(const Record *record, const Name *name) {
    const Value *value = record_get(record, name);
    return value && value->kind == VALUE_STRING ? value->as.string : STR("");
}

/* The effects of a step: lists are flattened, none is passed over. */
static int effects_add(Session *session, const RuleUse *use, const Value *value, Draft *draft) {
    const Words *words = &session->words;
    if (value->kind == VALUE_NONE)
        return 1;
    if (value->kind == VALUE_LIST) {
        for (uint32_t i = 0; i < value->as.list.count; i++)
            if (!effects_add(session, use, value->as.list.items[i], draft))
                return 0;
        return 1;
    }
    if (value->kind != VALUE_RECORD || value->as.record->tag != words->effect)
        return refuse(session, use, value, "gives something among the effects of a step that is none");
    const Record *record = value->as.record;
    int fate = fate_find(text_field(record, words->fate));
    if (fate < 0)
        return refuse(session, use, value, "gives an effect that is neither kept nor destroyed nor refused");
    Effect effect = {text_field(record, words->object), (Fate)fate, text_field(record, words->note)};
    VECTOR_PUSH(session->arena, &draft->effects, effect);
    return 1;
}

static int step_add(Session *session, const RuleUse *use, const Value *value, Drafts *drafts) {
    const Words *words = &session->words;
    const Record *record = value->as.record;
    Str verb = text_field(record, words->verb), risk = text_field(record, words->risk_class);
    Draft draft = {.explicit = 1, .reason = text_field(record, words->reason)};
    if (verb_find(verb) < 0)
        return refuse(session, use, value, "gives a step without one of the plan's verbs");
    draft.verb = (Verb)verb_find(verb);
    draft.has_risk = risk.length > 0;
    if (draft.has_risk && risk_find(risk) < 0)
        return refuse(session, use, value, "gives a step of a class that does not exist");
    draft.risk = draft.has_risk ? (RiskClass)risk_find(risk) : verb_risk(draft.verb);
    const Value *commands = record_get(record, words->commands);
    const Value *effects = record_get(record, words->effects);
    if ((commands && !commands_add(session, use, commands, &draft)) || (effects && !effects_add(session, use, effects, &draft)))
        return 0;
    if (draft.commands.count)
        VECTOR_PUSH(session->arena, &drafts->items, draft);
    return 1;
}

/* The draft that takes commands that stand alone: the last one, unless a `step` came after it. */
static Draft *open_draft(Session *session, const RuleUse *use, Drafts *drafts, uint32_t first) {
    if (drafts->items.count == first || drafts->items.items[drafts->items.count - 1].explicit) {
        Draft draft = {.verb = rule_verb(use->rule)};
        draft.risk = verb_risk(draft.verb);
        VECTOR_PUSH(session->arena, &drafts->items, draft);
    }
    return &drafts->items.items[drafts->items.count - 1];
}

static int value_add(Session *session, const RuleUse *use, const Value *value, Drafts *drafts, uint32_t first) {
    if (value->kind == VALUE_NONE)
        return 1;
    if (value->kind == VALUE_LIST) {
        for (uint32_t i = 0; i < value->as.list.count; i++)
            if (!value_add(session, use, value->as.list.items[i], drafts, first))
                return 0;
        return 1;
    }
    if (value->kind == VALUE_RECORD && value->as.record->tag == session->words.step)
        return step_add(session, use, value, drafts);
    return command_add(session, use, value, open_draft(session, use, drafts, first));
}

/* An object is read again between steps, not inside one: a command that carries the digest of what the command before it left begins
   a step of its own. */
static void drafts_split(Session *session, Drafts *drafts, uint32_t first) {
    for (uint32_t i = first; i < drafts->items.count; i++) {
        uint32_t at = 1;
        const Command *commands = drafts->items.items[i].commands.items;
        while (at < drafts->items.items[i].commands.count && !carries_digest(commands[at].fields, commands[at].field_count))
            at++;
        if (at >= drafts->items.items[i].commands.count)
            continue;
        Draft rest = drafts->items.items[i];
        rest.commands.items += at;
        rest.commands.count -= at;
        rest.commands.capacity = rest.commands.count;
        drafts->items.items[i].commands.count = drafts->items.items[i].commands.capacity = at;
        drafts->items.items[i].effects.count = 0;
        VECTOR_PUSH(session->arena, &drafts->items, rest);
        for (uint32_t k = drafts->items.count - 1; k > i + 1; k--) {
            drafts->items.items[k] = drafts->items.items[k - 1];
            drafts->items.items[k - 1] = rest;
        }
    }
}

int steps_add(Session *session, const RuleUse *use, const Value *value, Drafts *drafts) {
    uint32_t first = drafts->items.count;
    int good = value_add(session, use, value, drafts, first);
    drafts_split(session, drafts, first);
    return good;
}
