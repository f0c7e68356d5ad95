/* Texts that the table takes must be read by the schema and written again with the same meaning; texts that it refuses must be refused;
   and what the schema takes must be written as a text that the table takes. */
#include "tests/tables/agree.h"

#include <stdio.h>
#include <string.h>

#include "compiler/codec.h"
#include "compiler/lookup.h"
#include "tests/tables/check.h"
#include "tests/tables/made.h"
#include "tests/tables/samples.h"

typedef struct Agreement {
    Session *session;
    Rows *exceptions;
    const Home *home;
    const Parameter *parameter;
    const TypeField *attribute;
    Lookup *tried;              /* the texts of this parameter so far */
    uint32_t cases, disagreements;
} Agreement;

/* Is the text a new one for this parameter? */
static int is_new(Agreement *a, Str text) {
    uint32_t *slot = lookup_slot(a->tried, arena_str(a->session->permanent, text));
    return !(*slot)++;
}

/* [kind]: "stricter", "looser", "differs". */
static void disagree(Agreement *a, const char *kind, Str text, const char *why) {
    const char *columns[] = {a->home->tool, kind, a->parameter->name, arena_str(a->session->permanent, text).text};
    if (rows_find(a->exceptions, columns))
        return;
    a->disagreements++;
    printf("FAIL %s %s %s: the schema is %s: \"%.*s%s\" %.200s\n", a->home->tool, a->home->command, a->parameter->name,
           strcmp(kind, "differs") ? kind : "different", text.length < 200 ? (int)text.length : 200, text.text, text.length < 200 ? "" : "...", why);
}

/* The value as the schema takes it; NULL where it does not. */
static const Value *accepted(Agreement *a, const Value *value) {
    Use use = {.what = STR("the test"), .quiet = 1};
    const Value *taken = value ? type_accept(a->session, a->attribute->type, value, &use) : NULL;
    return taken && taken->kind != VALUE_POISON ? taken : NULL;
}

static int encoded(Agreement *a, const Value *value, Text *out) {
    return codec_encode(a->session, a->attribute->type, &a->attribute->codec, value, SPAN_NONE, out);
}

/* ---- from texts ---- */

static void text_try(Agreement *a, Str text) {
    Text why = {0}, written = {0}, plain = {0}, plain_written = {0};
    int takes = parameter_takes(a->session->permanent, a->parameter, text, &why);
    const Value *value = accepted(a, codec_decode(a->session, a->attribute->type, &a->attribute->codec, text, SPAN_NONE));
    int writes = value && encoded(a, value, &written) && (value->kind != VALUE_RECORD || written.length);
    a->cases++;
    if (takes && !writes) {
        disagree(a, "stricter", text, "");
    } else if (takes) {
        if (!parameter_takes(a->session->permanent, a->parameter, text_str(&written), &why)) {
            disagree(a, "differs", text, arena_printf(a->session->permanent, "is written as \"%s\", which is refused: %s", written.bytes ? written.bytes : "", why.bytes).text);
        } else {
            parameter_plain(a->session->permanent, a->parameter, text, &plain);
            parameter_plain(a->session->permanent, a->parameter, text_str(&written), &plain_written);
            if (!str_equal(text_str(&plain), text_str(&plain_written)))
                disagree(a, "differs", text, arena_printf(a->session->permanent, "is written as \"%s\"", written.bytes ? written.bytes : "").text);
        }
    } else if (writes && !parameter_takes(a->session->permanent, a->parameter, text_str(&written), NULL)) {
        /* What is read more widely than it is written does no harm. */
        disagree(a, "looser", text, why.bytes);
    }
    text_fini(&why), text_fini(&written), text_fini(&plain), text_fini(&plain_written);
}

static int is_base(const void *context, Str text) {
    Agreement *a = (Agreement *)(uintptr_t)context;
    Text written = {0};
    const Value *value = accepted(a, codec_decode(a->session, a->attribute->type, &a->attribute->codec, text, SPAN_NONE));
    int takes = parameter_takes(a->session->permanent, a->parameter, text, NULL) && value && encoded(a, value, &written);
    text_fini(&written);
    return takes;
}

static int key_is_typed(const void *context, const Parameter *key) {
    const Agreement *a = context;
    return type_has_key(a->attribute->type, a->parameter, key);
}

static void texts_try(Agreement *a) {
    Texts texts = {0};
    Dice dice = {1};
    KeyChoice choice = {a, key_is_typed, is_base};
    if (a->parameter->key_count)
        samples_property_string(a->session->permanent, a->parameter, &choice, &dice, &texts);
    else
        samples_scalar(a->session->permanent, a->parameter, &dice, &texts);
    a->tried = lookup_new(a->session->permanent);
    for (uint32_t i = 0; i < texts.count; i++)
        if (is_new(a, texts.items[i]))
            text_try(a, texts.items[i]);
}

/* ---- from values ---- */

static void value_try(Agreement *a, const Value *made) {
    Text written = {0}, why = {0};
    const Value *value = accepted(a, made);
    int writes = value && encoded(a, value, &written);
    /* An empty property string is not written at all. */
    if (writes && !(made->kind == VALUE_RECORD && !written.length) && is_new(a, text_str(&written)) && ++a->cases && !parameter_takes(a->session->permanent, a->parameter, text_str(&written), &why))
        disagree(a, "looser", text_str(&written), why.bytes);
    text_fini(&written), text_fini(&why);
}

static void values_try(Agreement *a) {
    a->tried = lookup_new(a->session->permanent);
    Values values = {0};
    Making making = {.session = a->session, .dice = {2}};
    type_edges(&making, a->attribute->type, &values);
    for (uint32_t i = 0; i < 40; i++) {
        const Value *chance = type_chance(&making, a->attribute->type);
        if (chance)
            VECTOR_PUSH(a->session->arena, &values, chance);
    }
    for (uint32_t i = 0; i < values.count; i++)
        value_try(a, values.items[i]);
}

/* Have the tables said the same of this attribute for another command? */
static int was_tried(const Tables *tables, const Home *all, const Home *home, const Parameter *p) {
    for (const Home *other = all; other < home; other++) {
        const TableCommand *command = !strcmp(other->tool, home->tool) && !strcmp(other->schema, home->schema) ? tables_command(tables, other->tool, other->command) : NULL;
        for (uint32_t i = 0; command && i < command->count; i++) {
            const Parameter *o = &command->parameters[i];
            if (!strcmp(o->name, p->name) && o->key_count == p->key_count && o->value_count == p->value_count && o->longest == p->longest &&
                (!o->format == !p->format && (!o->format || !strcmp(o->format, p->format))))
                return 1;
        }
    }
    return 0;
}

uint32_t agreement_print(Session *session, const Tables *tables, Rows *exceptions) {
    Agreement a = {.session = session, .exceptions = exceptions};
    uint32_t count;
    const Home *all = homes(&count);
    for (a.home = all; a.home < all + count; a.home++) {
        const TableCommand *command = tables_command(tables, a.home->tool, a.home->command);
        for (uint32_t i = 0; command && i < command->count; i++) {
            a.parameter = &command->parameters[i];
            a.attribute = home_speaks(session, a.home, a.parameter).attribute;
            if (!a.attribute || was_tried(tables, all, a.home, a.parameter))
                continue;
            texts_try(&a);
            values_try(&a);
        }
    }
    uint32_t failures = a.disagreements + rows_stale(exceptions);
    printf("%u cases, %u disagreements\n", a.cases, a.disagreements);
    return failures;
}
