/* Roots that nothing leads out of, atomic writes, edits of lines, globs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/files.h"

/* A folder of its own for each test, with a root `r` in it and a file `outside` beside that. */
typedef struct Bed {
    char folder[64];
    Root root;
} Bed;

static void run_command(const char *format, const Bed *bed) {
    char command[1024];
    snprintf(command, sizeof command, "cd %s && ", bed->folder);
    strcat(command, format);
    assert_int_equal(system(command), 0);
}

static Bed bed_open(const char *prepare) {
    Bed bed = {"/tmp/phxc-files-XXXXXX", {.fd = -1}};
    char path[80];
    assert_non_null(mkdtemp(bed.folder));
    run_command("mkdir r && echo secret > outside", &bed);
    run_command(prepare, &bed);
    snprintf(path, sizeof path, "%s/r", bed.folder);
    assert_int_equal(root_init(&bed.root, path), 0);
    return bed;
}

static void bed_close(Bed *bed) {
    root_fini(&bed->root);
    run_command("rm -rf \"$PWD\"", bed);
}

/* What the file holds, or why it can't be read. The text lives until the next call. */
static const char *content(const Bed *bed, const char *path) {
    static char result[4096];
    Text text = {0}, problem = {0};
    FileStatus status = files_read(&bed->root, str_of(path), 4000, &text, &problem);
    snprintf(result, sizeof result, "%s", status == FILE_ABSENT ? "(absent)" : status == FILE_OK ? text_str(&text).text : problem.bytes);
    text_fini(&text);
    text_fini(&problem);
    return result;
}

static void test_links_stay_inside(void **state) {
    (void)state;
    Bed bed = bed_open("mkdir -p r/etc/pve/nodes/n/lxc r/outside-folder && echo conf > r/etc/pve/nodes/n/lxc/1.conf && "
                       "ln -s nodes/n/lxc r/etc/pve/lxc && ln -s /etc/pve/lxc r/abs && ln -s ../../../../outside r/up && "
                       "ln -s /../../etc/passwd r/passwd && ln -s loop r/loop && ln -s \"$PWD/outside\" r/host && "
                       "ln -s /etc/pve/lxc/1.conf r/file");
    assert_string_equal(content(&bed, "/etc/pve/lxc/1.conf"), "conf\n");
    assert_string_equal(content(&bed, "/abs/1.conf"), "conf\n");
    assert_string_equal(content(&bed, "/file"), "conf\n");
    assert_string_equal(content(&bed, "/etc/pve/../pve/./lxc//1.conf"), "conf\n");
    assert_string_equal(content(&bed, "/../../../../etc/pve/lxc/1.conf"), "conf\n");
    assert_string_equal(content(&bed, "/up"), "(absent)");
    assert_string_equal(content(&bed, "/passwd"), "(absent)");
    assert_string_equal(content(&bed, "/host"), "(absent)");
    assert_string_equal(content(&bed, "/../outside"), "(absent)");
    assert_string_equal(content(&bed, "/loop"), "Too many levels of symbolic links");
    assert_string_equal(content(&bed, "relative"), "Invalid argument");
    bed_close(&bed);
}

