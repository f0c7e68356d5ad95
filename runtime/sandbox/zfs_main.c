// `zfs`: creating, changing and removing datasets. What it prints stands in zfs_show.c.
#include "fault.h"
#include "formats.h"
#include "roles.h"
#include "tools.h"
#include "zfs_props.h"
#include "zfs_show.h"

#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

_Noreturn static void usage_fail(Host *host, const char *reason) {
    host_fail(host, EXIT_USAGE, "%s\nusage: see 'zfs help'", reason);
}

/// Why [name] can not be the name of a dataset, or NULL.
static const char *name_check(Host *host, const char *name) {
    static const char ALLOWED[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/ ";
    size_t good = strspn(name, ALLOWED);
    if (name[good] != '\0') return mem_print(host->mem, "invalid character '%c' in name", name[good]);
    if (*name == '/') return "leading slash in name";
    if (text_ends_with(name, "/") || strstr(name, "//") != NULL)
        return "empty component or misplaced '@' or '#' delimiter in name";
    return strlen(name) > 255 ? "name is too long" : NULL;
}

/// Splits "key=value"; leaves if there is no '='.
static Pair setting_split(Host *host, const char *text) {
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text)
        usage_fail(host, mem_print(host->mem, "missing '=' for property=value argument"));
    return (Pair){.key = mem_copy_part(host->mem, text, (size_t)(equals - text)), .value = equals + 1};
}

/// What follows the sub-command, taken apart: -o may stand several times.
typedef struct ZfsCommand {
    ToolFlags flags;
    Pairs options;  // of -o
} ZfsCommand;

static ZfsCommand command_read(Host *host, const char *letters) {
    ZfsCommand command = {.options = pairs_new(host->mem)};
    Words plain = words_new(host->mem);
    Host view = *host;
    // The -o of each argument is picked out first: the flag reader keeps the last value only.
    char **kept = mem_alloc(host->mem, ((size_t)host->argc + 1) * sizeof *kept);
    int count = 0;
    bool collects = strstr(letters, "O:") != NULL;
    for (int i = 0; i < host->argc; i++) {
        if (collects && strcmp(host->argv[i], "-o") == 0 && i + 1 < host->argc) words_add(&plain, host->argv[++i]);
        else kept[count++] = host->argv[i];
    }
    view.argc = count;
    view.argv = kept;
    if (!tool_read_flags(&view, letters, "", &command.flags)) host_exit(host, EXIT_USAGE);
    for (size_t i = 0; i < plain.count; i++) {
        Pair pair = setting_split(host, plain.items[i]);
        if (pairs_get(&command.options, pair.key) != NULL)
            host_fail(host, EXIT_USAGE, "property '%s' specified multiple times", pair.key);
        pairs_add(&command.options, pair.key, pair.value);
    }
    return command;
}

static const char *only_argument(Host *host, const ZfsCommand *command, const char *what) {
    if (command->flags.plain.count == 0) usage_fail(host, mem_print(host->mem, "missing %s argument", what));
    if (command->flags.plain.count > 1) usage_fail(host, "too many arguments");
    return command->flags.plain.items[0];
}

/// The dataset [name]; leaves if there is none.
static ZfsDataset *dataset_need(const Zfs *zfs, const char *name) {
    ZfsDataset *dataset = zfs_find(zfs, name);
    if (dataset == NULL) host_fail(zfs->host, 1, "cannot open '%s': dataset does not exist", name);
    return dataset;
}

/// Checks all [options] for [dataset], then keeps them. [doing] begins the message.
static void options_apply(Zfs *zfs, ZfsDataset *dataset, const Pairs *options, bool creating, const char *doing) {
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < options->count; i++) {
            const ZfsProp *prop = zfs_prop_find(options->items[i].key);
            const char *name = prop == NULL ? options->items[i].key : prop->name, *kept;
            const char *reason =
                zfs_prop_check(zfs->host, name, options->items[i].value, dataset->type, creating, &kept);
            if (reason != NULL) host_fail(zfs->host, 1, "%s '%s': %s", doing, dataset->name, reason);
            bool limit = strcmp(name, "quota") == 0 || strcmp(name, "refquota") == 0;
            if (limit && strcmp(kept, "0") != 0 && strtoull(kept, NULL, 10) < zfs_used(zfs, dataset))
                host_fail(zfs->host, 1, "%s '%s': size is less than current used or reserved space", doing,
                          dataset->name);
            if (round == 1) pairs_set(&dataset->props, name, kept);
        }
    }
}

