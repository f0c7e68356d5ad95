// `zpool`: pools of disks that no two pools may share.
#include "facts.h"
#include "files.h"
#include "formats.h"
#include "roles.h"
#include "table.h"
#include "tools.h"
#include "zfs_props.h"
#include "zfs_show.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

typedef struct PoolProp {
    const char *name, *normal, *pattern;  // pattern NULL: never set
} PoolProp;

static const PoolProp PROPS[] = {
    {"size", NULL, NULL},
    {"capacity", NULL, NULL},
    {"altroot", "-", NULL},
    {"health", NULL, NULL},
    {"guid", NULL, NULL},
    {"version", "-", NULL},
    {"bootfs", "-", ".+"},
    {"delegation", "on", "on|off"},
    {"autoreplace", "off", "on|off"},
    {"cachefile", "-", ".+"},
    {"failmode", "wait", "wait|continue|panic"},
    {"listsnapshots", "off", "on|off"},
    {"autoexpand", "off", "on|off"},
    {"dedupratio", "1.00x", NULL},
    {"free", NULL, NULL},
    {"allocated", NULL, NULL},
    {"readonly", "off", NULL},
    {"ashift", "0", "0|9|1[0-6]"},
    {"comment", "-", "[[:print:]]{0,32}"},
    {"expandsize", "-", NULL},
    {"freeing", "0", NULL},
    {"fragmentation", "0%", NULL},
    {"leaked", "0", NULL},
    {"multihost", "off", "on|off"},
    {"checkpoint", "-", NULL},
    {"load_guid", NULL, NULL},
    {"autotrim", "off", "on|off"},
    {"compatibility", "off", ".+"},
    {"bcloneused", "0", NULL},
    {"bclonesaved", "0", NULL},
    {"bcloneratio", "1.00x", NULL},
};

enum { PROP_COUNT = sizeof PROPS / sizeof PROPS[0] };

static const PoolProp *prop_find(const char *name) {
    static const char *const SHORT[][2] = {
        {"alloc", "allocated"},     {"cap", "capacity"},       {"frag", "fragmentation"},     {"dedup", "dedupratio"},
        {"expandsz", "expandsize"}, {"ckpoint", "checkpoint"}, {"listsnaps", "listsnapshots"}};
    for (size_t i = 0; i < sizeof SHORT / sizeof SHORT[0]; i++)
        if (strcmp(SHORT[i][0], name) == 0) name = SHORT[i][1];
    for (size_t i = 0; i < PROP_COUNT; i++)
        if (strcmp(PROPS[i].name, name) == 0) return &PROPS[i];
    return NULL;
}

_Noreturn static void usage_fail(Host *host, const char *reason) {
    host_fail(host, EXIT_USAGE, "%s\nusage: see 'zpool help'", reason);
}

/// Why a pool can not have this value, or NULL. Features may only be switched on.
static const char *prop_check(Host *host, const char *name, const char *value) {
    if (text_starts_with(name, "feature@"))
        return formats_match("enabled|disabled", value)
                   ? NULL
                   : mem_print(host->mem, "property '%s' can only be set to 'enabled' or 'disabled'", name);
    if (zfs_prop_is_user(name)) return NULL;
    const PoolProp *prop = prop_find(name);
    if (prop == NULL) return mem_print(host->mem, "invalid property '%s'", name);
    if (prop->pattern == NULL) return mem_print(host->mem, "'%s' is readonly", prop->name);
    if (strcmp(prop->name, "ashift") == 0 && !formats_match(prop->pattern, value))
        return mem_print(host->mem,
                         "property 'ashift' number '%s' is invalid, only values between 9 and 16 are allowed", value);
    return formats_match(prop->pattern, value)
               ? NULL
               : mem_print(host->mem, "'%s' must be one of '%s'", prop->name, prop->pattern);
}

