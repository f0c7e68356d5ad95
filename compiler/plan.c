/* The words of a plan: names of verbs, classes and kinds of command, and back. */
#include "compiler/plan.h"

#include <string.h>

static const char *const verb_names[VERB_COUNT] = {
    [VERB_CREATE] = "create",     [VERB_SET] = "set",     [VERB_RESIZE] = "resize",
    [VERB_MOVE] = "move",         [VERB_START] = "start", [VERB_STOP] = "stop",
    [VERB_RESTART] = "restart",   [VERB_SNAPSHOT] = "snapshot", [VERB_ADOPT] = "adopt",
    [VERB_RUN] = "run",           [VERB_WAIT] = "wait",   [VERB_REMOVE] = "remove",
};

static const char *const risk_names[RISK_COUNT] = {
    [RISK_NONE] = "none",         [RISK_ONLINE] = "online",       [RISK_RESTART] = "restart",
    [RISK_DOWNTIME] = "downtime", [RISK_DATA_LOSS] = "data_loss",
};

static const char *const fate_names[FATE_COUNT] = {[FATE_KEPT] = "kept", [FATE_DESTROYED] = "destroyed", [FATE_REFUSED] = "refused"};

static const char *const command_kind_names[COMMAND_COUNT] = {
    [COMMAND_RUN] = "run",   [COMMAND_WRITE] = "write", [COMMAND_EDIT] = "edit",
    [COMMAND_HTTP] = "http", [COMMAND_WAIT] = "wait",
};

static const char *const request_list_names[REQUEST_LIST_COUNT] = {
    [REQUEST_SET] = "set",     [REQUEST_ONLY] = "only",   [REQUEST_SKIP] = "skip", [REQUEST_ADOPT] = "adopt",
    [REQUEST_ALLOW] = "allow", [REQUEST_ERROR] = "error", [REQUEST_WARN] = "warn", [REQUEST_SILENCE] = "silence",
};

static int name_in(const char *const *names, int count, Str name) {
    for (int i = 0; i < count; i++)
        if (str_equal(str_of(names[i]), name))
            return i;
    return -1;
}

const char *verb_name(Verb verb) {
    return verb_names[verb];
}

int verb_find(Str name) {
    return name_in(verb_names, VERB_COUNT, name);
}

const char *risk_name(RiskClass risk) {
    return risk_names[risk];
}

int risk_find(Str name) {
    return name_in(risk_names, RISK_COUNT, name);
}

const char *fate_name(Fate fate) {
    return fate_names[fate];
}

int fate_find(Str name) {
    return name_in(fate_names, FATE_COUNT, name);
}

const char *command_kind_name(CommandKind kind) {
    return command_kind_names[kind];
}

const char *request_list_name(RequestList list) {
    return request_list_names[list];
}

Command command_of(CommandKind kind, Str place, const Record *record) {
    return (Command){.kind = kind, .place = place, .fields = record ? record->fields : NULL, .field_count = record ? record->count : 0};
}

static const Value *field_named(const Field *fields, uint32_t count, const char *name, size_t length) {
    for (uint32_t i = 0; i < count; i++)
        if (fields[i].name->length == length && memcmp(fields[i].name->text, name, length) == 0)
            return fields[i].value->kind == VALUE_NONE ? NULL : fields[i].value;
    return NULL;
}

const StepMore *step_more(const Step *step) {
    static const StepMore nothing;
    return step->more ? step->more : &nothing;
}

const Value *command_field(const Command *command, const char *name) {
    size_t length = strlen(name);
    const Value *value = field_named(command->fields, command->field_count, name, length);
    return value || !command->terms ? value : field_named(command->terms->fields, command->terms->count, name, length);
}
