/* POSIX patterns to ECMA-262 and back. Both differ in brackets, in escapes and in what `.` is; all else is passed on. */
#include "compiler/ecma.h"

#include <string.h>

typedef struct Pattern {
    Str text;
    size_t at;
    Text out;
    int to_ecma;
} Pattern;

static int more(const Pattern *p) {
    return p->at < p->text.length;
}

static char peek(const Pattern *p, size_t ahead) {
    return p->at + ahead < p->text.length ? p->text.text[p->at + ahead] : '\0';
}

/* ---- brackets ---- */

/* What stands in a bracket, in an order in which both languages can write it: `]` first, `^` and `-` last. */
typedef struct Bracket {
    int negated, bracket, caret, minus;
    Text others;            /* as POSIX writes them: nothing is escaped */
} Bracket;

/* "alpha" to what it holds of ASCII, which is what is matched in the C locale; NULL for those that have no short form. */
static const char *class_members(Str name) {
    static const struct { const char *name, *members; } classes[] = {
        {"alpha", "A-Za-z"}, {"digit", "0-9"}, {"alnum", "A-Za-z0-9"}, {"upper", "A-Z"}, {"lower", "a-z"}, {"xdigit", "0-9A-Fa-f"}, {"blank", " \t"},
        {"space", " \t\n\r\f\v"}, {"print", " -~"}, {"graph", "!-~"}, {"cntrl", "\x01-\x1f\x7f"},
    };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (str_equal(name, str_of(classes[i].name)))
            return classes[i].members;
    return NULL;
}

static int take_class(Pattern *p, Bracket *bracket) {
    const char *rest = p->text.text + p->at + 2, *end = memmem(rest, p->text.length - p->at - 2, ":]", 2);
    const char *members = end && peek(p, 1) == ':' ? class_members((Str){rest, (size_t)(end - rest)}) : NULL;
    if (!members)
        return 0;
    text_add(&bracket->others, str_of(members));
    p->at += (size_t)(end - rest) + 4;
    return 1;
}

static const char *escape_members(char c) {
    switch (c) {
    case 'd': return "0-9";
    case 'w': return "A-Za-z0-9_";
    case 's': return " \t\n\r\f\v";
    default: return NULL;
    }
}

/* The character that an escape of ECMA stands for; 0: it is no such escape. */
static char escape_char(char c) {
    switch (c) {
    case 't': return '\t';
    case 'n': return '\n';
    case 'r': return '\r';
    case 'f': return '\f';
    case 'v': return '\v';
    default: return c && strchr("^$\\.*+?()[]{}|/-", c) ? c : '\0';
    }
}

/* One character of a bracket; 0 where it is none. */
static char take_member(Pattern *p) {
    char c = peek(p, 0);
    p->at++;
    if (p->to_ecma || c != '\\')
        return c;
    c = escape_char(peek(p, 0));
    p->at++;
    return c;
}

static int bracket_add(Bracket *bracket, char c) {
    if (c == ']')
        bracket->bracket = 1;
    else if (c == '^')
        bracket->caret = 1;
    else if (c == '-')
        bracket->minus = 1;
    else if (c)
        text_add_char(&bracket->others, c);
    return c != '\0';
}

static int take_members(Pattern *p, Bracket *bracket) {
    for (size_t first = p->at; more(p) && (peek(p, 0) != ']' || (p->to_ecma && p->at == first));) {
        if (p->to_ecma && peek(p, 0) == '[' && strchr(":.=", peek(p, 1)) && peek(p, 1)) {
            if (!take_class(p, bracket))
                return 0;
            continue;
        }
        const char *members = !p->to_ecma && peek(p, 0) == '\\' ? escape_members(peek(p, 1)) : NULL;
        if (members) {
            text_add(&bracket->others, str_of(members));
            p->at += 2;
            continue;
        }
        char low = take_member(p);
        if (peek(p, 0) != '-' || peek(p, 1) == ']' || !peek(p, 1)) {
            if (!bracket_add(bracket, low))
                return 0;
            continue;
        }
        p->at++;
        char high = take_member(p);
        /* The ends of a range are written as they are in both. */
        if (!low || !high || strchr("]^-[\\", low) || strchr("]^-[\\", high))
            return 0;
        text_addf(&bracket->others, "%c-%c", low, high);
    }
    return more(p);
}

