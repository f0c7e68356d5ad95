/* Regular expressions to trees, and trees to what they match. A tree maps a set of places in a text, where a match may begin, to the set of
   places where it may end: so no text takes more than length times size of the tree, however the expression branches. */
#include "tests/tables/pattern.h"

#include <stdlib.h>
#include <string.h>

typedef enum NodeKind { NODE_SET, NODE_SEQUENCE, NODE_CHOICE, NODE_REPEAT, NODE_BEGIN, NODE_END } NodeKind;

struct Pattern {
    NodeKind kind;
    uint8_t set[32];                /* SET: a bit for each byte */
    VECTOR(const Pattern *) parts;  /* SEQUENCE, CHOICE; of REPEAT the one */
    uint32_t low, high;             /* REPEAT */
};

enum { UNBOUNDED = INT32_MAX };

uint32_t dice_roll(Dice *dice, uint32_t sides) {
    /* splitmix64 */
    uint64_t z = dice->state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return sides ? (uint32_t)((z ^ (z >> 31)) % sides) : 0;
}

Dice dice_at(uint64_t a, uint64_t b, uint64_t c) {
    Dice dice = {a};
    dice.state = dice_roll(&dice, UINT32_MAX) + b * 0x100000001B3u;
    dice.state = dice_roll(&dice, UINT32_MAX) + c * 0x100000001B3u;
    dice_roll(&dice, 2);
    return dice;
}

/* ---- parsing ---- */

typedef struct Reader {
    Arena *arena;
    const char *at, *end;
    int failed;
    int folds;                  /* inside (?^i:...), where letters stand for both cases */
} Reader;

static const Pattern *read_choice(Reader *r);

static void set_add(uint8_t *set, unsigned first, unsigned last) {
    for (unsigned c = first; c <= last && c < 256; c++)
        set[c / 8] = (uint8_t)(set[c / 8] | 1u << c % 8);
}

static int set_has(const uint8_t *set, unsigned char c) {
    return set[c / 8] >> c % 8 & 1;
}

static void set_add_class(uint8_t *set, char letter) {
    if (letter == 's')
        set_add(set, '\t', '\r'), set_add(set, ' ', ' ');
    else
        set_add(set, '0', '9');
    if (letter == 'w')
        set_add(set, 'A', 'Z'), set_add(set, 'a', 'z'), set_add(set, '_', '_');
}

/* Both cases of its letters. */
static void set_fold(uint8_t *set) {
    for (unsigned c = 'A'; c <= 'Z'; c++) {
        if (set_has(set, (unsigned char)c))
            set_add(set, c + 32, c + 32);
        if (set_has(set, (unsigned char)(c + 32)))
            set_add(set, c, c);
    }
}

static void set_add_named(Reader *r, uint8_t *set, Str name) {
    if (str_equal(name, STR("cntrl")))
        set_add(set, 0, 31), set_add(set, 127, 127);
    else if (str_equal(name, STR("space")))
        set_add_class(set, 's');
    else if (str_equal(name, STR("digit")))
        set_add_class(set, 'd');
    else if (str_equal(name, STR("xdigit")))
        set_add(set, '0', '9'), set_add(set, 'a', 'f'), set_add(set, 'A', 'F');
    else if (str_equal(name, STR("print")))
        set_add(set, 32, 126);
    else if (str_equal(name, STR("alpha")) || str_equal(name, STR("alnum"))) {
        set_add(set, 'A', 'Z'), set_add(set, 'a', 'z');
        if (name.text[2] == 'n')
            set_add_class(set, 'd');
    } else
        r->failed = 1;
}

/* What stands behind a backslash: 1 where it was a class, which is added; else the byte. */
static int read_escape(Reader *r, uint8_t *set, unsigned *byte) {
    if (r->at == r->end) {
        r->failed = 1;
        return 1;
    }
    char c = *r->at++;
    if (c == 'd' || c == 'w' || c == 's') {
        set_add_class(set, c);
        return 1;
    }
    if (c == 'S') {
        set_add(set, '!', 255);
        return 1;
    }
    *byte = (unsigned char)c;
    if (c == 'x' && r->end - r->at >= 2) {
        *byte = (unsigned)strtoul((char[]){r->at[0], r->at[1], 0}, NULL, 16);
        r->at += 2;
    } else if (c == '0' || c == 'n' || c == 't') {
        *byte = c == '0' ? 0 : c == 'n' ? '\n' : '\t';
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
        r->failed = 1;
    }
    return 0;
}

static unsigned read_set_byte(Reader *r, uint8_t *set, int *was_class) {
    unsigned byte = (unsigned char)*r->at++;
    *was_class = 0;
    if (byte == '[' && r->at < r->end && *r->at == ':') {
        const char *name = ++r->at;
        while (r->at < r->end && *r->at != ':')
            r->at++;
        set_add_named(r, set, (Str){name, (size_t)(r->at - name)});
        r->at += r->end - r->at >= 2 ? 2 : r->end - r->at;
        *was_class = 1;
    } else if (byte == '\\') {
        *was_class = read_escape(r, set, &byte);
    }
    return byte;
}

