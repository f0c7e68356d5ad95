/* Calls of OpenSSH's client. The configuration and the known hosts are the user's own; nothing here makes them less strict. */
#include "runtime/ssh_line.h"

#include <string.h>

int ssh_target_read(Arena *arena, Str destination, SshTarget *target, Text *problem) {
    *target = (SshTarget){.host = arena_str(arena, destination)};
    const char *at = destination.length ? memrchr(target->host.text, '@', target->host.length) : NULL;
    if (at) {
        target->user = (Str){target->host.text, (size_t)(at - target->host.text)};
        target->host = (Str){at + 1, target->host.length - target->user.length - 1};
        if (!target->user.length)
            text_add_literal(problem, "there is no user before the @");
    }
    const char *colon = target->host.length ? memrchr(target->host.text, ':', target->host.length) : NULL;
    const char *bracket = target->host.length ? memchr(target->host.text, ']', target->host.length) : NULL;
    if (target->host.length && target->host.text[0] == '[' && bracket) {
        Str rest = {bracket + 1, target->host.length - (size_t)(bracket + 1 - target->host.text)};
        target->host = (Str){target->host.text + 1, (size_t)(bracket - target->host.text) - 1};
        if (rest.length && rest.text[0] != ':')
            text_add_literal(problem, "after the ] may only come a : and the port");
        colon = rest.length ? rest.text : NULL;
        target->port = rest.length ? (Str){rest.text + 1, rest.length - 1} : (Str){0};
    } else if (colon) {
        target->port = (Str){colon + 1, target->host.length - (size_t)(colon + 1 - target->host.text)};
        target->host.length = (size_t)(colon - target->host.text);
        if (memchr(target->host.text, ':', target->host.length))
            text_add_literal(problem, "an IPv6 address stands in brackets: [fd00::1] or [fd00::1]:22");
    }
    int numeric = target->port.length <= 5;
    for (size_t i = 0; i < target->port.length; i++)
        numeric &= target->port.text[i] >= '0' && target->port.text[i] <= '9';
    if (!problem->length && colon && (!target->port.length || !numeric))
        text_add_literal(problem, "the port after the : is a number");
    /* What begins with a dash would be an option to somebody on the way; the rest is for ssh to judge. */
    if (!problem->length && !target->host.length)
        text_add_literal(problem, "there is no host");
    if (!problem->length && (target->host.text[0] == '-' || (target->user.length && target->user.text[0] == '-')))
        text_add_literal(problem, "neither a user nor a host begins with a -");
    for (size_t i = 0; i < destination.length && !problem->length; i++)
        if ((unsigned char)destination.text[i] <= ' ' || destination.text[i] == 127)
            text_add_literal(problem, "it holds blanks or control characters");
    return !problem->length;
}

typedef struct Arguments {
    Arena *arena;
    char *items[64];
    uint32_t count;
} Arguments;

static void add(Arguments *arguments, Str argument) {
    char *copy = arena_text(arguments->arena, argument.length + 1);
    memcpy(copy, argument.text, argument.length);
    copy[argument.length] = 0;
    arguments->items[arguments->count++] = copy;
}

static void add_option(Arguments *arguments, const char *option) {
    add(arguments, STR("-o"));
    add(arguments, str_of(option));
}

/* What is so of every call: it asks nothing, and does nothing that the user's configuration may want of a login. */
static void begin(Arguments *arguments, Arena *arena) {
    static const char *const OPTIONS[] = {
        "BatchMode=yes", "RequestTTY=no", "RemoteCommand=none", "ClearAllForwardings=yes", "ForwardAgent=no", "ForwardX11=no",
        "PermitLocalCommand=no", "Tunnel=no", "EscapeChar=none", "LogLevel=ERROR",
    };
    *arguments = (Arguments){.arena = arena};
    add(arguments, STR("ssh"));
    for (size_t i = 0; i < sizeof OPTIONS / sizeof OPTIONS[0]; i++)
        add_option(arguments, OPTIONS[i]);
}

/* A path as a value of ssh's configuration: quoted, and with no % that means something. */
static void add_socket(Arguments *arguments, Str socket) {
    Text option = {0};
    text_add_literal(&option, "ControlPath=\"");
    for (size_t i = 0; i < socket.length; i++)
        text_addf(&option, socket.text[i] == '%' ? "%%%%" : "%c", socket.text[i]);
    text_add_char(&option, '"');
    add(arguments, STR("-o"));
    add(arguments, text_str(&option));
    text_fini(&option);
}

static char *const *end(Arguments *arguments, const SshTarget *target) {
    if (target->port.length) {
        add(arguments, STR("-p"));
        add(arguments, target->port);
    }
    if (target->user.length) {
        add(arguments, STR("-l"));
        add(arguments, target->user);
    }
    add(arguments, STR("--"));
    add(arguments, target->host);
    char **copy = ARENA_ARRAY(arguments->arena, char *, arguments->count + 2);
    memcpy(copy, arguments->items, arguments->count * sizeof *copy);
    return copy;
}

