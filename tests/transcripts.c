// Replays recorded commands of a real host in a fresh sandbox and reports where the sandbox behaves differently.
//
// Each line is an object: case, argv, rc, stdout, stderr, conf_before, conf_after, running_before and, where
// it applies, new_conf_after, file, file_before, file_after. Before each command the sandbox is brought to the recorded
// state, so that a difference is reported once and where it arises. Compared are: success or failure, whether the guest
// runs, its file, a clone's file, and other files touched: parsed, with what is made up anew (addresses, ids, times)
// only required to be new. With -v the texts printed are compared too; they count apart.
#include <jansson.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMEOUT_MS = 30000, TEXT_MAX = 1 << 20, LINES_MAX = 512 };

typedef struct Replay {
    const char *programs;  // directory of pct, qm, ...
    char dir[256];         // the sandbox
    char node[64];
    json_t *entry;    // the line that is replayed
    json_t *last;     // file name -> text as last recorded
    json_t *running;  // guest id -> did it run after our last command?
    bool verbose;
    long commands, differences, wordings;
} Replay;

/// A command as it ended here.
typedef struct Outcome {
    int code;
    char *out, *err;
} Outcome;

static const char *field(const Replay *replay, const char *name) {
    const char *text = json_string_value(json_object_get(replay->entry, name));
    return text;
}

__attribute__((format(printf, 2, 3))) static void differ(Replay *replay, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    replay->differences++;
    printf("%s: ", field(replay, "case"));
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
}

static char *path_of(const Replay *replay, const char *path) {
    static const size_t EXTRA = 512;
    char *full = malloc(EXTRA + strlen(path));
    if (full == NULL) abort();
    snprintf(full, EXTRA + strlen(path), "%s%s", replay->dir, path);
    return full;
}

