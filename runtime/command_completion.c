/* `phxc completion`: scripts for three shells, made from the tables of commands and options. What depends on a site, its addresses, the scripts ask phxc. */
#include <string.h>

#include "runtime/command.h"

/* ---- what is completed ---- */

static int takes_address(const char *argument) {
    return argument && strncmp(argument, "ADDRESS", 7) == 0;
}

/* Are the words of the argument all that it may be? */
static int is_choice(const char *argument) {
    return argument && strchr(argument, '|') && !strpbrk(argument, "ABCDEFGHIJKLMNOPQRSTUVWXYZ[");
}

/* "a|b" to "a b" */
static void add_words(const char *choice, Text *out) {
    for (; *choice; choice++)
        text_add_char(out, *choice == '|' ? ' ' : *choice);
}

static void add_commands(Text *out) {
    for (int i = 0; i < COMMAND_ID_COUNT; i++)
        text_addf(out, "%s%s", i ? " " : "", options_command_name((CommandId)i));
}

/* What stands in the place of an operand: words, a file that ends so, or nothing that is known. */
static const char *operand_words(CommandId command) {
    const char *operands = options_command_operands(command);
    return is_choice(operands) ? operands : NULL;
}

/* ---- bash ---- */

static void bash_values(CommandId command, Text *out) {
    OptionWords option;
    for (uint32_t at = 0; options_next(command, &at, &option);) {
        if (!is_choice(option.argument) && !takes_address(option.argument))
            continue;
        text_addf(out, "            %s:--%s) ", options_command_name(command), option.name);
        if (takes_address(option.argument)) {
            text_add_literal(out, "_phxc_addresses ;;\n");
        } else {
            text_add_literal(out, "words='");
            add_words(option.argument, out);
            text_add_literal(out, "' ;;\n");
        }
    }
}

static void complete_bash(Text *out) {
    text_add_literal(out, "# bash completion for phxc: source <(phxc completion bash)\n"
                          "# The addresses of the site among the words, else of ./site.phx.\n"
                          "_phxc_addresses() {\n"
                          "    local site=site.phx each\n"
                          "    for each in \"${COMP_WORDS[@]:2}\"; do [[ $each != *.phx ]] || site=$each; done\n"
                          "    words=$(phxc graph \"$site\" --format json 2>/dev/null | sed -n 's/^    {\"address\": \"\\([^\"]*\\)\".*/\\1/p')\n"
                          "}\n"
                          "_phxc() {\n"
                          "    local IFS=$' \\n'\n"
                          "    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} before=${COMP_WORDS[COMP_CWORD-1]} words= known=1\n"
                          "    if ((COMP_CWORD == 1)); then\n        words='");
    add_commands(out);
    text_add_literal(out, "'\n    elif [[ $word == -* ]]; then\n        case $command in\n");
    for (int i = 0; i < COMMAND_ID_COUNT; i++) {
        OptionWords option;
        const char *between = "";
        text_addf(out, "            %s) words='", options_command_name((CommandId)i));
        for (uint32_t at = 0; options_next((CommandId)i, &at, &option); between = " ")
            text_addf(out, "%s--%s", between, option.name);
        text_add_literal(out, "' ;;\n");
    }
    text_add_literal(out, "        esac\n    else\n        case $command:$before in\n");
    for (int i = 0; i < COMMAND_ID_COUNT; i++)
        bash_values((CommandId)i, out);
    for (int i = 0; i < COMMAND_ID_COUNT; i++)
        if (operand_words((CommandId)i)) {
            const char *name = options_command_name((CommandId)i);
            text_addf(out, "            %s:%s) words='", name, name);
            add_words(operand_words((CommandId)i), out);
            text_add_literal(out, "' ;;\n");
        }
    text_add_literal(out, "            help:help) words='");
    add_commands(out);
    text_add_literal(out, "' ;;\n"
                          "            *) known= ;;\n"
                          "        esac\n    fi\n"
                          "    if [[ -n $known ]]; then\n        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
                          "    else\n        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n    fi\n}\n"
                          "complete -o filenames -F _phxc phxc\n");
}

/* ---- zsh ---- */

/* In single quotes, and `[`, `]` and `:` mean something to _arguments. */
static void zsh_text(const char *text, Text *out) {
    for (; *text; text++) {
        if (*text == '\'')
            text_add_literal(out, "'\\''");
        else if (strchr("[]:", *text))
            text_addf(out, "\\%c", *text);
        else
            text_add_char(out, *text);
    }
}

static void zsh_option(const OptionWords *option, Text *out) {
    text_addf(out, "                '*--%s%s[", option->name, option->argument ? option->argument[0] == '[' ? "=-" : "=" : "");
    zsh_text(option->help, out);
    text_add_literal(out, "]");
    if (option->argument) {
        text_add_char(out, ':');
        zsh_text(option->name, out);
        text_add_char(out, ':');
        if (is_choice(option->argument)) {
            text_add_char(out, '(');
            add_words(option->argument, out);
            text_add_char(out, ')');
        } else if (takes_address(option->argument)) {
            text_add_literal(out, "_phxc_addresses");
        } else if (strcmp(option->argument, "FILE") == 0) {
            text_add_literal(out, "_files");
        }
    }
    text_add_literal(out, "' \\\n");
}

