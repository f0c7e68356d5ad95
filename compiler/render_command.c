/* One command to one line, quoted for a shell: `pct set 952 --memory 32768`. What no program of a host does by itself (an edit of
   lines) is a shell comment, so that a pasted plan does nothing it does not say. */
#include "compiler/render.h"

#include <string.h>

/* Bytes of a long argument that are shown. */
enum { SHOWN_LIMIT = 200 };

/* What means nothing to a shell, wherever it stands. */
static int is_plain_char(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= '-' && c <= ':'))   /* with - . / and : all digits */
        return 1;
    switch (c) {
    case '_': case '@': case '%': case '+': case '=': case ',': return 1;
    default: return c >= 'A' && c <= 'Z';
    }
}

static int is_plain(Str text) {
    for (size_t i = 0; i < text.length; i++)
        if (!is_plain_char(text.text[i]))
            return 0;
    return text.length > 0;
}

/* Control characters would break the line or reach a terminal, those that UTF-8 writes as 0xc2 0x80-0x9f too. */
static int is_control(Str text, size_t at) {
    unsigned char c = (unsigned char)text.text[at];
    if (c == 0xc2 && at + 1 < text.length)
        return (unsigned char)text.text[at + 1] < 0xa0;
    if (c >= 0x80 && c < 0xa0 && at)
        return (unsigned char)text.text[at - 1] == 0xc2;
    return c < ' ' || c == 0x7f;
}

static int has_control(Str text) {
    for (size_t i = 0; i < text.length; i++)
        if (is_control(text, i))
            return 1;
    return 0;
}

/* $'...' is the shell's form with escapes. */
static void add_quoted(Str text, Text *out) {
    if (is_plain(text)) {
        text_add(out, text);
        return;
    }
    int escapes = has_control(text);
    text_add(out, escapes ? STR("$'") : STR("'"));
    for (size_t i = 0; i < text.length; i++) {
        size_t start = i;
        while (i < text.length && is_plain_char(text.text[i]))
            i++;
        text_add(out, (Str){text.text + start, i - start});
        if (i == text.length)
            break;
        char c = text.text[i];
        if (!escapes && c == '\'')
            text_add_literal(out, "'\\''");
        else if (escapes && (c == '\'' || c == '\\'))
            text_addf(out, "\\%c", c);
        else if (c == '\n')
            text_add_literal(out, "\\n");
        else if (c == '\t')
            text_add_literal(out, "\\t");
        else if (is_control(text, i))
            text_addf(out, "\\x%02x", (unsigned char)c);
        else
            text_add_char(out, c);
    }
    text_add_char(out, '\'');
}

/* Cut between characters, never inside one. */
static Str cut(Str text) {
    if (text.length <= SHOWN_LIMIT)
        return text;
    size_t length = SHOWN_LIMIT;
    while (length && ((unsigned char)text.text[length] & 0xc0) == 0x80)
        length--;
    return (Str){text.text, length};
}

static void add_hole(const Value *value, Text *out) {
    switch ((HoleKind)value->hole) {
    case HOLE_SECRET: text_add_literal(out, "<secret "); break;
    case HOLE_DIGEST: text_add_literal(out, "<digest of "); break;
    case HOLE_UNKNOWN: text_add_char(out, '<'); break;
    }
    text_add(out, value->as.unknown->text);
    text_add_char(out, '>');
}

/* An argument: a string, something filled in later, or a list of both that are joined. */
static void add_argument(const Value *value, Text *out) {
    if (value->flags & VALUE_SECRET) {
        text_add_literal(out, "<secret>");
    } else if (value->kind == VALUE_UNKNOWN) {
        add_hole(value, out);
    } else if (value->kind == VALUE_STRING) {
        Str shown = cut(value->as.string);
        add_quoted(shown, out);
        if (shown.length < value->as.string.length)
            text_addf(out, "<%zu bytes more>", value->as.string.length - shown.length);
    } else if (value->kind == VALUE_LIST) {
        for (uint32_t i = 0; i < value->as.list.count; i++)
            add_argument(value->as.list.items[i], out);
    } else {
        Text plain = {0};
        value_print_plain(value, &plain);
        add_quoted(text_str(&plain), out);
        text_fini(&plain);
    }
}