char *const *ssh_arguments(Arena *arena, const SshTarget *target, Str socket, const char *command) {
    Arguments arguments;
    begin(&arguments, arena);
    /* A host that is gone is noticed after a minute; one that does not answer at all after half of it. */
    add_option(&arguments, "ConnectTimeout=30");
    add_option(&arguments, "ServerAliveInterval=15");
    add_option(&arguments, "ServerAliveCountMax=4");
    add_option(&arguments, "ControlPersist=no");
    /* A connection of our own, even where the user's configuration shares one: it ends when we end. */
    if (socket.length)
        add_socket(&arguments, socket);
    else
        add_option(&arguments, "ControlPath=none");
    add_option(&arguments, socket.length ? "ControlMaster=yes" : "ControlMaster=no");
    char **list = (char **)(uintptr_t)end(&arguments, target);
    list[arguments.count] = arena_text(arena, strlen(command) + 1);
    memcpy(list[arguments.count], command, strlen(command) + 1);
    return list;
}

char *const *ssh_forward_arguments(Arena *arena, const SshTarget *target, Str socket, Str host, int port) {
    Arguments arguments;
    begin(&arguments, arena);
    add_option(&arguments, "ControlMaster=no");
    add_socket(&arguments, socket);
    /* Without the connection to share it would make one. */
    add_option(&arguments, "ProxyCommand=false");
    add(&arguments, STR("-W"));
    int bare = memchr(host.text, ':', host.length) && host.text[0] != '[';
    add(&arguments, arena_printf(arena, bare ? "[%.*s]:%d" : "%.*s:%d", (int)host.length, host.text, port));
    return end(&arguments, target);
}

/* ---- complaints ---- */

/* What is in a complaint, and what it means. In [advice] a %s is the destination as ssh takes it. */
typedef struct Meaning {
    const char *sign;
    const char *problem;        /* NULL: the complaint itself */
    const char *advice;
} Meaning;

static const Meaning MEANINGS[] = {
    {"REMOTE HOST IDENTIFICATION HAS CHANGED", "its host key has changed: it is another machine, was made anew, or somebody stands in between",
     "only if it was made anew: `ssh-keygen -R %s` forgets the old key; then log in once with ssh and compare the new one"},
    {"Host key verification failed", "its host key is unknown or not trusted",
     "log in once with `ssh %s`, compare the key with the host's own and accept it; phxc never accepts one"},
    {"Permission denied", NULL, "phxc cannot ask for a password: load a key with ssh-add, or name one in ~/.ssh/config; `ssh %s` must log in without a question"},
    {"Could not resolve hostname", NULL, "the name is looked up as `ssh %s` does"},
    {"Connection refused", NULL, "is sshd running there, on this port?"},
    {"Connection timed out", NULL, "is the host up, and does a firewall let ssh through?"},
    {"No route to host", NULL, "is the host up, and does a firewall let ssh through?"},
    {"perl: not found", "there is no perl", "phxc works through perl there, which every Proxmox host has: `apt-get install perl-base`"},
    {"perl: command not found", "there is no perl", "phxc works through perl there, which every Proxmox host has: `apt-get install perl-base`"},
    {"Stdio forwarding request failed", "seen from the host, nobody answers there (or its sshd forwards no connections)", ""},
    {"account is currently not available", NULL, "the user's login shell must run commands"},
};

/* The last line with something in it, in letters that do no harm on a terminal. */
static void add_last_line(Text *out, Str text) {
    while (text.length && (unsigned char)text.text[text.length - 1] <= ' ')
        text.length--;
    const char *newline = text.length ? memrchr(text.text, '\n', text.length) : NULL;
    size_t start = newline ? (size_t)(newline - text.text) + 1 : 0;
    for (size_t i = start; i < text.length; i++)
        text_add_char(out, (unsigned char)text.text[i] < ' ' || text.text[i] == 127 ? '?' : text.text[i]);
}

void ssh_explain(const SshTarget *target, Str complaints, int exit_code, const char *otherwise, Text *problem, Text *advice) {
    Text said = {0};
    add_last_line(&said, complaints);
    for (size_t i = 0; i < sizeof MEANINGS / sizeof MEANINGS[0]; i++) {
        const Meaning *meaning = &MEANINGS[i];
        if (!complaints.length || !memmem(complaints.text, complaints.length, meaning->sign, strlen(meaning->sign)))
            continue;
        text_addf(problem, "%s", meaning->problem ? meaning->problem : said.bytes ? said.bytes : meaning->sign);
        const char *hole = strstr(meaning->advice, "%s");
        text_add(advice, (Str){meaning->advice, hole ? (size_t)(hole - meaning->advice) : strlen(meaning->advice)});
        if (hole) {
            text_add(advice, target->host);
            text_addf(advice, "%s", hole + 2);
        }
        text_fini(&said);
        return;
    }
    if (said.length)
        text_add(problem, text_str(&said));
    else if (exit_code >= 0)
        text_addf(problem, "%s (exit code %d)", otherwise, exit_code);
    else
        text_addf(problem, "%s", otherwise);
    text_fini(&said);
}
