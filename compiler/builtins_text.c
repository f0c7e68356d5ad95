/* Functions of text. */
#include <string.h>

#include "compiler/builtins.h"
#include "compiler/decode.h"
#include "compiler/hash.h"
#include "compiler/regexp.h"
#include "compiler/slice.h"

/* ---- taking apart and putting together ---- */

static const Value *call_split(const Call *call) {
    Str text, separator;
    if (!call_string(call, 0, &text) || !call_string(call, 1, &separator))
        return call_poison(call);
    VECTOR(const Value *) parts = {0};
    for (Str rest = text, part; text.length && slice_next(&rest, separator, &part);)
        VECTOR_PUSH(call->session->arena, &parts, call_text(call, part));
    call_spend(call, parts.count);
    return call_value(call, value_list(call->session->arena, call->expr->span, parts.items, parts.count));
}

static const Value *call_join(const Call *call) {
    const Value *const *items;
    uint32_t count;
    Str separator;
    if (!call_list(call, 0, &items, &count) || !call_string(call, 1, &separator))
        return call_poison(call);
    const Value *unready = call_unready(items, count);
    if (unready)
        return unready;
    Text text = {0};
    uint8_t flags = 0;
    for (uint32_t i = 0; i < count && text.length <= CALL_TEXT_LIMIT; i++) {
        if (i)
            text_add(&text, separator);
        if (!value_to_text(call->session, items[i], call->expr->span, &text, &flags)) {
            text_fini(&text);
            return call_poison(call);
        }
    }
    call_spend(call, count);
    return value_flagged(call->session->arena, call_written(call, &text), flags);
}

static const Value *call_replace(const Call *call) {
    Str text, old, new;
    if (!call_string(call, 0, &text) || !call_string(call, 1, &old) || !call_string(call, 2, &new))
        return call_poison(call);
    Text out = {0};
    size_t at = 0;
    for (size_t found; out.length <= CALL_TEXT_LIMIT && (found = slice_find(text, old, at)) < text.length; at = found + old.length) {
        text_add(&out, slice(text, at, found));
        text_add(&out, new);
    }
    text_add(&out, slice(text, at, text.length));
    return call_written(call, &out);
}

static const Value *call_repeat(const Call *call) {
    Str text;
    int64_t count;
    if (!call_string(call, 0, &text) || !call_int(call, 1, &count))
        return call_poison(call);
    Text out = {0};
    if (text.length && count > (int64_t)(CALL_TEXT_LIMIT / text.length))
        return call_too_long(call);
    for (int64_t i = 0; text.length && i < count; i++)
        text_add(&out, text);
    return call_written(call, &out);
}

/* The offset of the character number [count], or the end. */
static size_t character_offset(Str text, int64_t count) {
    size_t at = 0;
    for (; at < text.length; at++)
        if (((unsigned char)text.text[at] & 0xC0) != 0x80 && count-- == 0)
            return at;
    return at;
}

static const Value *call_substring(const Call *call) {
    Str text;
    int64_t first, end = INT64_MAX;
    Diagnostic *d;
    if (!call_string(call, 0, &text) || !call_int(call, 1, &first) || (call->values[2] && !call_int(call, 2, &end)))
        return call_poison(call);
    if (first < 0 || end < 0)
        return eval_problem(call->session, CODE_CALL_RANGE, call_span(call, 0), call->values[0], &d, "characters are counted from 0 on");
    return call_text(call, slice(text, character_offset(text, first), character_offset(text, end)));
}

static const Value *pad(const Call *call, int left) {
    Str text, fill = STR(" ");
    int64_t width;
    if (!call_string(call, 0, &text) || !call_int(call, 1, &width) || (call->values[2] && !call_string(call, 2, &fill)))
        return call_poison(call);
    int64_t length = 0;
    for (size_t i = 0; i < text.length; i++)
        length += ((unsigned char)text.text[i] & 0xC0) != 0x80;
    Text out = {0};
    if (!left)
        text_add(&out, text);
    for (; fill.length && length < width && out.length <= CALL_TEXT_LIMIT; length++)
        text_add(&out, fill);
    if (left)
        text_add(&out, text);
    return call_written(call, &out);
}

static const Value *call_pad_left(const Call *call) {
    return pad(call, 1);
}

static const Value *call_pad_right(const Call *call) {
    return pad(call, 0);
}

/* ---- letters and blanks ---- */

