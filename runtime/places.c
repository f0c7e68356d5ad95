/* From the values of --host to open places. */
#include "runtime/places.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char CHOICES[] =
    "--host local (this machine), --host ssh:[USER@]HOST[:PORT], --host sandbox:DIR (a model host in a folder), or --facts FILE|none to plan without a host";

typedef struct Binder {
    Places *places;
    Arena *arena;
    Loop *loop;
    Diagnostics *diagnostics;
} Binder;

static int begins_with(Str text, const char *start) {
    size_t length = strlen(start);
    return text.length >= length && memcmp(text.text, start, length) == 0;
}

/* The last part of an address: its name. */
static Str address_name(Str address) {
    for (size_t i = address.length; i > 0; i--)
        if (strchr("./", address.text[i - 1]))
            return (Str){address.text + i, address.length - i};
    return address;
}

/* Opens what [name] names, or finds it open. NULL with a diagnostic. */
static Place *place_of(Binder *binder, Str name) {
    Places *places = binder->places;
    Text problem = {0}, advice = {0};
    Place *place = NULL;
    for (uint32_t i = 0; i < places->open_count; i++)
        if (str_equal(places->open[i]->name, name))
            return places->open[i];
    if (str_equal(name, STR("local"))) {
        place = place_local_open(binder->arena, binder->loop, &problem);
    } else if (begins_with(name, "sandbox:") && name.length > strlen("sandbox:")) {
        Str folder = {name.text + strlen("sandbox:"), name.length - strlen("sandbox:")};
        place = place_sandbox_open(binder->arena, binder->loop, folder, &problem);
    } else if (begins_with(name, "ssh:")) {
        SshTarget target;
        if (!ssh_target_read(binder->arena, (Str){name.text + strlen("ssh:"), name.length - strlen("ssh:")}, &target, &problem)) {
            Diagnostic *error = diag_error(binder->diagnostics, CODE_PLACE_SYNTAX, SPAN_NONE, "`%.*s` names no host: %s", (int)name.length,
                                           name.text, problem.bytes);
            diag_help(binder->diagnostics, error, "--host ssh:[USER@]HOST[:PORT], where HOST is whatever `ssh HOST` takes");
            text_fini(&problem);
            return NULL;
        }
        place = place_ssh_open(binder->arena, binder->loop, name, &target, &problem, &advice);
    } else {
        Diagnostic *error = diag_error(binder->diagnostics, CODE_PLACE_SYNTAX, SPAN_NONE, "`%.*s` names no place", (int)name.length, name.text);
        diag_help(binder->diagnostics, error, "%s", CHOICES);
        return NULL;
    }
    if (!place) {
        Diagnostic *error = diag_error(binder->diagnostics, CODE_PLACE_CLOSED, SPAN_NONE, "cannot open the place `%.*s`: %s", (int)name.length,
                                       name.text, problem.bytes ? problem.bytes : "unknown reason");
        if (advice.length)
            diag_help(binder->diagnostics, error, "%s", advice.bytes);
    } else {
        places->open[places->open_count++] = place;
    }
    text_fini(&problem);
    text_fini(&advice);
    return place;
}

/* The number of the address that [node] means: all of it or its name. -1 with a diagnostic. */
static int64_t address_find(Binder *binder, Str node) {
    const Places *places = binder->places;
    int64_t found = -1;
    Suggestion suggestion = suggestion_for(node);
    for (uint32_t i = 0; i < places->count; i++) {
        if (str_equal(places->addresses[i], node))
            return i;
        if (str_equal(address_name(places->addresses[i]), node))
            found = found == -1 ? (int64_t)i : -2;
        suggestion_offer(&suggestion, address_name(places->addresses[i]));
    }
    if (found >= 0)
        return found;
    Diagnostic *error = diag_error(binder->diagnostics, CODE_PLACE_UNKNOWN, SPAN_NONE, "the site has %s place `%.*s`",
                                   found == -2 ? "more than one" : "no", (int)node.length, node.text);
    if (found == -2)
        diag_help(binder->diagnostics, error, "write its whole address");
    else if (suggestion.best.length)
        diag_help(binder->diagnostics, error, "did you mean `%.*s`?", (int)suggestion.best.length, suggestion.best.text);
    return -1;
}

/* Is there a name of a node before a `=`? A folder may have one in its name too. */
static int host_split(Str host, Str *node, Str *place) {
    const char *equals = memchr(host.text, '=', host.length);
    if (!equals || begins_with(host, "sandbox:") || begins_with(host, "ssh:"))
        return 0;
    *node = (Str){host.text, (size_t)(equals - host.text)};
    *place = (Str){equals + 1, host.length - node->length - 1};
    return 1;
}

