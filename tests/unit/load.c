/* Where imports are found, how they are called, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/load.h"

static char *folder;            /* the current folder of the tests, removed at the end */

static int set_up(void **state) {
    (void)state;
    folder = strdup("/tmp/phxc-load-XXXXXX");
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return -1;
    return system("mkdir -p site/net site/folder.phx data && echo main > site/site.phx && echo lan > site/net/lan.phx && echo wan > site/wan.phx && "
                  "echo '{}' > data/x.json && echo '[]' > site/y.json && echo out > out.phx && ln -s ../out.phx site/link.phx && "
                  "ln -s net/lan.phx site/inner.phx && mkfifo site/pipe.phx && ln -s ../data site/data");
}

static int tear_down(void **state) {
    char command[100];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    free(folder);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

typedef struct Loaded {
    Arena *arena;
    Load load;
    Loader loader;
    Str name, bytes, problem;
} Loaded;

static void loaded_open(Loaded *loaded, const char *main_file) {
    loaded->arena = arena_open();
    load_init(&loaded->load, loaded->arena);
    loaded->loader = load_loader(&loaded->load);
    assert_int_equal(loaded->loader.load(loaded->loader.context, (Str){0}, str_of(main_file), SOURCE_PHX, &loaded->name, &loaded->bytes, &loaded->problem), LOAD_OK);
    assert_string_equal(loaded->name.text, main_file);
    assert_string_equal(loaded->bytes.text, "main\n");
}

static void loaded_close(Loaded *loaded) {
    load_fini(&loaded->load);
    arena_close(loaded->arena);
}

static void import(Loaded *loaded, SourceKind kind, const char *importer, const char *path, LoadStatus status, const char *name, const char *text) {
    LoadStatus got = loaded->loader.load(loaded->loader.context, str_of(importer), str_of(path), kind, &loaded->name, &loaded->bytes, &loaded->problem);
    assert_int_equal(got, status);
    if (name)
        assert_true(str_equal(loaded->name, str_of(name)));
    if (status == LOAD_OK)
        assert_true(str_equal(loaded->bytes, str_of(text)));
    else
        assert_true(str_equal(loaded->problem, str_of(text)));
}

static void test_modules(void **state) {
    (void)state;
    Loaded loaded;
    loaded_open(&loaded, "site/site.phx");
    import(&loaded, SOURCE_PHX, "site/site.phx", "net/lan.phx", LOAD_OK, "site/net/lan.phx", "lan\n");
    import(&loaded, SOURCE_PHX, "site/site.phx", "./net//../net/lan.phx", LOAD_OK, "site/net/lan.phx", "lan\n");
    import(&loaded, SOURCE_PHX, "site/net/lan.phx", "../wan.phx", LOAD_OK, "site/wan.phx", "wan\n");
    import(&loaded, SOURCE_PHX, "site/site.phx", "inner.phx", LOAD_OK, "site/inner.phx", "lan\n");
    import(&loaded, SOURCE_PHX, "site/site.phx", "missing.phx", LOAD_ABSENT, "site/missing.phx", "there is no such file");
    loaded_close(&loaded);
}

static void test_modules_stay_inside(void **state) {
    (void)state;
    const char *outside = "it lies outside the folder of the main file, where no module may be";
    Loaded loaded;
    loaded_open(&loaded, "site/site.phx");
    import(&loaded, SOURCE_PHX, "site/site.phx", "../out.phx", LOAD_REFUSED, NULL, outside);
    import(&loaded, SOURCE_PHX, "site/net/lan.phx", "../../out.phx", LOAD_REFUSED, NULL, outside);
    import(&loaded, SOURCE_PHX, "site/site.phx", "..", LOAD_REFUSED, NULL, outside);
    import(&loaded, SOURCE_PHX, "site/site.phx", "net/..", LOAD_REFUSED, NULL, outside);
    import(&loaded, SOURCE_PHX, "site/site.phx", "/etc/passwd", LOAD_REFUSED, NULL, "a module is named by a path relative to the file that imports it");
    /* A link is followed as if the folder were all there is. */
    import(&loaded, SOURCE_PHX, "site/site.phx", "link.phx", LOAD_ABSENT, NULL, "there is no such file");
    loaded_close(&loaded);
}

static void test_what_is_no_file(void **state) {
    (void)state;
    Loaded loaded;
    loaded_open(&loaded, "./site/site.phx");
    import(&loaded, SOURCE_PHX, "./site/site.phx", "folder.phx", LOAD_REFUSED, "./site/folder.phx", "it is a folder");
    import(&loaded, SOURCE_PHX, "./site/site.phx", "pipe.phx", LOAD_REFUSED, NULL, "it is no regular file");
    import(&loaded, SOURCE_JSON, "./site/site.phx", "net", LOAD_REFUSED, NULL, "it is a folder");
    loaded_close(&loaded);
}

static void test_data(void **state) {
    (void)state;
    char path[100];
    Loaded loaded;
    loaded_open(&loaded, "site/site.phx");
    import(&loaded, SOURCE_JSON, "site/site.phx", "y.json", LOAD_OK, "site/y.json", "[]\n");
    import(&loaded, SOURCE_JSON, "site/net/lan.phx", "../y.json", LOAD_OK, "site/y.json", "[]\n");
    import(&loaded, SOURCE_JSON, "site/site.phx", "../data/x.json", LOAD_OK, "data/x.json", "{}\n");
    import(&loaded, SOURCE_JSON, "site/site.phx", "data/x.json", LOAD_OK, "site/data/x.json", "{}\n");
    import(&loaded, SOURCE_JSON, "site/site.phx", "../data/none.json", LOAD_ABSENT, "data/none.json", "there is no such file");
    snprintf(path, sizeof path, "%s/data/x.json", folder);
    import(&loaded, SOURCE_JSON, "site/site.phx", path, LOAD_OK, path, "{}\n");
    loaded_close(&loaded);
}

static void test_main_in_the_current_folder(void **state) {
    (void)state;
    assert_int_equal(chdir("site"), 0);
    Loaded loaded;
    loaded_open(&loaded, "site.phx");
    import(&loaded, SOURCE_PHX, "site.phx", "net/lan.phx", LOAD_OK, "net/lan.phx", "lan\n");
    import(&loaded, SOURCE_JSON, "site.phx", "../data/x.json", LOAD_OK, "../data/x.json", "{}\n");
    import(&loaded, SOURCE_JSON, "net/lan.phx", "../../data/x.json", LOAD_OK, "../data/x.json", "{}\n");
    assert_int_equal(chdir(".."), 0);
    loaded_close(&loaded);
}

static void test_limit(void **state) {
    (void)state;
    Arena *arena = arena_open();
    Str bytes, problem;
    assert_int_equal(load_file(arena, STR("site/site.phx"), 5, &bytes, &problem), LOAD_OK);
    assert_int_equal(load_file(arena, STR("site/site.phx"), 4, &bytes, &problem), LOAD_REFUSED);
    assert_int_equal(load_file(arena, STR("a\0b"), 4, &bytes, &problem), LOAD_REFUSED);
    assert_int_equal(load_file(arena, STR("/nonexistent"), 4, &bytes, &problem), LOAD_ABSENT);
    arena_close(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modules), cmocka_unit_test(test_modules_stay_inside), cmocka_unit_test(test_what_is_no_file),
        cmocka_unit_test(test_data), cmocka_unit_test(test_main_in_the_current_folder), cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
