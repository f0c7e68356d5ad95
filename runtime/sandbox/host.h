// The context of one sandbox program: which folder it works in, what that host is made of, and how it ends.
#ifndef PHX_SANDBOX_HOST_H
#define PHX_SANDBOX_HOST_H

#include "mem.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>

/// Where the sandbox keeps what is no part of a host's own file system, seen from the root of the folder.
#define STATE_DIR "/var/lib/phx-sandbox"

struct Conf;
struct Host;

/// What sort of machine a program runs in.
typedef enum MachineKind { MACHINE_NODE, MACHINE_LXC, MACHINE_VM, MACHINE_CONTAINER } MachineKind;

/// What this call was told to do wrong (fault.h).
typedef enum FaultKind { FAULT_NONE, FAULT_FAIL, FAULT_HANG, FAULT_LIE, FAULT_DIE, FAULT_LATE } FaultKind;

/// An image that the host may download, as sandbox.json lists it.
typedef struct Download {
    const char *url;     // NULL: any address that ends in the name
    const char *name;
    uint64_t size;
    const char *sha256;  // NULL: unknown, any checksum is believed
} Download;

/// What answers at an address, whatever stands there in the model.
typedef struct Endpoint {
    const char *url;     // a pattern of a URL, or
    const char *tcp;     // one of HOST:PORT
    int status;
    const char *body;
    long after;          // answers only after so many questions
    bool documents;      // a server of documents stands there
    const char *token;   // who changes one must know it; NULL: anybody may
} Endpoint;

/// What the host is made of: the built-in plain host, or what sandbox.json says.
typedef struct HostFacts {
    const char *node;
    bool names_node;     // the file says how it is called
    const char *address; // of the node; NULL: it has only its name
    Words bridges;
    Words disks;         // full device paths; only meaningful if `lists_disks`
    Words gpus;
    bool lists_disks;    // else every /dev/disk/by-id/... exists
    uint64_t disk_size;  // bytes of each disk
    uint64_t memory;     // bytes
    int cores;
    Download *downloads;
    size_t download_count;
    bool lists_downloads;
    Pairs packages;      // name -> version, "" for the usual one; only meaningful if `lists_packages`
    bool lists_packages;
    Words images;        // of containers; only meaningful if `lists_images`, else any can be had
    bool lists_images;
    Endpoint *endpoints;
    size_t endpoint_count;
    long lock_wait;      // seconds that programs wait for what another one holds
    const char *fault;   // "N:kind", or NULL
} HostFacts;

/// A directory of the host that a guest sees at [target].
typedef struct Bind {
    const char *target;
    const char *path;    // where it is on the host
    int source;          // the same, open
} Bind;

/// Something to undo if the program fails, newest first (the real programs free the volumes of a failed create).
typedef struct Undo {
    struct Undo *next;
    void (*action)(struct Host *host, const char *argument);
    const char *argument;
} Undo;

typedef struct Host {
    Mem *mem;
    int base;            // the folder itself, open
    int lock;            // held while the program works
    int cluster;         // the folder that the nodes of a cluster share, open; -1: this is no node of one
    int cluster_lock;    // held likewise; -1: none
    int root;            // what absolute paths are relative to: `base`, or a guest's root
    const char *prefix;  // `root` seen from `base`: "" or "/guests/952"
    Bind *binds;         // in a guest; on a node of a cluster what the nodes share
    size_t bind_count;
    MachineKind machine;
    const struct Conf *guest;    // the settings of the guest that this is, or is in; NULL on the node
    const struct Host *outer;    // the machine that this one stands in; NULL on the node
    const char *image;           // of a container: what it was made from
    const char *cwd;             // the working directory
    int input;                   // what programs read
    FILE *out, *err;
    jmp_buf *escape;             // where host_exit goes in a program that another one runs; NULL: the process ends
    int escape_code;
    const char *program; // "pct"
    int argc;            // with argv[0]
    char **argv;
    HostFacts facts;
    FaultKind fault;
    Undo *undo;
    Words *running;      // the containers that run, sorted; NULL until someone asks
} Host;

/// Opens the folder [dir], makes a plain host of it if it is empty or missing, takes its lock, reads sandbox.json and
/// logs the call. Prints what is wrong and leaves the process with 255 if it can not.
void host_open(Host *host, Mem *mem, const char *dir, const char *program, int argc, char **argv);

/// Prints the message (to which it adds a newline), runs what host_undo_on_failure was told, and leaves with [code].
/// The model follows the real programs, which die at the first error: nothing in memory outlives the process.
_Noreturn void host_fail(Host *host, int code, const char *format, ...) PRINTF_LIKE(3, 4);

/// Leaves with [code] after what was already printed.
_Noreturn void host_exit(Host *host, int code);

/// Has [action] called with [argument] if the program fails later; host_commit forgets all of them.
void host_undo_on_failure(Host *host, void (*action)(Host *host, const char *argument), const char *argument);
void host_commit(Host *host);

/// Prints to the program's standard output.
void host_print(Host *host, const char *format, ...) PRINTF_LIKE(2, 3);

/// A line on the program's error output; adds the newline.
void host_warn(Host *host, const char *format, ...) PRINTF_LIKE(2, 3);

/// [length] random bytes, for addresses and ids.
void host_random(Host *host, unsigned char *bytes, size_t length);

/// A fresh random UUID.
const char *host_uuid(Host *host);

#endif