static const char *prop_value(const Zfs *zfs, const ZfsPool *pool, const char *name, bool exact, const char **source) {
    Mem *mem = zfs->host->mem;
    const PoolProp *prop = prop_find(name);
    const char *set = pairs_get(&pool->props, prop == NULL ? name : prop->name);
    const ZfsDataset *root = zfs_find(zfs, pool->name);
    uint64_t size = zfs_pool_size(zfs, pool, true), used = root == NULL ? 0 : zfs_used(zfs, root);
    *source = set != NULL ? "local" : "-";
    if (set != NULL) return set;
    if (prop == NULL) return "-";
    if (prop->pattern != NULL) *source = "default";
    if (strcmp(prop->name, "size") == 0) return exact ? mem_print(mem, "%" PRIu64, size) : table_size(zfs->host, size);
    if (strcmp(prop->name, "allocated") == 0)
        return exact ? mem_print(mem, "%" PRIu64, used) : table_size(zfs->host, used);
    if (strcmp(prop->name, "free") == 0)
        return exact ? mem_print(mem, "%" PRIu64, size - used) : table_size(zfs->host, size - used);
    if (strcmp(prop->name, "capacity") == 0)
        return mem_print(mem, "%" PRIu64 "%s", size == 0 ? 0 : used / (size / 100 + 1), exact ? "" : "%");
    if (strcmp(prop->name, "health") == 0) return "ONLINE";
    if (text_ends_with(prop->name, "guid")) return mem_print(mem, "%" PRIu64, pool->guid);
    if (exact && text_ends_with(prop->name, "ratio")) return "1.00";
    if (exact && strcmp(prop->name, "fragmentation") == 0) return "0";
    return prop->normal;
}

static bool is_group_word(const char *word) {
    return formats_match("mirror|raidz[123]?|draid.*|spare|log|cache|special|dedup", word);
}

/// The least number of disks for a group; one of them more than its parity.
static size_t group_least(const char *word) {
    if (strcmp(word, "mirror") == 0) return 2;
    if (text_starts_with(word, "raidz")) return word[5] == '\0' ? 2 : (size_t)(word[5] - '0') + 1;
    return 1;
}

/// The full path of a disk given in short; leaves for one that does not exist.
static const char *disk_resolve(Host *host, const char *given) {
    static const char *const FOLDERS[] = {"/dev", "/dev/disk/by-id"};
    if (*given == '/') {
        struct stat info;
        bool is_file =
            !text_starts_with(given, "/dev/") && files_stat(host, given, true, &info) == 0 && S_ISREG(info.st_mode);
        if (is_file || facts_has_disk(host, given)) return given;
        host_fail(host, 1, "cannot resolve path '%s'", given);
    }
    for (size_t i = 0; i < 2; i++) {
        const char *path = mem_print(host->mem, "%s/%s", FOLDERS[i], given);
        if (facts_has_disk(host, path)) return path;
    }
    host_fail(host, 1, "cannot open '%s': no such device in /dev\nmust be a full path or shorthand device name", given);
}

/// Checks the groups of disks on a command line and returns them in full; raidz is named raidz1 from here on.
static Words vdevs_read(Host *host, const Zfs *zfs, const Words *words, size_t first, bool force) {
    Words vdevs = words_new(host->mem);
    const char *group = NULL, *kind = NULL;
    size_t members = 0;
    for (size_t i = first; i <= words->count; i++) {
        const char *word = i < words->count ? words->items[i] : "mirror";
        if (is_group_word(word)) {
            if (group != NULL && members < group_least(group))
                host_fail(host, 1, "invalid vdev specification: %.*s requires at least %zu devices",
                          (int)strcspn(group, "123"), group, group_least(group));
            if (i == words->count) break;
            group = strcmp(word, "raidz") == 0 ? "raidz1" : word;
            members = 0;
            bool data = formats_match("mirror|raidz[123]", group);
            if (data && kind != NULL && strcmp(kind, group) != 0 && !force)
                host_fail(host, 1,
                          "invalid vdev specification\nuse '-f' to override the following errors:\nmismatched "
                          "replication level: both %s and %s vdevs are present",
                          kind, group);
            if (data) kind = group;
            words_add(&vdevs, group);
            continue;
        }
        const char *path = disk_resolve(host, word);
        if (group == NULL && kind == NULL) kind = "disk";
        if (words_has(&vdevs, path))
            host_fail(host, 1,
                      "invalid vdev specification\nthe following errors must be manually repaired:\n%s is specified "
                      "more than once",
                      path);
        for (size_t p = 0; p < zfs->pool_count; p++)
            if (words_has(&zfs->pools[p].vdevs, path))
                host_fail(host, 1, "invalid vdev specification\n%s\n%s is part of active pool '%s'",
                          force ? "the following errors must be manually repaired:"
                                : "use '-f' to override the following errors:",
                          path, zfs->pools[p].name);
        words_add(&vdevs, path);
        members++;
    }
    return vdevs;
}

