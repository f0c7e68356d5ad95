// Prints properties and lists of datasets, chosen and sorted as `zfs get` and `zfs list` do.
#include "zfs_show.h"

#include "files.h"
#include "table.h"
#include "tools.h"
#include "zfs_props.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2, ANY_DEPTH = 1000000 };

void zfs_mount_files(const Zfs *zfs, const ZfsDataset *dataset) {
    const char *place = zfs_mountpoint(zfs, dataset), *canmount = pairs_get(&dataset->props, "canmount");
    if (place != NULL && !text_equals(canmount, "off")) files_make_dirs(zfs->host, place, 0755);
}

void zfs_move_files(const Zfs *zfs, const ZfsDataset *dataset, const char *before) {
    const char *after = zfs_mountpoint(zfs, dataset);
    if (text_equals(before, after)) return;
    if (after == NULL || before == NULL || !files_exists(zfs->host, before)) {
        zfs_mount_files(zfs, dataset);
        return;
    }
    const char *slash = strrchr(after, '/');
    if (slash != after) files_make_dirs(zfs->host, mem_copy_part(zfs->host->mem, after, (size_t)(slash - after)), 0755);
    if (files_rename(zfs->host, before, after) != 0) zfs_mount_files(zfs, dataset);
}

/// The types that -t names; leaves for one that is none.
static int types_read(Host *host, const char *text) {
    static const struct {
        const char *name;
        int type;
    } NAMES[] = {{"filesystem", ZFS_FILESYSTEM},
                 {"fs", ZFS_FILESYSTEM},
                 {"volume", ZFS_VOLUME},
                 {"vol", ZFS_VOLUME},
                 {"snapshot", ZFS_SNAPSHOT},
                 {"snap", ZFS_SNAPSHOT},
                 {"bookmark", 0},
                 {"all", ZFS_FILESYSTEM | ZFS_VOLUME | ZFS_SNAPSHOT}};
    Words words = words_split(host->mem, text, ",");
    int types = 0;
    for (size_t i = 0; i < words.count; i++) {
        size_t n = 0;
        while (n < sizeof NAMES / sizeof NAMES[0] && strcmp(NAMES[n].name, words.items[i]) != 0) n++;
        if (n == sizeof NAMES / sizeof NAMES[0])
            host_fail(host, EXIT_USAGE, "invalid type '%s'\nusage: see 'zfs help'", words.items[i]);
        types |= NAMES[n].type;
    }
    return types;
}

/// How many levels [name] lies below [top].
static long depth_below(const char *name, const char *top) {
    long depth = 0;
    for (const char *at = name + strlen(top); *at != '\0'; at++)
        if (*at == '/' || *at == '@') depth++;
    return depth;
}

/// The datasets that a command line chooses: all, or those named and (to [depth]) what is below. Names that do not
/// exist are reported; *code becomes 1.
static ZfsDataset *datasets_choose(Zfs *zfs, const Words *names, long depth, int types, size_t *count, int *code) {
    ZfsDataset *chosen = mem_alloc(zfs->host->mem, (zfs->dataset_count * (names->count + 1) + 1) * sizeof *chosen);
    *count = 0;
    if (names->count == 0) {
        for (size_t i = 0; i < zfs->dataset_count; i++)
            if (((int)zfs->datasets[i].type & types) != 0 && depth_below(zfs->datasets[i].name, "") <= depth)
                chosen[(*count)++] = zfs->datasets[i];
        return chosen;
    }
    for (size_t n = 0; n < names->count; n++) {
        const char *name = names->items[n];
        if (zfs_find(zfs, name) == NULL) {
            host_warn(zfs->host, "cannot open '%s': dataset does not exist", name);
            *code = 1;
            continue;
        }
        for (size_t i = 0; i < zfs->dataset_count; i++) {
            const ZfsDataset *item = &zfs->datasets[i];
            bool itself = strcmp(item->name, name) == 0;
            bool below = zfs_is_below(item->name, name) && depth_below(item->name, name) <= depth;
            if ((itself || below) && ((int)item->type & types) != 0) chosen[(*count)++] = *item;
        }
    }
    return chosen;
}

/// The depth that -r and -d ask for.
static long depth_read(const ToolFlags *flags, long otherwise) {
    if (flags->value['d'] != NULL) return strtol(flags->value['d'], NULL, 10);
    return flags->set['r'] ? ANY_DEPTH : otherwise;
}

