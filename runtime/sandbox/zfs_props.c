// Knows the properties of ZFS datasets: their values, defaults, inheritance and how they are printed.
#include "zfs_props.h"

#include "formats.h"
#include "table.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FS = ZFS_FILESYSTEM, VOL = ZFS_VOLUME, SNAP = ZFS_SNAPSHOT, BOTH = FS | VOL, ANY = FS | VOL | SNAP };

#define COMPUTED(prop, on, size)                                                                                       \
    { .name = prop, .types = on, .kind = ZFS_PROP_COMPUTED, .is_size = size }
#define SIZE(prop, on)                                                                                                 \
    { .name = prop, .types = on, .kind = ZFS_PROP_SIZE, .is_size = true, .normal = "0" }
#define CHOICE(prop, on, value, shape, text)                                                                           \
    {                                                                                                                  \
        .name = prop, .types = on, .kind = ZFS_PROP_CHOICE, .inherits = true, .normal = value, .pattern = shape,       \
        .words = text                                                                                                  \
    }
#define SWITCH(prop, on, value) CHOICE(prop, on, value, "on|off", "on | off")
#define TEXT(prop, on, value)                                                                                          \
    { .name = prop, .types = on, .kind = ZFS_PROP_TEXT, .inherits = true, .normal = value }
#define ONCE(prop, on, value, shape, text)                                                                             \
    { .name = prop, .types = on, .kind = ZFS_PROP_ONCE, .normal = value, .pattern = shape, .words = text }
#define COUNT(prop, on)                                                                                                \
    { .name = prop, .types = on, .kind = ZFS_PROP_COUNT, .normal = "none" }