/// What follows the sub-command; -o and -O, which may repeat, are taken out first.
typedef struct PoolCommand {
    ToolFlags flags;
    Pairs pool, dataset;
} PoolCommand;

static PoolCommand command_read(Host *host, const char *letters) {
    PoolCommand command = {.pool = pairs_new(host->mem), .dataset = pairs_new(host->mem)};
    Host view = *host;
    char **kept = mem_alloc(host->mem, ((size_t)host->argc + 1) * sizeof *kept);
    int count = 0;
    for (int i = 1; i < host->argc; i++) {
        const char *word = host->argv[i];
        if ((strcmp(word, "-o") != 0 && strcmp(word, "-O") != 0) || i + 1 >= host->argc) {
            kept[count++] = host->argv[i];
            continue;
        }
        const char *text = host->argv[++i], *equals = strchr(text, '=');
        if (equals == NULL) usage_fail(host, "missing '=' for -o option");
        pairs_set(word[1] == 'o' ? &command.pool : &command.dataset,
                  mem_copy_part(host->mem, text, (size_t)(equals - text)), equals + 1);
    }
    // The reader skips the word before the flags: the sub-command stood there.
    for (int i = count; i > 0; i--) kept[i] = kept[i - 1];
    kept[0] = host->argv[0];
    view.argc = count + 1;
    view.argv = kept;
    if (!tool_read_flags(&view, letters, "", &command.flags)) host_exit(host, EXIT_USAGE);
    return command;
}

static void pool_name_check(Host *host, const Zfs *zfs, const char *name) {
    if (is_group_word(name) || text_starts_with(name, "mirror") || text_starts_with(name, "raidz"))
        host_fail(host, 1, "cannot create '%s': name is reserved", name);
    if (!formats_match("[A-Za-z][A-Za-z0-9_.: -]*", name))
        host_fail(host, 1, "cannot create '%s': invalid character in pool name", name);
    if (zfs_find_pool(zfs, name) != NULL) host_fail(host, 1, "cannot create '%s': pool already exists", name);
}

static int run_create(Host *host, Zfs *zfs) {
    PoolCommand command = command_read(host, "fndm:R:t:");
    if (command.flags.plain.count < 1) usage_fail(host, "missing pool name argument");
    if (command.flags.plain.count < 2) usage_fail(host, "missing vdev specification");
    const char *name = command.flags.plain.items[0];
    if (command.flags.value['m'] != NULL) pairs_set(&command.dataset, "mountpoint", command.flags.value['m']);
    pool_name_check(host, zfs, name);
    Words vdevs = vdevs_read(host, zfs, &command.flags.plain, 1, command.flags.set['f']);
    for (size_t i = 0; i < command.pool.count; i++) {
        const char *reason = prop_check(host, command.pool.items[i].key, command.pool.items[i].value);
        if (reason != NULL) host_fail(host, 1, "cannot create '%s': %s", name, reason);
    }
    Pairs kept_props = pairs_new(host->mem);
    for (size_t i = 0; i < command.dataset.count; i++) {
        const char *kept, *reason = zfs_prop_check(host, command.dataset.items[i].key, command.dataset.items[i].value,
                                                   ZFS_FILESYSTEM, true, &kept);
        if (reason != NULL) host_fail(host, 1, "cannot create '%s': %s", name, reason);
        const ZfsProp *prop = zfs_prop_find(command.dataset.items[i].key);
        pairs_set(&kept_props, prop == NULL ? command.dataset.items[i].key : prop->name, kept);
    }
    if (command.flags.set['n']) return 0;
    ZfsPool *pool = zfs_add_pool(zfs, name);
    pool->vdevs = vdevs;
    pool->props = command.pool;
    ZfsDataset *root = zfs_add(zfs, name, ZFS_FILESYSTEM);
    root->props = kept_props;
    zfs_mount_files(zfs, root);
    zfs_save(zfs);
    return 0;
}

