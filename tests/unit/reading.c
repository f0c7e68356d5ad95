/* Files of a host, cut off at every byte and with every byte changed: each guest is read as far as it goes, and none disturbs another. */
#include <stdlib.h>

#include "tests/unit/with_session.h"

#include "runtime/stdlib.h"

static const char CONTAINER[] =
    "# Title <b>&auml;</b> %C3%A4 \xc3\xa4\r\n#<!-- phxc%3A site=s address=pve.lxc.a id=100 -->\r\narch: amd64\r\n\r\ncores:2\r\n#cores: 8\r\n"
    "features: mount=nfs;cifs,nesting=1,newer=1\r\nhostname: web\r\nmemory: 512\r\nmemory: 1024\r\nmp0: st:100/vm-100-disk-1.raw,mp=/data,backup=1,size=102M\r\n"
    "net0: name=eth0,bridge=vmbr0,gw=10.9.9.1,hwaddr=BC:24:11:B3:AF:74,ip=10.9.9.5/24,ip6=auto,type=veth\r\nrootfs: st:100/vm-100-disk-0.raw,size=1126M\r\n"
    "startup: order=2,up=10,down=20\r\ntags: \r\nunprivileged: 1\r\nlxc.cap.drop:\r\nlxc.cgroup2.devices.allow = c 1:1 rwm\r\nlxc.idmap:   u 0 100000 65536\r\n"
    "\r\n[pve:pending]\r\nfeatures: nesting=1\r\ndelete: swap,!mp0\r\n\r\n[Snap_1-a]\r\n#before\r\nmemory: 5\r\nlxc.apparmor.profile: unconfined\r\nsnaptime: 1795231142\r\n"
    "\r\n[vzdump]\r\nsnapstate: prepare\r\n";
static const char MACHINE[] =
    "#notes\nagent: 1\nargs: -cpu host,kvm=off\n -device vfio-pci,host=01:00.0: x\nboot: order=scsi0;net0\nbootdisk: scsi0\ncpu: x86-64-v2-AES,flags=+aes;-pcid\n"
    "hostpci0: 0f:00,pcie=1\nide2: none,media=cdrom\nipconfig0: ip=10.9.9.7/24,gw=10.9.9.1\nmemory: 700\nnet0: virtio=BC:24:11:3F:34:08,bridge=vmbr0,firewall=1\n"
    "scsi0: st:100/vm-100-disk-0.raw,iothread=1,size=207258K\nscsi1: /dev/disk/by-id/ata-x,size=1T\nserial0: socket\nsmbios1: uuid=45d8ec02,base64=1\n"
    "sshkeys: ssh-rsa%20AAA%0A\nusb0: host=1-2,usb3=1\nvga: serial0\n\n[PENDING]\ncores: 3\n\n[special:cloudinit]\nname: x\n\n[clean]\nmemory: 512\nsnaptime: 1\n";
static const char STORAGES[] =
    "title\ndir: local \n    path /var/lib/vz\n        content iso,vztmpl\n\tprune-backups keep-last=3,keep-daily=7\n\tmaxfiles 3\n\n# c\nzfspool: tank\n\tpool tank/x\n"
    "\tblocksize 8k\n\tsparse\n\tnodes a,b\n\ndir: st\n\tpath /srv/st\n\tis_mountpoint yes\n\ndir: st\n\tcontent images\n\nnfs: far\n\tserver 10.0.0.1\n\texport /x\n";
static const char SITE[] =
    "site \"s\" edition 1\n"
    "pve.lxc a { id = 100  memory = 1GiB  cores = 2  net0 = { name = \"eth0\", bridge = \"vmbr0\", ip = 10.9.9.5/24 }  tags = [] }\n"
    "pve.lxc b { id = 101  memory = 1GiB  startup = { order = 2 }  from = template(\"st:vztmpl/x.tar.zst\") }\n"
    "pve.vm v { id = 9001  memory = 700MiB  cores = 3  scsi0 = { storage = \"st\", size = 1GiB } }\n"
    "pve.storage st { id = \"st\"  type = \"dir\"  path = \"/srv/st\"  content = [\"images\"] }\n";