static void complete_zsh(Text *out) {
    text_add_literal(out, "#compdef phxc\n"
                          "# zsh completion for phxc: phxc completion zsh > ~/.zfunc/_phxc, with ~/.zfunc in fpath\n"
                          "_phxc_addresses() {\n"
                          "    local site=site.phx each\n"
                          "    for each in $words; do [[ $each != *.phx ]] || site=$each; done\n"
                          "    local -a addresses=(${(f)\"$(phxc graph $site --format json 2>/dev/null | sed -n 's/^    {\"address\": \"\\([^\"]*\\)\".*/\\1/p')\"})\n"
                          "    compadd -a addresses\n"
                          "}\n"
                          "_phxc() {\n"
                          "    if ((CURRENT == 2)); then\n        local -a commands=(\n");
    for (int i = 0; i < COMMAND_ID_COUNT; i++) {
        text_addf(out, "            '%s:", options_command_name((CommandId)i));
        zsh_text(options_command_help((CommandId)i), out);
        text_add_literal(out, "'\n");
    }
    text_add_literal(out, "        )\n        _describe command commands\n        return\n    fi\n"
                          "    local command=$words[2]\n    shift words\n    ((CURRENT--))\n    case $command in\n");
    for (int i = 0; i < COMMAND_ID_COUNT; i++) {
        OptionWords option;
        text_addf(out, "        %s)\n            _arguments \\\n", options_command_name((CommandId)i));
        for (uint32_t at = 0; options_next((CommandId)i, &at, &option);)
            zsh_option(&option, out);
        if (operand_words((CommandId)i)) {
            text_add_literal(out, "                '*:operand:(");
            add_words(operand_words((CommandId)i), out);
            text_add_literal(out, ")' ;;\n");
        } else {
            text_add_literal(out, "                '*:file:_files' ;;\n");
        }
    }
    text_add_literal(out, "    esac\n}\n"
                          "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _phxc \"$@\"; else compdef _phxc phxc; fi\n");
}

/* ---- fish ---- */

static void fish_text(const char *text, Text *out) {
    text_add_char(out, '\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            text_add_char(out, '\\');
        text_add_char(out, *text);
    }
    text_add_char(out, '\'');
}

static void complete_fish(Text *out) {
    text_add_literal(out, "# fish completion for phxc: phxc completion fish | source\n"
                          "function __phxc_addresses\n"
                          "    set -l site site.phx\n"
                          "    for each in (commandline -opc)\n        string match -q '*.phx' -- $each; and set site $each\n    end\n"
                          "    phxc graph $site --format json 2>/dev/null | string replace -rf '^    \\{\"address\": \"([^\"]*)\".*' '$1'\n"
                          "end\n");
    for (int i = 0; i < COMMAND_ID_COUNT; i++) {
        const char *name = options_command_name((CommandId)i);
        text_addf(out, "complete -c phxc -n __fish_use_subcommand -f -a %s -d ", name);
        fish_text(options_command_help((CommandId)i), out);
        text_add_char(out, '\n');
        OptionWords option;
        for (uint32_t at = 0; options_next((CommandId)i, &at, &option);) {
            text_addf(out, "complete -c phxc -n '__fish_seen_subcommand_from %s' -l %s", name, option.name);
            if (option.letter)
                text_addf(out, " -s %c", option.letter);
            if (is_choice(option.argument)) {
                text_add_literal(out, " -x -a '");
                add_words(option.argument, out);
                text_add_char(out, '\'');
            } else if (takes_address(option.argument)) {
                text_add_literal(out, " -x -a '(__phxc_addresses)'");
            } else if (option.argument && option.argument[0] != '[') {
                text_add_literal(out, " -r");
            }
            text_add_literal(out, " -d ");
            fish_text(option.help, out);
            text_add_char(out, '\n');
        }
        if (operand_words((CommandId)i)) {
            text_addf(out, "complete -c phxc -n '__fish_seen_subcommand_from %s' -f -a '", name);
            add_words(operand_words((CommandId)i), out);
            text_add_literal(out, "'\n");
        }
    }
}

int command_completion(App *app) {
    Str shell = app->options->operands.items[0];
    if (str_equal(shell, STR("bash")))
        complete_bash(&app->out.text);
    else if (str_equal(shell, STR("zsh")))
        complete_zsh(&app->out.text);
    else if (str_equal(shell, STR("fish")))
        complete_fish(&app->out.text);
    else {
        app_complain(app, "there is completion for bash, zsh and fish, not for %.*s", (int)shell.length, shell.text);
        return EXIT_USAGE;
    }
    return EXIT_OK;
}