static void add_field(const Command *command, const char *name, const char *before, Text *out) {
    const Value *value = command_field(command, name);
    if (!value || (value->kind == VALUE_STRING && !value->as.string.length))
        return;
    text_add(out, str_of(before));
    add_argument(value, out);
}

/* "312 bytes" of a text, counting what is filled in later as nothing. */
static void add_size(const Value *value, Text *out) {
    size_t length = 0;
    int more = 0;
    if (value->kind == VALUE_STRING)
        length = value->as.string.length;
    else if (value->kind != VALUE_LIST)
        more = 1;
    for (uint32_t i = 0; value->kind == VALUE_LIST && i < value->as.list.count; i++) {
        const Value *part = value->as.list.items[i];
        if (part->kind == VALUE_STRING)
            length += part->as.string.length;
        else
            more = 1;
    }
    text_addf(out, "%s%zu byte%s", more ? "more than " : "", length, length == 1 ? "" : "s");
}

/* Remarks stand behind the command, in one comment. */
static void add_remark(const char *what, Text *remarks) {
    text_addf(remarks, "%s%s", remarks->length ? ", " : "", what);
}

static void remark_pattern(const Command *command, const char *field, const char *what, Text *remarks) {
    const Value *pattern = command_field(command, field);
    if (!pattern || pattern->kind != VALUE_STRING)
        return;
    add_remark(what, remarks);
    add_quoted(pattern->as.string, remarks);
}

static void add_arguments(const Command *command, Text *out) {
    const Value *argv = command_field(command, "argv");
    for (uint32_t i = 0; argv && argv->kind == VALUE_LIST && i < argv->as.list.count; i++) {
        if (i)
            text_add_char(out, ' ');
        add_argument(argv->as.list.items[i], out);
    }
}

/* What must be printed, by the command or by one that shows what it does. */
static void remark_expected(const Command *command, Text *remarks) {
    const Value *look = command_field(command, "changes");
    remark_pattern(command, "expect", "must print ", remarks);
    if (look && look->kind == VALUE_RECORD) {
        Command inner = command_of(COMMAND_RUN, command->place, look->as.record);
        add_remark("must change `", remarks);
        add_arguments(&inner, remarks);
        text_add_char(remarks, '`');
    }
}

static void add_run(const Command *command, Text *out, Text *remarks) {
    add_arguments(command, out);
    const Value *input = command_field(command, "stdin");
    if (input) {
        add_remark("reads ", remarks);
        add_size(input, remarks);
    }
    remark_expected(command, remarks);
}

static void add_write(const Command *command, Text *out, Text *remarks) {
    text_add_literal(out, "install");
    add_field(command, "mode", " -m ", out);
    const Value *owner = command_field(command, "owner");
    if (owner && owner->kind == VALUE_STRING) {
        Str text = owner->as.string;
        const char *colon = memchr(text.text, ':', text.length);
        size_t user = colon ? (size_t)(colon - text.text) : text.length;
        text_add_literal(out, " -o ");
        add_quoted((Str){text.text, user}, out);
        if (colon) {
            text_add_literal(out, " -g ");
            add_quoted((Str){colon + 1, text.length - user - 1}, out);
        }
    }
    text_add_literal(out, " /dev/stdin");
    add_field(command, "path", " ", out);
    const Value *content = command_field(command, "content");
    if (content)
        add_size(content, remarks);
}

static void add_lines(const Command *command, const char *name, char sign, Text *out) {
    const Value *list = command_field(command, name);
    for (uint32_t i = 0; list && list->kind == VALUE_LIST && i < list->as.list.count; i++) {
        text_addf(out, " %c", sign);
        add_argument(list->as.list.items[i], out);
    }
}

static void add_edit(const Command *command, Text *out) {
    text_add_literal(out, "# edit");
    add_field(command, "path", " ", out);
    add_field(command, "section", " section ", out);
    add_lines(command, "remove", '-', out);
    add_lines(command, "add", '+', out);
}

