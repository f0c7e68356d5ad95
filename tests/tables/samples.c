/* Texts to try, out of what the table says of a parameter. */
#include "tests/tables/samples.h"

#include <math.h>
#include <string.h>

#include "compiler/slice.h"
#include "tests/tables/check.h"
#include "tests/tables/format.h"

static void add(Arena *arena, Texts *out, Str text) {
    VECTOR_PUSH(arena, out, text);
}

static void add_all(Arena *arena, Texts *out, const char *const *texts) {
    for (; *texts; texts++)
        add(arena, out, str_of(*texts));
}

static void add_number(Arena *arena, Texts *out, double number) {
    add(arena, out, arena_printf(arena, "%.15g", number));
}

/* The edges and what lies around them. */
static void samples_number(Arena *arena, const Parameter *p, Dice *dice, Texts *out) {
    static const char *const odd[] = {"0", "1", "", "x", "12a", "0x10", "1e3", "--1", "1.5.2", NULL};
    int bounded = !isnan(p->minimum) && !isnan(p->maximum);
    for (int by = -1; by <= 1; by++) {
        if (!isnan(p->minimum))
            add_number(arena, out, p->minimum + by);
        if (!isnan(p->maximum))
            add_number(arena, out, p->maximum + by);
    }
    for (int i = 0; i < 4; i++)
        add_number(arena, out, (isnan(p->minimum) ? 1 : p->minimum) + dice_roll(dice, bounded ? (uint32_t)(p->maximum - p->minimum) : 4000));
    add_all(arena, out, odd);
    add(arena, out, STR("2.5"));
}

static void samples_enum(Arena *arena, const Parameter *p, Texts *out) {
    add_all(arena, out, (const char *const[]){"", "nosuch", NULL});
    for (uint32_t i = 0; i < p->value_count; i++) {
        add(arena, out, str_of(p->values[i]));
        if (i < 3)
            add(arena, out, arena_printf(arena, "%sx", p->values[i]));
    }
}

/* What the pattern makes, and that with something that may spoil it. */
static void samples_pattern(Arena *arena, const Parameter *p, Dice *dice, Texts *out) {
    static const char spoilers[] = " /:;.!x0-";
    add_all(arena, out, (const char *const[]){"", "x", "!", "0", "\xc3\xa4", NULL});
    for (uint32_t i = 0; i < 12; i++) {
        Str made = pattern_make(arena, p->pattern, dice, i / 3);
        add(arena, out, made);
        char spoiler = spoilers[dice_roll(dice, sizeof spoilers - 1)];
        add(arena, out, i % 2 ? arena_printf(arena, "%s%c", made.text, spoiler) : arena_printf(arena, "%c%s", spoiler, made.text));
    }
}

static void samples_length(Arena *arena, const Parameter *p, Texts *out) {
    for (int by = -1; by <= 1; by++) {
        int64_t lengths[] = {p->shortest, p->longest};
        for (int i = 0; i < 2; i++) {
            if (lengths[i] + by < 1 || lengths[i] < 0)
                continue;
            char *letters = arena_text(arena, (size_t)(lengths[i] + by));
            memset(letters, 'a', (size_t)(lengths[i] + by));
            add(arena, out, (Str){letters, (size_t)(lengths[i] + by)});
        }
    }
}

void samples_scalar(Arena *arena, const Parameter *p, Dice *dice, Texts *out) {
    static const char *const booleans[] = {"0", "1", "on", "off", "yes", "no", "true", "false", "TRUE", "2", "-1", "maybe", "", NULL};
    static const char *const texts[] = {"host", "a", "Some words", "a.b", "a/b", "a:b", "x-1_y", "\xc3\xa4\xc3\xb6", NULL};
    const char *type = p->type ? p->type : "string";
    if (!strcmp(type, "boolean"))
        add_all(arena, out, booleans);
    else if (p->value_count)
        samples_enum(arena, p, out);
    else if (!strcmp(type, "integer") || !strcmp(type, "number"))
        samples_number(arena, p, dice, out);
    else if (p->format && !p->pattern)
        add_all(arena, out, format_samples(p->format));
    else if (p->pattern)
        samples_pattern(arena, p, dice, out);
    else
        add_all(arena, out, texts);
    samples_length(arena, p, out);
}

/* ---- property strings ---- */

typedef struct Maker {
    Arena *arena;
    const Parameter *parameter;
    const KeyChoice *choice;
    Dice *dice;
    Texts *out;
} Maker;

/* Parts of a property string; a part without a value is left out. */
typedef struct Draft { Str values[256]; } Draft;

static int is_wanted(const Maker *m, const Parameter *key) {
    return !key->alias && m->choice->wanted(m->choice->context, key);
}

/* Nothing can be quoted in a property string, and the blanks around a value are nobody's. */
static int fits_key(Str text) {
    return text.length && !memchr(text.text, ',', text.length) && slice_trim(text).length == text.length;
}

