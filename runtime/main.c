/* phxc: reads the command line and hands over to a command. */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "runtime/command.h"

/* In the order of CommandId. */
static int (*const RUN[COMMAND_ID_COUNT])(App *app) = {
    command_check, command_plan, command_apply, command_undo, command_runs, command_drift, command_inspect, command_test, command_fmt, command_explain,
    command_why, command_eval, command_graph, command_export, command_schema, command_import, command_adopt, command_doctor,
    command_completion, command_help, command_version,
};

static int run(App *app, const Options *options, int parsed, Str problem) {
    if (!parsed) {
        app_complain(app, "%.*s", (int)problem.length, problem.text);
        text_add_literal(&app->err.text, "`phxc help` tells what it can do\n");
        return EXIT_USAGE;
    }
    if (options->help) {
        options_help_command(options->command, &app->out.text);
        return EXIT_OK;
    }
    return RUN[options->command](app);
}

int main(int argc, char **argv) {
    /* Files that we open must not become a standard descriptor, which messages go to and programs are given. */
    int spare = open("/dev/null", O_RDWR);
    while (spare >= 0 && spare <= STDERR_FILENO)
        spare = open("/dev/null", O_RDWR);
    if (spare >= 0)
        close(spare);
    signal(SIGPIPE, SIG_IGN);

    App app;
    Options options;
    Text problem = {0};
    Arena *arena = arena_open();
    int parsed = options_parse(&options, arena, argc, argv, &problem);
    app_init(&app, &options, arena);
    int code = app_fini(&app, run(&app, &options, parsed, text_str(&problem)));
    text_fini(&problem);
    arena_close(arena);
    return code;
}
