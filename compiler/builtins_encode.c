/* Functions that write what programs read: JSON, YAML, INI, units of systemd, environments, property strings, base64. */
#include <string.h>

#include "compiler/encode.h"
#include "compiler/slice.h"
#include "lang/json.h"

/* ---- JSON and YAML ---- */

/* A value on its way to JSON: secrets are written out, and the text is one then; resources become their names on the host. */
typedef struct Plain {
    const Call *call;
    const Value *unready;   /* what stands for the whole result: poison, or something known only after apply */
    uint8_t flags;
} Plain;

static const Value *plain(Plain *p, const Value *value);

static const Value *plain_record(Plain *p, const Value *value) {
    Arena *arena = p->call->session->arena;
    const Record *record = value->as.record;
    Field *fields = ARENA_ARRAY(arena, Field, (size_t)record->count + 1);
    for (uint32_t i = 0; i < record->count; i++) {
        fields[i] = record->fields[i];
        fields[i].value = plain(p, record->fields[i].value);
    }
    return value_record(arena, value->origin, record->tag, fields, record->count);
}

static const Value *plain_list(Plain *p, const Value *value) {
    Arena *arena = p->call->session->arena;
    const Value **items = ARENA_ARRAY(arena, const Value *, (size_t)value->as.list.count + 1);
    for (uint32_t i = 0; i < value->as.list.count; i++)
        items[i] = plain(p, value->as.list.items[i]);
    return value_list(arena, value->origin, items, value->as.list.count);
}

/* Values are bounded in depth, and with them this recursion. */
static const Value *plain(Plain *p, const Value *value) {
    Session *session = p->call->session;
    p->flags |= value->flags & VALUE_SECRET;
    if (value->kind == VALUE_POISON || value->kind == VALUE_UNKNOWN) {
        p->unready = value;
        return value;
    }
    if (value->kind == VALUE_RECORD)
        return plain_record(p, value);
    if (value->kind == VALUE_LIST)
        return plain_list(p, value);
    if (value->kind == VALUE_REFERENCE) {
        Text text = {0};
        const Value *name = call_poison(p->call);
        if (value_to_text(session, value, p->call->expr->span, &text, &p->flags))
            name = value_string(session->arena, value->origin, arena_str(session->arena, text_str(&text)));
        else
            p->unready = name;
        text_fini(&text);
        return name;
    }
    if (!(value->flags & VALUE_SECRET))
        return value;
    Value *shown = ARENA_NEW(session->arena, Value);
    *shown = *value;
    shown->flags = (uint8_t)(value->flags & ~VALUE_SECRET);
    return shown;
}

static const Value *call_json_text(const Call *call) {
    const Value *pretty = call->values[1];
    if (pretty && pretty->kind != VALUE_BOOL)
        return call_refuse(call, 1, "true or false");
    Plain p = {.call = call};
    const Value *value = plain(&p, call->values[0]);
    if (p.unready)
        return p.unready;
    Text text = {0};
    if (pretty && pretty->as.boolean) {
        json_write(value, JSON_INDENTED, 0, &text);
        text_add_char(&text, '\n');
    } else {
        json_write(value, JSON_COMPACT_SORTED, 0, &text);
    }
    return value_flagged(call->session->arena, call_written(call, &text), p.flags);
}

static const Value *call_yaml_text(const Call *call) {
    Encoder encoder = {.call = call};
    encode_yaml(&encoder, call->values[0]);
    return encode_result(&encoder);
}

/* ---- what lines can hold ---- */

static int is_blank(char c) {
    return c == ' ' || c == '\t';
}

static int has_control(Str text) {
    for (size_t i = 0; i < text.length; i++)
        if (((unsigned char)text.text[i] < 0x20 && text.text[i] != '\t') || text.text[i] == 0x7f)
            return 1;
    return 0;
}

/* What no line of `name = value` keeps; NULL where nothing of the kind is there. */
static const char *line_loses(Str text) {
    if (slice_find_char(text, '\n', 0) < text.length)
        return "holds a line break, and a line holds none";
    if (has_control(text))
        return "holds a control character";
    if (text.length && (is_blank(text.text[0]) || is_blank(text.text[text.length - 1])))
        return "has blanks at its ends, and readers take them off";
    return NULL;
}

static int is_word(Str text, const char *others) {
    for (size_t i = 0; i < text.length; i++) {
        char c = text.text[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && !strchr(others, c))
            return 0;
    }
    return text.length > 0;
}

/* ---- sections ---- */

