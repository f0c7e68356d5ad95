/* Values as phx would write them: for messages, plans and interpolated strings. */
#include "lang/number.h"
#include "lang/parse.h"

/* Where the text goes, and how much of it is still wanted. */
typedef struct Printer {
    Text *out;
    size_t limit;       /* 0: no limit */
    size_t used;
    int full;           /* the limit was passed and "..." printed: everything after is dropped */
    Text scratch;       /* for one number or address */
} Printer;

static void printer_add(Printer *printer, Str str) {
    if (printer->full) return;
    if (printer->limit > 0 && str.length > printer->limit - printer->used) {
        size_t room = printer->limit - printer->used;
        /* Never in the middle of a character. */
        while (room > 0 && ((unsigned char)str.text[room] & 0xC0u) == 0x80u) room--;
        text_add(printer->out, (Str){str.text, room});
        text_add_literal(printer->out, "...");
        printer->full = 1;
        return;
    }
    text_add(printer->out, str);
    printer->used += str.length;
}

static void print_value(Printer *printer, const Value *value);

/* One byte's escape sequence in a string literal, or empty where it stands for itself. */
static Str escape_of(char byte) {
    switch (byte) {
    case '"': return STR("\\\"");
    case '\\': return STR("\\\\");
    case '{': return STR("\\{");
    case '\n': return STR("\\n");
    case '\t': return STR("\\t");
    default: return STR("");
    }
}

/* The text without quotes, with what could not stand in a literal escaped. Bytes that are no UTF-8 (a program printed
   them) show as U+FFFD. */
static void print_escaped(Printer *printer, Str string) {
    size_t from = 0, at = 0;
    while (at < string.length && !printer->full) {
        size_t step = utf8_length(string.text + at, string.length - at);
        unsigned char byte = (unsigned char)string.text[at];
        Str escape = escape_of(string.text[at]);
        if (step == 0) escape = STR("\xEF\xBF\xBD");
        if (escape.length == 0 && (byte < 0x20 || byte == 0x7F)) {
            text_clear(&printer->scratch);
            text_addf(&printer->scratch, "\\u{%x}", byte);
            escape = text_str(&printer->scratch);
        }
        if (escape.length > 0) {
            printer_add(printer, (Str){string.text + from, at - from});
            printer_add(printer, escape);
            from = at + 1;
        }
        at += step == 0 ? 1 : step;
    }
    if (!printer->full) printer_add(printer, (Str){string.text + from, string.length - from});
}

static void print_quoted(Printer *printer, Str string) {
    printer_add(printer, STR("\""));
    print_escaped(printer, string);
    printer_add(printer, STR("\""));
}

/* `{ a = 1, "b c": 2 }`, and with a tag `clone(image: x)`. */
static void print_record(Printer *printer, const Record *record) {
    if (record->tag != NULL) {
        printer_add(printer, name_str(record->tag));
        printer_add(printer, STR("("));
    } else {
        printer_add(printer, record->count == 0 ? STR("{") : STR("{ "));
    }
    for (uint32_t i = 0; i < record->count && !printer->full; i++) {
        const Field *field = &record->fields[i];
        if (i > 0) printer_add(printer, STR(", "));
        int plain = name_is_plain(field->name);
        if (plain) printer_add(printer, name_str(field->name));
        else print_quoted(printer, name_str(field->name));
        printer_add(printer, plain && record->tag == NULL ? STR(" = ") : STR(": "));
        print_value(printer, field->value);
    }
    if (record->tag != NULL) printer_add(printer, STR(")"));
    else printer_add(printer, record->count == 0 ? STR("}") : STR(" }"));
}

static void print_list(Printer *printer, const Value *list) {
    printer_add(printer, STR("["));
    for (uint32_t i = 0; i < list->as.list.count && !printer->full; i++) {
        if (i > 0) printer_add(printer, STR(", "));
        print_value(printer, list->as.list.items[i]);
    }
    printer_add(printer, STR("]"));
}

static void print_unknown(Printer *printer, const Value *value) {
    Str before = STR("(known after apply: ");
    if (value->hole == HOLE_SECRET) before = STR("(secret ");
    if (value->hole == HOLE_DIGEST) before = STR("(digest of ");
    printer_add(printer, before);
    printer_add(printer, value->as.unknown->text);
    printer_add(printer, STR(")"));
}

/* A float is told from an int by its point. */
static void print_float(double number, Text *out) {
    size_t start = out->length;
    double_print(number, out);
    for (size_t i = start; i < out->length; i++)
        if (out->bytes[i] == '.' || out->bytes[i] == 'e') return;
    text_add_literal(out, ".0");
}

/* IPv4 is a literal; IPv6 is a call of the type's name. */
static void print_address(const Value *value, Text *out) {
    int is_network = value->kind == VALUE_CIDR;
    int is_call = value->as.address->version != 4;
    if (is_call) text_add(out, is_network ? STR("cidr(\"") : STR("ip(\""));
    address_print(value->as.address, is_network, out);
    if (is_call) text_add_literal(out, "\")");
}

/* Recursion is bounded by VALUE_DEPTH_LIMIT. */
static void print_value(Printer *printer, const Value *value) {
    if (value->flags & VALUE_SECRET) {
        printer_add(printer, STR("(secret)"));
        return;
    }
    Text *scratch = &printer->scratch;
    text_clear(scratch);
    switch ((ValueKind)value->kind) {
    case VALUE_POISON: printer_add(printer, STR("(error)")); return;
    case VALUE_NONE: printer_add(printer, STR("none")); return;
    case VALUE_UNSET: printer_add(printer, STR("unset")); return;
    case VALUE_UNKNOWN: print_unknown(printer, value); return;
    case VALUE_BOOL: printer_add(printer, value->as.boolean ? STR("true") : STR("false")); return;
    case VALUE_STRING: print_quoted(printer, value->as.string); return;
    case VALUE_LIST: print_list(printer, value); return;
    case VALUE_RECORD: print_record(printer, value->as.record); return;
    case VALUE_REFERENCE: printer_add(printer, value->as.reference->address); return;
    case VALUE_INT: text_add_int(scratch, value->as.integer); break;
    case VALUE_FLOAT: print_float(value->as.number, scratch); break;
    case VALUE_SIZE: size_print(value->as.integer, scratch); break;
    case VALUE_DURATION: duration_print(value->as.integer, scratch); break;
    case VALUE_PERCENT:
        double_print(value->as.number, scratch);
        text_add_char(scratch, '%');
        break;
    case VALUE_RATE:
        size_print(value->as.integer, scratch);
        text_add_literal(scratch, "/s");
        break;
    case VALUE_IP:
    case VALUE_CIDR: print_address(value, scratch); break;
    case VALUE_MAC: mac_print(value->as.integer, scratch); break;
    }
    printer_add(printer, text_str(scratch));
}

void value_print(const Value *value, size_t limit, Text *out) {
    Printer printer = {.out = out, .limit = limit};
    print_value(&printer, value);
    text_fini(&printer.scratch);
}

void value_print_plain(const Value *value, Text *out) {
    int open = (value->flags & VALUE_SECRET) == 0;
    if (open && value->kind == VALUE_STRING) text_add(out, value->as.string);
    else if (open && (value->kind == VALUE_IP || value->kind == VALUE_CIDR))
        address_print(value->as.address, value->kind == VALUE_CIDR, out);
    else value_print(value, 0, out);
}