static ZfsPool *pool_need(const Zfs *zfs, const char *name) {
    ZfsPool *pool = zfs_find_pool(zfs, name);
    if (pool == NULL) host_fail(zfs->host, 1, "cannot open '%s': no such pool", name);
    return pool;
}

static int run_add(Host *host, Zfs *zfs) {
    PoolCommand command = command_read(host, "fgLnP");
    if (command.flags.plain.count < 1) usage_fail(host, "missing pool name argument");
    if (command.flags.plain.count < 2) usage_fail(host, "missing vdev specification");
    ZfsPool *pool = pool_need(zfs, command.flags.plain.items[0]);
    Words vdevs = vdevs_read(host, zfs, &command.flags.plain, 1, command.flags.set['f']);
    const char *have = pool->vdevs.items[0], *want = vdevs.items[0];
    bool extra = formats_match("spare|log|cache|special|dedup", want);
    if (!extra && !command.flags.set['f'] && is_group_word(have) != is_group_word(want))
        host_fail(host, 1,
                  "invalid vdev specification\nuse '-f' to override the following errors:\nmismatched replication "
                  "level: pool uses %s and new vdev is %s",
                  is_group_word(have) ? have : "disk", is_group_word(want) ? want : "disk");
    if (command.flags.set['n']) return 0;
    for (size_t i = 0; i < vdevs.count; i++) words_add(&pool->vdevs, vdevs.items[i]);
    zfs_save(zfs);
    return 0;
}

static int run_destroy(Host *host, Zfs *zfs) {
    PoolCommand command = command_read(host, "f");
    if (command.flags.plain.count != 1)
        usage_fail(host, command.flags.plain.count == 0 ? "missing pool argument" : "too many arguments");
    const char *name = command.flags.plain.items[0];
    pool_need(zfs, name);
    for (size_t i = zfs->dataset_count; i > 0; i--)
        if (zfs_is_below(zfs->datasets[i - 1].name, name)) zfs_destroy(zfs, zfs->datasets[i - 1].name);
    zfs_destroy(zfs, name);
    zfs_remove_pool(zfs, name);
    zfs_save(zfs);
    return 0;
}

static int run_set(Host *host, Zfs *zfs) {
    PoolCommand command = command_read(host, "");
    if (command.flags.plain.count < 1) usage_fail(host, "missing property=value argument");
    if (command.flags.plain.count < 2) usage_fail(host, "missing pool name");
    const char *text = command.flags.plain.items[0], *equals = strchr(text, '=');
    if (equals == NULL) usage_fail(host, "missing value in property=value argument");
    const char *name = mem_copy_part(host->mem, text, (size_t)(equals - text)),
               *reason = prop_check(host, name, equals + 1);
    ZfsPool *pool = pool_need(zfs, command.flags.plain.items[1]);
    if (reason != NULL) host_fail(host, 1, "cannot set property for '%s': %s", pool->name, reason);
    const PoolProp *prop = prop_find(name);
    pairs_set(&pool->props, prop == NULL ? name : prop->name, equals + 1);
    zfs_save(zfs);
    return 0;
}

/// The pools named from [first] on, or all. Leaves for one that does not exist.
static Words pools_choose(const Zfs *zfs, const Words *names, size_t first) {
    Words chosen = words_new(zfs->host->mem);
    for (size_t i = first; i < names->count; i++) words_add(&chosen, pool_need(zfs, names->items[i])->name);
    for (size_t i = 0; names->count <= first && i < zfs->pool_count; i++) words_add(&chosen, zfs->pools[i].name);
    if (names->count <= first) words_sort(&chosen);
    return chosen;
}

