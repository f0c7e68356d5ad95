/* The command line. getopt_long(3) would keep its state in globals and take any unambiguous beginning of an option's name, so that a
   new option breaks old scripts; the rules here are few. */
#include "runtime/options.h"

#include <string.h>

#include "lang/diagnostic.h"
#include "lang/number.h"

typedef struct CommandInfo {
    const char *name;
    const char *operands;       /* for the usage line */
    uint32_t least, most;       /* how many of them */
    const char *help;
} CommandInfo;

enum { ANY_NUMBER = 0x7fffffff };

/* In the order of CommandId. */
static const CommandInfo COMMANDS[COMMAND_ID_COUNT] = {
    {"check", "[SITE]", 0, 1, "read the site and everything it imports, and check it"},
    {"plan", "[SITE]", 0, 1, "compare the site with its hosts and show the steps that are needed"},
    {"apply", "[SITE|PLAN.json]", 0, 1, "show the plan, ask, and carry it out; of a saved plan exactly that, or nothing"},
    {"undo", "RUN [SITE]", 1, 2, "take back what a run did: the plan from what is there now to what it found; `last` is the last run of the site"},
    {"runs", "[SITE]", 0, 1, "list the runs that the journal of the site's hosts tells of"},
    {"drift", "[SITE]", 0, 1, "tell whether the hosts differ from the site: exit code 2 where they do"},
    {"inspect", "[SITE]", 0, 1, "look at the hosts and write down what a plan needs to know of them"},
    {"test", "[SITE [FILTER]]", 0, 2, "run the tests of the site, without a host; FILTER: those whose text holds it"},
    {"fmt", "[FILE...]", 0, ANY_NUMBER, "lay out .phx files; - is standard input"},
    {"explain", "WORD [SITE]", 1, 2, "tell about a resource type, TYPE.ATTRIBUTE, function, check or code; types, functions, checks, codes list all, reference is all in Markdown"},
    {"why", "ADDRESS[.ATTRIBUTE] [SITE]", 1, 2, "tell where a value comes from, or what a resource has"},
    {"eval", "EXPRESSION [SITE]", 1, 2, "print the value of an expression of the site"},
    {"graph", "[SITE]", 0, 1, "show the resources and what each needs"},
    {"export", "[SITE]", 0, 1, "print the evaluated site as JSON"},
    {"schema", "TYPE [SITE]", 1, 2, "print a type as JSON Schema: a resource type, a type with a name, `site`: what export prints, or `plan`: what plan prints as JSON"},
    {"import", "SITE.phx|FOLDER|FILE.json", 1, 1, "write as plain .phx: a site, the JSON files of an older layout, a JSON value or JSON Schema"},
    {"adopt", "[SITE.phx] [TYPE|IDENTITY...]", 0, ANY_NUMBER, "write as .phx what the hosts have and the site does not; without a site, all of it"},
    {"doctor", "[SITE]", 0, 1, "tell what is in the way: programs, rights, versions, and what looks wrong on the hosts; exit code 1 where something is"},
    {"completion", "bash|zsh|fish", 1, 1, "print a completion script for the shell"},
    {"help", "[COMMAND]", 0, 1, "tell about phxc or a command"},
    {"version", "", 0, 0, "print the version, the edition of the language and the formats of what is written"},
};

typedef enum OptionId {
    OPTION_HOST, OPTION_FACTS, OPTION_SET, OPTION_WARN, OPTION_ERROR, OPTION_SILENCE, OPTION_FORMAT, OPTION_DOCTOR_FORMAT, OPTION_GRAPH_FORMAT, OPTION_SCHEMA_FORMAT, OPTION_JSON,
    OPTION_AS, OPTION_SCHEMA, OPTION_SITE, OPTION_OUTPUT, OPTION_DETAILED, OPTION_ADOPT,
    OPTION_ALLOW, OPTION_ONLY, OPTION_SKIP, OPTION_PRUNE, OPTION_GATES, OPTION_SNAPSHOT_BEFORE, OPTION_UNDO, OPTION_UNDO_FAILED_PHASE, OPTION_PROVENANCE, OPTION_NO_COMMANDS, OPTION_YES, OPTION_JOBS, OPTION_LOCK_TIMEOUT,
    OPTION_EVENTS, OPTION_CHECK, OPTION_COLOR, OPTION_DIAGNOSTICS, OPTION_HELP
} OptionId;