/* Only ASCII letters have cases here: names of hosts, keys of files. */
static const Value *change_letters(const Call *call, char from, char to, int shift) {
    Str text;
    if (!call_string(call, 0, &text))
        return call_poison(call);
    char *bytes = arena_text(call->session->arena, text.length + 1);
    for (size_t i = 0; i < text.length; i++)
        bytes[i] = (char)(text.text[i] >= from && text.text[i] <= to ? text.text[i] + shift : text.text[i]);
    bytes[text.length] = '\0';
    return call_text(call, (Str){bytes, text.length});
}

static const Value *call_lower(const Call *call) {
    return change_letters(call, 'A', 'Z', 'a' - 'A');
}

static const Value *call_upper(const Call *call) {
    return change_letters(call, 'a', 'z', 'A' - 'a');
}

static const Value *call_trim(const Call *call) {
    Str text;
    return call_string(call, 0, &text) ? call_text(call, slice_trim(text)) : call_poison(call);
}

/* ---- asking ---- */

static const Value *call_starts_with(const Call *call) {
    Str text, part;
    if (!call_string(call, 0, &text) || !call_string(call, 1, &part))
        return call_poison(call);
    return call_truth(call, slice_begins(text, part));
}

static const Value *call_ends_with(const Call *call) {
    Str text, part;
    if (!call_string(call, 0, &text) || !call_string(call, 1, &part))
        return call_poison(call);
    return call_truth(call, slice_ends(text, part));
}

static const Value *call_matches(const Call *call) {
    Str text, pattern, error;
    Diagnostic *d;
    if (!call_string(call, 0, &text) || !call_string(call, 1, &pattern))
        return call_poison(call);
    int matches = regexp_match(call->session, pattern, text, NULL, 0, NULL, &error);
    if (matches < 0)
        return eval_problem(call->session, CODE_CALL_REGEX, call_span(call, 1), call->values[1], &d,
                            "this is no POSIX extended regular expression: %.*s", (int)error.length, error.text);
    return call_truth(call, matches);
}

/* ---- paths ---- */

/* The path without slashes at its end; "/" stays. */
static Str path_trim(Str path) {
    while (path.length > 1 && path.text[path.length - 1] == '/')
        path.length--;
    return path;
}

static size_t last_slash(Str path) {
    size_t at = path.length;
    while (at && path.text[at - 1] != '/')
        at--;
    return at;
}

static const Value *call_basename(const Call *call) {
    Str path;
    if (!call_string(call, 0, &path))
        return call_poison(call);
    path = path_trim(path);
    return call_text(call, path.length == 1 ? path : slice(path, last_slash(path), path.length));
}

static const Value *call_dirname(const Call *call) {
    Str path;
    if (!call_string(call, 0, &path))
        return call_poison(call);
    path = path_trim(path);
    size_t slash = last_slash(path);
    return call_text(call, slash == 0 ? STR(".") : path_trim(slice(path, 0, slash)));
}

/* ---- other forms ---- */

static const Value *call_to_string(const Call *call) {
    Text text = {0};
    uint8_t flags = 0;
    if (!value_to_text(call->session, call->values[0], call->expr->span, &text, &flags)) {
        text_fini(&text);
        return call_poison(call);
    }
    return value_flagged(call->session->arena, call_written(call, &text), flags);
}

static const Value *call_percent_encode(const Call *call) {
    Str text, also = STR("");
    if (!call_string(call, 0, &text) || (call->values[1] && !call_string(call, 1, &also)))
        return call_poison(call);
    return call_text(call, percent_encode(call->session->arena, text, also));
}

static const Value *call_percent_decode(const Call *call) {
    Str text;
    return call_string(call, 0, &text) ? call_text(call, percent_decode(call->session->arena, text)) : call_poison(call);
}

static const Value *digest_text(const Call *call, Str (*hash)(Arena *arena, Str bytes)) {
    Str text;
    return call_string(call, 0, &text) ? call_text(call, hash(call->session->arena, text)) : call_poison(call);
}

static const Value *call_sha1(const Call *call) {
    return digest_text(call, hash_sha1);
}

static const Value *call_sha256(const Call *call) {
    return digest_text(call, hash_sha256);
}

static const Value *call_sha512(const Call *call) {
    return digest_text(call, hash_sha512);
}