/// The text of a file of the sandbox, or NULL. The caller frees it.
static char *file_read(const Replay *replay, const char *path) {
    char *full = path_of(replay, path);
    FILE *file = fopen(full, "r");
    free(full);
    if (file == NULL) return NULL;
    char *text = calloc(1, TEXT_MAX);
    if (text == NULL) abort();
    size_t length = fread(text, 1, TEXT_MAX - 1, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

/// Writes a file of the sandbox with its directories; text NULL removes it.
static void file_write(const Replay *replay, const char *path, const char *text) {
    char *full = path_of(replay, path);
    if (text == NULL) {
        unlink(full);
        free(full);
        return;
    }
    for (char *slash = strchr(full + strlen(replay->dir) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(full, 0755);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    if (file != NULL) {
        fputs(text, file);
        fclose(file);
    }
    free(full);
}

/// Reads both outputs of a child until it ends. A child that hangs is killed: code 124.
static int outputs_read(pid_t child, int out, int err, Outcome *outcome) {
    struct pollfd ports[2] = {{.fd = out, .events = POLLIN}, {.fd = err, .events = POLLIN}};
    char *texts[2] = {outcome->out, outcome->err};
    size_t lengths[2] = {0, 0};
    int open_ports = 2;
    bool hangs = false;
    while (open_ports > 0 && !hangs) {
        if (poll(ports, 2, TIMEOUT_MS) <= 0) {
            hangs = true;
            kill(child, SIGKILL);
            break;
        }
        for (int i = 0; i < 2; i++) {
            if (ports[i].fd < 0 || ports[i].revents == 0) continue;
            ssize_t got = read(ports[i].fd, texts[i] + lengths[i], TEXT_MAX - 1 - lengths[i]);
            if (got > 0) {
                lengths[i] += (size_t)got;
            } else {
                ports[i].fd = -1;
                open_ports--;
            }
        }
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (hangs) return 124;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Runs the words of a JSON array as a program of the sandbox.
static Outcome command_run(const Replay *replay, json_t *argv) {
    Outcome outcome = {.out = calloc(1, TEXT_MAX), .err = calloc(1, TEXT_MAX)};
    size_t count = json_array_size(argv);
    char **words = calloc(count + 1, sizeof *words);
    int out[2], err[2];
    if (outcome.out == NULL || outcome.err == NULL || words == NULL || pipe(out) != 0 || pipe(err) != 0) abort();
    for (size_t i = 0; i < count; i++) words[i] = strdup(json_string_value(json_array_get(argv, i)));
    char program[512];
    snprintf(program, sizeof program, "%s/%s", replay->programs, words[0]);
    pid_t child = fork();
    if (child < 0) abort();
    if (child == 0) {
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        close(out[0]);
        close(err[0]);
        setenv("PHX_SANDBOX", replay->dir, 1);
        unsetenv("PHX_SANDBOX_FAULT");
        execv(program, words);
        _exit(126);
    }
    close(out[1]);
    close(err[1]);
    outcome.code = outputs_read(child, out[0], err[0], &outcome);
    close(out[0]);
    close(err[0]);
    for (size_t i = 0; i < count; i++) free(words[i]);
    free(words);
    return outcome;
}

static void outcome_free(Outcome *outcome) {
    free(outcome->out);
    free(outcome->err);
}

static const char *word(const Replay *replay, size_t index) {
    const char *text = json_string_value(json_array_get(json_object_get(replay->entry, "argv"), index));
    return text == NULL ? "" : text;
}

/// The guest that the command is about: its number and the path of its file; false if it is about none.
static bool guest_of(const Replay *replay, char *id, size_t id_size, char *path, size_t path_size) {
    const char *tool = word(replay, 0), *number = word(replay, 2),
               *folder = strcmp(tool, "qm") == 0 ? "qemu-server" : "lxc";
    if (strcmp(tool, "pvesh") == 0) {
        const char *lxc = strstr(number, "/lxc/"), *qemu = strstr(number, "/qemu/");
        if (lxc == NULL && qemu == NULL) return false;
        folder = lxc != NULL ? "lxc" : "qemu-server";
        number = lxc != NULL ? lxc + 5 : qemu + 6;
    } else if (strcmp(tool, "pct") != 0 && strcmp(tool, "qm") != 0) {
        return false;
    } else if (!isdigit((unsigned char)*number)) {
        number = word(replay, 3);
    }
    size_t length = strspn(number, "0123456789");
    if (length == 0 || length >= id_size) return false;
    snprintf(id, id_size, "%.*s", (int)length, number);
    snprintf(path, path_size, "/etc/pve/nodes/%s/%s/%s.conf", replay->node, folder, id);
    return true;
}

// ---- comparing ----

/// Does [text] at [at] begin an address, id or time that is made up anew each time? Then its length.
static size_t fresh_length(const char *at) {
    static const char *const SHAPES[] = {"BC:24:11:xx:xx:xx", "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "179nnnnnnn"};
    for (size_t s = 0; s < sizeof SHAPES / sizeof SHAPES[0]; s++) {
        size_t i = 0;
        for (; SHAPES[s][i] != '\0'; i++) {
            unsigned char byte = (unsigned char)at[i];
            char shape = SHAPES[s][i];
            if (shape == 'x' ? !isxdigit(byte) : shape == 'n' ? !isdigit(byte) : byte != (unsigned char)shape) break;
        }
        if (SHAPES[s][i] == '\0') return i;
    }
    if (strncmp(at, "creation-qemu=", 14) == 0) return 14 + strspn(at + 14, "0123456789.");
    // Times of this run differ in their first digits from recorded ones: any ten digits that begin a time count.
    bool is_time = true;
    for (int i = 0; i < 10 && is_time; i++) is_time = isdigit((unsigned char)at[i]);
    return is_time && *at == '1' && !isdigit((unsigned char)at[10]) ? 10 : 0;
}

/// Copies [text] with what is new (not to be found in [known]) replaced by '*'.
static char *fresh_mask(const char *text, const char *known) {
    char *masked = calloc(1, strlen(text) + 1);
    if (masked == NULL) abort();
    char *to = masked;
    while (*text != '\0') {
        size_t length = fresh_length(text);
        char part[64] = "";
        if (length > 0) snprintf(part, sizeof part, "%.*s", (int)length, text);
        if (length > 0 && strstr(known, part) == NULL) {
            *to++ = '*';
            text += length;
        } else {
            *to++ = *text++;
        }
    }
    return masked;
}

static int text_compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/// Puts the comma-separated parts of the value in [line] (after ": " or the first blank) into order, in place.
static void value_sort(char *line) {
    char *value = strstr(line, ": ");
    value = value != NULL ? value + 2 : *line == '\t' ? strchr(line, ' ') : NULL;
    if (value == NULL) return;
    if (*value == ' ') value++;
    char *parts[LINES_MAX], *copy = strdup(value), *rest = copy;
    size_t count = 0;
    if (copy == NULL) abort();
    for (char *part = strtok_r(copy, ",", &rest); part != NULL && count < LINES_MAX; part = strtok_r(NULL, ",", &rest))
        parts[count++] = part;
    if (count > 1) qsort(parts, count, sizeof *parts, text_compare);
    char *to = value;
    for (size_t i = 0; i < count; i++) to += sprintf(to, "%s%s", i > 0 ? "," : "", parts[i]);
    free(copy);
}

/// The lines of a file in a form that can be compared: each with its section before it, values in order, and lines
/// whose order means nothing sorted. Rules and descriptions keep theirs.
typedef struct Form {
    char *lines[LINES_MAX];
    size_t count;
} Form;

static Form form_make(const char *text, const char *known) {
    Form form = {0};
    char *masked = fresh_mask(text, known), *rest = masked, section[128] = "";
    int order = 0;
    for (char *line = strtok_r(masked, "\n", &rest); line != NULL && form.count < LINES_MAX;
         line = strtok_r(NULL, "\n", &rest)) {
        size_t length = strlen(line);
        while (length > 0 && line[length - 1] == ' ') line[--length] = '\0';
        bool storage = *line != '\t' && strchr(line, ':') != NULL && *section != '[' && strstr(text, "\n\t") != NULL;
        if (*line == '[' || storage) snprintf(section, sizeof section, "%s", line);
        bool ordered = *line == '#' || strncmp(section, "[RULES]", 7) == 0 || strncmp(section, "[group", 6) == 0 ||
                       strncmp(section, "[IPSET", 6) == 0;
        char *copy = malloc(strlen(line) + sizeof section + 32);
        if (copy == NULL) abort();
        if (!ordered) value_sort(line);
        sprintf(copy, "%s|%03d|%s", section, ordered ? ++order : 0, line);
        form.lines[form.count++] = copy;
    }
    if (form.count > 1) qsort(form.lines, form.count, sizeof *form.lines, text_compare);
    free(masked);
    return form;
}

static void form_free(Form *form) {
    for (size_t i = 0; i < form->count; i++) free(form->lines[i]);
}

/// Reports the lines that only one of two files has. [known]: what was there before the command, and its words.
static void texts_compare(Replay *replay, const char *what, const char *recorded, const char *here, const char *known) {
    if (recorded == NULL && here == NULL) return;
    if (recorded == NULL || here == NULL) {
        differ(replay, "%s: recorded %s, here %s", what, recorded == NULL ? "absent" : "present",
               here == NULL ? "absent" : "present");
        return;
    }
    Form want = form_make(recorded, known), have = form_make(here, known);
    size_t i = 0, j = 0;
    bool same = true;
    while (i < want.count || j < have.count) {
        int order = i == want.count ? 1 : j == have.count ? -1 : strcmp(want.lines[i], have.lines[j]);
        if (order != 0 && same) {
            differ(replay, "%s differs (- recorded, + here)", what);
            same = false;
        }
        if (order < 0) printf("    - %s\n", want.lines[i]);
        if (order > 0) printf("    + %s\n", have.lines[j]);
        if (order <= 0) i++;
        if (order >= 0) j++;
    }
    form_free(&want);
    form_free(&have);
}

/// A text with what may differ replaced: ids, times, checksums, rates.
static char *wording_mask(const char *text) {
    char *masked = fresh_mask(text, ""), *to = masked;
    for (const char *at = masked; *at != '\0';) {
        if (strncmp(at, "SHA256:", 7) == 0) {
            at += strcspn(at, " \n");  // before anything is written: both may be one place
            *to++ = 'S';
        } else if (strncmp(at, "MiB/s", 5) == 0) {
            while (to > masked && (isdigit((unsigned char)to[-1]) || to[-1] == ' ' || to[-1] == 'X')) to--;
            at += 5;
        } else if (isdigit((unsigned char)at[0]) && strspn(at, "0123456789") == 4 && at[4] == '-' &&
                   isdigit((unsigned char)at[5])) {
            at += strspn(at, "0123456789-: ");
            *to++ = 'D';
        } else {
            *to++ = *at++;
        }
    }
    *to = '\0';
    return masked;
}

/// Sorts the lines of [text] in place: some come in any order.
static void lines_sort(char *text) {
    char *lines[LINES_MAX], *copy = strdup(text), *rest = copy, *to = text;
    size_t count = 0;
    if (copy == NULL) abort();
    for (char *line = strtok_r(copy, "\n", &rest); line != NULL && count < LINES_MAX;
         line = strtok_r(NULL, "\n", &rest))
        lines[count++] = line;
    if (count > 1) qsort(lines, count, sizeof *lines, text_compare);
    *to = '\0';
    for (size_t i = 0; i < count; i++) to += sprintf(to, "%s%s", i > 0 ? "\n" : "", lines[i]);
    free(copy);
}

static void wording_compare(Replay *replay, const char *what, const char *recorded, const char *here) {
    char *want = wording_mask(recorded == NULL ? "" : recorded), *have = wording_mask(here);
    lines_sort(want);
    lines_sort(have);
    if (strcmp(want, have) != 0) {
        replay->wordings++;
        printf("%s: wording of %s\n    recorded: %s\n    here:     %s\n", field(replay, "case"), what, recorded, here);
    }
    free(want);
    free(have);
}

// ---- bringing the sandbox to the recorded state ----

static bool is_running(const Replay *replay, const char *path, const char *id) {
    char name[128];
    if (strstr(path, "/lxc/") != NULL) {
        char *text = file_read(replay, "/proc/net/unix");
        snprintf(name, sizeof name, "@/var/lib/lxc/%s/command\n", id);
        bool found = text != NULL && strstr(text, name) != NULL;
        free(text);
        return found;
    }
    snprintf(name, sizeof name, "/run/qemu-server/%s.pid", id);
    char *text = file_read(replay, name);
    free(text);
    return text != NULL;
}

/// Makes each disk of a guest as large as its file says, and there: the recording may have left out the command that
/// grew it, or begin after it was made.
static void disks_follow(const Replay *replay, const char *conf) {
    char *copy = strdup(conf), *rest = copy;
    if (copy == NULL) abort();
    for (char *line = strtok_r(copy, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        char *value = strstr(line, ": "), *size = strstr(line, ",size=");
        if (value == NULL || size == NULL || strchr(value + 2, ':') == NULL) continue;
        char volume[256], *unit;
        snprintf(volume, sizeof volume, "%.*s", (int)strcspn(value + 2, ","), value + 2);
        double bytes = strtod(size + 6, &unit);
        for (const char *units = "KMGT"; *units != '\0' && strchr("KMGT", *unit) != NULL; units++) {
            bytes *= 1024;
            if (*units == *unit) break;
        }
        json_t *argv = json_pack("[sss]", "pvesm", "path", volume);
        Outcome outcome = command_run(replay, argv);
        outcome.out[strcspn(outcome.out, "\n")] = '\0';
        char *path = path_of(replay, outcome.out);
        struct stat info;
        if (outcome.code == 0 && stat(path, &info) != 0) file_write(replay, outcome.out, "");
        if (outcome.code == 0 && truncate(path, (off_t)bytes) != 0) fprintf(stderr, "%s: %s\n", path, strerror(errno));
        free(path);
        outcome_free(&outcome);
        json_decref(argv);
    }
    free(copy);
}

/// Sets the file to what was recorded; where that is not what the recording last said, the state had jumped.
static void file_sync(Replay *replay, const char *path, const char *recorded, bool is_guest) {
    const char *last = json_string_value(json_object_get(replay->last, path));
    bool jumped = recorded != NULL && (last == NULL || strcmp(recorded, last) != 0);
    file_write(replay, path, recorded);
    if (jumped && is_guest) disks_follow(replay, recorded);
}

/// Makes a guest that the recording begins with run, or not.
static void running_sync(const Replay *replay, const char *path, const char *id, bool running) {
    char name[128], text[256];
    snprintf(name, sizeof name, "/guests/%s/root/.keep", id);
    file_write(replay, name, "");
    if (!running) return;
    bool container = strstr(path, "/lxc/") != NULL;
    char *before = container ? file_read(replay, "/proc/net/unix") : NULL;
    size_t size = sizeof text + (before == NULL ? 0 : strlen(before));
    char *all = malloc(size);
    if (all == NULL) abort();
    snprintf(name, sizeof name, container ? "/proc/net/unix" : "/run/qemu-server/%s.pid", id);
    if (container)
        snprintf(all, size, "%s0: 2 0 10000 1 1 1 @/var/lib/lxc/%s/command\n", before == NULL ? "" : before, id);
    else snprintf(all, size, "1\n");
    file_write(replay, name, all);
    free(all);
    free(before);
}

static void file_remember(Replay *replay, const char *path, const char *recorded) {
    file_write(replay, path, recorded);
    if (recorded == NULL) json_object_del(replay->last, path);
    else json_object_set_new(replay->last, path, json_string(recorded));
}

// ---- preparation by shell commands ----

/// Honours what a preparing shell command makes: templates, images, directories, bridges.
static void preparation_honour(Replay *replay, const char *script) {
    char *copy = strdup(script), *rest = copy;
    if (copy == NULL) abort();
    bool makes_folder = false;
    for (char *part = strtok_r(copy, " \t\n;&|<>\"'", &rest); part != NULL;
         part = strtok_r(NULL, " \t\n;&|<>\"'", &rest)) {
        if (strcmp(part, "mkdir") == 0) makes_folder = true;
        else if (*part != '/' && *part != '-') makes_folder = false;
        bool is_image = strstr(part, "/template/cache/") != NULL || strstr(part, "/template/iso/") != NULL;
        if (*part == '/' && is_image) file_write(replay, part, "image\n");
        if (*part != '/' || !makes_folder) continue;
        char keep[512];
        snprintf(keep, sizeof keep, "%s/.keep", part);
        file_write(replay, keep, "");
    }
    free(copy);
}

// The storages of a recording that begins after they were made and does not show them.
static const char STORAGES[] = "dir: local\n\tpath /var/lib/vz\n\tcontent vztmpl,backup,iso\n\n"
                               "dir: st\n\tpath /var/lib/vz/st\n\tcontent images,rootdir\n\tshared 0\n\n"
                               "btrfs: bt\n\tpath /var/lib/vz/bt\n\tcontent rootdir,images\n\n";

/// storage.cfg as the recording first shows it. Puts [file] back to its start.
static void storages_seed(const Replay *replay, FILE *file) {
    char *line = NULL;
    size_t size = 0;
    bool found = false;
    while (!found && getline(&line, &size, file) > 0) {
        json_t *entry = json_loads(line, 0, NULL);
        const char *name = json_string_value(json_object_get(entry, "file")),
                   *before = json_string_value(json_object_get(entry, "file_before"));
        found = name != NULL && before != NULL && strcmp(name, "/etc/pve/storage.cfg") == 0;
        if (found) file_write(replay, name, before);
        json_decref(entry);
    }
    if (!found) file_write(replay, "/etc/pve/storage.cfg", STORAGES);
    free(line);
    rewind(file);
}

/// The host as the recording began: two bridges, one template, one image.
static void sandbox_seed(Replay *replay, FILE *file) {
    char facts[512], image[65537];
    snprintf(facts, sizeof facts, "{\"node\": \"%s\", \"bridges\": [\"vmbr0\", \"vmbr1\"]}\n", replay->node);
    file_write(replay, "/sandbox.json", facts);
    file_write(replay, "/srv/.keep", "");
    file_write(replay, "/var/lib/vz/template/cache/debian-12-mini_12.0-1_amd64.tar.gz", "archive\n");
    memset(image, 'i', sizeof image - 1);
    image[sizeof image - 1] = '\0';
    file_write(replay, "/var/lib/vz/template/iso/debian.iso", image);
    json_t *argv = json_pack("[ss]", "phx-sandbox", "init");
    Outcome outcome = command_run(replay, argv);
    if (outcome.code != 0) fprintf(stderr, "init: %s\n", outcome.err);
    outcome_free(&outcome);
    json_decref(argv);
    storages_seed(replay, file);
}

// ---- replaying ----

/// Everything the command could take from: the words given and the files before.
static char *known_collect(const Replay *replay) {
    char *words = json_dumps(json_object_get(replay->entry, "argv"), 0);
    const char *conf = field(replay, "conf_before"), *file = field(replay, "file_before");
    size_t size = strlen(words) + (conf == NULL ? 0 : strlen(conf)) + (file == NULL ? 0 : strlen(file)) + 8;
    char *known = malloc(size);
    if (known == NULL) abort();
    snprintf(known, size, "%s\n%s\n%s", words, conf == NULL ? "" : conf, file == NULL ? "" : file);
    free(words);
    return known;
}

static void entry_replay(Replay *replay) {
    char id[32], path[256], clone[300] = "";
    bool has_guest = guest_of(replay, id, sizeof id, path, sizeof path);
    json_t *argv = json_object_get(replay->entry, "argv"), *conf_before = json_object_get(replay->entry, "conf_before");
    const char *file = field(replay, "file");
    if (strcmp(word(replay, 0), "sh") == 0) {
        preparation_honour(replay, word(replay, json_array_size(argv) - 1));
        return;
    }
    replay->commands++;
    if (has_guest && conf_before != NULL) file_sync(replay, path, json_string_value(conf_before), true);
    if (file != NULL) file_sync(replay, file, field(replay, "file_before"), false);
    if (has_guest && json_is_string(conf_before)) {
        json_t *expected = json_object_get(replay->running, id);
        bool recorded = json_is_true(json_object_get(replay->entry, "running_before"));
        if (expected == NULL && !is_running(replay, path, id)) running_sync(replay, path, id, recorded);
        if (expected != NULL && json_is_true(expected) != recorded)
            differ(replay, "guest %s: recorded %s before this, here %s", id, recorded ? "running" : "stopped",
                   recorded ? "stopped" : "running");
    }
    if (json_object_get(replay->entry, "new_conf_after") != NULL) {
        snprintf(clone, sizeof clone, "%.*s/%s.conf", (int)(strrchr(path, '/') - path), path, word(replay, 3));
    }
    char *known = known_collect(replay);
    Outcome outcome = command_run(replay, argv);
    long code = (long)json_integer_value(json_object_get(replay->entry, "rc"));
    bool exact = strcmp(word(replay, 1), "exec") == 0 && code != 255;
    if ((code == 0) != (outcome.code == 0) || (exact && code != outcome.code))
        differ(replay, "exit code: recorded %ld (%s), here %d (%s)", code, field(replay, "stderr"), outcome.code,
               outcome.err);
    if (has_guest && conf_before != NULL) {
        char *here = file_read(replay, path);
        texts_compare(replay, path, field(replay, "conf_after"), here, known);
        free(here);
        file_remember(replay, path, field(replay, "conf_after"));
        json_object_set_new(replay->running, id, json_boolean(is_running(replay, path, id)));
    }
    if (*clone != '\0') {
        char *here = file_read(replay, clone);
        texts_compare(replay, clone, field(replay, "new_conf_after"), here, known);
        free(here);
        file_remember(replay, clone, field(replay, "new_conf_after"));
    }
    if (file != NULL) {
        char *here = file_read(replay, file);
        texts_compare(replay, file, field(replay, "file_after"), here, known);
        free(here);
        file_remember(replay, file, field(replay, "file_after"));
    }
    if (replay->verbose) {
        wording_compare(replay, "stdout", field(replay, "stdout"), outcome.out);
        wording_compare(replay, "stderr", field(replay, "stderr"), outcome.err);
    }
    outcome_free(&outcome);
    free(known);
}

/// Takes the node's name from the messages of the recording.
static void node_find(Replay *replay, FILE *file) {
    char *line = NULL;
    size_t size = 0;
    snprintf(replay->node, sizeof replay->node, "pvetest");
    while (getline(&line, &size, file) > 0) {
        const char *at = strstr(line, "'nodes/");
        if (at == NULL) continue;
        snprintf(replay->node, sizeof replay->node, "%.*s", (int)strcspn(at + 7, "/"), at + 7);
        break;
    }
    free(line);
    rewind(file);
}

static void tree_remove(const char *dir) {
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", "--", dir, (char *)NULL);
        _exit(127);
    }
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
}

int main(int argc, char **argv) {
    Replay replay = {.programs = "build/sandbox"};
    int option;
    while ((option = getopt(argc, argv, "vp:")) != -1) {
        if (option == 'v') replay.verbose = true;
        else if (option == 'p') replay.programs = optarg;
        else return 64;
    }
    if (optind + 1 != argc) {
        fputs("usage: transcripts [-v] [-p PROGRAMS] FILE.jsonl\n", stderr);
        return 64;
    }
    FILE *file = fopen(argv[optind], "r");
    const char *temporary = getenv("TMPDIR");
    snprintf(replay.dir, sizeof replay.dir, "%s/phx-transcripts-XXXXXX", temporary == NULL ? "/tmp" : temporary);
    if (file == NULL || mkdtemp(replay.dir) == NULL) {
        fprintf(stderr, "%s: %s\n", file == NULL ? argv[optind] : replay.dir, strerror(errno));
        return 1;
    }
    replay.last = json_object();
    replay.running = json_object();
    char *line = NULL;
    size_t size = 0;
    long number = 0;
    node_find(&replay, file);
    sandbox_seed(&replay, file);
    while (getline(&line, &size, file) > 0) {
        json_error_t error;
        number++;
        replay.entry = json_loads(line, 0, &error);
        if (replay.entry == NULL || json_array_size(json_object_get(replay.entry, "argv")) == 0) {
            fprintf(stderr, "%s:%ld: %s\n", argv[optind], number, replay.entry == NULL ? error.text : "no argv");
            replay.differences++;
        } else {
            entry_replay(&replay);
        }
        json_decref(replay.entry);
    }
    free(line);
    fclose(file);
    json_decref(replay.last);
    json_decref(replay.running);
    tree_remove(replay.dir);
    if (replay.verbose) printf("%ld wording differences\n", replay.wordings);
    printf("%ld commands, %ld differences\n", replay.commands, replay.differences);
    return replay.differences == 0 && replay.commands > 0 ? 0 : 1;
}
