/* Files of a site. */
#include "runtime/load.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runtime/files.h"

/* The folder in which a path stands, with its '/'; empty for a path of one part. */
static Str path_folder(Str path) {
    const char *slash = path.length ? memrchr(path.text, '/', path.length) : NULL;
    return (Str){path.text, slash ? (size_t)(slash - path.text) + 1 : 0};
}

/* The path without `.`, empty parts and, where they cancel a part before them, `..`. For names, and for modules: there it shows
   whether a path leads out. */
static Str path_tidy(Arena *arena, Str path) {
    VECTOR(Str) parts = {0};
    int absolute = path.length && path.text[0] == '/';
    for (size_t at = 0; at < path.length;) {
        const char *slash = memchr(path.text + at, '/', path.length - at);
        Str part = {path.text + at, slash ? (size_t)(slash - path.text) - at : path.length - at};
        at += part.length + 1;
        if (!part.length || str_equal(part, STR(".")))
            continue;
        int up = str_equal(part, STR(".."));
        if (up && parts.count && !str_equal(parts.items[parts.count - 1], STR("..")))
            parts.count--;
        else if (!up || !absolute)
            VECTOR_PUSH(arena, &parts, part);
    }
    /* Never longer than the path it comes from. */
    char *tidy = arena_text(arena, path.length + 1);
    size_t length = 0;
    for (uint32_t i = 0; i < parts.count; i++) {
        if (i || absolute)
            tidy[length++] = '/';
        memcpy(tidy + length, parts.items[i].text, parts.items[i].length);
        length += parts.items[i].length;
    }
    tidy[length] = 0;
    return (Str){tidy, length};
}

static Str path_join(Arena *arena, Str folder, Str path) {
    if (path.length && path.text[0] == '/')
        return path;
    return arena_printf(arena, "%.*s%.*s", (int)folder.length, folder.text, (int)path.length, path.text);
}

Str load_absolute(Arena *arena, Str path) {
    char folder[4096];
    if (path.length && path.text[0] == '/')
        return path;
    if (!getcwd(folder, sizeof folder))
        return (Str){0};
    return arena_printf(arena, "%s/%.*s", folder, (int)path.length, path.text);
}

/* ---- reading ---- */

enum { LOAD_STEP = 65536 };     /* how much is read first where no size is known */

/* Reads up to the end, straight into the arena: a site may be tens of megabytes, which need not be held twice. The size that is
   [expected] is a guess: files below /proc have none, others grow. */
static LoadStatus load_take(Arena *arena, int fd, size_t expected, size_t limit, Str *bytes, Str *problem) {
    size_t room = (expected < limit ? expected : limit) + 2, length = 0;    /* for one byte too many, and a NUL */
    char *text = arena_text(arena, room);
    for (;;) {
        ssize_t got = read(fd, text + length, room - 1 - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            *problem = arena_printf(arena, "%s", strerror(errno));
            return LOAD_REFUSED;
        }
        if (got == 0)
            break;
        length += (size_t)got;
        if (length > limit) {
            *problem = arena_printf(arena, "it is longer than %zu MiB", limit >> 20);
            return LOAD_REFUSED;
        }
        if (length == room - 1) {
            room = room < LOAD_STEP ? LOAD_STEP : room * 2;
            char *wider = arena_text(arena, room);
            memcpy(wider, text, length);
            text = wider;
        }
    }
    text[length] = 0;
    *bytes = (Str){text, length};
    return LOAD_OK;
}

/* Takes over the descriptor, or the errno of an open that failed. */
static LoadStatus load_open(Arena *arena, int fd, size_t limit, Str *bytes, Str *problem) {
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        *problem = STR("there is no such file");
        return LOAD_ABSENT;
    }
    if (fd < 0) {
        *problem = arena_printf(arena, "%s", strerror(errno));
        return LOAD_REFUSED;
    }
    Text reason = {0};
    size_t size;
    LoadStatus status = LOAD_REFUSED;
    if (files_regular(fd, &size, &reason) == FILE_OK)
        status = load_take(arena, fd, size, limit, bytes, problem);
    else
        *problem = arena_str(arena, text_str(&reason));
    text_fini(&reason);
    close(fd);
    return status;
}