const Builtin builtins_text[] = {
    {"split", "split(text: string, separator: string): [string]", "The parts between the separators; an empty text has none.",
     "split(\"a,b\", \",\") == [\"a\", \"b\"]", call_split, 0, 0},
    {"join", "join(values: [T], separator: string): string", "The texts of the values with the separator between them.",
     "join([1, \"b\"], \"-\") == \"1-b\"", call_join, 0, 0},
    {"replace", "replace(text: string, old: string, new: string): string", "The text with each `old` replaced, from left to right.",
     "replace(\"a.b.c\", \".\", \"_\") == \"a_b_c\"", call_replace, 0, 0},
    {"repeat", "repeat(text: string, count: int): string", "The text, `count` times.", "repeat(\"ab\", 2) == \"abab\"", call_repeat, 0, 0},
    {"substring", "substring(text: string, first: int, end?: int): string",
     "The characters from number `first`, counted from 0, up to, but without, number `end`.",
     "substring(\"abcd\", 1, 3) == \"bc\"", call_substring, 0, 0},
    {"pad_left", "pad_left(text: string, width: int, fill?: string): string", "The text with blanks, or `fill`, before it up to so many characters.",
     "pad_left(\"7\", 3, \"0\") == \"007\"", call_pad_left, 0, 0},
    {"pad_right", "pad_right(text: string, width: int, fill?: string): string", "The text with blanks, or `fill`, behind it up to so many characters.",
     "pad_right(\"ab\", 4) + \"|\" == \"ab  |\"", call_pad_right, 0, 0},
    {"lower", "lower(text: string): string", "ASCII letters as small ones.", "lower(\"Ab\") == \"ab\"", call_lower, 0, 0},
    {"upper", "upper(text: string): string", "ASCII letters as capitals.", "upper(\"Ab\") == \"AB\"", call_upper, 0, 0},
    {"trim", "trim(text: string): string", "The text without the blanks and line ends around it.", "trim(\" a b\\n\") == \"a b\"", call_trim, 0, 0},
    {"starts_with", "starts_with(text: string, start: string): bool", "Does the text begin so?",
     "starts_with(\"abc\", \"ab\")", call_starts_with, 0, 0},
    {"ends_with", "ends_with(text: string, end: string): bool", "Does the text end so?", "ends_with(\"abc\", \"bc\")", call_ends_with, 0, 0},
    {"matches", "matches(text: string, regex: string): bool", "Does a POSIX extended regular expression match somewhere in the text?",
     "matches(\"eth12\", '^eth[0-9]+$')", call_matches, 0, 0},
    {"to_string", "to_string(value: T): string", "The value as it would be interpolated; a resource as its name on the host.",
     "to_string(16GiB) == \"16GiB\"", call_to_string, 0, 0},
    {"basename", "basename(path: string): string", "What stands behind the last slash.",
     "basename(\"/etc/hosts\") == \"hosts\"", call_basename, 0, 0},
    {"dirname", "dirname(path: string): string", "What stands before the last slash.", "dirname(\"/etc/hosts\") == \"/etc\"", call_dirname, 0, 0},
    {"percent_encode", "percent_encode(text: string, also?: string): string",
     "`%XX` for what is not printable ASCII, for `%` and for the characters of `also`.", "percent_encode(\"a b%\", \" \") == \"a%20b%25\"",
     call_percent_encode, 0, 0},
    {"percent_decode", "percent_decode(text: string): string", "The characters that `%XX` stands for; what is no `%XX` stays.",
     "percent_decode(\"a%20b%\") == \"a b%\"", call_percent_decode, 0, 0},
    {"sha1", "sha1(text: string): string", "The SHA-1 of the text in hexadecimal digits: no proof of anything, but how some hosts name the state of a file.",
     "sha1(\"\") == \"da39a3ee5e6b4b0d3255bfef95601890afd80709\"", call_sha1, 0, 0},
    {"sha256", "sha256(text: string): string", "The SHA-256 of the text in hexadecimal digits.",
     "substring(sha256(\"abc\"), 0, 16) == \"ba7816bf8f01cfea\"", call_sha256, 0, 0},
    {"sha512", "sha512(text: string): string", "The SHA-512 of the text in hexadecimal digits.",
     "substring(sha512(\"abc\"), 0, 16) == \"ddaf35a193617aba\"", call_sha512, 0, 0},
};
const uint32_t builtins_text_count = sizeof builtins_text / sizeof *builtins_text;