/* A folder from elsewhere is seen at its path, the inner of two before the outer; no path leads out of it. */
static void test_grafts(void **state) {
    (void)state;
    Bed bed = bed_open("mkdir -p r/etc/pve r/etc/pve-not r/etc/pve/lxc shared/nodes/a/lxc shared/nodes/b/lxc && echo own > r/etc/pve/hidden && "
                       "echo not > r/etc/pve-not/x && echo one > shared/nodes/a/lxc/1.conf && echo two > shared/nodes/b/lxc/2.conf && "
                       "ln -s /nodes/b shared/other && ln -s /../../outside shared/out");
    static const char *const FOLDERS[][2] = {{"/etc/pve", "shared"}, {"/etc/pve/lxc", "shared/nodes/a/lxc"}};
    for (int i = 0; i < 2; i++) {
        char path[120];
        snprintf(path, sizeof path, "%s/%s", bed.folder, FOLDERS[i][1]);
        bed.root.grafts[bed.root.graft_count++] = (Graft){str_of(FOLDERS[i][0]), open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)};
    }
    assert_string_equal(content(&bed, "/etc/pve/lxc/1.conf"), "one\n");
    assert_string_equal(content(&bed, "/etc/pve/nodes/b/lxc/2.conf"), "two\n");
    assert_string_equal(content(&bed, "/etc/pve/other/lxc/2.conf"), "two\n");
    assert_string_equal(content(&bed, "/etc/pve/hidden"), "(absent)");
    assert_string_equal(content(&bed, "/etc/pve/out"), "(absent)");
    assert_string_equal(content(&bed, "/etc/pve/../../outside"), "(absent)");
    assert_string_equal(content(&bed, "/etc/pve-not/x"), "not\n");
    Arena *arena = arena_open();
    RootPaths paths;
    assert_int_equal(root_glob(&bed.root, arena, STR("/etc/pve/lxc/*.conf"), &paths), 0);
    assert_int_equal(paths.count, 1);
    assert_int_equal(root_glob(&bed.root, arena, STR("/etc/pve/nodes/*/lxc/*.conf"), &paths), 0);
    assert_int_equal(paths.count, 2);
    arena_close(arena);
    bed_close(&bed);
}

static void test_what_is_no_file(void **state) {
    (void)state;
    Bed bed = bed_open("mkdir r/folder && mkfifo r/pipe && head -c 5000 /dev/zero > r/long && echo x > r/plain");
    assert_string_equal(content(&bed, "/folder"), "it is a folder");
    assert_string_equal(content(&bed, "/pipe"), "it is no regular file");
    assert_string_equal(content(&bed, "/long"), "it is longer than 0 MiB");
    assert_string_equal(content(&bed, "/plain/under"), "(absent)");
    assert_string_equal(content(&bed, "/missing/under"), "(absent)");
    assert_string_equal(content(&bed, "/"), "it is a folder");
    bed_close(&bed);
}

