/* For unit tests that need types: a session with a library text of their own. */
#ifndef PHX_TESTS_UNIT_WITH_SESSION_H
#define PHX_TESTS_UNIT_WITH_SESSION_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/codec.h"
#include "compiler/library.h"
#include "compiler/state.h"

/* Fails the test with the diagnostics where there are errors. */
static inline void require_clean(Session *session) {
    if (!diag_errors(session_diagnostics(session)))
        return;
    Text text = {0};
    diag_print_text(session_diagnostics(session), (DiagnosticStyle){0}, &text);
    print_error("%s", text.bytes);
    text_fini(&text);
    fail();
}

static inline Session *open_library(const char *library) {
    NamedText text = {STR("library.phx"), str_of(library)};
    SessionOptions options = {.stdlib = &text, .stdlib_count = 1};
    Session *session = session_open(&options);
    require_clean(session);
    return session;
}

static inline const Schema *schema_of(Session *session, const char *name) {
    for (uint32_t i = 0; i < session->schemas.count; i++)
        if (!strcmp(session->schemas.items[i]->name->text, name)) {
            schema_ready(session, session->schemas.items[i]);
            return session->schemas.items[i];
        }
    fail_msg("there is no schema %s", name);
    return NULL;
}

static inline const TypeField *attribute_of(Session *session, const Schema *schema, const char *name) {
    int64_t member;
    const TypeField *attribute = schema_attribute(schema, name_intern(session->names, str_of(name)), &member);
    assert_non_null(attribute);
    return attribute;
}

/* Does the text hold this part? Where a message counts, its exact words do not. */
static inline void assert_holds(const char *text, const char *part) {
    if (!text || !strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text ? text : "(nothing)");
}

/* All diagnostics as text, in the arena. */
static inline const char *diagnostics_of(Session *session) {
    Text text = {0};
    diag_print_text(session_diagnostics(session), (DiagnosticStyle){0}, &text);
    Str copy = arena_str(session_arena(session), text_str(&text));
    text_fini(&text);
    return copy.text;
}

#endif