typedef struct SectionStyle {
    const char *sign;       /* between key and value */
    Quote *section, *key, *value;
    int headless;           /* may keys stand before the first section? */
    int counts;             /* are sizes and rates whole numbers of bytes? */
} SectionStyle;

static const char *ini_section(const Encoder *encoder, Str text, Text *out) {
    (void)encoder;
    if (!text.length || slice_find_char(text, ']', 0) < text.length)
        return text.length ? "holds a `]`, and that ends the name of a section" : "is empty, and a section has a name";
    text_add(out, text);
    return line_loses(text);
}

static const char *ini_key(const Encoder *encoder, Str text, Text *out) {
    (void)encoder;
    if (!text.length || strchr("[#;", text.text[0]) || slice_find_char(text, '=', 0) < text.length || slice_find_char(text, ':', 0) < text.length)
        return "is no name for a key: it is empty, begins with `[`, `#` or `;`, or holds `=` or `:`";
    text_add(out, text);
    return line_loses(text);
}

static const char *ini_value(const Encoder *encoder, Str text, Text *out) {
    (void)encoder;
    for (size_t i = 0; i < text.length; i++)
        if ((text.text[i] == '#' || text.text[i] == ';') && (i == 0 || is_blank(text.text[i - 1])))
            return "holds a `#` or `;` behind a blank, and some readers take what follows for a comment";
    text_add(out, text);
    return line_loses(text);
}

static const char *systemd_name(const Encoder *encoder, Str text, Text *out) {
    (void)encoder;
    text_add(out, text);
    return is_word(text, "-") ? NULL : "is no name of a section or setting: these are letters, digits and `-`";
}

static const char *systemd_value(const Encoder *encoder, Str text, Text *out) {
    (void)encoder;
    text_add(out, text);
    if (slice_ends(text, STR("\\")))
        return "ends with a backslash, and that goes on with the next line";
    return line_loses(text);
}

static const SectionStyle INI = {" = ", ini_section, ini_key, ini_value, 1, 0};
static const SectionStyle SYSTEMD = {"=", systemd_name, systemd_name, systemd_value, 0, 1};

static void write_line(Encoder *encoder, const SectionStyle *style, const Name *key, const Value *value) {
    if (value->kind == VALUE_NONE)
        return;
    if (style->counts && (value->kind == VALUE_SIZE || value->kind == VALUE_RATE))
        value = value_flagged(encoder->call->session->arena,
                              value_integer(encoder->call->session->arena, value->origin, VALUE_INT, value->as.integer), value->flags);
    encode_key(encoder, key, style->key);
    encode_text(encoder, str_of(style->sign));
    encode_value(encoder, value, style->value);
    encode_text(encoder, STR("\n"));
}

/* A list is a line for each of its elements. */
static void write_lines(Encoder *encoder, const SectionStyle *style, const Field *field) {
    encoder->flags |= field->value->flags & VALUE_SECRET;
    if (field->value->kind != VALUE_LIST)
        write_line(encoder, style, field->name, field->value);
    for (uint32_t i = 0; field->value->kind == VALUE_LIST && i < field->value->as.list.count && encode_goes_on(encoder); i++)
        write_line(encoder, style, field->name, field->value->as.list.items[i]);
}

static void write_section(Encoder *encoder, const SectionStyle *style, const Name *name, const Value *section) {
    encoder->flags |= section->flags & VALUE_SECRET;
    if (encoder->out.length)
        encode_text(encoder, STR("\n"));
    encode_text(encoder, STR("["));
    encode_key(encoder, name, style->section);
    encode_text(encoder, STR("]\n"));
    for (uint32_t i = 0; i < section->as.record->count && encode_goes_on(encoder); i++)
        write_lines(encoder, style, &section->as.record->fields[i]);
}

/* Is it a section, or a list of sections of one name? */
static int is_section(const Value *value) {
    return value->kind == VALUE_RECORD || (value->kind == VALUE_LIST && value->as.list.count && value->as.list.items[0]->kind == VALUE_RECORD);
}

static void write_sections(Encoder *encoder, const SectionStyle *style, const Field *field) {
    const Value *value = field->value;
    const Value *const *sections = value->kind == VALUE_LIST ? value->as.list.items : &field->value;
    uint32_t count = value->kind == VALUE_LIST ? value->as.list.count : 1;
    encoder->flags |= value->flags & VALUE_SECRET;
    for (uint32_t i = 0; i < count && encode_goes_on(encoder); i++) {
        encoder->key = field->name;
        if (sections[i]->kind == VALUE_RECORD)
            write_section(encoder, style, field->name, sections[i]);
        else if (sections[i]->kind == VALUE_UNKNOWN)
            encoder->other = sections[i];
        else
            encode_refuse(encoder, sections[i], "is no section: a record of its keys is wanted");
    }
}