/// -o is the list of columns here, no property: it is read as a flag.
static ToolFlags flags_read(Host *host, const char *letters) {
    ToolFlags flags;
    if (!tool_read_flags(host, letters, "", &flags)) host_exit(host, EXIT_USAGE);
    return flags;
}

static int run_get(Host *host, Zfs *zfs) {
    ToolFlags flags = flags_read(host, "Hpo:");
    if (flags.plain.count == 0) usage_fail(host, "missing property argument");
    Words wanted = words_split(host->mem, flags.plain.items[0], ","), pools = pools_choose(zfs, &flags.plain, 1);
    Words columns =
        words_split(host->mem, flags.value['o'] == NULL ? "name,property,value,source" : flags.value['o'], ",");
    if (words_has(&wanted, "all")) {
        wanted = words_new(host->mem);
        for (size_t i = 0; i < PROP_COUNT; i++) words_add(&wanted, PROPS[i].name);
    }
    Table table = table_new(host->mem);
    for (size_t c = 0; c < columns.count; c++) {
        char *title = mem_copy(host->mem, columns.items[c]);
        for (char *at = title; *at != '\0'; at++) *at = (char)toupper((unsigned char)*at);
        table_add_column(&table, title, false);
    }
    for (size_t p = 0; p < pools.count; p++) {
        for (size_t i = 0; i < wanted.count; i++) {
            const char *name = wanted.items[i], *source;
            if (prop_find(name) == NULL && !zfs_prop_is_user(name) && !text_starts_with(name, "feature@"))
                host_fail(host, EXIT_USAGE, "bad property list: invalid property '%s'\nusage: see 'zpool help'", name);
            const ZfsPool *pool = zfs_find_pool(zfs, pools.items[p]);
            const char *value = prop_value(zfs, pool, name, flags.set['p'], &source);
            for (size_t c = 0; c < columns.count; c++) {
                const char *column = columns.items[c];
                if (!formats_match("name|property|value|source", column))
                    usage_fail(host, mem_print(host->mem, "invalid column name '%s'", column));
                table_add_cell(&table, strcmp(column, "name") == 0 ? pool->name
                                       : strcmp(column, "property") == 0
                                           ? (prop_find(name) == NULL ? name : prop_find(name)->name)
                                       : strcmp(column, "value") == 0 ? value
                                                                      : source);
            }
        }
    }
    if (table.cells.count > 0) table_print(host, &table, flags.set['H']);
    return 0;
}

/// Prints each vdev of [pool], its name in one of the formats: mirror-0, its disks, mirror-1, ... A disk that stands before
/// any group is a vdev of its own and looks like one.
static void vdevs_print(Host *host, const ZfsPool *pool, bool full, const char *disk_format, const char *group_format) {
    int number = 0;
    bool grouped = false;
    for (size_t i = 0; i < pool->vdevs.count; i++) {
        const char *word = pool->vdevs.items[i];
        bool numbered = formats_match("mirror|raidz[123]|draid.*", word);
        const char *slash = strrchr(word, '/');
        const char *name = *word != '/' ? (numbered ? mem_print(host->mem, "%s-%d", word, number++) : word)
                           : full       ? word
                                        : slash + 1;
        grouped = grouped || *word != '/';
        const char *format = *word == '/' && grouped ? disk_format : group_format;
        // The two formats are the callers' own literals, each with one place for the name.
        const char *at = strstr(format, "%s");
        host_print(host, "%.*s%s%s\n", (int)(at - format), format, name, at + 2);
    }
}

