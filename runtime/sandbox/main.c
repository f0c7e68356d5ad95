// The sandbox as a program: every tool of a model Proxmox VE host, chosen by the name it is called by.
//
//   PHX_SANDBOX=DIR pct list            (a link named pct to this program)
//   PHX_SANDBOX=DIR phx-sandbox pct list
//   PHX_SANDBOX=DIR phx-sandbox init    (makes the host and does nothing more)
#include "accounts.h"
#include "backup.h"
#include "docker.h"
#include "endpoint.h"
#include "fault.h"
#include "inside.h"
#include "nginx.h"
#include "packages.h"
#include "pct.h"
#include "roles.h"
#include "tools.h"
#include "units.h"

#include <stdlib.h>
#include <string.h>

static const Role ROLES[] = {
    {"pct", pct_main, HOME_NODE},
    {"qm", qm_main, HOME_NODE},
    {"pvesm", pvesm_main, HOME_NODE},
    {"pvesh", pvesh_main, HOME_NODE},
    {"pveam", pveam_main, HOME_NODE},
    {"vzdump", vzdump_main, HOME_NODE},
    {"qmrestore", qmrestore_main, HOME_NODE},
    {"pveversion", pveversion_main, HOME_NODE},
    {"which", which_main, HOME_NODE},
    {"zfs", zfs_main, HOME_NODE},
    {"zpool", zpool_main, HOME_NODE},
    {"stat", tool_stat, HOME_ANYWHERE},
    {"mkdir", tool_mkdir, HOME_ANYWHERE},
    {"rmdir", tool_rmdir, HOME_ANYWHERE},
    {"rm", tool_rm, HOME_ANYWHERE},
    {"chmod", tool_chmod, HOME_ANYWHERE},
    {"chown", tool_chown, HOME_ANYWHERE},
    {"sha256sum", tool_sha256sum, HOME_ANYWHERE},
    {"cat", tool_cat, HOME_ANYWHERE},
    {"grep", tool_grep, HOME_ANYWHERE},
    {"ls", tool_ls, HOME_ANYWHERE},
    {"test", tool_test, HOME_ANYWHERE},
    {"install", tool_install, HOME_ANYWHERE},
    {"mv", tool_mv, HOME_ANYWHERE},
    {"cp", tool_cp, HOME_ANYWHERE},
    {"ln", tool_ln, HOME_ANYWHERE},
    {"touch", tool_touch, HOME_ANYWHERE},
    {"tee", tool_tee, HOME_ANYWHERE},
    {"dd", tool_dd, HOME_ANYWHERE},
    {"mktemp", tool_mktemp, HOME_ANYWHERE},
    {"readlink", tool_readlink, HOME_ANYWHERE},
    {"true", tool_true, HOME_ANYWHERE},
    {"false", tool_false, HOME_ANYWHERE},
    {"id", id_main, HOME_ANYWHERE},
    {"getent", getent_main, HOME_ANYWHERE},
    {"useradd", useradd_main, HOME_SYSTEM},
    {"groupadd", groupadd_main, HOME_SYSTEM},
    {"usermod", usermod_main, HOME_SYSTEM},
    {"userdel", userdel_main, HOME_SYSTEM},
    {"groupmod", groupmod_main, HOME_SYSTEM},
    {"groupdel", groupdel_main, HOME_SYSTEM},
    {"cloud-init", cloud_init_main, HOME_PACKAGE},
    {"env", env_main, HOME_ANYWHERE},
    {"dpkg-query", dpkg_query_main, HOME_SYSTEM},
    {"apt-get", apt_get_main, HOME_SYSTEM},
    {"systemctl", systemctl_main, HOME_SYSTEM},
    {"journalctl", journalctl_main, HOME_SYSTEM},
    {"docker", docker_main, HOME_PACKAGE},
    {"dockerd", dockerd_main, HOME_PACKAGE},
    {"docker-compose", compose_main, HOME_PACKAGE},
    {"nginx", nginx_main, HOME_PACKAGE},
    {"curl", curl_main, HOME_PACKAGE},
    {"rsync", rsync_main, HOME_PACKAGE},
    {"nc", nc_main, HOME_PACKAGE},
    {"phx-endpoint", endpoint_main, HOME_NODE},
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

#ifdef __SANITIZE_ADDRESS__
// Of a call that is traced, or carried out where there is no /proc, leaks can't be told; what is left behind by one that ends at once is no loss.
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0"; }
#endif

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
    int code = 0;
    if (!is_init && role->home == HOME_PACKAGE && inside_find(&host, program) == NULL) {
        fprintf(stderr, "%s: command not found\n", program);
        code = INSIDE_NOT_FOUND;
    } else if (!is_init) {
        code = role->run(&host);
    }
    fflush(stdout);
    code = fault_end(&host, code);
    mem_free(mem);
    return code;
}