/// Makes the missing datasets above [name], for -p.
static void parents_make(Zfs *zfs, const char *name) {
    const char *parent = zfs_parent(zfs->host->mem, name);
    if (parent == NULL || zfs_find(zfs, parent) != NULL) return;
    parents_make(zfs, parent);
    zfs_create(zfs, parent, ZFS_FILESYSTEM, 0);
}

static int run_create(Host *host, Zfs *zfs) {
    ZfsCommand command = command_read(host, "psuvO:V:b:");
    const char *name = only_argument(host, &command, command.flags.set['V'] ? "volume" : "filesystem"),
               *size = command.flags.value['V'];
    const char *reason = name_check(host, name), *parent = zfs_parent(host->mem, name), *bytes = "0";
    if (reason != NULL) host_fail(host, 1, "cannot create '%s': %s", name, reason);
    const char *pool = mem_copy_part(host->mem, name, strcspn(name, "/"));
    if (zfs_find_pool(zfs, pool) == NULL) host_fail(host, 1, "cannot create '%s': no such pool '%s'", name, pool);
    if (zfs_find(zfs, name) != NULL) {
        if (command.flags.set['p']) return 0;
        host_fail(host, 1, "cannot create '%s': dataset already exists", name);
    }
    if (parent == NULL) host_fail(host, 1, "cannot create '%s': missing dataset name", name);
    if (command.flags.set['p']) parents_make(zfs, name);
    const ZfsDataset *above = zfs_find(zfs, parent);
    if (above == NULL) host_fail(host, 1, "cannot create '%s': parent does not exist", name);
    if (above->type != ZFS_FILESYSTEM) host_fail(host, 1, "cannot create '%s': parent is not a filesystem", name);
    ZfsType type = size == NULL ? ZFS_FILESYSTEM : ZFS_VOLUME;
    if (size != NULL) {
        const char *wrong = zfs_prop_check(host, "volsize", size, ZFS_VOLUME, true, &bytes);
        if (wrong != NULL) host_fail(host, 1, "cannot create '%s': %s", name, wrong);
        const char *block =
            command.flags.value['b'] != NULL ? command.flags.value['b'] : pairs_get(&command.options, "volblocksize");
        uint64_t unit = 16384;
        if (block != NULL) {
            pairs_set(&command.options, "volblocksize", block);
            const char *unit_text;
            if (zfs_prop_check(host, "volblocksize", block, ZFS_VOLUME, true, &unit_text) == NULL)
                unit = strtoull(unit_text, NULL, 10);
        }
        if (unit == 0 || strtoull(bytes, NULL, 10) % unit != 0)
            host_fail(host, 1, "cannot create '%s': volume size must be a multiple of volume block size", name);
        if (!command.flags.set['s']) pairs_set(&command.options, "refreservation", bytes);
    }
    // Checked on one that is not there yet: a mountpoint it sets must be known before its directory is made.
    ZfsDataset probe = {.name = name, .type = type, .props = pairs_new(host->mem)};
    options_apply(zfs, &probe, &command.options, true, "cannot create");
    ZfsDataset *made = zfs_add(zfs, name, type);
    made->props = probe.props;
    if (type == ZFS_VOLUME) pairs_set(&made->props, "volsize", bytes);
    else zfs_mount_files(zfs, made);
    zfs_save(zfs);
    return 0;
}

static int run_set(Host *host, Zfs *zfs) {
    ZfsCommand command = command_read(host, "u");
    Pairs options = pairs_new(host->mem);
    size_t count = command.flags.plain.count, first = 0;
    while (first < count && strchr(command.flags.plain.items[first], '=') != NULL) {
        Pair pair = setting_split(host, command.flags.plain.items[first++]);
        pairs_set(&options, pair.key, pair.value);
    }
    if (options.count == 0) usage_fail(host, count == 0 ? "missing arguments" : "missing property=value argument(s)");
    if (first == count) usage_fail(host, "missing dataset name(s)");
    for (size_t i = first; i < count; i++) {
        ZfsDataset *dataset = dataset_need(zfs, command.flags.plain.items[i]);
        const char *before = zfs_mountpoint(zfs, dataset);
        options_apply(zfs, dataset, &options, false, "cannot set property for");
        zfs_move_files(zfs, dataset, before);
        fault_between(host);
    }
    zfs_save(zfs);
    return 0;
}