static void test_write_replaces_as_a_whole(void **state) {
    (void)state;
    Bed bed = bed_open("echo old > r/a && ln r/a r/hard && ln -s a r/link && mkdir r/folder");
    struct stat status;
    char path[80];
    Text problem = {0};
    FileWrite write = {.path = STR("/link"), .content = STR("new\n"), .mode = 0640, .locked = 1};
    mode_t mask = umask(0077);
    assert_int_equal(files_write(&bed.root, &write, &problem), 0);
    umask(mask);
    assert_string_equal(content(&bed, "/a"), "new\n");
    assert_string_equal(content(&bed, "/hard"), "old\n");
    snprintf(path, sizeof path, "%s/r/link", bed.folder);
    assert_int_equal(lstat(path, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    /* Keeping: the mode of the file that is there. */
    write = (FileWrite){.path = STR("/a"), .content = STR("kept\n"), .mode = 0600, .keep = 1};
    assert_int_equal(files_write(&bed.root, &write, &problem), 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    /* What a killed run left is taken away. */
    run_command("echo half > r/.a.phxc-new", &bed);
    write = (FileWrite){.path = STR("/a"), .content = STR("again\n"), .mode = 0644, .locked = 1};
    assert_int_equal(files_write(&bed.root, &write, &problem), 0);
    assert_string_equal(content(&bed, "/a"), "again\n");
    run_command("[ \"$(ls -A r | tr '\\n' ' ')\" = 'a folder hard link ' ]", &bed);
    text_fini(&problem);
    bed_close(&bed);
}

static void test_write_refusals(void **state) {
    (void)state;
    Bed bed = bed_open("mkdir r/folder && mkfifo r/pipe && echo x > r/plain");
    Text problem = {0};
    assert_int_equal(files_write(&bed.root, &(FileWrite){.path = STR("/folder"), .mode = 0644}, &problem), -1);
    assert_string_equal(problem.bytes, "it is a folder");
    text_fini(&problem);
    assert_int_equal(files_write(&bed.root, &(FileWrite){.path = STR("/pipe"), .mode = 0644}, &problem), -1);
    assert_string_equal(problem.bytes, "it is no regular file");
    text_fini(&problem);
    assert_int_equal(files_write(&bed.root, &(FileWrite){.path = STR("/plain/under"), .mode = 0644, .make = 1}, &problem), -1);
    assert_string_equal(problem.bytes, "Not a directory");
    text_fini(&problem);
    assert_int_equal(files_write(&bed.root, &(FileWrite){.path = STR("/new/under"), .mode = 0644}, &problem), -1);
    assert_string_equal(problem.bytes, "No such file or directory");
    text_fini(&problem);
    assert_int_equal(files_write(&bed.root, &(FileWrite){.path = STR("/new/under/that"), .mode = 0600, .make = 1}, &problem), 0);
    assert_string_equal(content(&bed, "/new/under/that"), "");
    assert_int_equal(files_write(&bed.root, &(FileWrite){.path = STR("/"), .mode = 0600, .make = 1}, &problem), -1);
    text_fini(&problem);
    bed_close(&bed);
}

/* ---- lines ---- */

static void edit_check(const char *before, const char *section, const char *remove, const char *add, const char *after) {
    Str removed = str_of(remove), added[4];
    uint32_t count = 0;
    for (const char *at = add; *at; count++) {
        size_t length = strcspn(at, "|");
        added[count] = (Str){at, length};
        at += length + (at[length] != 0);
    }
    LineEdit edit = {str_of(section), &removed, removed.length > 0, added, count};
    Text out = {0};
    int changed = lines_edit(str_of(before), &edit, &out);
    assert_string_equal(text_str(&out).text, after);
    assert_int_equal(changed, strcmp(before, after) != 0);
    /* Once more changes nothing. */
    Text again = {0};
    assert_int_equal(lines_edit(text_str(&out), &edit, &again), 0);
    assert_string_equal(text_str(&again).text, after);
    text_fini(&again);
    text_fini(&out);
}

static void test_lines(void **state) {
    (void)state;
    edit_check("", "", "", "a", "a\n");
    edit_check("a\nb\n", "", "", "a", "a\nb\n");
    edit_check("a\nb", "", "", "c", "a\nb\nc\n");
    edit_check("a: 1\nlxc.x: 2\nlxc.y = 3\nb: 4\n", "", "lxc.*", "", "a: 1\nb: 4\n");
    edit_check("a: 1\nlxc.x: 2\n", "", "lxc.*", "lxc.x: 2", "a: 1\nlxc.x: 2\n");
    edit_check("lxc.x: 2\na: 1\n", "", "lxc.*", "lxc.x: 2|lxc.z: 1", "a: 1\nlxc.x: 2\nlxc.z: 1\n");
    edit_check("a: x y\na: x z\n", "", "a: x y", "", "a: x z\n");
    edit_check("one two\n", "", "one", "", "");
    /* Sections: only the one that is meant, and one empty line before the next header. */
    edit_check("a: 1\n\n[s1]\na: 2\n", "", "", "lxc.x: 1", "a: 1\nlxc.x: 1\n\n[s1]\na: 2\n");
    edit_check("a: 1\n[s1]\na: 2\n", "", "", "b: 1", "a: 1\nb: 1\n\n[s1]\na: 2\n");
    edit_check("a: 1\n\n[s1]\na: 2\n\n[s2]\na: 3\n", "s1", "a", "c: 1", "a: 1\n\n[s1]\nc: 1\n\n[s2]\na: 3\n");
    edit_check("a: 1\n\n[s1]\na: 2\n\n[s2]\na: 3\n", "s2", "a", "", "a: 1\n\n[s1]\na: 2\n\n[s2]\n");
    edit_check("[s1]\na: 2\n", "", "a", "b: 1", "b: 1\n\n[s1]\na: 2\n");
    edit_check("a: 1\n", "new", "", "x|y", "a: 1\n\n[new]\nx\ny\n");
    edit_check("a: 1", "new", "a", "", "a: 1");
    edit_check("", "new", "", "x", "[new]\nx\n");
    edit_check("[s]\n\n\n", "s", "", "x", "[s]\nx\n\n\n");
    edit_check("a\n\n\n", "", "", "x", "a\nx\n\n\n");
    edit_check("a\r\nb\r\n", "", "a", "", "b\r\n");
    edit_check("[broken\na\n", "broken", "a", "", "[broken\na\n");
}

static void test_edit_of_a_file(void **state) {
    (void)state;
    Bed bed = bed_open("printf 'a: 1\\nb: 2\\n' > r/f && chmod 600 r/f");
    Str line = STR("c: 3"), pattern = STR("b");
    LineEdit edit = {STR(""), &pattern, 1, &line, 1};
    Text problem = {0};
    struct stat before, after;
    char path[80];
    int changed;
    assert_int_equal(files_edit(&bed.root, STR("/f"), &edit, STR("0000000000000000000000000000000000000000"), &changed, &problem), -1);
    assert_string_equal(problem.bytes, "the file was changed by someone else since it was read");
    assert_string_equal(content(&bed, "/f"), "a: 1\nb: 2\n");
    text_fini(&problem);
    /* sha1sum of "a: 1\nb: 2\n" */
    assert_int_equal(files_edit(&bed.root, STR("/f"), &edit, STR("2dbd7e013c88b8a4a8381655ede74a2142d5bcea"), &changed, &problem), 0);
    assert_int_equal(changed, 1);
    assert_string_equal(content(&bed, "/f"), "a: 1\nc: 3\n");
    snprintf(path, sizeof path, "%s/r/f", bed.folder);
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(before.st_mode & 07777, 0600);
    /* Nothing to change: not written. */
    assert_int_equal(files_edit(&bed.root, STR("/f"), &edit, STR(""), &changed, &problem), 0);
    assert_int_equal(changed, 0);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    /* Missing: made, with its folders; but not where a digest says that it was there. */
    assert_int_equal(files_edit(&bed.root, STR("/var/lib/p/owned"), &edit, STR(""), &changed, &problem), 0);
    assert_string_equal(content(&bed, "/var/lib/p/owned"), "c: 3\n");
    assert_int_equal(files_edit(&bed.root, STR("/var/gone"), &edit, STR("00"), &changed, &problem), -1);
    assert_string_equal(problem.bytes, "the file is gone");
    text_fini(&problem);
    bed_close(&bed);
}

/* ---- patterns ---- */

static void glob_check(const Bed *bed, const char *pattern, const char *expected) {
    Arena *arena = arena_open();
    Text text = {0};
    RootPaths paths;
    assert_int_equal(root_glob(&bed->root, arena, str_of(pattern), &paths), 0);
    for (uint32_t i = 0; i < paths.count; i++)
        text_addf(&text, "%s%s", i ? " " : "", paths.items[i].text);
    assert_string_equal(text_str(&text).text, expected);
    text_fini(&text);
    arena_close(arena);
}

static void test_glob(void **state) {
    (void)state;
    Bed bed = bed_open("mkdir -p r/etc/pve/nodes/n/lxc r/empty && touch r/etc/pve/nodes/n/lxc/10.conf r/etc/pve/nodes/n/lxc/9.conf "
                       "r/etc/pve/nodes/n/lxc/.9.conf.phxc-new r/etc/pve/nodes/n/lxc/9.txt && ln -s nodes/n/lxc r/etc/pve/lxc && "
                       "ln -s /../outside r/etc/pve/nodes/n/lxc/8.conf");
    glob_check(&bed, "/etc/pve/lxc/*.conf", "/etc/pve/lxc/10.conf /etc/pve/lxc/9.conf");
    glob_check(&bed, "/etc/pve/nodes/*/lxc/?.conf", "/etc/pve/nodes/n/lxc/9.conf");
    glob_check(&bed, "/etc/pve/lxc/[0-8][0-8].conf", "/etc/pve/lxc/10.conf");
    glob_check(&bed, "/etc/pve/lxc/9.conf", "/etc/pve/lxc/9.conf");
    glob_check(&bed, "/etc/pve/lxc/7.conf", "");
    glob_check(&bed, "/missing/*/x", "");
    glob_check(&bed, "/empty/*", "");
    glob_check(&bed, "/*", "/empty /etc");
    glob_check(&bed, "/../../*", "/../../empty /../../etc");
    bed_close(&bed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_links_stay_inside), cmocka_unit_test(test_grafts), cmocka_unit_test(test_what_is_no_file), cmocka_unit_test(test_write_replaces_as_a_whole),
        cmocka_unit_test(test_write_refusals), cmocka_unit_test(test_lines), cmocka_unit_test(test_edit_of_a_file), cmocka_unit_test(test_glob),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