/* One argument, `'Name: text'`; behind the name stands what is not known yet. */
static void add_header(const Field *field, Text *out) {
    Text header = {0};
    int is_text = field->value->kind == VALUE_STRING && !value_is_secret(field->value);
    text_add(&header, name_str(field->name));
    text_add_literal(&header, ": ");
    if (is_text)
        text_add(&header, cut(field->value->as.string));
    add_quoted(text_str(&header), out);
    text_fini(&header);
    if (!is_text)
        add_argument(field->value, out);
    else if (field->value->as.string.length > SHOWN_LIMIT)
        text_addf(out, "<%zu bytes more>", field->value->as.string.length - cut(field->value->as.string).length);
}

static void add_http(const Command *command, Text *out, Text *remarks) {
    static const struct { const char *field, *shown; } PAPERS[] = {{"ca", "with authorities of its own"}, {"certificate", "with a client certificate"}};
    text_add_literal(out, "curl -fsS");
    add_field(command, "method", " -X ", out);
    const Value *headers = command_field(command, "headers");
    for (uint32_t i = 0; headers && headers->kind == VALUE_RECORD && i < headers->as.record->count; i++) {
        const Field *field = &headers->as.record->fields[i];
        text_add_literal(out, " -H ");
        add_header(field, out);
    }
    add_field(command, "body", " --data-raw ", out);
    add_field(command, "url", " ", out);
    for (size_t i = 0; i < sizeof PAPERS / sizeof PAPERS[0]; i++) {
        const Value *paper = command_field(command, PAPERS[i].field);
        if (paper && paper->kind != VALUE_NONE)
            add_remark(PAPERS[i].shown, remarks);
    }
    const Value *statuses = command_field(command, "status");
    for (uint32_t i = 0; statuses && statuses->kind == VALUE_LIST && i < statuses->as.list.count; i++) {
        add_remark(i ? "" : "status ", remarks);
        value_print_plain(statuses->as.list.items[i], remarks);
    }
    remark_expected(command, remarks);
}

static void add_seconds(const Value *duration, Text *out) {
    long long milliseconds = duration->as.integer;
    text_addf(out, milliseconds % 1000 ? "%lld.%03lld" : "%lld", milliseconds / 1000, milliseconds % 1000);
}

/* The condition of a wait is a command of its own, a tagged record. */
static void add_wait(const Command *command, Text *out, Text *remarks) {
    const Value *condition = command_field(command, "condition"), *start = command_field(command, "start");
    const Value *interval = command_field(command, "interval"), *successes = command_field(command, "successes");
    if (start) {
        text_add_literal(out, "sleep ");
        add_seconds(start, out);
        text_add_literal(out, "; ");
    }
    text_add_literal(out, "until ");
    if (condition && condition->kind == VALUE_RECORD && condition->as.record->tag) {
        Command inner = command_of(COMMAND_RUN, command->place, condition->as.record);
        if (str_equal(name_str(condition->as.record->tag), STR("http")))
            add_http(&inner, out, remarks);
        else
            add_run(&inner, out, remarks);
    }
    text_add_literal(out, "; do sleep ");
    if (interval)
        add_seconds(interval, out);
    else
        text_add_char(out, '1');
    text_add_literal(out, "; done");
    const Value *within = command_field(command, "within");
    if (within) {
        if (successes)
            text_addf(remarks, "%s%lld times in a row", remarks->length ? ", " : "", (long long)successes->as.integer);
        add_remark("within ", remarks);
        value_print_plain(within, remarks);
    }
}

void render_command_line(const Command *command, Text *out) {
    Text remarks = {0};
    switch (command->kind) {
    case COMMAND_RUN: add_run(command, out, &remarks); break;
    case COMMAND_WRITE: add_write(command, out, &remarks); break;
    case COMMAND_EDIT: add_edit(command, out); break;
    case COMMAND_HTTP: add_http(command, out, &remarks); break;
    case COMMAND_WAIT: add_wait(command, out, &remarks); break;
    case COMMAND_COUNT: break;
    }
    if (remarks.length) {
        text_add_literal(out, "  # ");
        text_add(out, text_str(&remarks));
    }
    text_fini(&remarks);
}
