/* The journal on a disk: opened, turned to a new one, read, and broken off in between. */
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

#include "runtime/journal.h"

static char folder_name[32];
static int folder;

static int folder_open(void **state) {
    (void)state;
    strcpy(folder_name, "/tmp/phx-journal.XXXXXX");
    folder = mkdtemp(folder_name) ? open(folder_name, O_RDONLY | O_DIRECTORY) : -1;
    return folder < 0;
}

static int folder_close(void **state) {
    (void)state;
    unlinkat(folder, "journal.ndjson", 0);
    unlinkat(folder, "journal.1.ndjson", 0);
    close(folder);
    return rmdir(folder_name);
}

static void write_down(const char *line) {
    Journal journal;
    assert_int_equal(journal_open(&journal, folder), 0);
    assert_int_equal(journal_add(&journal, str_of(line), 1), 0);
    journal_close(&journal);
}

/* As a run writes it that is longer than a journal should be. */
static void write_much(char letter) {
    Journal journal;
    char line[1024];
    memset(line, letter, sizeof line);
    line[sizeof line - 1] = '\n';
    assert_int_equal(journal_open(&journal, folder), 0);
    for (size_t written = 0; written <= JOURNAL_TURN; written += sizeof line)
        assert_int_equal(journal_add(&journal, (Str){line, sizeof line}, 0), 0);
    journal_close(&journal);
}

static off_t size_of(const char *name) {
    struct stat status;
    return fstatat(folder, name, &status, 0) == 0 ? status.st_size : -1;
}

/* What is read, with each line that is not the first of its letter left out: "a+O" where `a...` lines come before the event `older`. */
static void expect_read(const char *expected) {
    Text text = {0}, problem = {0}, seen = {0};
    assert_int_equal(journal_read(folder, &text, &problem), 0);
    for (const char *at = text.bytes; at && *at; at = strchr(at, '\n') + 1) {
        char letter = strncmp(at, "{\"time\": \"20", 12) == 0 && strstr(at, "\"event\": \"older\"}\n") ? 'O' : *at;
        if (!seen.length || seen.bytes[seen.length - 1] != letter)
            text_add_char(&seen, letter);
    }
    assert_string_equal(seen.bytes ? seen.bytes : "", expected);
    text_fini(&text);
    text_fini(&problem);
    text_fini(&seen);
}

static void test_nothing_yet(void **state) {
    (void)state;
    expect_read("");
    write_down("a\n");
    assert_int_equal(size_of("journal.ndjson"), 2);
    assert_int_equal(size_of("journal.1.ndjson"), -1);
    expect_read("a");
}

static void test_a_line_cut_off(void **state) {
    (void)state;
    write_down("half");
    write_down("b\n");
    expect_read("hb");
}

static void test_turns_and_keeps_one(void **state) {
    (void)state;
    write_much('a');
    assert_true(size_of("journal.ndjson") > JOURNAL_TURN);
    expect_read("a");
    write_down("b\n");
    assert_true(size_of("journal.1.ndjson") > JOURNAL_TURN);
    assert_true(size_of("journal.ndjson") < 256);
    expect_read("aOb");
    write_much('c');
    expect_read("aObc");
    /* Now what comes first tells that there was something before it. */
    write_down("d\n");
    expect_read("ObcOd");
    assert_true(size_of("journal.ndjson") < 256);
}

/* Killed after the name was given away and before there was a new one. */
static void test_broken_off_in_between(void **state) {
    (void)state;
    write_much('a');
    assert_int_equal(renameat(folder, "journal.ndjson", folder, "journal.1.ndjson"), 0);
    expect_read("a");
    write_down("b\n");
    expect_read("aOb");
}

/* A look that opened the newest before it was turned away must not tell of it twice: the two names are then of one file. */
static void test_one_file_is_read_once(void **state) {
    (void)state;
    write_down("a\n");
    assert_int_equal(linkat(folder, "journal.ndjson", folder, "journal.1.ndjson", 0), 0);
    Text text = {0}, problem = {0};
    assert_int_equal(journal_read(folder, &text, &problem), 0);
    assert_string_equal(text.bytes, "a\n");
    text_fini(&text);
}

static void test_what_is_no_file(void **state) {
    (void)state;
    Journal journal;
    Text text = {0}, problem = {0};
    assert_int_equal(symlinkat("/etc/passwd", folder, "journal.ndjson"), 0);
    assert_int_equal(journal_open(&journal, folder), -1);
    assert_int_equal(errno, ELOOP);
    assert_int_equal(journal_read(folder, &text, &problem), -1);
    assert_true(problem.length > 0);
    text_fini(&problem);
    assert_int_equal(unlinkat(folder, "journal.ndjson", 0), 0);
    write_much('a');
    assert_int_equal(mkdirat(folder, "journal.1.ndjson", 0700), 0);
    assert_int_equal(journal_open(&journal, folder), -1);
    assert_int_equal(errno, EISDIR);
    assert_true(size_of("journal.ndjson") > JOURNAL_TURN);
    assert_int_equal(unlinkat(folder, "journal.1.ndjson", AT_REMOVEDIR), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_yet, folder_open, folder_close),
        cmocka_unit_test_setup_teardown(test_a_line_cut_off, folder_open, folder_close),
        cmocka_unit_test_setup_teardown(test_turns_and_keeps_one, folder_open, folder_close),
        cmocka_unit_test_setup_teardown(test_broken_off_in_between, folder_open, folder_close),
        cmocka_unit_test_setup_teardown(test_one_file_is_read_once, folder_open, folder_close),
        cmocka_unit_test_setup_teardown(test_what_is_no_file, folder_open, folder_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