#define ON(name) (1u << COMMAND_ID_##name)
#define ON_SITE (ON(CHECK) | ON(PLAN) | ON(APPLY) | ON(UNDO) | ON(RUNS) | ON(DRIFT) | ON(INSPECT) | ON(WHY) | ON(EVAL) | ON(GRAPH) | ON(EXPORT) | ON(IMPORT) | \
                 ON(EXPLAIN) | ON(SCHEMA) | ON(ADOPT) | ON(DOCTOR))
#define ON_PLAN (ON(PLAN) | ON(APPLY) | ON(DRIFT))
#define ON_CARRY (ON(APPLY) | ON(UNDO))
/* The commands that --only and --skip choose for. */
#define ON_CHOICE (ON_PLAN | ON(GRAPH) | ON(EXPORT))
#define ON_ALL (ON_SITE | ON(TEST) | ON(FMT) | ON(COMPLETION) | ON(HELP) | ON(VERSION))

typedef struct OptionInfo {
    OptionId id;
    char letter;                /* 0: none */
    const char *name;
    const char *argument;       /* NULL: takes none; in brackets: only as --name=VALUE, and may be left out */
    uint32_t commands;
    const char *help;
} OptionInfo;

static const OptionInfo OPTIONS[] = {
    {OPTION_HOST, 0, "host", "PLACE", ON_PLAN | ON(UNDO) | ON(RUNS) | ON(INSPECT) | ON(ADOPT) | ON(DOCTOR), "where: local, ssh:[USER@]HOST[:PORT], sandbox:DIR, or NODE=PLACE for each of several nodes"},
    {OPTION_FACTS, 0, "facts", "FILE", ON(PLAN) | ON(DRIFT) | ON(ADOPT), "what `phxc inspect` wrote down instead of a host; none: an empty host"},
    {OPTION_SET, 0, "set", "NAME=VALUE", ON_SITE, "the value of a parameter of the site"},
    {OPTION_WARN, 'W', "warn", "NAME", ON_SITE, "this check is on, and no `ignore` hides what it finds; all: every check that is not off"},
    {OPTION_ERROR, 'E', "error", "NAME", ON_SITE, "what this check finds is an error, also in imported data; all: every check and code"},
    {OPTION_SILENCE, 'A', "silence", "NAME", ON_SITE, "what this check finds is not shown; all: of every check that is not named"},
    {OPTION_ONLY, 0, "only", "ADDRESS", ON_CHOICE, "this resource and what it needs, and no other"},
    {OPTION_SKIP, 0, "skip", "ADDRESS", ON_CHOICE, "without this resource and what needs it"},
    {OPTION_ADOPT, 0, "adopt", "ADDRESS", ON_PLAN, "take over what exists already and carries no stamp; all: everything"},
    {OPTION_ALLOW, 0, "allow", "ADDRESS:data_loss", ON_PLAN | ON(UNDO), "let this resource's steps lose data"},
    {OPTION_PRUNE, 0, "prune", NULL, ON_PLAN, "remove what carries the site's stamp and is no longer in it"},
    {OPTION_GATES, 0, "gates", NULL, ON(PLAN) | ON(APPLY), "every gate is a step, also where nothing before or after it changes"},
    {OPTION_SNAPSHOT_BEFORE, 0, "snapshot-before", "restart|downtime|data_loss", ON_PLAN, "before a step of this class or a worse one changes an object that can have one, make a snapshot of it"},
    {OPTION_FORMAT, 0, "format", "text|json|markdown", ON_PLAN & ~ON(APPLY), "the form of the plan"},
    {OPTION_DOCTOR_FORMAT, 0, "format", "text|json", ON(DOCTOR), "the form of what is found"},
    {OPTION_GRAPH_FORMAT, 0, "format", "tree|dot|mermaid|json", ON(GRAPH), "a tree, a drawing for Graphviz or Mermaid, or JSON"},
    {OPTION_SCHEMA_FORMAT, 0, "format", "json-schema", ON(SCHEMA), "the form; there is one"},
    {OPTION_JSON, 0, "json", NULL, ON(EXPORT), "as JSON, which is the only form"},
    {OPTION_AS, 0, "as", "TYPE", ON(IMPORT), "the JSON file is a value of this type"},
    {OPTION_SCHEMA, 0, "schema", NULL, ON(IMPORT), "the JSON file is a JSON Schema: write types"},
    {OPTION_SITE, 0, "site", "NAME", ON(ADOPT), "the name of the new site, where there is none; home where nothing is said"},
    {OPTION_OUTPUT, 'o', "output", "FILE", (ON_PLAN & ~ON(APPLY)) | ON(INSPECT) | ON(GRAPH) | ON(EXPORT) | ON(SCHEMA) | ON(IMPORT) | ON(ADOPT) | ON(DOCTOR), "write to this file instead of standard output"},
    {OPTION_UNDO, 0, "undo", NULL, ON_PLAN | ON(UNDO), "show how each step is undone"},
    {OPTION_PROVENANCE, 0, "provenance", NULL, ON_PLAN, "with --format json: show which places of the text each step comes from"},
    {OPTION_NO_COMMANDS, 0, "no-commands", NULL, ON_PLAN | ON(UNDO), "leave the commands out"},
    {OPTION_DETAILED, 0, "detailed-exitcode", "[risk]", ON(PLAN), "exit code 2 where there are steps or something is left alone; with =risk, 3 where a step loses data"},
    {OPTION_YES, 'y', "yes", NULL, ON_CARRY, "do not ask"},
    {OPTION_UNDO_FAILED_PHASE, 0, "undo-failed-phase", NULL, ON(APPLY), "where a step of a phase fails, such as a check, take back what this run did in the phase"},
    {OPTION_JOBS, 'j', "jobs", "NUMBER", ON_CARRY, "steps at a time, 4 where nothing is said"},
    {OPTION_LOCK_TIMEOUT, 0, "lock-timeout", "DURATION", ON_CARRY, "how long to wait for another apply, such as 30s or 5m"},
    {OPTION_EVENTS, 0, "events", NULL, ON_CARRY, "a line of JSON for everything that happens, instead of text"},
    {OPTION_CHECK, 0, "check", NULL, ON(FMT), "write nothing; exit code 1 and the names of files that would change"},
    {OPTION_DIAGNOSTICS, 0, "diagnostics", "text|json", ON_SITE | ON(FMT), "the form of errors and warnings"},
    {OPTION_COLOR, 0, "color", "auto|always|never", ON_ALL, "colours; auto: on a terminal, unless NO_COLOR is set"},
    {OPTION_HELP, 'h', "help", NULL, ON_ALL, "tell about the command"},
};
enum { OPTION_TABLE_SIZE = sizeof OPTIONS / sizeof OPTIONS[0] };