/* One place for all: where the site has several, a sandbox that holds a host for each. */
static int bind_all(Binder *binder, Str host) {
    Places *places = binder->places;
    if (places->count > 1 && !begins_with(host, "sandbox:")) {
        Diagnostic *error = diag_error(binder->diagnostics, CODE_PLACE_MISSING, SPAN_NONE, "the site has %u places and `--host %.*s` is one",
                                       places->count, (int)host.length, host.text);
        Str name = address_name(places->addresses[0]);
        diag_help(binder->diagnostics, error, "name each: `--host %.*s=PLACE`", (int)name.length, name.text);
        return 0;
    }
    for (uint32_t i = 0; i < places->count; i++) {
        Str name = host, node = address_name(places->addresses[i]);
        if (places->count > 1)
            name = arena_printf(binder->arena, "%.*s/nodes/%.*s", (int)host.length, host.text, (int)node.length, node.text);
        places->bound[i] = place_of(binder, name);
        if (!places->bound[i])
            return 0;
    }
    return 1;
}

static int bind_one(Binder *binder, Str node, Str name) {
    int64_t at = address_find(binder, node);
    if (at < 0)
        return 0;
    if (binder->places->bound[at]) {
        diag_error(binder->diagnostics, CODE_PLACE_SYNTAX, SPAN_NONE, "two values of --host for `%.*s`", (int)node.length, node.text);
        return 0;
    }
    binder->places->bound[at] = place_of(binder, name);
    return binder->places->bound[at] != NULL;
}

static int bind_hosts(Binder *binder, const Str *hosts, uint32_t host_count) {
    Places *places = binder->places;
    for (uint32_t i = 0; i < host_count; i++) {
        Str node, name;
        if (host_split(hosts[i], &node, &name)) {
            if (!bind_one(binder, node, name))
                return 0;
        } else if (host_count > 1) {
            diag_error(binder->diagnostics, CODE_PLACE_SYNTAX, SPAN_NONE, "with several --host each is NODE=PLACE, which `%.*s` is not",
                       (int)hosts[i].length, hosts[i].text);
            return 0;
        } else if (!bind_all(binder, hosts[i])) {
            return 0;
        }
    }
    for (uint32_t i = 0; i < places->count; i++) {
        if (places->bound[i])
            continue;
        Str name = address_name(places->addresses[i]);
        diag_error(binder->diagnostics, CODE_PLACE_MISSING, SPAN_NONE, "no --host says where `%.*s` is", (int)name.length, name.text);
        return 0;
    }
    return 1;
}

/* The cluster file system's own marks. */
static int machine_is_host(void) {
    return access("/etc/pve/.version", F_OK) == 0 || access("/usr/bin/pmxcfs", X_OK) == 0;
}

static int place_order(const void *a, const void *b) {
    return str_compare((*(Place *const *)a)->name, (*(Place *const *)b)->name);
}

int places_open(Places *places, Arena *arena, Loop *loop, Diagnostics *diagnostics, const Str *addresses, uint32_t count,
                const Str *hosts, uint32_t host_count) {
    Binder binder = {places, arena, loop, diagnostics};
    const Str local = STR("local");
    *places = (Places){.addresses = addresses, .count = count};
    places->bound = ARENA_ARRAY(arena, Place *, count + 1);
    places->open = ARENA_ARRAY(arena, Place *, count + 1);
    if (!host_count && !machine_is_host()) {
        Diagnostic *error = diag_error(diagnostics, CODE_NO_PLACE, SPAN_NONE, "this machine is no Proxmox host, and no other is named");
        diag_help(diagnostics, error, "%s", CHOICES);
        return 0;
    }
    if (!bind_hosts(&binder, host_count ? hosts : &local, host_count ? host_count : 1)) {
        places_close(places);
        return 0;
    }
    if (places->open_count)
        qsort(places->open, places->open_count, sizeof *places->open, place_order);
    return 1;
}

void places_close(Places *places) {
    for (uint32_t i = 0; i < places->open_count; i++)
        place_close(places->open[i]);
    places->open_count = 0;
}

Place *places_find(const Places *places, Str address) {
    for (uint32_t i = 0; i < places->count; i++)
        if (str_equal(places->addresses[i], address))
            return places->bound[i];
    return !address.length && places->count == 1 ? places->bound[0] : NULL;
}
