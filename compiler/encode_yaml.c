/* Values to YAML in block style, read alike by readers of YAML 1.1 and of 1.2.
   The two differ in what an unquoted scalar is: `no` is false in the one and a text in the other, `22:22` a number to the base of 60. So a
   text stands unquoted only where it is nothing else in either. */
#include "compiler/encode.h"
#include "compiler/slice.h"

/* How many bytes the character at [text] has; negative where it is none that may stand unescaped in a double-quoted scalar, and 0 for a
   byte that is no UTF-8. */
static int character_length(Str text) {
    const unsigned char *at = (const unsigned char *)text.text;
    size_t length = utf8_length(text.text, text.length);
    if (length == 1)
        return at[0] >= 0x20 && at[0] < 0x7f ? 1 : -1;
    if (length == 2)
        return at[0] == 0xc2 && at[1] < 0xa0 ? -2 : 2;
    if (length == 3) {
        int separator = at[0] == 0xe2 && at[1] == 0x80 && (at[2] == 0xa8 || at[2] == 0xa9);
        int mark = (at[0] == 0xef && at[1] == 0xbb && at[2] == 0xbf) || (at[0] == 0xef && at[1] == 0xbf && at[2] >= 0xbe);
        return separator || mark ? -3 : 3;
    }
    return (int)length;
}

/* ---- texts ---- */

/* Words that are truth values or null in one of the versions, in any case of letters. */
static int is_word_of_yaml(Str text) {
    static const char *const words[] = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_equal_letters(text, str_of(words[i])))
            return 1;
    return 0;
}

static int is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Numbers, dates and the signs of YAML begin with something else than a letter or a slash. */
static int is_plain(Str text) {
    static const char others[] = "0123456789./@+,:=- ";
    if (!text.length || !(is_letter(text.text[0]) || text.text[0] == '/') || is_word_of_yaml(text))
        return 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.text[i], next = i + 1 < text.length ? text.text[i + 1] : ' ';
        if (!is_letter(c) && !memchr(others, c, sizeof others - 1))
            return 0;
        if ((c == ':' || c == ' ') && next == ' ')
            return 0;
    }
    return 1;
}

/* Several lines that a literal block holds as they are: without blanks where they are hard to see or tell how far the block is indented. */
static int is_block(Str text) {
    int lines = 0;
    char before = '\n';
    for (size_t i = 0; i < text.length;) {
        char c = text.text[i];
        int length = c == '\n' || c == '\t' ? 1 : character_length((Str){text.text + i, text.length - i});
        if (length <= 0 || (i == 0 && (c == ' ' || c == '\n')) || (c == '\t' && before == '\n') ||
            (c == '\n' && (before == ' ' || before == '\t')))
            return 0;
        lines |= c == '\n';
        before = c;
        i += (size_t)length;
    }
    return lines && before != ' ' && before != '\t';
}

static void write_escape(Str character, Text *out) {
    const unsigned char *at = (const unsigned char *)character.text;
    if (at[0] == '\n' || at[0] == '\t' || at[0] == '\r')
        text_addf(out, "\\%c", at[0] == '\n' ? 'n' : at[0] == '\t' ? 't' : 'r');
    else if (character.length < 3)
        text_addf(out, "\\x%02X", at[character.length - 1]);
    else
        text_addf(out, "\\u%04X", (unsigned)((at[0] & 0x0f) << 12 | (at[1] & 0x3f) << 6 | (at[2] & 0x3f)));
}

static void write_quoted(Str text, Text *out) {
    text_add_char(out, '"');
    for (size_t i = 0; i < text.length;) {
        Str rest = {text.text + i, text.length - i};
        int length = character_length(rest);
        size_t step = length == 0 ? 1 : (size_t)(length < 0 ? -length : length);
        if (length == 0) {
            text_add_literal(out, "\xEF\xBF\xBD");
        } else if (length < 0) {
            write_escape((Str){rest.text, step}, out);
        } else {
            if (*rest.text == '"' || *rest.text == '\\')
                text_add_char(out, '\\');
            text_add(out, (Str){rest.text, step});
        }
        i += step;
    }
    text_add_char(out, '"');
}

/* The line ends behind the last line are the block's business: `|` has one, `|-` none, `|+` as many as stand there. */
static void write_block(Str text, int level, Text *out) {
    size_t length = text.length;
    int ended = text.text[length - 1] == '\n', open = ended && text.text[length - 2] == '\n';
    text_add(out, open ? STR("|+") : ended ? STR("|") : STR("|-"));
    if (ended)
        length--;
    for (size_t i = 0; i < length;) {
        const char *end = memchr(text.text + i, '\n', length - i);
        size_t line = end ? (size_t)(end - text.text) - i : length - i;
        text_add_char(out, '\n');
        if (line)
            text_add_repeat(out, ' ', 2 * (size_t)level);
        text_add(out, (Str){text.text + i, line});
        i += line + 1;
    }
    if (open)
        text_add_char(out, '\n');
}