int options_command_find(Str name) {
    for (int i = 0; i < COMMAND_ID_COUNT; i++)
        if (str_equal(name, str_of(COMMANDS[i].name)))
            return i;
    return -1;
}

/* ---- values ---- */

static int value_jobs(Str text, uint32_t *jobs) {
    Number number = number_parse(text);
    if (number.status != NUMBER_OK || number.kind != VALUE_INT || number.integer < 1 || number.integer > 64)
        return 0;
    *jobs = (uint32_t)number.integer;
    return 1;
}

static int value_duration(Str text, int64_t *milliseconds) {
    Number number = number_parse(text);
    if (number.status != NUMBER_OK || number.integer < 0 || (number.kind != VALUE_DURATION && !(number.kind == VALUE_INT && !number.integer)))
        return 0;
    *milliseconds = number.integer;
    return 1;
}

/* Which of the words of "a|b|c" it is; -1: none. */
static int value_word(Str text, const char *words) {
    for (int i = 0;; i++) {
        size_t length = strcspn(words, "|");
        if (str_equal(text, (Str){words, length}))
            return i;
        if (!words[length])
            return -1;
        words += length + 1;
    }
}

static int value_setting(Options *options, Arena *arena, Str text) {
    const char *equals = text.length ? memchr(text.text, '=', text.length) : NULL;
    if (!equals || equals == text.text)
        return 0;
    size_t split = (size_t)(equals - text.text);
    Setting setting = {{text.text, split}, {equals + 1, text.length - split - 1}};
    VECTOR_PUSH(arena, &options->settings, setting);
    return 1;
}