/// The properties a dataset has, for `all`: native ones, then its own and inherited user properties.
static Words all_properties(const Zfs *zfs, const ZfsDataset *dataset) {
    Words names = words_new(zfs->host->mem), user = words_new(zfs->host->mem);
    size_t count;
    const ZfsProp *props = zfs_prop_list(&count);
    for (size_t i = 0; i < count; i++) {
        if ((props[i].types & (int)dataset->type) == 0) continue;
        if (strcmp(props[i].name, "origin") == 0 && pairs_get(&dataset->props, "origin") == NULL) continue;
        words_add(&names, props[i].name);
    }
    for (const ZfsDataset *at = dataset; at != NULL;) {
        for (size_t i = 0; i < at->props.count; i++)
            if (zfs_prop_is_user(at->props.items[i].key)) words_add(&user, at->props.items[i].key);
        const char *parent = zfs_parent(zfs->host->mem, at->name);
        at = parent == NULL ? NULL : zfs_find(zfs, parent);
    }
    words_sort_unique(&user);
    for (size_t i = 0; i < user.count; i++) words_add(&names, user.items[i]);
    return names;
}

/// Is [source] ("inherited from x") among those of -s ("local,inherited")?
static bool source_wanted(Host *host, const char *wanted, const char *source) {
    if (wanted == NULL) return true;
    Words words = words_split(host->mem, wanted, ",");
    return words_has(&words, text_starts_with(source, "inherited") ? "inherited"
                             : strcmp(source, "-") == 0            ? "none"
                                                                   : source);
}

int zfs_show_get(Host *host, Zfs *zfs) {
    ToolFlags flags;
    if (!tool_read_flags(host, "rHpd:o:s:t:", "", &flags)) return EXIT_USAGE;
    if (flags.plain.count == 0) host_fail(host, EXIT_USAGE, "missing property argument\nusage: see 'zfs help'");
    Words wanted = words_split(host->mem, flags.plain.items[0], ",");
    bool all = words_has(&wanted, "all");
    for (size_t i = 0; i < wanted.count; i++)
        if (!all && strcmp(wanted.items[i], "name") != 0 && zfs_prop_find(wanted.items[i]) == NULL &&
            !zfs_prop_is_user(wanted.items[i]))
            host_fail(host, EXIT_USAGE, "bad property list: invalid property '%s'\nusage: see 'zfs help'",
                      wanted.items[i]);
    Words columns =
        words_split(host->mem, flags.value['o'] == NULL ? "name,property,value,source" : flags.value['o'], ",");
    if (words_has(&columns, "all")) columns = words_split(host->mem, "name,property,value,received,source", ",");
    Table table = table_new(host->mem);
    for (size_t c = 0; c < columns.count; c++) {
        static const char *const KNOWN[] = {"name", "property", "value", "source", "received"};
        size_t k = 0;
        while (k < 5 && strcmp(KNOWN[k], columns.items[c]) != 0) k++;
        if (k == 5) host_fail(host, EXIT_USAGE, "invalid column name '%s'\nusage: see 'zfs help'", columns.items[c]);
        char *title = mem_copy(host->mem, columns.items[c]);
        for (char *at = title; *at != '\0'; at++) *at = (char)toupper((unsigned char)*at);
        table_add_column(&table, title, false);
    }
    Words names = words_new(host->mem);
    for (size_t i = 1; i < flags.plain.count; i++) words_add(&names, flags.plain.items[i]);
    int types =
            flags.value['t'] == NULL ? ZFS_FILESYSTEM | ZFS_VOLUME | ZFS_SNAPSHOT : types_read(host, flags.value['t']),
        code = 0;
    size_t count;
    const ZfsDataset *chosen =
        datasets_choose(zfs, &names, depth_read(&flags, names.count == 0 ? ANY_DEPTH : 0), types, &count, &code);
    for (size_t d = 0; d < count; d++) {
        Words properties = all ? all_properties(zfs, &chosen[d]) : wanted;
        for (size_t p = 0; p < properties.count; p++) {
            const char *source, *value = zfs_prop_value(zfs, &chosen[d], properties.items[p], flags.set['p'], &source);
            const ZfsProp *prop = zfs_prop_find(properties.items[p]);
            if (!source_wanted(host, flags.value['s'], source)) continue;
            for (size_t c = 0; c < columns.count; c++) {
                const char *column = columns.items[c];
                table_add_cell(&table, strcmp(column, "name") == 0 ? chosen[d].name
                                       : strcmp(column, "property") == 0
                                           ? (prop == NULL ? properties.items[p] : prop->name)
                                       : strcmp(column, "value") == 0  ? value
                                       : strcmp(column, "source") == 0 ? source
                                                                       : "-");
            }
        }
    }
    if (table.cells.count > 0) table_print(host, &table, flags.set['H']);
    return code;
}