LoadStatus load_file(Arena *arena, Str path, size_t limit, Str *bytes, Str *problem) {
    if (str_equal(path, STR("-")))
        return load_take(arena, STDIN_FILENO, 0, limit, bytes, problem);
    if (path.length && memchr(path.text, 0, path.length)) {
        *problem = STR("the path holds a NUL");
        return LOAD_REFUSED;
    }
    int fd = open(arena_str(arena, path).text, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return load_open(arena, fd, limit, bytes, problem);
}

/* ---- imports ---- */

static LoadStatus load_main(Load *load, Str path, Str *bytes, Str *problem) {
    Str folder = path_folder(path);
    if (load->embedded_name.length && str_equal(path, load->embedded_name)) {
        *bytes = load->embedded;
    } else {
        LoadStatus status = load_file(load->arena, path, LOAD_PHX_LIMIT, bytes, problem);
        if (status != LOAD_OK)
            return status;
    }
    load->prefix = folder;
    root_fini(&load->root);
    if (root_init(&load->root, folder.length ? arena_str(load->arena, folder).text : ".") < 0) {
        *problem = arena_printf(load->arena, "its folder: %s", strerror(errno));
        return LOAD_REFUSED;
    }
    return LOAD_OK;
}

static LoadStatus load_module(Load *load, Str importer, Str path, Str *name, Str *bytes, Str *problem) {
    Arena *arena = load->arena;
    Str folder = path_folder(importer);
    /* Where the importer stands, seen from the main file's folder. */
    folder = (Str){folder.text + load->prefix.length, folder.length - load->prefix.length};
    Str inside = path_tidy(arena, path_join(arena, folder, path));
    *name = arena_printf(arena, "%.*s%.*s", (int)load->prefix.length, load->prefix.text, (int)inside.length, inside.text);
    if (path.length && path.text[0] == '/') {
        *name = path;
        *problem = STR("a module is named by a path relative to the file that imports it");
        return LOAD_REFUSED;
    }
    if (!inside.length || (inside.length >= 2 && memcmp(inside.text, "..", 2) == 0 && (inside.length == 2 || inside.text[2] == '/'))) {
        *problem = STR("it lies outside the folder of the main file, where no module may be");
        return LOAD_REFUSED;
    }
    Str absolute = arena_printf(arena, "/%.*s", (int)inside.length, inside.text);
    return load_open(arena, root_open(&load->root, absolute, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0), LOAD_PHX_LIMIT, bytes, problem);
}

static LoadStatus load_data(Load *load, Str importer, Str path, Str *name, Str *bytes, Str *problem) {
    Str joined = path_join(load->arena, path_folder(importer), path);
    *name = path_tidy(load->arena, joined);
    return load_file(load->arena, joined, LOAD_DATA_LIMIT, bytes, problem);
}

static LoadStatus load_load(void *context, Str importer, Str path, SourceKind kind, Str *name, Str *bytes, Str *problem) {
    Load *load = context;
    *name = path;
    *problem = (Str){0};
    if (!importer.length)
        return load_main(load, path, bytes, problem);
    if (kind == SOURCE_PHX)
        return load_module(load, importer, path, name, bytes, problem);
    return load_data(load, importer, path, name, bytes, problem);
}

void load_init(Load *load, Arena *arena) {
    *load = (Load){.arena = arena, .root = {.fd = -1}};
}

void load_fini(Load *load) {
    root_fini(&load->root);
}

void load_embed(Load *load, Str name, Str text) {
    load->embedded_name = name;
    load->embedded = text;
}

Loader load_loader(Load *load) {
    return (Loader){load, load_load};
}