static int value_push(Strs *list, Arena *arena, Str text) {
    VECTOR_PUSH(arena, list, text);
    return text.length > 0;
}

/* Takes an option's value; 0 where it is none. */
static int option_take(Options *options, Arena *arena, OptionId id, Str text) {
    int word = -1;
    switch (id) {
    case OPTION_HOST: return value_push(&options->hosts, arena, text);
    case OPTION_FACTS: options->facts = text; return text.length > 0;
    case OPTION_SET: return value_setting(options, arena, text);
    case OPTION_WARN: return value_push(&options->shown, arena, text);
    case OPTION_ERROR: return value_push(&options->errors, arena, text);
    case OPTION_SILENCE: return value_push(&options->silenced, arena, text);
    case OPTION_FORMAT: word = value_word(text, "text|json|markdown"); options->format = (PlanFormat)word; options->format_said = 1; return word >= 0;
    case OPTION_DOCTOR_FORMAT: word = value_word(text, "text|json"); options->format = (PlanFormat)word; return word >= 0;
    case OPTION_GRAPH_FORMAT: word = value_word(text, "tree|dot|mermaid|json"); options->graph_format = (GraphFormat)word; return word >= 0;
    case OPTION_SCHEMA_FORMAT: return str_equal(text, STR("json-schema"));
    case OPTION_JSON: return 1;
    case OPTION_AS: options->as = text; return text.length > 0;
    case OPTION_SCHEMA: options->schema = 1; return 1;
    case OPTION_SITE: options->site = text; return text.length > 0;
    case OPTION_OUTPUT: options->output = text; return text.length > 0;
    case OPTION_DETAILED:
        options->detailed = text.length ? DETAILED_RISK : DETAILED_CHANGES;
        return !text.length || str_equal(text, STR("risk"));
    case OPTION_ADOPT: return value_push(&options->adopt, arena, text);
    case OPTION_ALLOW: return value_push(&options->allow, arena, text);
    case OPTION_ONLY: return value_push(&options->only, arena, text);
    case OPTION_SKIP: return value_push(&options->skip, arena, text);
    case OPTION_PRUNE: options->prune = 1; return 1;
    case OPTION_GATES: options->gates = 1; return 1;
    case OPTION_SNAPSHOT_BEFORE: word = value_word(text, "restart|downtime|data_loss"); options->snapshot_before = (RiskClass)(RISK_RESTART + word); return word >= 0;
    case OPTION_UNDO: options->undo = 1; return 1;
    case OPTION_PROVENANCE: options->provenance = 1; return 1;
    case OPTION_UNDO_FAILED_PHASE: options->undo_failed_phase = 1; return 1;
    case OPTION_NO_COMMANDS: options->no_commands = 1; return 1;
    case OPTION_YES: options->yes = 1; return 1;
    case OPTION_JOBS: return value_jobs(text, &options->jobs);
    case OPTION_LOCK_TIMEOUT: return value_duration(text, &options->lock_timeout_ms);
    case OPTION_EVENTS: options->events = 1; return 1;
    case OPTION_CHECK: options->check = 1; return 1;
    case OPTION_COLOR: word = value_word(text, "auto|always|never"); options->colour = (Choice)word; return word >= 0;
    case OPTION_DIAGNOSTICS: word = value_word(text, "text|json"); options->json_diagnostics = word == 1; return word >= 0;
    case OPTION_HELP: options->help = 1; return 1;
    }
    return 0;
}

/* ---- parsing ---- */