static const Pattern *read_set(Reader *r) {
    Pattern *node = ARENA_NEW(r->arena, Pattern);
    int negated = r->at < r->end && *r->at == '^';
    r->at += negated;
    for (int first = 1; r->at < r->end && (first || *r->at != ']'); first = 0) {
        int was_class, is_class;
        unsigned low = read_set_byte(r, node->set, &was_class), high = low;
        if (!was_class && r->end - r->at >= 2 && r->at[0] == '-' && r->at[1] != ']') {
            r->at++;
            high = read_set_byte(r, node->set, &is_class);
        }
        if (!was_class)
            set_add(node->set, low, high);
    }
    r->failed |= r->at == r->end;
    r->at += r->at < r->end;
    if (r->folds)
        set_fold(node->set);
    for (int i = 0; negated && i < 32; i++)
        node->set[i] = (uint8_t)~node->set[i];
    return node;
}

static const Pattern *read_group(Reader *r) {
    int folded = r->folds;
    if (r->at < r->end && *r->at == '?') {
        for (; r->at < r->end && *r->at != ':'; r->at++) {
            r->failed |= !strchr("?^ui", *r->at);
            r->folds = *r->at == 'i' || (r->folds && *r->at != '^');
        }
        r->at += r->at < r->end;
    }
    const Pattern *inner = read_choice(r);
    r->folds = folded;
    r->failed |= r->at == r->end;
    r->at += r->at < r->end;
    return inner;
}

static const Pattern *read_atom(Reader *r) {
    Pattern *node = ARENA_NEW(r->arena, Pattern);
    char c = *r->at++;
    unsigned byte = (unsigned char)c;
    switch (c) {
    case '(': return read_group(r);
    case '[': return read_set(r);
    case '^': node->kind = NODE_BEGIN; return node;
    case '$': node->kind = NODE_END; return node;
    case '.':
        set_add(node->set, 0, 255);
        node->set['\n' / 8] = (uint8_t)(node->set['\n' / 8] & ~(1u << '\n' % 8));
        return node;
    case '\\':
        if (read_escape(r, node->set, &byte))
            return node;
        break;
    default: break;
    }
    set_add(node->set, byte, byte);
    if (r->folds)
        set_fold(node->set);
    return node;
}

/* "{2,8}", "{3}", "{1,}" or, since Perl 5.34, "{,8}". */
static void read_bounds(Reader *r, Pattern *node) {
    char *end;
    node->low = (uint32_t)strtoul(r->at, &end, 10);
    node->high = node->low;
    r->at = end;
    if (r->at < r->end && *r->at == ',') {
        node->high = (uint32_t)strtoul(++r->at, &end, 10);
        node->high = end == r->at ? UNBOUNDED : node->high;
        r->at = end;
    }
    r->failed |= r->at == r->end || *r->at != '}';
    r->at += r->at < r->end;
}

static const Pattern *read_repeated(Reader *r) {
    const Pattern *atom = read_atom(r);
    while (r->at < r->end && strchr("?*+{", *r->at)) {
        Pattern *node = ARENA_NEW(r->arena, Pattern);
        char c = *r->at++;
        node->kind = NODE_REPEAT;
        node->low = c == '+';
        node->high = c == '?' ? 1 : UNBOUNDED;
        if (c == '{')
            read_bounds(r, node);
        VECTOR_PUSH(r->arena, &node->parts, atom);
        atom = node;
    }
    return atom;
}

static const Pattern *read_sequence(Reader *r) {
    Pattern *node = ARENA_NEW(r->arena, Pattern);
    node->kind = NODE_SEQUENCE;
    while (r->at < r->end && *r->at != '|' && *r->at != ')')
        VECTOR_PUSH(r->arena, &node->parts, read_repeated(r));
    return node;
}

static const Pattern *read_choice(Reader *r) {
    Pattern *node = ARENA_NEW(r->arena, Pattern);
    node->kind = NODE_CHOICE;
    VECTOR_PUSH(r->arena, &node->parts, read_sequence(r));
    while (r->at < r->end && *r->at == '|') {
        r->at++;
        VECTOR_PUSH(r->arena, &node->parts, read_sequence(r));
    }
    return node;
}

const Pattern *pattern_parse(Arena *arena, Str expression) {
    Str copy = arena_str(arena, expression);
    Reader reader = {arena, copy.text, copy.text + copy.length, 0, 0};
    const Pattern *pattern = read_choice(&reader);
    return reader.failed || reader.at < reader.end ? NULL : pattern;
}

/* ---- matching ---- */

