// Parses command lines by the option table, with the error texts and exit codes of the real programs.
#include "cli.h"

#include "files.h"
#include "formats.h"
#include "taken.h"
#include "verify.h"

#include <errno.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

// How the real programs leave after a parameter error: a left-over ENOENT of theirs.
enum { EXIT_PARAMETER = 2 };

/// The usage line: "pct set <vmid> [OPTIONS]".
static const char *usage_print(Host *host, const OptionSet *set, const Cli *cli) {
    if (cli->usage != NULL) return cli->usage;
    Text text = text_new(host->mem);
    text_add(&text, cli->title);
    Words positional = words_split(host->mem, set->head->positional, " ");
    for (size_t i = 0; i < positional.count; i++) {
        bool optional = strcmp(positional.items[i], "extra-args") == 0;
        text_print(&text, optional ? " [<%s>]" : " <%s>", positional.items[i]);
    }
    if (positional.count == 0) text_add(&text, " ");
    size_t flags = 0;
    for (size_t i = 0; i < set->count; i++)
        if (!words_has(&positional, set->rows[i].name)) flags++;
    if (flags > 0) text_add(&text, " [OPTIONS]");
    return text.data;
}

_Noreturn static void parse_fail(Host *host, const char *usage, const char *reason) {
    host_fail(host, EXIT_PARAMETER, "400 %s\n%s", reason, usage);
}

_Noreturn void cli_refuse(Host *host, const Args *args, const char *name, const char *reason) {
    host_fail(host, 255, "400 Parameter verification failed.\n%s: %s\n%s", name, reason, args->usage);
}

/// Finds the flag that [given] names or abbreviates, without regard to case. Prints why there is none and returns NULL.
static const char *flag_find(Host *host, const Words *names, const char *given) {
    Words fitting = words_new(host->mem);
    for (size_t i = 0; i < names->count; i++) {
        if (strcasecmp(names->items[i], given) == 0) return names->items[i];
        if (strncasecmp(names->items[i], given, strlen(given)) == 0) words_add(&fitting, names->items[i]);
    }
    if (fitting.count == 1) return fitting.items[0];
    if (fitting.count == 0) host_warn(host, "Unknown option: %s", given);
    else host_warn(host, "Option %s is ambiguous (%s)", given, words_join(&fitting, ", "));
    return NULL;
}

/// Could [argument] be an option? Getopt::Long takes it as the value of an option that must have one all the same,
/// but not of one whose value may be left out.
static bool looks_like_option(const char *argument) {
    return argument[0] == '-' && argument[1] != '\0';
}

/// Puts a value to a name; a list collects, for anything else the last one wins.
static void value_put(Host *host, Args *args, const Option *option, const char *name, const char *value) {
    if (option->type == OPTION_ARRAY) {
        pairs_add(&args->values, name, value);
        return;
    }
    const char *before = option->is_list ? pairs_get(&args->values, name) : NULL;
    pairs_set(&args->values, name, before == NULL ? value : mem_print(host->mem, "%s,%s", before, value));
}

/// Reads the flags; what is none goes to [plain]. Returns false if an option was not understood: the others are still
/// read, as each of them may have something to say.
static bool flags_read(Host *host, const OptionSet *set, const Words *names, int count, char **arguments, Args *args,
                       Words *plain) {
    bool understood = true;
    for (int i = 0; i < count; i++) {
        const char *argument = arguments[i];
        if (strcmp(argument, "--") == 0) {
            for (i++; i < count; i++) words_add(plain, arguments[i]);
            break;
        }
        if (!looks_like_option(argument)) {
            words_add(plain, argument);
            continue;
        }
        const char *given = argument + (argument[1] == '-' ? 2 : 1), *equals = strchr(given, '=');
        if (equals != NULL) given = mem_copy_part(host->mem, given, (size_t)(equals - given));
        const char *name = flag_find(host, names, given);
        if (name == NULL) {
            understood = false;
            continue;
        }
        const Option *option = options_find(set, name);
        const char *value = equals != NULL ? equals + 1 : NULL;
        if (value == NULL && option->type == OPTION_BOOLEAN)
            value = i + 1 < count && !looks_like_option(arguments[i + 1]) ? arguments[++i] : "";
        else if (value == NULL && i + 1 < count) value = arguments[++i];
        if (value == NULL) {
            host_warn(host, "Option %s requires an argument", given);
            understood = false;
            continue;
        }
        value_put(host, args, option, name, value);
    }
    return understood;
}

/// Gives the plain arguments to the positional parameters.
static void positionals_assign(Host *host, const OptionSet *set, const Words *plain, Args *args) {
    Words positional = words_split(host->mem, set->head->positional, " ");
    size_t taken = 0;
    for (size_t i = 0; i < positional.count; i++) {
        const char *name = positional.items[i];
        const Option *option = options_find(set, name);
        if (option != NULL && option->type == OPTION_ARRAY) {
            while (taken < plain->count) words_add(&args->extra, plain->items[taken++]);
        } else if (taken < plain->count) {
            pairs_set(&args->values, name, plain->items[taken++]);
        } else if (option == NULL || option->required) {
            parse_fail(host, args->usage, "not enough arguments");
        }
    }
    if (taken < plain->count) parse_fail(host, args->usage, "too many arguments");
}