static int run_inherit(Host *host, Zfs *zfs) {
    ZfsCommand command = command_read(host, "rS");
    if (command.flags.plain.count < 1) usage_fail(host, "missing property argument");
    if (command.flags.plain.count < 2) usage_fail(host, "missing dataset argument");
    const char *name = command.flags.plain.items[0];
    const ZfsProp *prop = zfs_prop_find(name);
    if (prop == NULL && !zfs_prop_is_user(name)) usage_fail(host, mem_print(host->mem, "invalid property '%s'", name));
    if (prop != NULL && prop->kind == ZFS_PROP_COMPUTED) host_fail(host, 1, "%s property is read-only", prop->name);
    if (prop != NULL && !prop->inherits) {
        host_warn(host, "'%s' property cannot be inherited", prop->name);
        if (prop->kind == ZFS_PROP_SIZE) host_warn(host, "use 'zfs set %s=none' to clear", prop->name);
        return 1;
    }
    if (prop != NULL) name = prop->name;
    for (size_t i = 1; i < command.flags.plain.count; i++) {
        ZfsDataset *dataset = dataset_need(zfs, command.flags.plain.items[i]);
        const char *before = zfs_mountpoint(zfs, dataset);
        pairs_remove(&dataset->props, name);
        for (size_t d = 0; command.flags.set['r'] && d < zfs->dataset_count; d++)
            if (zfs_is_below(zfs->datasets[d].name, dataset->name)) pairs_remove(&zfs->datasets[d].props, name);
        zfs_move_files(zfs, dataset, before);
    }
    zfs_save(zfs);
    return 0;
}

/// The first dataset or snapshot below [name], or a clone of one of its snapshots; NULL if there is none.
static const char *dependent_find(const Zfs *zfs, const char *name, bool clones) {
    for (size_t i = 0; i < zfs->dataset_count; i++) {
        const ZfsDataset *item = &zfs->datasets[i];
        if (!clones && zfs_is_below(item->name, name)) return item->name;
        const char *origin = pairs_get(&item->props, "origin");
        if (clones && origin != NULL && (strcmp(origin, name) == 0 || zfs_is_below(origin, name)) &&
            !zfs_is_below(item->name, name))
            return item->name;
    }
    return NULL;
}

static int run_destroy(Host *host, Zfs *zfs) {
    ZfsCommand command = command_read(host, "rRfnpvd");
    const char *name = only_argument(host, &command, "dataset");
    bool recursive = command.flags.set['r'] || command.flags.set['R'];
    if (strchr(name, '@') != NULL) {
        const char *dataset = zfs_parent(host->mem, name), *suffix = strchr(name, '@');
        dataset_need(zfs, dataset);
        Words gone = words_new(host->mem);
        for (size_t i = 0; i < zfs->dataset_count; i++) {
            const char *other = zfs->datasets[i].name;
            if (strcmp(other, name) == 0 || (recursive && zfs_is_below(other, dataset) &&
                                             text_ends_with(other, suffix) && zfs->datasets[i].type == ZFS_SNAPSHOT))
                words_add(&gone, other);
        }
        if (gone.count == 0) host_fail(host, 1, "could not find any snapshots to destroy; check snapshot names.");
        for (size_t i = 0; i < gone.count; i++) {
            const char *clone = dependent_find(zfs, gone.items[i], true);
            if (clone != NULL)
                host_fail(host, 1,
                          "cannot destroy '%s': snapshot has dependent clones\nuse '-R' to destroy the following "
                          "datasets:\n%s",
                          gone.items[i], clone);
        }
        for (size_t i = 0; i < gone.count; i++)
            if (!command.flags.set['n']) zfs_destroy(zfs, gone.items[i]);
        zfs_save(zfs);
        return 0;
    }
    dataset_need(zfs, name);
    const char *child = dependent_find(zfs, name, false), *clone = dependent_find(zfs, name, true);
    if (!recursive && zfs_parent(host->mem, name) == NULL)
        host_fail(host, 1,
                  "cannot destroy '%s': operation does not apply to pools\nuse 'zfs destroy -r %s' to destroy all "
                  "datasets in the pool\nuse 'zpool destroy %s' to destroy the pool itself",
                  name, name, name);
    if (child != NULL && !recursive)
        host_fail(host, 1, "cannot destroy '%s': %s has children\nuse '-r' to destroy the following datasets:\n%s",
                  name, zfs_find(zfs, name)->type == ZFS_VOLUME ? "volume" : "filesystem", child);
    if (clone != NULL && !command.flags.set['R'])
        host_fail(
            host, 1,
            "cannot destroy '%s': filesystem has dependent clones\nuse '-R' to destroy the following datasets:\n%s",
            name, clone);
    if (command.flags.set['n']) return 0;
    for (size_t i = zfs->dataset_count; i > 0; i--)
        if (zfs_is_below(zfs->datasets[i - 1].name, name)) zfs_destroy(zfs, zfs->datasets[i - 1].name);
    if (zfs_parent(host->mem, name) != NULL) zfs_destroy(zfs, name);
    zfs_save(zfs);
    return 0;
}