/// What one dataset is sorted by.
typedef struct SortRow {
    const ZfsDataset *dataset;
    const char *key;
    bool descending;
    size_t place;
} SortRow;

static int row_compare(const void *a, const void *b) {
    const SortRow *first = a, *second = b;
    char *end_first, *end_second;
    unsigned long long x = strtoull(first->key, &end_first, 10), y = strtoull(second->key, &end_second, 10);
    int order = *end_first == '\0' && *end_second == '\0' ? (x > y) - (x < y) : strcmp(first->key, second->key);
    if (order == 0) return (first->place > second->place) - (first->place < second->place);
    return first->descending ? -order : order;
}

/// A property as a value of a list; `name` is one there.
static const char *list_value(const Zfs *zfs, const ZfsDataset *dataset, const char *property, bool exact) {
    const char *source;
    return strcmp(property, "name") == 0 ? dataset->name : zfs_prop_value(zfs, dataset, property, exact, &source);
}

static const char *column_title(Host *host, const char *property) {
    static const char *const TITLES[][2] = {{"available", "AVAIL"},       {"referenced", "REFER"},
                                            {"recordsize", "RECSIZE"},    {"compression", "COMPRESS"},
                                            {"volblocksize", "VOLBLOCK"}, {"compressratio", "RATIO"},
                                            {"reservation", "RESERV"},    {"refreservation", "REFRESERV"}};
    const ZfsProp *prop = zfs_prop_find(property);
    const char *name = prop == NULL ? property : prop->name;
    for (size_t i = 0; i < sizeof TITLES / sizeof TITLES[0]; i++)
        if (strcmp(TITLES[i][0], name) == 0) return TITLES[i][1];
    char *title = mem_copy(host->mem, name);
    for (char *at = title; *at != '\0'; at++) *at = (char)toupper((unsigned char)*at);
    return title;
}

int zfs_show_list(Host *host, Zfs *zfs) {
    ToolFlags flags;
    if (!tool_read_flags(host, "rHpd:o:t:s:S:", "", &flags)) return EXIT_USAGE;
    bool snapshots_only = flags.value['t'] != NULL && types_read(host, flags.value['t']) == ZFS_SNAPSHOT;
    Words columns = words_split(
        host->mem, flags.value['o'] != NULL ? flags.value['o'] : "name,used,available,referenced,mountpoint", ",");
    Table table = table_new(host->mem);
    for (size_t c = 0; c < columns.count; c++) {
        const ZfsProp *prop = zfs_prop_find(columns.items[c]);
        if (prop == NULL && strcmp(columns.items[c], "name") != 0 && !zfs_prop_is_user(columns.items[c]))
            host_fail(host, EXIT_USAGE, "bad property list: invalid property '%s'\nusage: see 'zfs help'",
                      columns.items[c]);
        table_add_column(&table, column_title(host, columns.items[c]), prop != NULL && prop->is_size);
    }
    int types = flags.value['t'] == NULL ? ZFS_FILESYSTEM | ZFS_VOLUME : types_read(host, flags.value['t']), code = 0;
    for (size_t i = 0; flags.value['t'] == NULL && i < flags.plain.count; i++)
        if (strchr(flags.plain.items[i], '@') != NULL) types |= ZFS_SNAPSHOT;
    size_t count;
    // With snapshots asked for by type, a dataset's name stands for its own ones.
    long depth = depth_read(&flags, flags.plain.count == 0 ? ANY_DEPTH : snapshots_only ? 1 : 0);
    const ZfsDataset *chosen = datasets_choose(zfs, &flags.plain, depth, types, &count, &code);
    SortRow *rows = mem_alloc(host->mem, (count + 1) * sizeof *rows);
    const char *key = flags.value['s'] != NULL ? flags.value['s'] : flags.value['S'];
    for (size_t i = 0; i < count; i++)
        rows[i] = (SortRow){.dataset = &chosen[i],
                            .key = key == NULL ? "" : list_value(zfs, &chosen[i], key, true),
                            .descending = flags.value['s'] == NULL,
                            .place = i};
    if (count > 1) qsort(rows, count, sizeof *rows, row_compare);
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < columns.count; c++)
            table_add_cell(&table, list_value(zfs, rows[i].dataset, columns.items[c], flags.set['p']));
    if (count == 0 && code == 0) host_warn(host, "no datasets available");
    if (count > 0) table_print(host, &table, flags.set['H']);
    return code;
}