static LoadStatus site_load(void *context, Str importer, Str path, SourceKind kind, Str *name, Str *bytes, Str *problem) {
    (void)context, (void)importer, (void)kind, (void)problem;
    *name = path;
    *bytes = STR(SITE);
    return LOAD_OK;
}

static Session *site_open(void) {
    NamedText texts[64];
    assert_in_range(phx_stdlib_count, 1, 64);
    for (size_t i = 0; i < phx_stdlib_count; i++)
        texts[i] = (NamedText){str_of(phx_stdlib[i].name), {phx_stdlib[i].bytes, phx_stdlib[i].length}};
    SessionOptions options = {.loader = {NULL, site_load}, .stdlib = texts, .stdlib_count = phx_stdlib_count};
    Session *session = session_open(&options);
    session_check(session, STR("site.phx"));
    require_clean(session);
    return session;
}

/* What the host has of each of the three. */
typedef struct Host {
    ReadFile *containers, *machines;
    uint32_t container_count, machine_count;
    Str storages;
} Host;

static void answer(Session *session, const ReadRequest *request, const Host *host) {
    ReadFile file = {request->path, host->storages};
    ReadAnswer found = {0};
    if (str_equal(request->path, STR("/etc/pve/lxc/*.conf")))
        found = (ReadAnswer){.files = host->containers, .file_count = host->container_count};
    else if (str_equal(request->path, STR("/etc/pve/qemu-server/*.conf")))
        found = (ReadAnswer){.files = host->machines, .file_count = host->machine_count};
    else if (str_equal(request->path, STR("/etc/pve/storage.cfg")))
        found = (ReadAnswer){.files = &file, .file_count = 1};
    session_answer(session, request, &found);
}

/* Whatever the files hold is read, planned and written down, and what was written down is facts again. */
static Session *require_read(const Host *host) {
    Session *session = site_open();
    uint32_t count;
    const ReadRequest *requests = session_reads(session, &count);
    for (uint32_t i = 0; i < count; i++)
        answer(session, &requests[i], host);
    if (!session_facts_decode(session))
        require_clean(session);
    session_plan(session, &(PlanOptions){.adopt = (const Str[]){STR("all")}, .adopt_count = 1});
    diagnostics_of(session);
    Text facts = {0};
    session_facts_write(session, &facts);
    Session *again = site_open();
    if (!session_facts_read(again, session_source(again, SOURCE_JSON, STR("facts.json"), arena_str(session_arena(again), text_str(&facts)))))
        require_clean(again);
    text_fini(&facts);
    session_close(again);
    return session;
}

static const Value *have(Session *session, const char *schema, const char *identity) {
    return facts_get(session->facts, STR(""), schema_of(session, schema), str_of(identity));
}

static void assert_has(Session *session, const char *schema, const char *identity, const char *attribute, const char *expected) {
    const Value *object = have(session, schema, identity);
    assert_non_null(object);
    const Value *value = record_get(object->as.record, name_intern(session->names, str_of(attribute)));
    assert_non_null(value);
    Text text = {0};
    value_print(value, 0, &text);
    assert_string_equal(text.bytes, expected);
    text_fini(&text);
}

static Str path_of(char *buffer, size_t size, const char *folder, size_t id) {
    snprintf(buffer, size, "/etc/pve/%s/%zu.conf", folder, id);
    return str_of(buffer);
}

typedef enum Harm { HARM_CUT, HARM_FLIP, HARM_RAISE, HARM_BREAK, HARM_COUNT } Harm;

/* The text, cut off at this byte or with it changed; in memory of just that length, so that the sanitizer sees a read past its end. */
static Str harmed(const char *text, size_t length, size_t at, Harm harm) {
    size_t kept = harm == HARM_CUT ? at : length;
    char *copy = malloc(kept ? kept : 1);
    assert_non_null(copy);
    memcpy(copy, text, kept);
    if (harm == HARM_FLIP)
        copy[at] = (char)(copy[at] ^ 1);
    else if (harm == HARM_RAISE)
        copy[at] = (char)(copy[at] ^ 0x80);
    else if (harm == HARM_BREAK)
        copy[at] = '\n';
    return (Str){copy, kept};
}