/* Keys without a section come first, or they would be taken for the last section's. */
static const Value *write_file(const Call *call, const SectionStyle *style) {
    const Record *record = call_record(call, 0);
    if (!record)
        return call_poison(call);
    Encoder encoder = {.call = call};
    for (uint32_t i = 0; style->headless && i < record->count && encode_goes_on(&encoder); i++)
        if (!is_section(record->fields[i].value))
            write_lines(&encoder, style, &record->fields[i]);
    for (uint32_t i = 0; i < record->count && encode_goes_on(&encoder); i++)
        if (is_section(record->fields[i].value) || (!style->headless && record->fields[i].value->kind != VALUE_NONE))
            write_sections(&encoder, style, &record->fields[i]);
    return encode_result(&encoder);
}

static const Value *call_ini_text(const Call *call) {
    return write_file(call, &INI);
}

static const Value *call_systemd_text(const Call *call) {
    return write_file(call, &SYSTEMD);
}

/* ---- words of systemd ---- */

/* A word as systemd takes apart lists of them: `%` would begin a specifier, everything else that has a meaning loses it in quotes. */
static const char *systemd_word(const Encoder *encoder, Str text, Text *out) {
    (void)encoder;
    int bare = is_word(text, "_./:@+,=-%");
    if (!bare)
        text_add_char(out, '"');
    for (size_t i = 0; i < text.length; i++) {
        char c = text.text[i];
        if (c == '\n' || c == '\t')
            text_addf(out, "\\%c", c == '\n' ? 'n' : 't');
        else if ((unsigned char)c < 0x20 || c == 0x7f)
            text_addf(out, "\\x%02x", (unsigned)c);
        else
            text_addf(out, "%s%c", c == '%' ? "%" : c == '"' || c == '\\' ? "\\" : "", c);
    }
    if (!bare)
        text_add_char(out, '"');
    return NULL;
}

/* In a command line `$` would stand for a variable besides. */
static const char *systemd_argument(const Encoder *encoder, Str text, Text *out) {
    Text doubled = {0};
    for (size_t i = 0; i < text.length; i++) {
        text_add_char(&doubled, text.text[i]);
        if (text.text[i] == '$')
            text_add_char(&doubled, '$');
    }
    const char *reason = systemd_word(encoder, text_str(&doubled), out);
    text_fini(&doubled);
    return reason;
}

/* The signs in which a program's name may begin say how it is run, in quotes too. */
static const char *systemd_program(const Encoder *encoder, Str text, Text *out) {
    if (!text.length || strchr("@-:+!|", text.text[0]))
        return "is no program: it is empty, or begins with a sign that tells systemd how to run it";
    return systemd_argument(encoder, text, out);
}

static const Value *write_words(const Call *call, Quote *first, Quote *quote) {
    const Value *const *items;
    uint32_t count;
    if (!call_list(call, 0, &items, &count))
        return call_poison(call);
    Encoder encoder = {.call = call};
    for (uint32_t i = 0; i < count && encode_goes_on(&encoder); i++) {
        if (i)
            encode_text(&encoder, STR(" "));
        encode_value(&encoder, items[i], i ? quote : first);
    }
    return encode_result(&encoder);
}

static const Value *call_systemd_words(const Call *call) {
    return write_words(call, systemd_word, systemd_word);
}

static const Value *call_systemd_command(const Call *call) {
    return write_words(call, systemd_program, systemd_argument);
}

/* ---- environments ---- */

static const char *env_name(const Encoder *encoder, Str text, Text *out) {
    (void)encoder;
    text_add(out, text);
    return is_word(text, "_") && !(text.text[0] >= '0' && text.text[0] <= '9')
               ? NULL
               : "is no name of a variable: these are letters, digits and `_`, and don't begin with a digit";
}

/* The readers agree on these forms. Single quotes keep everything, but for some readers `\\` and `\'` are escapes there, and one puts in
   variables for `${` however it is quoted. In double quotes `\"` and `\\` are escapes for all, but not before the closing quote, and what
   becomes of a `$` is not agreed upon. */