static const char *quote_key(const Encoder *encoder, Str text, Text *out) {
    (void)encoder;
    if (is_plain(text))
        text_add(out, text);
    else
        write_quoted(text, out);
    return NULL;
}

static const char *quote_text(const Encoder *encoder, Str text, Text *out) {
    if (!is_block(text))
        return quote_key(encoder, text, out);
    write_block(text, encoder->level, out);
    return NULL;
}

/* A number or a truth value. A float has a point, and its exponent a sign, or it is a text for some. */
static const char *quote_nothing(const Encoder *encoder, Str text, Text *out) {
    (void)encoder;
    text_add(out, text);
    return NULL;
}

static const char *quote_float(const Encoder *encoder, Str text, Text *out) {
    (void)encoder;
    size_t exponent = slice_find(text, STR("e"), 0);
    text_add(out, slice(text, 0, exponent));
    if (slice_find(text, STR("."), 0) == text.length)
        text_add_literal(out, ".0");
    if (exponent < text.length)
        text_addf(out, "e%s%.*s", text.text[exponent + 1] == '-' ? "" : "+", (int)(text.length - exponent - 1), text.text + exponent + 1);
    return NULL;
}

/* ---- values ---- */

static void write_node(Encoder *encoder, const Value *value, int level, int in_line);

static void write_indent(Encoder *encoder, int level) {
    text_add_repeat(&encoder->out, ' ', 2 * (size_t)level);
}

static void write_scalar(Encoder *encoder, const Value *value, int level) {
    encoder->level = level;
    if (value->kind == VALUE_NONE)
        encode_text(encoder, STR("null"));
    else if (value->kind == VALUE_BOOL || value->kind == VALUE_INT)
        encode_value(encoder, value, quote_nothing);
    else
        encode_value(encoder, value, value->kind == VALUE_FLOAT ? quote_float : quote_text);
    encode_text(encoder, STR("\n"));
}

static int is_empty(const Value *value) {
    return value->kind == VALUE_LIST ? !value->as.list.count : !value->as.record->tag && !value->as.record->count;
}

/* What stands behind `key:` or `-`. A dash has the first entry of what it holds beside it, a key has all of them below. */
static void write_child(Encoder *encoder, const Value *value, int level, int dash) {
    int parts = value->kind == VALUE_LIST || value->kind == VALUE_RECORD;
    if (!parts || is_empty(value) || dash)
        encode_text(encoder, STR(" "));
    else
        encode_text(encoder, STR("\n"));
    write_node(encoder, value, level, dash);
}

/* YAML finds the end of a key without a sign before it within 1024 characters. */
static void write_entry(Encoder *encoder, const Name *name, const Value *value, int level) {
    enum { KEY_LIMIT = 160 };       /* each byte may become an escape of up to six */
    int long_key = name->length > KEY_LIMIT;
    if (long_key)
        encode_text(encoder, STR("? "));
    encode_key(encoder, name, quote_key);
    if (long_key) {
        encode_text(encoder, STR("\n"));
        write_indent(encoder, level);
    }
    encode_text(encoder, STR(":"));
    write_child(encoder, value, level + 1, 0);
}

static void write_record(Encoder *encoder, const Value *value, int level, int in_line) {
    const Record *record = value->as.record;
    if (record->tag) {
        Value fields = *value;
        Record untagged = *record;
        untagged.tag = NULL;
        fields.as.record = &untagged;
        if (!in_line)
            write_indent(encoder, level);
        write_entry(encoder, record->tag, &fields, level);
        return;
    }
    for (uint32_t i = 0; i < record->count && encode_goes_on(encoder); i++) {
        if (i || !in_line)
            write_indent(encoder, level);
        write_entry(encoder, record->fields[i].name, record->fields[i].value, level);
    }
}

/* [level]: how far in the lines of the value stand; [in_line]: but for its first, which is begun. Recursion is bounded by VALUE_DEPTH_LIMIT. */
static void write_node(Encoder *encoder, const Value *value, int level, int in_line) {
    if (value->kind != VALUE_LIST && value->kind != VALUE_RECORD) {
        write_scalar(encoder, value, level);
        return;
    }
    encoder->flags |= value->flags & VALUE_SECRET;
    if (is_empty(value)) {
        encode_text(encoder, value->kind == VALUE_LIST ? STR("[]\n") : STR("{}\n"));
        return;
    }
    if (value->kind == VALUE_RECORD) {
        write_record(encoder, value, level, in_line);
        return;
    }
    for (uint32_t i = 0; i < value->as.list.count && encode_goes_on(encoder); i++) {
        if (i || !in_line)
            write_indent(encoder, level);
        encode_text(encoder, STR("-"));
        write_child(encoder, value->as.list.items[i], level + 1, 1);
    }
}

void encode_yaml(Encoder *encoder, const Value *value) {
    int parts = value->kind == VALUE_LIST || value->kind == VALUE_RECORD;
    write_node(encoder, value, parts ? 0 : 1, 0);
}