static int run_list(Host *host, Zfs *zfs) {
    ToolFlags flags = flags_read(host, "HpvPLgo:");
    Words pools = pools_choose(zfs, &flags.plain, 0);
    Words columns = words_split(
        host->mem,
        flags.value['o'] != NULL
            ? flags.value['o']
            : "name,size,allocated,free,checkpoint,expandsize,fragmentation,capacity,dedupratio,health,altroot",
        ",");
    static const char *const TITLES[][2] = {{"allocated", "ALLOC"},     {"checkpoint", "CKPOINT"},
                                            {"expandsize", "EXPANDSZ"}, {"fragmentation", "FRAG"},
                                            {"capacity", "CAP"},        {"dedupratio", "DEDUP"}};
    Table table = table_new(host->mem);
    for (size_t c = 0; c < columns.count; c++) {
        const PoolProp *prop = prop_find(columns.items[c]);
        if (prop == NULL && strcmp(columns.items[c], "name") != 0)
            usage_fail(host, mem_print(host->mem, "bad property list: invalid property '%s'", columns.items[c]));
        char *title = mem_copy(host->mem, prop == NULL ? "name" : prop->name);
        for (char *at = title; *at != '\0'; at++) *at = (char)toupper((unsigned char)*at);
        const char *shown = title;
        for (size_t t = 0; prop != NULL && t < sizeof TITLES / sizeof TITLES[0]; t++)
            if (strcmp(TITLES[t][0], prop->name) == 0) shown = TITLES[t][1];
        table_add_column(&table, shown, prop != NULL && prop->pattern == NULL && strcmp(prop->name, "altroot") != 0);
    }
    if (pools.count == 0) {
        host_print(host, flags.set['H'] ? "" : "no pools available\n");
        return 0;
    }
    for (size_t p = 0; p < pools.count; p++) {
        const ZfsPool *pool = zfs_find_pool(zfs, pools.items[p]);
        for (size_t c = 0; c < columns.count; c++) {
            const char *source;
            table_add_cell(&table, strcmp(columns.items[c], "name") == 0
                                       ? pool->name
                                       : prop_value(zfs, pool, columns.items[c], flags.set['p'], &source));
        }
        if (!flags.set['v']) continue;
        table_print(host, &table, flags.set['H']);
        vdevs_print(host, pool, flags.set['P'],
                    flags.set['H'] ? "\t%s\t-\t-\t-\t-\t-\t-\t-\t-\tONLINE"
                                   : "    %s      -      -      -        -         -      -      -      -    ONLINE",
                    flags.set['H'] ? "\t%s\t1T\t0\t1T\t-\t-\t0%\t0.00%\t-\tONLINE"
                                   : "  %s     1T      0     1T        -         -     0%  0.00%      -    ONLINE");
        table.cells.count = 0;
    }
    if (table.cells.count > 0) table_print(host, &table, flags.set['H']);
    return 0;
}

static int run_status(Host *host, Zfs *zfs) {
    ToolFlags flags = flags_read(host, "PLgvxs");
    Words pools = pools_choose(zfs, &flags.plain, 0);
    if (pools.count == 0) host_print(host, "no pools available\n");
    if (flags.set['x'] && pools.count > 0) {
        host_print(host, "all pools are healthy\n");
        return 0;
    }
    for (size_t p = 0; p < pools.count; p++) {
        const ZfsPool *pool = zfs_find_pool(zfs, pools.items[p]);
        host_print(host, "%s  pool: %s\n state: ONLINE\nconfig:\n\n\tNAME        STATE     READ WRITE CKSUM\n",
                   p > 0 ? "\n" : "", pool->name);
        host_print(host, "\t%-11s ONLINE       0     0     0\n", pool->name);
        vdevs_print(host, pool, flags.set['P'], "\t    %s  ONLINE       0     0     0",
                    "\t  %s  ONLINE       0     0     0");
        host_print(host, "\nerrors: No known data errors\n");
    }
    return 0;
}

int zpool_main(Host *host) {
    static const struct {
        const char *name;
        int (*run)(Host *host, Zfs *zfs);
    } COMMANDS[] = {
        {"create", run_create}, {"add", run_add},   {"destroy", run_destroy}, {"set", run_set},
        {"get", run_get},       {"list", run_list}, {"status", run_status},
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