typedef struct Places { uint8_t *at; size_t count; } Places;

static Places places_new(size_t count) {
    uint8_t *at = calloc(count, 1);
    if (!at)
        memory_exhausted();
    return (Places){at, count};
}

/* Adds places; were there new ones among them? */
static int places_add(Places *to, const Places *from) {
    int grew = 0;
    for (size_t i = 0; i < to->count; i++)
        if (from->at[i] && !to->at[i])
            grew = to->at[i] = 1;
    return grew;
}

/* [from] becomes the places where a match that begins in it may end. */
static void advance(const Pattern *node, Str text, Places *from);

static void advance_set(const Pattern *node, Str text, Places *from) {
    for (size_t i = text.length + 1; i-- > 1;)
        from->at[i] = from->at[i - 1] && set_has(node->set, (unsigned char)text.text[i - 1]);
    from->at[0] = 0;
}

static void advance_choice(const Pattern *node, Str text, Places *from) {
    Places all = places_new(from->count), one = places_new(from->count);
    for (uint32_t i = 0; i < node->parts.count; i++) {
        memcpy(one.at, from->at, from->count);
        advance(node->parts.items[i], text, &one);
        places_add(&all, &one);
    }
    memcpy(from->at, all.at, from->count);
    free(all.at);
    free(one.at);
}

static void advance_repeat(const Pattern *node, Str text, Places *from) {
    Places all = places_new(from->count);
    if (!node->low)
        places_add(&all, from);
    for (uint32_t i = 1; i <= node->high; i++) {
        advance(node->parts.items[0], text, from);
        if (i >= node->low && !places_add(&all, from))
            break;
    }
    memcpy(from->at, all.at, from->count);
    free(all.at);
}

static void advance(const Pattern *node, Str text, Places *from) {
    uint8_t kept;
    switch (node->kind) {
    case NODE_SET: advance_set(node, text, from); break;
    case NODE_CHOICE: advance_choice(node, text, from); break;
    case NODE_REPEAT: advance_repeat(node, text, from); break;
    case NODE_SEQUENCE:
        for (uint32_t i = 0; i < node->parts.count; i++)
            advance(node->parts.items[i], text, from);
        break;
    case NODE_BEGIN: case NODE_END:
        kept = from->at[node->kind == NODE_BEGIN ? 0 : text.length];
        memset(from->at, 0, from->count);
        from->at[node->kind == NODE_BEGIN ? 0 : text.length] = kept;
        break;
    }
}

int pattern_matches(const Pattern *pattern, Str text) {
    Places places = places_new(text.length + 1);
    places.at[0] = 1;
    advance(pattern, text, &places);
    int whole = places.at[text.length];
    free(places.at);
    return whole;
}

int pattern_occurs(const Pattern *pattern, Str text) {
    Places places = places_new(text.length + 1);
    memset(places.at, 1, places.count);
    advance(pattern, text, &places);
    int found = memchr(places.at, 1, places.count) != NULL;
    free(places.at);
    return found;
}

/* ---- making up ---- */

typedef VECTOR(char) Letters;

/* Mostly letters and digits, where the set has any; now and then all else that can be printed. */
static char choose(const Pattern *node, Dice *dice) {
    static const char *const ranges[] = {"azAZ09", " ~", "\x01\xff"};
    for (size_t r = dice_roll(dice, 5) == 0; r < sizeof ranges / sizeof *ranges; r++) {
        unsigned char found[256];
        uint32_t count = 0;
        for (const char *range = ranges[r]; *range; range += 2)
            for (unsigned c = (unsigned char)range[0]; c <= (unsigned char)range[1]; c++)
                if (set_has(node->set, (unsigned char)c))
                    found[count++] = (unsigned char)c;
        if (count)
            return (char)found[dice_roll(dice, count)];
    }
    return '\0';
}

static void make(Arena *arena, const Pattern *node, Dice *dice, uint32_t more, Letters *out) {
    uint32_t times = 1, first = 0, count = node->parts.count;
    if (node->kind == NODE_SET)
        VECTOR_PUSH(arena, out, choose(node, dice));
    if (node->kind == NODE_CHOICE) {
        first = dice_roll(dice, count);
        count = first + 1;
    }
    if (node->kind == NODE_REPEAT) {
        uint32_t room = node->high - node->low < more ? node->high - node->low : more;
        times = node->low + dice_roll(dice, room + 1);
    }
    for (uint32_t t = 0; t < times; t++)
        for (uint32_t i = first; i < count; i++)
            make(arena, node->parts.items[i], dice, more, out);
}

Str pattern_make(Arena *arena, const Pattern *pattern, Dice *dice, uint32_t more) {
    Letters letters = {0};
    make(arena, pattern, dice, more, &letters);
    return arena_str(arena, (Str){letters.items ? letters.items : "", letters.count});
}