/* Every how many bytes there is a harm. Where every allocation is one of its own, for valgrind, there are fewer. */
#ifdef PHX_ARENA_MALLOC
enum { STRIDE_GUESTS = 40, STRIDE_STORAGES = 150 };
#else
enum { STRIDE_GUESTS = 1, STRIDE_STORAGES = 5 };
#endif

/* One guest a byte and harm; the first and the last are whole. */
static ReadFile *harmed_all(const char *text, size_t length, const char *folder, size_t first, uint32_t *count) {
    size_t total = length * HARM_COUNT / STRIDE_GUESTS + 2;
    ReadFile *files = calloc(total, sizeof *files);
    assert_non_null(files);
    for (size_t i = 0; i < total; i++) {
        char path[64];
        int whole = i == 0 || i + 1 == total;
        Str name = path_of(path, sizeof path, folder, first + i);
        files[i].path = (Str){strdup(name.text), name.length};
        files[i].text = whole ? harmed(text, length, length, HARM_CUT) : harmed(text, length, (i - 1) * STRIDE_GUESTS / HARM_COUNT, (Harm)((i - 1) % HARM_COUNT));
    }
    *count = (uint32_t)total;
    return files;
}

static void harmed_free(ReadFile *files, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        free((char *)(uintptr_t)files[i].path.text);
        free((char *)(uintptr_t)files[i].text.text);
    }
    free(files);
}

static void guests_are_read_as_far_as_they_go(void **state) {
    (void)state;
    Host host = {.storages = STR(STORAGES)};
    host.containers = harmed_all(CONTAINER, sizeof CONTAINER - 1, "lxc", 100, &host.container_count);
    host.machines = harmed_all(MACHINE, sizeof MACHINE - 1, "qemu-server", 9000, &host.machine_count);
    Session *session = require_read(&host);
    char last[16];
    snprintf(last, sizeof last, "%u", 100 + host.container_count - 1);
    const char *const whole[] = {"100", last};
    for (size_t i = 0; i < 2; i++) {
        assert_has(session, "pve.lxc", whole[i], "memory", "1GiB");
        assert_has(session, "pve.lxc", whole[i], "cores", "2");
        assert_has(session, "pve.lxc", whole[i], "features", "{ nesting = true }");
        assert_has(session, "pve.lxc", whole[i], "lxc", "[\"lxc.cap.drop: \", \"lxc.cgroup2.devices.allow: c 1:1 rwm\", \"lxc.idmap: u 0 100000 65536\"]");
    }
    assert_has(session, "pve.vm", "9000", "cores", "3");
    assert_has(session, "pve.vm", "9000", "args", "\"-cpu host,kvm=off\"");
    for (uint32_t i = 0; i < host.container_count; i++) {
        char id[16];
        snprintf(id, sizeof id, "%u", 100 + i);
        assert_non_null(have(session, "pve.lxc", id));
    }
    harmed_free(host.containers, host.container_count);
    harmed_free(host.machines, host.machine_count);
    session_close(session);
}

static void storages_are_read_as_far_as_they_go(void **state) {
    (void)state;
    Host whole = {.storages = STR(STORAGES)};
    Session *session = require_read(&whole);
    assert_has(session, "pve.storage", "st", "content", "[\"images\"]");
    assert_has(session, "pve.storage", "tank", "sparse", "true");
    session_close(session);
    for (size_t at = 0; at < sizeof STORAGES - 1; at += STRIDE_STORAGES) {
        Host host = {.storages = harmed(STORAGES, sizeof STORAGES - 1, at, (Harm)(at / STRIDE_STORAGES % HARM_COUNT))};
        session_close(require_read(&host));
        free((char *)(uintptr_t)host.storages.text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_are_read_as_far_as_they_go),
        cmocka_unit_test(storages_are_read_as_far_as_they_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