static int run_snapshot(Host *host, Zfs *zfs) {
    ZfsCommand command = command_read(host, "rO:");
    if (command.flags.plain.count == 0) usage_fail(host, "missing snapshot argument");
    Words made = words_new(host->mem);
    for (size_t i = 0; i < command.flags.plain.count; i++) {
        const char *name = command.flags.plain.items[i], *at = strchr(name, '@');
        if (at == NULL || at[1] == '\0')
            host_fail(host, 1, "cannot create snapshot '%s': empty component or misplaced '@' or '#' delimiter in name",
                      name);
        if (!formats_match("[A-Za-z0-9_.:-][A-Za-z0-9_.: -]*", at + 1))
            host_fail(host, 1, "cannot create snapshot '%s': invalid character in name", name);
        const char *dataset = zfs_parent(host->mem, name);
        dataset_need(zfs, dataset);
        for (size_t d = 0; d < zfs->dataset_count; d++) {
            const ZfsDataset *item = &zfs->datasets[d];
            bool wanted =
                strcmp(item->name, dataset) == 0 || (command.flags.set['r'] && zfs_is_below(item->name, dataset));
            if (wanted && item->type != ZFS_SNAPSHOT) words_add(&made, mem_print(host->mem, "%s%s", item->name, at));
        }
    }
    for (size_t i = 0; i < made.count; i++)
        if (zfs_find(zfs, made.items[i]) != NULL)
            host_fail(host, 1, "cannot create snapshot '%s': dataset already exists", made.items[i]);
    for (size_t i = 0; i < made.count; i++) {
        zfs_snapshot(zfs, zfs_parent(host->mem, made.items[i]), strchr(made.items[i], '@') + 1);
        options_apply(zfs, zfs_find(zfs, made.items[i]), &command.options, true, "cannot create snapshot");
    }
    zfs_save(zfs);
    return 0;
}

static int run_rollback(Host *host, Zfs *zfs) {
    ZfsCommand command = command_read(host, "rRf");
    const char *name = only_argument(host, &command, "dataset"), *dataset = zfs_parent(host->mem, name);
    const ZfsDataset *target = dataset_need(zfs, name);
    if (target->type != ZFS_SNAPSHOT) host_fail(host, 1, "cannot open '%s': not a snapshot", name);
    Words newer = words_new(host->mem);
    for (size_t i = 0; i < zfs->dataset_count; i++)
        if (zfs->datasets[i].type == ZFS_SNAPSHOT &&
            text_equals(zfs_parent(host->mem, zfs->datasets[i].name), dataset) &&
            zfs->datasets[i].order > target->order)
            words_add(&newer, zfs->datasets[i].name);
    if (newer.count > 0 && !command.flags.set['r'] && !command.flags.set['R'])
        host_fail(host, 1,
                  "cannot rollback to '%s': more recent snapshots or bookmarks exist\nuse '-r' to force deletion of "
                  "the following snapshots and bookmarks:\n%s",
                  name, words_join(&newer, "\n"));
    for (size_t i = 0; i < newer.count; i++) zfs_destroy(zfs, newer.items[i]);
    zfs_rollback(zfs, dataset, strchr(name, '@') + 1);
    zfs_save(zfs);
    return 0;
}