static const char *env_value(const Encoder *encoder, Str text, Text *out) {
    (void)encoder;
    int apostrophe = slice_find_char(text, '\'', 0) < text.length, dollar = slice_find_char(text, '$', 0) < text.length;
    int doubled = apostrophe || slice_find(text, STR("\\\\"), 0) < text.length;
    for (size_t i = 0; i < text.length; i++)
        if (text.text[i] != '\n' && has_control(slice(text, i, i + 1)))
            return "holds a control character";
    if (slice_ends(text, STR("\\")))
        return "ends with a backslash, and some readers take that for an escape of the closing quote";
    if (slice_find(text, STR("${"), 0) < text.length)
        return "holds `${`, and some readers take that for a variable however it is quoted";
    if (dollar && doubled)
        return apostrophe ? "holds `$` and a single quote, and no way to quote both is read alike by all"
                          : "holds `$` and two backslashes, and no way to quote both is read alike by all";
    if (!text.length || is_word(text, "_./:@%+,=-")) {
        text_add(out, text);
        return NULL;
    }
    text_add_char(out, doubled ? '"' : '\'');
    for (size_t i = 0; i < text.length; i++) {
        if (doubled && (text.text[i] == '"' || text.text[i] == '\\'))
            text_add_char(out, '\\');
        text_add_char(out, text.text[i]);
    }
    text_add_char(out, doubled ? '"' : '\'');
    return NULL;
}

static const Value *call_env_text(const Call *call) {
    const Record *record = call_record(call, 0);
    if (!record)
        return call_poison(call);
    Encoder encoder = {.call = call};
    for (uint32_t i = 0; i < record->count && encode_goes_on(&encoder); i++) {
        if (record->fields[i].value->kind == VALUE_NONE)
            continue;
        encode_key(&encoder, record->fields[i].name, env_name);
        encode_text(&encoder, STR("="));
        encode_value(&encoder, record->fields[i].value, env_value);
        encode_text(&encoder, STR("\n"));
    }
    return encode_result(&encoder);
}

/* ---- property strings ---- */

static const char *property_part(const Encoder *encoder, Str text, Text *out) {
    (void)encoder;
    text_add(out, text);
    if (slice_find_char(text, ',', 0) < text.length)
        return "holds a comma, and that begins the next property";
    return line_loses(text);
}

/* Of a key, and of the part that has none. */
static const char *property_name(const Encoder *encoder, Str text, Text *out) {
    if (!text.length || slice_find_char(text, '=', 0) < text.length)
        return text.length ? "holds `=`, and that parts a key from its value" : "is empty";
    return property_part(encoder, text, out);
}

static void write_property(Encoder *encoder, const Field *field) {
    const Value *value = field->value;
    if (value->kind == VALUE_NONE)
        return;
    if (value->kind == VALUE_BOOL)
        value = value_flagged(encoder->call->session->arena,
                              value_integer(encoder->call->session->arena, value->origin, VALUE_INT, value->as.boolean), value->flags);
    if (encoder->out.length)
        encode_text(encoder, STR(","));
    if (field->name->length) {
        encode_key(encoder, field->name, property_name);
        encode_text(encoder, STR("="));
    }
    encode_value(encoder, value, field->name->length ? property_part : property_name);
}

static const Value *call_property_text(const Call *call) {
    const Record *record = call_record(call, 0);
    if (!record)
        return call_poison(call);
    Encoder encoder = {.call = call};
    for (int keyed = 0; keyed < 2; keyed++)
        for (uint32_t i = 0; i < record->count && encode_goes_on(&encoder); i++)
            if (keyed == (record->fields[i].name->length > 0))
                write_property(&encoder, &record->fields[i]);
    return encode_result(&encoder);
}

/* ---- base64 ---- */

static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static const Value *call_base64_encode(const Call *call) {
    Str text;
    if (!call_string(call, 0, &text))
        return call_poison(call);
    Text out = {0};
    for (size_t i = 0; i < text.length && out.length <= CALL_TEXT_LIMIT; i += 3) {
        uint32_t bits = 0;
        size_t count = text.length - i < 3 ? text.length - i : 3;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < count ? (unsigned char)text.text[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            text_add_char(&out, k <= count ? DIGITS[bits >> (18 - 6 * k) & 63] : '=');
    }
    return call_written(call, &out);
}

/* Whole groups of four digits, the last filled up with `=`; blanks and line ends between them do not count. */
static int base64_read(Str text, Text *out) {
    uint32_t bits = 0, count = 0, filled = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (is_blank(text.text[i]) || text.text[i] == '\n' || text.text[i] == '\r')
            continue;
        const char *digit = memchr(DIGITS, text.text[i], sizeof DIGITS - 1);
        if (text.text[i] == '=' ? count % 4 < 2 : !digit || filled)
            return 0;
        filled += text.text[i] == '=';
        bits = bits << 6 | (digit ? (uint32_t)(digit - DIGITS) : 0);
        if (++count % 4)
            continue;
        for (uint32_t k = 0; k < 3 - filled; k++)
            text_add_char(out, (char)(bits >> (16 - 8 * k) & 255));
        if (bits & (filled ? (1u << 8 * filled) - 1 : 0))
            return 0;
        bits = 0;
    }
    return count % 4 == 0;
}