static void put_bracket(Pattern *p, const Bracket *bracket) {
    Text *out = &p->out;
    const char *escape = p->to_ecma ? "\\" : "";
    text_addf(out, "[%s", bracket->negated ? "^" : "");
    if (bracket->bracket)
        text_addf(out, "%s]", escape);
    for (size_t i = 0; i < bracket->others.length; i++) {
        char c = bracket->others.bytes[i];
        if (p->to_ecma && (c == '\\' || c == '['))
            text_add_char(out, '\\');
        text_add_char(out, c);
    }
    if (bracket->caret)
        text_addf(out, "%s^", escape);
    if (bracket->minus)
        text_addf(out, "%s-", escape);
    text_add_char(out, ']');
}

static int take_bracket(Pattern *p) {
    Bracket bracket = {0};
    p->at++;
    bracket.negated = peek(p, 0) == '^';
    p->at += (size_t)bracket.negated;
    int sound = take_members(p, &bracket);
    p->at++;
    /* With nothing before it a `^` would negate; an empty bracket is no bracket in POSIX. */
    if (!bracket.bracket && !bracket.others.length)
        sound &= bracket.negated ? bracket.caret || bracket.minus : bracket.minus && !bracket.caret;
    if (sound)
        put_bracket(p, &bracket);
    text_fini(&bracket.others);
    return sound;
}

/* ---- the rest ---- */

/* "{2}", "{2,}", "{2,5}": anything else in braces means something else in each language. */
static int take_braces(Pattern *p) {
    size_t start = p->at++, digits = 0;
    for (; (peek(p, 0) >= '0' && peek(p, 0) <= '9') || (peek(p, 0) == ',' && digits); p->at++)
        digits++;
    if (peek(p, 0) != '}' || !digits)
        return 0;
    p->at++;
    text_add(&p->out, (Str){p->text.text + start, p->at - start});
    return 1;
}

static int take_escape(Pattern *p) {
    char c = peek(p, 1);
    p->at += 2;
    const char *members = p->to_ecma ? NULL : escape_members(c);
    if (members) {
        text_addf(&p->out, "[%s]", members);
        return 1;
    }
    if (!c || !strchr("^$\\.*+?()[]{}|/-", c)) {
        /* A letter behind a backslash is something of its own, if anything. */
        if (p->to_ecma || !escape_char(c))
            return 0;
        text_add_char(&p->out, escape_char(c));
        return 1;
    }
    text_addf(&p->out, c == '/' || c == '-' ? "%c" : "\\%c", c);
    return 1;
}

static int begins(const Pattern *p, const char *text) {
    size_t length = strlen(text);
    return p->text.length - p->at >= length && memcmp(p->text.text + p->at, text, length) == 0;
}

/* Is the last character that was written one of these, and not escaped? At the beginning it is a `(`. */
static int follows(const Pattern *p, const char *set) {
    size_t length = p->out.length, escapes = 0;
    if (!length)
        return strchr(set, '(') != NULL;
    while (escapes + 1 < length && p->out.bytes[length - 2 - escapes] == '\\')
        escapes++;
    return escapes % 2 == 0 && strchr(set, p->out.bytes[length - 1]);
}

static int take_one(Pattern *p) {
    static const char anything[] = "[\\s\\S]";
    char c = peek(p, 0);
    if (!p->to_ecma && begins(p, anything)) {
        text_add_char(&p->out, '.');
        p->at += sizeof anything - 1;
        return 1;
    }
    switch (c) {
    case '[': return take_bracket(p);
    case '\\': return take_escape(p);
    case '{': return take_braces(p);
    case '}': return 0;
    case '.':
        /* Of a newline only POSIX has it that `.` is one. */
        text_add(&p->out, p->to_ecma ? str_of(anything) : STR("[^\n\r]"));
        break;
    case '(':
        if (!p->to_ecma && peek(p, 1) == '?') {
            if (peek(p, 2) != ':')
                return 0;
            p->at += 2;
        }
        text_add_char(&p->out, c);
        break;
    case '*': case '+': case '?':
        /* Behind another it makes that lazy in ECMA; at the beginning it means nothing. */
        if (follows(p, "(|^*+?}"))
            return 0;
        text_add_char(&p->out, c);
        break;
    default: text_add_char(&p->out, c);
    }
    p->at++;
    return 1;
}

static int translate(Str text, int to_ecma, Text *out) {
    Pattern p = {.text = text, .to_ecma = to_ecma};
    int sound = 1;
    while (sound && more(&p))
        sound = take_one(&p);
    if (sound)
        text_add(out, text_str(&p.out));
    text_fini(&p.out);
    return sound;
}

int pattern_to_ecma(Str posix, Text *out) {
    return translate(posix, 1, out);
}

int pattern_from_ecma(Str ecma, Text *out) {
    return translate(ecma, 0, out);
}