static const ZfsProp PROPS[] = {
    COMPUTED("type", ANY, false),
    COMPUTED("creation", ANY, false),
    COMPUTED("used", ANY, true),
    COMPUTED("available", BOTH, true),
    COMPUTED("referenced", ANY, true),
    COMPUTED("compressratio", ANY, false),
    COMPUTED("mounted", FS, false),
    COMPUTED("origin", BOTH, false),
    SIZE("quota", FS),
    SIZE("reservation", BOTH),
    {.name = "volsize", .types = VOL | SNAP, .kind = ZFS_PROP_VOLSIZE, .is_size = true, .normal = "0"},
    {.name = "volblocksize", .types = VOL, .kind = ZFS_PROP_ONCE, .is_size = true, .normal = "16384"},
    {.name = "recordsize", .types = FS, .kind = ZFS_PROP_POWER, .inherits = true, .is_size = true, .normal = "131072"},
    {.name = "mountpoint", .types = FS, .kind = ZFS_PROP_PATH, .inherits = true},
    TEXT("sharenfs", FS, "off"),
    CHOICE("checksum", BOTH, "on", "on|off|fletcher2|fletcher4|sha256|sha512|skein|edonr|blake3|noparity",
           "on | off | fletcher2 | fletcher4 | sha256 | sha512 | skein | edonr | blake3"),
    CHOICE("compression", BOTH, "on",
           "on|off|lzjb|gzip(-[1-9])?|zle|lz4|zstd(-([1-9]|1[0-9]))?|zstd-fast(-([1-9]|10|20|30|40|50|60|70|80|90|100|"
           "500|1000))?",
           "on | off | lzjb | gzip | gzip-[1-9] | zle | lz4 | zstd | zstd-[1-19] | zstd-fast | "
           "zstd-fast-[1-10,20,30,40,50,60,70,80,90,100,500,1000]"),
    SWITCH("atime", FS, "on"),
    SWITCH("devices", FS | SNAP, "on"),
    SWITCH("exec", FS | SNAP, "on"),
    SWITCH("setuid", FS | SNAP, "on"),
    SWITCH("readonly", BOTH, "off"),
    SWITCH("zoned", FS, "off"),
    CHOICE("snapdir", FS, "hidden", "disabled|hidden|visible", "disabled | hidden | visible"),
    CHOICE("aclmode", FS, "discard", "discard|groupmask|passthrough|restricted",
           "discard | groupmask | passthrough | restricted"),
    CHOICE("aclinherit", FS, "restricted", "discard|noallow|restricted|passthrough|passthrough-x",
           "discard | noallow | restricted | passthrough | passthrough-x"),
    COMPUTED("createtxg", ANY, false),
    {.name = "canmount",
     .types = FS,
     .kind = ZFS_PROP_CHOICE,
     .normal = "on",
     .pattern = "on|off|noauto",
     .words = "on | off | noauto"},
    CHOICE("xattr", FS | SNAP, "sa", "on|off|dir|sa", "on | off | dir | sa"),
    CHOICE("copies", BOTH, "1", "[123]", "1 | 2 | 3"),
    ONCE("version", FS | SNAP, "5", "[1-5]|current", "1 | 2 | 3 | 4 | 5 | current"),
    ONCE("utf8only", FS | SNAP, "off", "on|off", "on | off"),
    ONCE("normalization", FS | SNAP, "none", "none|formC|formD|formKC|formKD",
         "none | formC | formD | formKC | formKD"),
    ONCE("casesensitivity", FS | SNAP, "sensitive", "sensitive|insensitive|mixed", "sensitive | insensitive | mixed"),
    SWITCH("vscan", FS, "off"),
    SWITCH("nbmand", FS | SNAP, "off"),
    TEXT("sharesmb", FS, "off"),
    SIZE("refquota", FS),
    SIZE("refreservation", BOTH),
    COMPUTED("guid", ANY, false),
    CHOICE("primarycache", ANY, "all", "all|none|metadata", "all | none | metadata"),
    CHOICE("secondarycache", ANY, "all", "all|none|metadata", "all | none | metadata"),
    COMPUTED("usedbysnapshots", BOTH, true),
    COMPUTED("usedbydataset", BOTH, true),
    COMPUTED("usedbychildren", BOTH, true),
    COMPUTED("usedbyrefreservation", BOTH, true),
    CHOICE("logbias", BOTH, "latency", "latency|throughput", "latency | throughput"),
    COMPUTED("objsetid", ANY, false),
    CHOICE("dedup", BOTH, "off",
           "on|off|verify|sha256(,verify)?|sha512(,verify)?|skein(,verify)?|edonr,verify|blake3(,verify)?",
           "on | off | verify | sha256[,verify] | sha512[,verify] | skein[,verify] | edonr,verify | blake3[,verify]"),
    TEXT("mlslabel", ANY, "none"),
    CHOICE("sync", BOTH, "standard", "standard|always|disabled", "standard | always | disabled"),
    CHOICE("dnodesize", FS, "legacy", "legacy|auto|1k|2k|4k|8k|16k", "legacy | auto | 1k | 2k | 4k | 8k | 16k"),
    COMPUTED("refcompressratio", ANY, false),
    COMPUTED("written", ANY, true),
    COMPUTED("logicalused", BOTH, true),
    COMPUTED("logicalreferenced", ANY, true),
    CHOICE("volmode", BOTH, "default", "default|full|geom|dev|none", "default | full | geom | dev | none"),
    COUNT("filesystem_limit", FS),
    COUNT("snapshot_limit", BOTH),
    CHOICE("snapdev", BOTH, "hidden", "hidden|visible", "hidden | visible"),
    CHOICE("acltype", FS, "off", "off|noacl|nfsv4|posix|posixacl", "off | nfsv4 | posix"),
    TEXT("context", ANY, "none"),
    TEXT("fscontext", ANY, "none"),
    TEXT("defcontext", ANY, "none"),
    TEXT("rootcontext", ANY, "none"),
    SWITCH("relatime", FS, "on"),
    CHOICE("redundant_metadata", BOTH, "all", "all|most|some|none", "all | most | some | none"),
    SWITCH("overlay", FS, "on"),
    ONCE("encryption", ANY, "off", "off|on|aes-(128|192|256)-(ccm|gcm)",
         "on | off | aes-128-ccm | aes-192-ccm | aes-256-ccm | aes-128-gcm | aes-192-gcm | aes-256-gcm"),
    {.name = "keylocation", .types = BOTH, .kind = ZFS_PROP_TEXT, .normal = "none"},
    ONCE("keyformat", BOTH, "none", "none|raw|hex|passphrase", "none | raw | hex | passphrase"),
    ONCE("pbkdf2iters", BOTH, "0", "[0-9]+", "a number"),
    {.name = "special_small_blocks",
     .types = FS,
     .kind = ZFS_PROP_POWER,
     .inherits = true,
     .is_size = true,
     .normal = "0"},
    CHOICE("prefetch", ANY, "all", "none|metadata|all", "none | metadata | all"),
};

enum { PROP_COUNT = sizeof PROPS / sizeof PROPS[0] };

const ZfsProp *zfs_prop_list(size_t *count) {
    *count = PROP_COUNT;
    return PROPS;
}

const ZfsProp *zfs_prop_find(const char *name) {
    static const char *const SHORT[][2] = {{"avail", "available"},       {"refer", "referenced"},
                                           {"recsize", "recordsize"},    {"compress", "compression"},
                                           {"volblock", "volblocksize"}, {"rdonly", "readonly"},
                                           {"reserv", "reservation"},    {"refreserv", "refreservation"},
                                           {"ratio", "compressratio"},   {"dnsize", "dnodesize"}};
    for (size_t i = 0; i < sizeof SHORT / sizeof SHORT[0]; i++)
        if (strcmp(SHORT[i][0], name) == 0) name = SHORT[i][1];
    for (size_t i = 0; i < PROP_COUNT; i++)
        if (strcmp(PROPS[i].name, name) == 0) return &PROPS[i];
    return NULL;
}