/* Some good value of the sub-key; the [number]th, as far as there are so many. */
static Str good_value(const Maker *m, const Parameter *key, uint32_t number) {
    Texts texts = {0};
    Str good = STR("");
    Dice dice = {7};
    samples_scalar(m->arena, key, &dice, &texts);
    for (uint32_t i = 0; i < texts.count; i++)
        if (fits_key(texts.items[i]) && parameter_takes(m->arena, key, texts.items[i], NULL)) {
            good = texts.items[i];
            if (number-- == 0)
                break;
        }
    return good;
}

/* A sub-key's own value and that of those it requires. */
static void draft_set(const Maker *m, Draft *draft, uint32_t key, Str value) {
    const Parameter *p = &m->parameter->keys[key];
    draft->values[key] = value;
    for (uint32_t i = 0; p->requires && i < m->parameter->key_count; i++)
        if (!strcmp(m->parameter->keys[i].name, p->requires) && !draft->values[i].length)
            draft->values[i] = good_value(m, &m->parameter->keys[i], 0);
}

/* What must be there, with the [number]th good value of the default key. */
static Draft draft_number(const Maker *m, uint32_t number) {
    Draft draft = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->parameter->key_count; i++) {
        const Parameter *key = &m->parameter->keys[i];
        if (!key->alias && (!key->optional || key->is_default_key))
            draft_set(m, &draft, i, good_value(m, key, key->is_default_key ? number : 0)), count++;
    }
    /* An empty property string is none: something must stand there. */
    for (uint32_t i = 0; !count && i < m->parameter->key_count; i++)
        if (is_wanted(m, &m->parameter->keys[i]))
            draft_set(m, &draft, i, good_value(m, &m->parameter->keys[i], 0)), count++;
    return draft;
}

static Str draft_text(const Maker *m, const Draft *draft, const char *more) {
    Text text = {0};
    for (int leading = 1; leading >= 0; leading--)
        for (uint32_t i = 0; i < m->parameter->key_count; i++) {
            const Parameter *key = &m->parameter->keys[i];
            /* A value with '=' in it would be read as a sub-key of its own. */
            int bare = key->is_default_key && !memchr(draft->values[i].text ? draft->values[i].text : "", '=', draft->values[i].length);
            if (bare == leading && draft->values[i].length)
                text_addf(&text, "%s%s%s%.*s", text.length ? "," : "", bare ? "" : key->name, bare ? "" : "=", (int)draft->values[i].length, draft->values[i].text);
        }
    if (*more)
        text_addf(&text, "%s%s", text.length ? "," : "", more);
    Str result = arena_str(m->arena, text_str(&text));
    text_fini(&text);
    return result;
}

static Draft draft_least(const Maker *m) {
    for (uint32_t number = 0; number < 8; number++) {
        Draft draft = draft_number(m, number);
        if (m->choice->base(m->choice->context, draft_text(m, &draft, "")))
            return draft;
    }
    return draft_number(m, 0);
}

static void try_key(const Maker *m, uint32_t number) {
    Texts texts = {0};
    samples_scalar(m->arena, &m->parameter->keys[number], m->dice, &texts);
    for (uint32_t i = 0; i < texts.count; i++) {
        Draft draft = draft_least(m);
        if (!fits_key(texts.items[i]))
            continue;
        draft_set(m, &draft, number, texts.items[i]);
        add(m->arena, m->out, draft_text(m, &draft, ""));
    }
}

static void try_without(const Maker *m, uint32_t number) {
    Draft draft = draft_least(m);
    draft.values[number] = STR("");
    add(m->arena, m->out, draft_text(m, &draft, ""));
}

static void try_chance(const Maker *m, uint32_t of) {
    Draft draft = draft_least(m);
    for (uint32_t i = 0; i < m->parameter->key_count; i++)
        if (is_wanted(m, &m->parameter->keys[i]) && dice_roll(m->dice, of) == 0)
            draft_set(m, &draft, i, good_value(m, &m->parameter->keys[i], dice_roll(m->dice, 6)));
    add(m->arena, m->out, draft_text(m, &draft, ""));
}

void samples_property_string(Arena *arena, const Parameter *parameter, const KeyChoice *choice, Dice *dice, Texts *out) {
    Maker maker = {arena, parameter, choice, dice, out};
    if (parameter->key_count > sizeof ((Draft *)0)->values / sizeof (Str))
        return;
    for (uint32_t i = 0; i < parameter->key_count; i++) {
        if (!is_wanted(&maker, &parameter->keys[i]))
            continue;
        try_key(&maker, i);
        if (!parameter->keys[i].optional)
            try_without(&maker, i);
    }
    Draft least = draft_least(&maker);
    add(arena, out, draft_text(&maker, &least, "nosuch=1"));
    add(arena, out, draft_text(&maker, &least, "nosuch"));
    try_chance(&maker, 1);
    for (uint32_t i = 0; i < 20; i++)
        try_chance(&maker, 2 + i % 4);
}
