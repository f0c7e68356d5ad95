// The sandbox as a program: every tool of a model Proxmox VE host, chosen by the name it is called by.
//
//   PHX_SANDBOX=DIR pct list            (a link named pct to this program)
//   PHX_SANDBOX=DIR phx-sandbox pct list
//   PHX_SANDBOX=DIR phx-sandbox init    (makes the host and does nothing more)
#include "fault.h"
#include "pct.h"
#include "roles.h"
#include "tools.h"

#include <stdlib.h>
#include <string.h>

static const Role ROLES[] = {
    {"pct", pct_main, false},     {"qm", qm_main, false},
    {"pvesm", pvesm_main, false}, {"pvesh", pvesh_main, false},
    {"pveam", pveam_main, false}, {"zfs", zfs_main, false},
    {"zpool", zpool_main, false}, {"stat", tool_stat, true},
    {"mkdir", tool_mkdir, true},  {"rmdir", tool_rmdir, true},
    {"rm", tool_rm, true},        {"chmod", tool_chmod, true},
    {"chown", tool_chown, true},  {"sha256sum", tool_sha256sum, true},
    {"cat", tool_cat, true},      {"ls", tool_ls, true},
    {"test", tool_test, true},    {"true", tool_true, true},
    {"false", tool_false, true},
};

const Role *role_find(const char *name) {
    for (size_t i = 0; i < sizeof ROLES / sizeof ROLES[0]; i++)
        if (strcmp(ROLES[i].name, name) == 0) return &ROLES[i];
    return NULL;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

int main(int argc, char **argv) {
    const char *program = argc > 0 ? base_name(argv[0]) : "phx-sandbox";
    if (role_find(program) == NULL && argc > 1) {
        // Called by its own name: the first argument is the program.
        program = argv[1];
        argc--;
        argv++;
    }
    const Role *role = role_find(program);
    bool is_init = role == NULL && strcmp(program, "init") == 0;
    if (role == NULL && !is_init) {
        fputs("usage: phx-sandbox PROGRAM [ARGUMENTS], or a link to it named as the program\nprograms: init", stderr);
        for (size_t i = 0; i < sizeof ROLES / sizeof ROLES[0]; i++) fprintf(stderr, " %s", ROLES[i].name);
        fputs("\n", stderr);
        return 64;
    }
    const char *dir = getenv("PHX_SANDBOX");
    if (dir == NULL || *dir == '\0') {
        fprintf(stderr, "%s: PHX_SANDBOX must name the folder of the model host\n", program);
        return 64;
    }
    Host host;
    Mem *mem = mem_new();
    host_open(&host, mem, dir, is_init ? "phx-sandbox" : program, argc, argv);
    int code = is_init ? 0 : role->run(&host);
    fflush(stdout);
    fault_end(&host);
    mem_free(mem);
    return code;
}