static int run_rename(Host *host, Zfs *zfs) {
    ZfsCommand command = command_read(host, "fpur");
    if (command.flags.plain.count != 2)
        usage_fail(host, command.flags.plain.count < 1 ? "missing source dataset argument"
                                                       : "missing target dataset argument");
    const char *from = command.flags.plain.items[0], *to = command.flags.plain.items[1];
    const ZfsDataset *source = dataset_need(zfs, from);
    if (source->type == ZFS_SNAPSHOT && *to == '@') to = mem_print(host->mem, "%s%s", zfs_parent(host->mem, from), to);
    const char *plain = mem_copy_part(host->mem, to, strcspn(to, "@")), *reason = name_check(host, plain),
               *parent = zfs_parent(host->mem, to);
    if (reason != NULL) host_fail(host, 1, "cannot rename to '%s': %s", to, reason);
    if ((strchr(from, '@') == NULL) != (strchr(to, '@') == NULL))
        host_fail(host, 1, "cannot rename to '%s': a snapshot must stay one", to);
    if (zfs_find(zfs, to) != NULL) host_fail(host, 1, "cannot rename '%s': dataset already exists", from);
    if (zfs_is_below(to, from))
        host_fail(host, 1, "cannot rename '%s': New dataset name cannot be a descendant of current dataset name", from);
    if (parent == NULL || strcspn(from, "/@") != strcspn(to, "/@") || strncmp(from, to, strcspn(from, "/@")) != 0)
        host_fail(host, 1, "cannot rename '%s': datasets must be within same pool", from);
    if (command.flags.set['p']) parents_make(zfs, to);
    if (zfs_find(zfs, parent) == NULL) host_fail(host, 1, "cannot rename '%s': parent does not exist", from);
    zfs_rename(zfs, from, to);
    zfs_save(zfs);
    return 0;
}

static int run_clone(Host *host, Zfs *zfs) {
    ZfsCommand command = command_read(host, "pO:");
    if (command.flags.plain.count != 2)
        usage_fail(host, command.flags.plain.count < 1 ? "missing source dataset argument"
                                                       : "missing target dataset argument");
    const char *from = command.flags.plain.items[0], *to = command.flags.plain.items[1], *reason = name_check(host, to);
    const ZfsDataset *snapshot = dataset_need(zfs, from);
    if (snapshot->type != ZFS_SNAPSHOT)
        host_fail(host, 1, "cannot open '%s': operation not applicable to datasets of this type", from);
    if (reason != NULL) host_fail(host, 1, "cannot create '%s': %s", to, reason);
    if (zfs_find(zfs, to) != NULL) host_fail(host, 1, "cannot create '%s': dataset already exists", to);
    if (command.flags.set['p']) parents_make(zfs, to);
    const char *parent = zfs_parent(host->mem, to);
    if (parent == NULL || zfs_find(zfs, parent) == NULL)
        host_fail(host, 1, "cannot create '%s': parent does not exist", to);
    const ZfsDataset *original = zfs_find(zfs, zfs_parent(host->mem, from));
    const char *size = pairs_get(&original->props, "volsize");
    ZfsDataset *made = zfs_create(zfs, to, original->type, size == NULL ? 0 : strtoull(size, NULL, 10));
    pairs_set(&made->props, "origin", from);
    options_apply(zfs, made, &command.options, true, "cannot create");
    zfs_save(zfs);
    return 0;
}

int zfs_main(Host *host) {
    static const struct {
        const char *name;
        int (*run)(Host *host, Zfs *zfs);
    } COMMANDS[] = {
        {"create", run_create},     {"set", run_set},       {"inherit", run_inherit},   {"destroy", run_destroy},
        {"snapshot", run_snapshot}, {"snap", run_snapshot}, {"rollback", run_rollback}, {"rename", run_rename},
        {"clone", run_clone},       {"get", zfs_show_get},  {"list", zfs_show_list},
    };
    if (host->argc < 2) usage_fail(host, "missing command");
    Zfs zfs = zfs_load(host);
    Host inner = *host;
    inner.argc--;
    inner.argv++;
    for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++)
        if (strcmp(COMMANDS[i].name, host->argv[1]) == 0) return COMMANDS[i].run(&inner, &zfs);
    usage_fail(host, mem_print(host->mem, "unrecognized command '%s'", host->argv[1]));
}