/// Turns the spellings of booleans into 0 and 1; a flag without a value is true.
static void booleans_normalize(Host *host, const OptionSet *set, Args *args) {
    for (size_t i = 0; i < args->values.count; i++) {
        Pair *pair = &args->values.items[i];
        const Option *option = options_find(set, pair->key);
        if (option == NULL || option->type != OPTION_BOOLEAN) continue;
        const char *boolean = *pair->value == '\0' ? "1" : verify_boolean(pair->value);
        if (boolean == NULL) parse_fail(host, args->usage, "unable to parse boolean option");
        pair->value = boolean;
    }
}

/// Puts the contents of the file that [name] names in its place, percent-encoded as such values are kept.
static void file_read(Host *host, const char *name, Args *args) {
    const char *path = pairs_get(&args->values, name);
    if (path == NULL) return;
    const char *text = files_read(host, path, NULL);
    if (text == NULL) host_fail(host, EXIT_PARAMETER, "can't open '%s' - %s\n", path, strerror(errno));
    pairs_set(&args->values, name, formats_url_encode(host, text));
}

/// Checks every value against its row, and that nothing needed is missing; reports all errors at once, by name.
static void values_verify(Host *host, const OptionSet *set, const Args *args) {
    Pairs errors = pairs_new(host->mem);
    for (size_t i = 0; i < args->values.count; i++) {
        const Pair *pair = &args->values.items[i];
        const Option *option = options_find(set, pair->key);
        const char *error = option == NULL ? NULL : verify_value(host, option, pair->key, pair->value);
        if (error != NULL) pairs_set(&errors, pair->key, error);
        if (option != NULL && option->needs != NULL && pairs_get(&args->values, option->needs) == NULL)
            pairs_set(&errors, option->needs,
                      mem_print(host->mem, "missing property - '%s' requires this property", pair->key));
    }
    Words positional = words_split(host->mem, set->head->positional, " ");
    for (size_t i = 0; i < set->count; i++) {
        const Option *option = &set->rows[i];
        bool is_rest = option->type == OPTION_ARRAY && words_has(&positional, option->name);
        if (option->required && !is_rest && pairs_get(&args->values, option->name) == NULL)
            pairs_set(&errors, option->name, "property is missing and it is not optional");
    }
    if (errors.count == 0) return;
    pairs_sort(&errors);
    Text text = text_new(host->mem);
    for (size_t i = 0; i < errors.count; i++) text_print(&text, "%s: %s\n", errors.items[i].key, errors.items[i].value);
    host_fail(host, EXIT_PARAMETER, "400 Parameter verification failed.\n%s%s", text.data, args->usage);
}

Args cli_parse(Host *host, const OptionSet *set, const Cli *cli, int count, char **arguments) {
    Args args = {.values = pairs_new(host->mem), .extra = words_new(host->mem), .usage = usage_print(host, set, cli)};
    Words names = options_list_names(host->mem, set), plain = words_new(host->mem);
    Words positional = words_split(host->mem, set->head->positional, " ");
    // Where the path gives the fixed ones, what else is positional on a command line is a flag.
    for (size_t i = 0; i < positional.count && cli->fixed.mem == NULL; i++) words_remove(&names, positional.items[i]);
    for (size_t i = 0; i < cli->fixed.count; i++) words_remove(&names, cli->fixed.items[i].key);
    if (!flags_read(host, set, &names, count, arguments, &args, &plain))
        parse_fail(host, args.usage, "unable to parse option");
    for (size_t i = 0; i < cli->fixed.count; i++)
        if (options_find(set, cli->fixed.items[i].key) != NULL)
            pairs_set(&args.values, cli->fixed.items[i].key, cli->fixed.items[i].value);
    if (cli->fixed.mem == NULL) positionals_assign(host, set, &plain, &args);
    else if (plain.count > 0) parse_fail(host, args.usage, "too many arguments");
    booleans_normalize(host, set, &args);
    if (cli->implied != NULL) pairs_set(&args.values, cli->implied, "1");
    if (cli->file != NULL) file_read(host, cli->file, &args);
    values_verify(host, set, &args);
    return args;
}

const char *cli_get(const Args *args, const char *name) {
    return pairs_get(&args->values, name);
}

bool cli_has_flag(const Args *args, const char *name) {
    const char *value = pairs_get(&args->values, name);
    return value != NULL && strcmp(value, "1") == 0;
}

bool cli_call(Host *host, const CliCommand *commands, size_t count, const char *name, const Args *args, int *code) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(commands[i].name, name) != 0) continue;
        taken_begin(host, &commands[i], args);
        *code = commands[i].run(host, args);
        return true;
    }
    return false;
}

int cli_run(Host *host, const char *tool, const CliCommand *commands, size_t count) {
    if (host->argc < 2) host_fail(host, 255, "ERROR: no command specified");
    int words = 0;
    const char *name = options_expand_command(host->mem, tool, host->argc - 1, host->argv + 1, &words);
    if (name == NULL) host_fail(host, 255, "ERROR: unknown command '%s %s'", tool, host->argv[1]);
    OptionSet set;
    Cli cli = {.title = mem_print(host->mem, "%s %s", tool, name),
               .implied = strcmp(name, "restore") == 0 ? name : NULL,
               .file = strcmp(tool, "qm") == 0 ? "sshkeys" : NULL};
    options_find_command(cli.title, &set);
    Args args = cli_parse(host, &set, &cli, host->argc - 1 - words, host->argv + 1 + words);
    // `move_volume` is an alias: the function stands under the name it means.
    const char *meant = set.head->name + strlen(tool) + 1;
    int code;
    if (cli_call(host, commands, count, meant, &args, &code)) return code;
    host_fail(host, 255, "phx-sandbox: '%s' is not modelled", cli.title);
}