bool zfs_prop_is_user(const char *name) {
    return strchr(name, ':') != NULL && strlen(name) < 256 && formats_match("[a-z0-9:._-]+", name);
}

/// A size with a unit in either case: 128K, 1.5T, 600g, 16kB. False if it is none.
static bool size_read(Host *host, const char *text, uint64_t *bytes) {
    char *upper = mem_copy(host->mem, text);
    size_t length = 0;
    for (; upper[length] != '\0'; length++) upper[length] = (char)toupper((unsigned char)upper[length]);
    if (length > 1 && upper[length - 1] == 'B') upper[--length] = '\0';
    if (length > 1 && upper[length - 1] == 'I') upper[--length] = '\0';
    return formats_parse_size(upper, bytes);
}

static const char *size_check(Host *host, const ZfsProp *prop, const char *value, const char **kept) {
    uint64_t bytes;
    if (strcmp(value, "none") == 0) value = "0";
    if (prop->kind == ZFS_PROP_VOLSIZE || strcmp(value, "auto") != 0 || strcmp(prop->name, "refreservation") != 0) {
        if (!size_read(host, value, &bytes)) return mem_print(host->mem, "bad numeric value '%s'", value);
    } else {
        bytes = 0;
    }
    *kept = mem_print(host->mem, "%" PRIu64, bytes);
    if (prop->kind == ZFS_PROP_POWER) {
        bool small_blocks = strcmp(prop->name, "special_small_blocks") == 0;
        bool power = bytes >= 512 && bytes <= 16ULL << 20 && (bytes & (bytes - 1)) == 0;
        if (!power && !(small_blocks && bytes == 0))
            return mem_print(host->mem, "'%s' must be power of 2 from 512B to 16M", prop->name);
    }
    if (prop->kind == ZFS_PROP_VOLSIZE && (bytes == 0 || bytes % 512 != 0))
        return mem_print(host->mem, "'%s' must be a multiple of volume block size", prop->name);
    return NULL;
}

const char *zfs_prop_check(Host *host, const char *name, const char *value, ZfsType type, bool creating,
                           const char **kept) {
    *kept = value;
    if (zfs_prop_is_user(name)) return strlen(value) < 8192 ? NULL : mem_print(host->mem, "property value is too long");
    const ZfsProp *prop = zfs_prop_find(name);
    if (prop == NULL) return mem_print(host->mem, "invalid property '%s'", name);
    if (prop->kind == ZFS_PROP_COMPUTED) return mem_print(host->mem, "'%s' is readonly", prop->name);
    if ((prop->types & (int)type) == 0)
        return mem_print(host->mem, "'%s' does not apply to datasets of this type", prop->name);
    if (prop->kind == ZFS_PROP_ONCE && !creating) return mem_print(host->mem, "'%s' is readonly", prop->name);
    switch (prop->kind) {
    case ZFS_PROP_SIZE:
    case ZFS_PROP_POWER:
    case ZFS_PROP_VOLSIZE: return size_check(host, prop, value, kept);
    case ZFS_PROP_PATH:
        if (*value == '/' || strcmp(value, "none") == 0 || strcmp(value, "legacy") == 0) return NULL;
        return mem_print(host->mem, "'%s' must be an absolute path, 'none', or 'legacy'", prop->name);
    case ZFS_PROP_COUNT:
        return formats_match("none|[0-9]+", value) ? NULL : mem_print(host->mem, "bad numeric value '%s'", value);
    case ZFS_PROP_CHOICE:
    case ZFS_PROP_ONCE:
        if (prop->is_size) return size_check(host, prop, value, kept);
        if (formats_match(prop->pattern, value)) return NULL;
        return mem_print(host->mem, "'%s' must be one of '%s'", prop->name, prop->words);
    case ZFS_PROP_TEXT:
    case ZFS_PROP_COMPUTED: return NULL;
    }
    return NULL;
}

static const char *number_text(const Zfs *zfs, uint64_t number, bool exact, bool is_size) {
    return exact || !is_size ? mem_print(zfs->host->mem, "%" PRIu64, number) : table_size(zfs->host, number);
}

/// What a dataset itself takes, without its children.
static uint64_t own_used(const Zfs *zfs, const ZfsDataset *dataset) {
    uint64_t used = zfs_used(zfs, dataset);
    for (size_t i = 0; i < zfs->dataset_count; i++) {
        const ZfsDataset *item = &zfs->datasets[i];
        const char *parent = item->type == ZFS_SNAPSHOT ? NULL : zfs_parent(zfs->host->mem, item->name);
        if (text_equals(parent, dataset->name)) used -= zfs_used(zfs, item);
    }
    return used;
}