static const Value *call_base64_decode(const Call *call) {
    Str text;
    Diagnostic *d;
    if (!call_string(call, 0, &text))
        return call_poison(call);
    Text out = {0};
    if (base64_read(text, &out) && utf8_check(out.bytes, out.length) == out.length)
        return call_written(call, &out);
    text_fini(&out);
    return eval_problem(call->session, CODE_CALL_PARSE, call_span(call, 0), call->values[0], &d, "this is no text in base64");
}

const Builtin builtins_encode[] = {
    {"json_text", "json_text(value: T, pretty?: bool): string",
     "The value as JSON: on one line with its keys in order, or `pretty`, indented over several lines with the keys as they were written.",
     "json_text({ b = 1, a = [true] }) == '{\"a\":[true],\"b\":1}'", call_json_text, 0, 0},
    {"yaml_text", "yaml_text(value: T): string",
     "The value as YAML in block style; a text is quoted wherever YAML 1.1 or 1.2 would read something else.",
     "yaml_text({ image = \"db:1.7\", ports = [\"22:22\"], tty = true }) == \"image: db:1.7\\nports:\\n  - \\\"22:22\\\"\\ntty: true\\n\"",
     call_yaml_text, 0, 0},
    {"ini_text", "ini_text(sections: {string: T}): string",
     "`key = value` lines, those of records below `[name]` heads; a list repeats its key or section.",
     "ini_text({ user = \"db\", log = { level = 3 } }) == \"user = db\\n\\n[log]\\nlevel = 3\\n\"", call_ini_text, 0, 0},
    {"systemd_text", "systemd_text(sections: {string: T}): string",
     "A unit of systemd: `Key=value` lines below the heads of their sections; a list repeats its key or section, sizes are numbers of bytes.",
     "systemd_text({ Service = { Restart = \"always\", Environment = [\"A=1\", \"B=2\"] } }) == "
     "\"[Service]\\nRestart=always\\nEnvironment=A=1\\nEnvironment=B=2\\n\"",
     call_systemd_text, 0, 0},
    {"systemd_words", "systemd_words(words: [T]): string",
     "The words as a setting of systemd takes them apart again: quoted where they must be, `%` as `%%`.",
     "systemd_words([\"A=a b\", \"B=5%\"]) == '\"A=a b\" B=5%%'", call_systemd_words, 0, 0},
    {"systemd_command", "systemd_command(argv: [T]): string", "A command line as systemd takes it apart again: words in quotes where they must be, `%` as `%%` and `$` as `$$`.",
     "systemd_command([\"/bin/echo\", \"$HOME\"]) == '/bin/echo \"$$HOME\"'", call_systemd_command, 0, 0},
    {"env_text", "env_text(variables: {string: T}): string",
     "`NAME=value` lines, quoted so that Compose and systemd's EnvironmentFile read the same; what one of them can't hold is an error.",
     "env_text({ A = \"x\", B = \"it is $5\" }) == \"A=x\\nB='it is $5'\\n\"", call_env_text, 0, 0},
    {"property_text", "property_text(properties: {string: T}): string",
     "`a,k=v,k=v`, the part without a key from under \"\"; true and false are 1 and 0.",
     "property_text({ size = \"1G\", \"\": \"x\", ro = true }) == \"x,size=1G,ro=1\"", call_property_text, 0, 0},
    {"base64_encode", "base64_encode(text: string): string", "The bytes of the text in base64.",
     "base64_encode(\"user:key\") == \"dXNlcjprZXk=\"", call_base64_encode, 0, 0},
    {"base64_decode", "base64_decode(text: string): string", "The text that base64 stands for; other bytes than those of a text are an error.",
     "base64_decode(\"dXNlcjprZXk=\") == \"user:key\"", call_base64_decode, 0, 0},
};
const uint32_t builtins_encode_count = sizeof builtins_encode / sizeof *builtins_encode;
