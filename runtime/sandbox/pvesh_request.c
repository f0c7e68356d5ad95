// What answering any REST path needs: parameters read, refusals, values as JSON.
#include "formats.h"
#include "pvesh.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

bool pvesh_is(const Request *request, const char *method) {
    return strcmp(request->method, method) == 0;
}

Args pvesh_parse_as(const Request *request, const char *command, Pairs fixed, OptionSet *set) {
    Host *host = request->host;
    if (command != NULL) options_find_command(command, set);
    Text usage = text_new(host->mem);
    text_print(&usage, "pvesh %s <api_path>", request->verb);
    for (size_t i = 0; i < set->count; i++)
        if (set->rows[i].required && pairs_get(&fixed, set->rows[i].name) == NULL)
            text_print(&usage, " --%s <string>", set->rows[i].name);
    text_add(&usage, " [OPTIONS] [FORMAT_OPTIONS]");
    Cli cli = {.title = "pvesh", .usage = usage.data, .fixed = fixed};
    return cli_parse(host, set, &cli, request->count, request->arguments);
}

Args pvesh_parse(const Request *request) {
    OptionSet set = request->set;
    return pvesh_parse_as(request, NULL, request->named, &set);
}

_Noreturn void pvesh_no_handler(const Request *request) {
    host_fail(request->host, 1, "No '%s' handler defined for '%s'", request->verb, request->path);
}

void pvesh_print_task(const Request *request, const char *type, const char *id) {
    host_print(request->host, "UPID:%s:%08lX:%08lX:%08lX:%s:%s:root@pam:\n", request->host->facts.node, 100000UL, 1UL,
               (unsigned long)time(NULL), type, id);
}

json_t *pvesh_value(const OptionSet *set, const char *key, const char *value) {
    const Option *option = options_find(set, key);
    bool number = option != NULL && (option->type == OPTION_INTEGER || option->type == OPTION_BOOLEAN) &&
                  formats_match("-?[0-9]{1,17}", value);
    return number ? json_integer(strtoll(value, NULL, 10)) : json_string(value);
}

Words pvesh_read_delete(Host *host, const Args *args, const OptionSet *set) {
    const char *given = cli_get(args, "delete");
    Words names = words_split(host->mem, given == NULL ? "" : given, ",; ");
    for (size_t i = 0; i < names.count; i++) {
        const Option *option = options_find(set, names.items[i]);
        if (option == NULL) host_fail(host, 255, "no such option '%s'", names.items[i]);
        if (option->required) host_fail(host, 255, "unable to delete required option '%s'", names.items[i]);
        if (cli_get(args, names.items[i]) != NULL)
            cli_refuse(host, args, "delete",
                       mem_print(host->mem, "unable to set and delete property '%s' at the same time!",
                                 names.items[i]));
    }
    return names;
}