typedef struct Parser {
    Options *options;
    Arena *arena;
    int argc;
    char **argv;
    int at;
    Text *problem;
} Parser;

static const char *command_name(const Parser *parser) {
    return COMMANDS[parser->options->command].name;
}

static int unknown_option(Parser *parser, Str name, int on_another) {
    Suggestion suggestion = suggestion_for(name);
    for (int i = 0; i < OPTION_TABLE_SIZE; i++)
        if (OPTIONS[i].commands & 1u << parser->options->command)
            suggestion_offer(&suggestion, str_of(OPTIONS[i].name));
    text_addf(parser->problem, on_another ? "`phxc %s` takes no option --%.*s" : "`phxc %s` knows no option --%.*s", command_name(parser),
              (int)name.length, name.text);
    if (suggestion.best.length && !on_another)
        text_addf(parser->problem, "; did you mean --%.*s?", (int)suggestion.best.length, suggestion.best.text);
    return 0;
}

static int option_apply(Parser *parser, const OptionInfo *info, const char *value) {
    Str text = value ? str_of(value) : (Str){0};
    if (!info->argument && value) {
        text_addf(parser->problem, "--%s takes no value", info->name);
        return 0;
    }
    int optional = info->argument && info->argument[0] == '[';
    if (info->argument && !optional && !value) {
        if (parser->at + 1 == parser->argc) {
            text_addf(parser->problem, "--%s needs a value: %s", info->name, info->argument);
            return 0;
        }
        text = str_of(parser->argv[++parser->at]);
    }
    if (option_take(parser->options, parser->arena, info->id, text) || !info->argument)
        return 1;
    text_addf(parser->problem, "--%s takes %.*s, not `%.*s`", info->name, (int)(strlen(info->argument) - 2 * (size_t)optional),
              info->argument + optional, (int)text.length, text.text);
    return 0;
}

static int parse_long(Parser *parser, const char *argument) {
    const char *equals = strchr(argument, '=');
    Str name = {argument, equals ? (size_t)(equals - argument) : strlen(argument)};
    int on_another = 0;
    for (int i = 0; i < OPTION_TABLE_SIZE; i++) {
        if (!str_equal(name, str_of(OPTIONS[i].name)))
            continue;
        if (OPTIONS[i].commands & 1u << parser->options->command)
            return option_apply(parser, &OPTIONS[i], equals ? equals + 1 : NULL);
        on_another = 1;
    }
    return unknown_option(parser, name, on_another);
}

/* One letter, its value behind it or in the next argument: -o FILE, -oFILE. */
static int parse_short(Parser *parser, const char *argument) {
    for (int i = 0; i < OPTION_TABLE_SIZE; i++) {
        const OptionInfo *info = &OPTIONS[i];
        if (!info->letter || info->letter != argument[0] || !(info->commands & 1u << parser->options->command))
            continue;
        if (!info->argument && argument[1])
            break;
        return option_apply(parser, info, argument[1] ? argument + 1 : NULL);
    }
    text_addf(parser->problem, "`phxc %s` knows no option -%s", command_name(parser), argument);
    return 0;
}

static int operands_check(Parser *parser) {
    const CommandInfo *info = &COMMANDS[parser->options->command];
    const Strs *operands = &parser->options->operands;
    if (parser->options->help || (operands->count >= info->least && operands->count <= info->most))
        return 1;
    if (operands->count > info->most)
        text_addf(parser->problem, "`phxc %s` has no use for `%.*s`", info->name, (int)operands->items[info->most].length,
                  operands->items[info->most].text);
    else
        text_addf(parser->problem, "`phxc %s` needs %s", info->name, info->operands);
    return 0;
}