/// The value of a property that is never set; NULL if this dataset has none.
static const char *computed_value(const Zfs *zfs, const ZfsDataset *dataset, const ZfsProp *prop, bool exact) {
    Mem *mem = zfs->host->mem;
    const char *name = prop->name;
    bool snapshot = dataset->type == ZFS_SNAPSHOT;
    uint64_t own = snapshot ? 24576 : own_used(zfs, dataset), all = zfs_used(zfs, dataset);
    if (strcmp(name, "type") == 0) return snapshot ? "snapshot" : dataset->type == ZFS_VOLUME ? "volume" : "filesystem";
    if (strcmp(name, "creation") == 0) {
        if (exact) return mem_print(mem, "%" PRIu64, dataset->created);
        time_t moment = (time_t)dataset->created;
        struct tm local;
        char text[64];
        localtime_r(&moment, &local);
        strftime(text, sizeof text, "%a %b %e", &local);
        return mem_print(mem, "%s %2d:%02d %d", text, local.tm_hour, local.tm_min, local.tm_year + 1900);
    }
    if (strcmp(name, "available") == 0) return number_text(zfs, zfs_available(zfs, dataset), exact, true);
    if (strcmp(name, "used") == 0) return number_text(zfs, all, exact, true);
    if (strcmp(name, "usedbychildren") == 0) return number_text(zfs, all - own, exact, true);
    if (strcmp(name, "usedbysnapshots") == 0 || strcmp(name, "usedbyrefreservation") == 0)
        return number_text(zfs, 0, exact, true);
    if (text_ends_with(name, "compressratio")) return exact ? "1.00" : "1.00x";
    if (strcmp(name, "mounted") == 0) {
        const char *canmount = pairs_get(&dataset->props, "canmount");
        return zfs_mountpoint(zfs, dataset) != NULL && !text_equals(canmount, "off") ? "yes" : "no";
    }
    if (strcmp(name, "origin") == 0) return pairs_get(&dataset->props, "origin");
    if (strcmp(name, "guid") == 0) return mem_print(mem, "%" PRIu64, dataset->guid);
    if (strcmp(name, "createtxg") == 0 || strcmp(name, "objsetid") == 0)
        return mem_print(mem, "%" PRIu64, dataset->order);
    return number_text(zfs, own, exact, true);  // referenced, usedbydataset, written, logical...
}

/// [value] as kept, as it is printed.
static const char *value_print(const Zfs *zfs, const ZfsProp *prop, const char *value, bool exact) {
    if (!prop->is_size || formats_match("[^0-9].*", value)) return value;
    uint64_t bytes = strtoull(value, NULL, 10);
    if (bytes == 0 && prop->kind == ZFS_PROP_SIZE) return exact ? "0" : "none";
    if (bytes == 0) return "0";
    return number_text(zfs, bytes, exact, true);
}

const char *zfs_prop_value(const Zfs *zfs, const ZfsDataset *dataset, const char *name, bool exact,
                           const char **source) {
    const ZfsProp *prop = zfs_prop_find(name);
    const char *setter = NULL, *value;
    *source = "-";
    if (prop != NULL && strcmp(name, "name") != 0 && ((prop->types & (int)dataset->type) == 0)) return "-";
    if (prop != NULL && prop->kind == ZFS_PROP_COMPUTED) {
        value = computed_value(zfs, dataset, prop, exact);
        return value == NULL ? "-" : value;
    }
    bool inherits =
        prop == NULL || prop->inherits || (prop->kind == ZFS_PROP_ONCE && strcmp(prop->name, "encryption") == 0);
    if (inherits) {
        value = zfs_inherited(zfs, dataset, prop == NULL ? name : prop->name, &setter);
    } else {
        value = pairs_get(&dataset->props, prop->name);
        setter = value == NULL ? NULL : dataset->name;
    }
    if (setter != NULL)
        *source = prop != NULL && prop->kind == ZFS_PROP_VOLSIZE ? "local"
                  : strcmp(setter, dataset->name) == 0           ? "local"
                                                       : mem_print(zfs->host->mem, "inherited from %s", setter);
    if (prop == NULL) return value == NULL ? "-" : value;
    if (prop->kind == ZFS_PROP_PATH) {
        // The value below the dataset that set it is that path and the rest of the name.
        const char *place = zfs_mountpoint(zfs, dataset);
        if (setter == NULL) *source = "default";
        return place != NULL ? place : value;
    }
    if (value == NULL) {
        *source = "default";
        value = prop->normal;
    }
    return value_print(zfs, prop, value, exact);
}