static int parse_command(Parser *parser) {
    Str name = str_of(parser->argv[1]);
    if (str_equal(name, STR("--help")) || str_equal(name, STR("-h")))
        name = STR("help");
    if (str_equal(name, STR("--version")))
        name = STR("version");
    int command = options_command_find(name);
    if (command >= 0) {
        parser->options->command = (CommandId)command;
        return 1;
    }
    Suggestion suggestion = suggestion_for(name);
    for (int i = 0; i < COMMAND_ID_COUNT; i++)
        suggestion_offer(&suggestion, str_of(COMMANDS[i].name));
    text_addf(parser->problem, "there is no command `%.*s`", (int)name.length, name.text);
    if (suggestion.best.length)
        text_addf(parser->problem, "; did you mean `%.*s`?", (int)suggestion.best.length, suggestion.best.text);
    return 0;
}

int options_parse(Options *options, Arena *arena, int argc, char **argv, Text *problem) {
    Parser parser = {options, arena, argc, argv, 2, problem};
    *options = (Options){.jobs = 4, .command = COMMAND_ID_HELP};
    int rest_are_operands = 0;
    if (argc < 2) {
        text_add_literal(problem, "which command?");
        return 0;
    }
    if (!parse_command(&parser))
        return 0;
    for (; parser.at < argc; parser.at++) {
        const char *argument = argv[parser.at];
        if (rest_are_operands || argument[0] != '-' || !argument[1]) {
            Str operand = str_of(argument);
            VECTOR_PUSH(arena, &options->operands, operand);
        } else if (strcmp(argument, "--") == 0) {
            rest_are_operands = 1;
        } else if (!(argument[1] == '-' ? parse_long(&parser, argument + 2) : parse_short(&parser, argument + 1))) {
            return 0;
        }
    }
    Str output = options->output;
    if (!options->format_said && output.length > 5 && memcmp(output.text + output.length - 5, ".json", 5) == 0)
        options->format = FORMAT_JSON;
    return operands_check(&parser);
}

/* ---- help ---- */

void options_help(Text *out) {
    text_add_literal(out, "phxc turns the description of a Proxmox VE site into a plan of commands, and carries it out.\n\n"
                          "usage: phxc COMMAND [OPTION...] [OPERAND...]\n\ncommands:\n");
    for (int i = 0; i < COMMAND_ID_COUNT; i++)
        text_addf(out, "  %-11s %s\n", COMMANDS[i].name, COMMANDS[i].help);
    text_add_literal(out, "\nThe site is ./site.phx where none is named. `phxc COMMAND --help` tells about a command.\n\n"
                          "exit codes: 0 done, 1 error, 2 changes, 3 changes that lose data, 4 denied, 5 stale, 6 partly done (run it again),\n"
                          "7 locked, 64 wrong usage, 130 interrupted\n");
}

void options_help_command(CommandId command, Text *out) {
    const CommandInfo *info = &COMMANDS[command];
    text_addf(out, "phxc %s: %s\n\nusage: phxc %s [OPTION...]%s%s\n\noptions:\n", info->name, info->help, info->name,
              info->operands[0] ? " " : "", info->operands);
    for (int i = 0; i < OPTION_TABLE_SIZE; i++) {
        const OptionInfo *option = &OPTIONS[i];
        if (!(option->commands & 1u << command))
            continue;
        Text left = {0};
        if (option->letter)
            text_addf(&left, "-%c, ", option->letter);
        text_addf(&left, "--%s", option->name);
        if (option->argument && option->argument[0] == '[')
            text_addf(&left, "[=%s", option->argument + 1);
        else if (option->argument)
            text_addf(&left, " %s", option->argument);
        text_addf(out, left.length <= 28 ? "  %-28s  %s\n" : "  %s\n                                %s\n", left.bytes, option->help);
        text_fini(&left);
    }
}

/* ---- for completion ---- */

const char *options_command_name(CommandId command) {
    return COMMANDS[command].name;
}

const char *options_command_operands(CommandId command) {
    return COMMANDS[command].operands;
}

const char *options_command_help(CommandId command) {
    return COMMANDS[command].help;
}

int options_next(CommandId command, uint32_t *at, OptionWords *words) {
    while (*at < OPTION_TABLE_SIZE) {
        const OptionInfo *info = &OPTIONS[(*at)++];
        if (!(info->commands & 1u << command))
            continue;
        *words = (OptionWords){info->letter, info->name, info->argument, info->help};
        return 1;
    }
    return 0;
}
