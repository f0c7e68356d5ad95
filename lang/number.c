/* Numbers with units: text to exact whole numbers, and back in the largest unit that fits. */
#include "lang/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Unit {
    const char *name;
    int64_t factor;
} Unit;

/* Largest first: printing takes the first that divides. */
static const Unit size_units[] = {
    {"TiB", (int64_t)1 << 40}, {"TB", 1000000000000}, {"GiB", 1 << 30}, {"GB", 1000000000}, {"MiB", 1 << 20},
    {"MB", 1000000}, {"KiB", 1 << 10}, {"KB", 1000}, {"B", 1},
};
static const Unit duration_units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

enum { SIZE_UNITS = sizeof size_units / sizeof *size_units };
enum { DURATION_UNITS = sizeof duration_units / sizeof *duration_units };

const char *number_size_unit(size_t number) { return number < SIZE_UNITS ? size_units[number].name : NULL; }

const char *number_duration_unit(size_t number) { return number < DURATION_UNITS ? duration_units[number].name : NULL; }

static int is_digit(char c) { return c >= '0' && c <= '9'; }

/* ---- reading ---- */

/* A number in its parts: `-1_000.25GiB`. The digits still hold their underscores. */
typedef struct Parts {
    int negative;
    Str whole;
    Str fraction;       /* empty without a point */
    int has_point;
    Str exponent;       /* "e9", "e-9" */
    Str unit;
} Parts;

/* Takes digits, with single underscores between them, off the front of [rest]. Empty where there are none or an
   underscore stands wrong. */
static Str digits_take(Str *rest) {
    size_t length = 0;
    while (length < rest->length && (is_digit(rest->text[length]) || rest->text[length] == '_')) {
        int between = length > 0 && is_digit(rest->text[length - 1]) && length + 1 < rest->length &&
                      is_digit(rest->text[length + 1]);
        if (rest->text[length] == '_' && !between) return STR("");
        length++;
    }
    Str digits = {rest->text, length};
    rest->text += length;
    rest->length -= length;
    return digits;
}

static int parts_split(Str text, Parts *parts) {
    *parts = (Parts){0};
    Str rest = text;
    if (rest.length > 0 && rest.text[0] == '-') {
        parts->negative = 1;
        rest.text++;
        rest.length--;
    }
    parts->whole = digits_take(&rest);
    if (parts->whole.length == 0) return 0;
    if (rest.length > 0 && rest.text[0] == '.') {
        rest.text++;
        rest.length--;
        parts->has_point = 1;
        parts->fraction = digits_take(&rest);
        if (parts->fraction.length == 0) return 0;
    }
    size_t sign = rest.length > 1 && (rest.text[1] == '-' || rest.text[1] == '+') ? 2 : 1;
    if (rest.length > sign && (rest.text[0] == 'e' || rest.text[0] == 'E') && is_digit(rest.text[sign])) {
        size_t length = sign;
        while (length < rest.length && is_digit(rest.text[length])) length++;
        parts->exponent = (Str){rest.text, length};
        rest.text += length;
        rest.length -= length;
    }
    parts->unit = rest;
    return 1;
}

/* What a decimal number times a unit comes to: floor, and whether that is all of it. */
typedef struct Scaled {
    int fits;
    int64_t floor;
    int exact;
} Scaled;

/* Exact for any number of digits without wide arithmetic: with the fraction's digits taken from the last to the first,
   v = (digit * factor + v) / 10 is the scaled fraction, and once a division leaves a rest the result is never whole.
   The largest unit, 2^60, keeps 10 * factor within 64 bits. */
static Scaled decimal_scale(Str whole, Str fraction, int64_t factor) {
    Scaled scaled = {.exact = 1};
    int64_t total = 0;
    for (size_t i = 0; i < whole.length; i++) {
        if (whole.text[i] == '_') continue;
        if (__builtin_mul_overflow(total, 10, &total) || __builtin_add_overflow(total, whole.text[i] - '0', &total))
            return scaled;
    }
    if (__builtin_mul_overflow(total, factor, &total)) return scaled;
    uint64_t part = 0;
    for (size_t i = fraction.length; i-- > 0;) {
        if (fraction.text[i] == '_') continue;
        part += (uint64_t)(fraction.text[i] - '0') * (uint64_t)factor;
        if (part % 10 != 0) scaled.exact = 0;
        part /= 10;
    }
    if (__builtin_add_overflow(total, (int64_t)part, &total)) return scaled;
    scaled.fits = 1;
    scaled.floor = total;
    return scaled;
}

/* 1.5, 80 (of 80%), 1e300. No literal that means something is longer than the buffer. */
static int decimal_read(const Parts *parts, double *number) {
    char digits[800];
    size_t length = 0;
    const Str pieces[] = {parts->whole, parts->has_point ? STR(".") : STR(""), parts->fraction, parts->exponent};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        for (size_t j = 0; j < pieces[i].length; j++) {
            if (pieces[i].text[j] == '_') continue;
            if (length + 1 == sizeof digits) return 0;
            digits[length++] = pieces[i].text[j];
        }
    digits[length] = '\0';
    double value = strtod(digits, NULL);
    if (!isfinite(value)) return 0;
    *number = parts->negative ? -value : value;
    return 1;
}

/* [name] is not empty. */
static const Unit *unit_find(const Unit *units, size_t count, Str name) {
    for (size_t i = 0; i < count; i++)
        if (units[i].name[0] == name.text[0] && str_equal(str_of(units[i].name), name)) return &units[i];
    return NULL;
}

static Number number_scale(const Parts *parts, ValueKind kind, int64_t factor) {
    Number number = {.status = NUMBER_OUT_OF_RANGE, .kind = kind};
    Scaled scaled = decimal_scale(parts->whole, parts->fraction, factor);
    if (!scaled.fits) return number;
    number.status = NUMBER_OK;
    number.integer = parts->negative ? -scaled.floor : scaled.floor;
    if (!scaled.exact) {
        if (scaled.floor == INT64_MAX) {
            number.status = NUMBER_OUT_OF_RANGE;
            return number;
        }
        number.status = NUMBER_FRACTION;
        number.below = parts->negative ? -scaled.floor - 1 : scaled.floor;
        number.above = parts->negative ? -scaled.floor : scaled.floor + 1;
    }
    return number;
}

static Number number_without_unit(const Parts *parts) {
    if (parts->has_point || parts->exponent.length > 0) {
        Number number = {.status = NUMBER_OUT_OF_RANGE, .kind = VALUE_FLOAT};
        if (decimal_read(parts, &number.number)) number.status = NUMBER_OK;
        return number;
    }
    /* The smallest integer has no positive counterpart to negate. */
    if (parts->negative && str_equal(parts->whole, STR("9223372036854775808")))
        return (Number){.status = NUMBER_OK, .kind = VALUE_INT, .integer = INT64_MIN};
    return number_scale(parts, VALUE_INT, 1);
}

/* `16M`, `16G/s`: which of the two a writer means can't be told. */
static int unit_is_ambiguous(Str unit) { return unit.length == 1 && strchr("KkMGgTtPp", unit.text[0]) != NULL; }

Number number_parse(Str text) {
    Parts parts;
    Number malformed = {.status = NUMBER_MALFORMED};
    if (!parts_split(text, &parts)) return malformed;
    /* 0644 would be read as 644 here and as 420 elsewhere. */
    if (parts.whole.length > 1 && parts.whole.text[0] == '0') return malformed;

    if (parts.unit.length == 0) return number_without_unit(&parts);
    if (parts.exponent.length > 0) return malformed;
    if (str_equal(parts.unit, STR("%"))) {
        Number number = {.status = NUMBER_OUT_OF_RANGE, .kind = VALUE_PERCENT};
        if (decimal_read(&parts, &number.number)) number.status = NUMBER_OK;
        return number;
    }
    const Unit *unit = unit_find(duration_units, DURATION_UNITS, parts.unit);
    if (unit != NULL) return number_scale(&parts, VALUE_DURATION, unit->factor);

    ValueKind kind = VALUE_SIZE;
    Str name = parts.unit;
    if (name.length > 2 && memcmp(name.text + name.length - 2, "/s", 2) == 0) {
        kind = VALUE_RATE;
        name.length -= 2;
    }
    unit = unit_find(size_units, SIZE_UNITS, name);
    if (unit != NULL) return number_scale(&parts, kind, unit->factor);
    return (Number){.status = unit_is_ambiguous(name) ? NUMBER_NO_UNIT : NUMBER_UNKNOWN_UNIT, .kind = kind};
}

int size_parse_host(Str text, int64_t *bytes, int *exact) {
    Parts parts;
    if (memchr(text.length == 0 ? "_" : text.text, '_', text.length == 0 ? 1 : text.length) != NULL) return 0;
    if (!parts_split(text, &parts) || parts.negative || parts.exponent.length > 0) return 0;
    Str unit = parts.unit;
    int64_t factor = 1;
    if (unit.length > 0) {
        const char *powers = "KMGTPE";
        char letter = unit.text[0];
        if (letter >= 'a' && letter <= 'z') letter = (char)(letter - 'a' + 'A');
        const char *power = letter == '\0' ? NULL : strchr(powers, letter);     /* strchr also finds the final NUL */
        if (power != NULL) {
            factor = (int64_t)1 << (10 * (power - powers + 1));
            unit.text++;
            unit.length--;
        }
        int bare = unit.length == 0 || (unit.length == 1 && (unit.text[0] == 'B' || unit.text[0] == 'b'));
        int binary = power != NULL && unit.length == 2 && unit.text[0] == 'i' && unit.text[1] == 'B';
        if (!bare && !binary) return 0;
    }
    Scaled scaled = decimal_scale(parts.whole, parts.fraction, factor);
    if (!scaled.fits) return 0;
    *bytes = scaled.floor;
    if (exact != NULL) *exact = scaled.exact;
    return 1;
}

/* ---- printing ---- */

void size_print_host(int64_t bytes, Text *out) {
    static const struct { char letter; int shift; } powers[] = {{'T', 40}, {'G', 30}, {'M', 20}, {'K', 10}};
    for (size_t i = 0; bytes != 0 && i < sizeof powers / sizeof *powers; i++) {
        int64_t factor = (int64_t)1 << powers[i].shift;
        if (bytes % factor != 0) continue;
        text_add_int(out, bytes / factor);
        text_add_char(out, powers[i].letter);
        return;
    }
    text_add_int(out, bytes);
}

static void unit_print(const Unit *units, size_t count, int64_t amount, Text *out) {
    size_t i = 0;
    while (i + 1 < count && amount % units[i].factor != 0) i++;
    text_add_int(out, amount / units[i].factor);
    text_add(out, str_of(units[i].name));
}

void size_print(int64_t bytes, Text *out) {
    if (bytes == 0) text_add_literal(out, "0B");
    else unit_print(size_units, SIZE_UNITS, bytes, out);
}

void duration_print(int64_t milliseconds, Text *out) {
    if (milliseconds == 0) text_add_literal(out, "0s");
    else unit_print(duration_units, DURATION_UNITS, milliseconds, out);
}

/* 15 significant digits always survive the way to a double and back, 17 always suffice the other way round. Only the
   numbers below DBL_MIN have fewer, and are tried from 1. */
static void double_digits(double number, char *buffer, size_t size) {
    for (int digits = fabs(number) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        snprintf(buffer, size, "%.*e", digits - 1, number);
        if (strtod(buffer, NULL) >= number && strtod(buffer, NULL) <= number) return;
    }
}

void double_print(double number, Text *out) {
    if (fabs(number) < 1e15 && fabs(number - (double)(int64_t)number) <= 0.0) {
        text_add_int(out, (int64_t)number);
        return;
    }
    char buffer[40];        /* "-d.dddde-ddd" */
    double_digits(fabs(number), buffer, sizeof buffer);
    char *mark = strchr(buffer, 'e');
    int exponent = (int)strtol(mark + 1, NULL, 10);
    char digits[20];        /* followed by zeros, for numbers that end before their point */
    memset(digits, '0', sizeof digits);
    size_t count = 0;
    for (const char *at = buffer; at < mark; at++)
        if (*at != '.') digits[count++] = *at;
    while (count > 1 && digits[count - 1] == '0') count--;

    if (number < 0) text_add_char(out, '-');
    if (exponent >= 15) {
        text_add_char(out, digits[0]);
        if (count > 1) text_add_char(out, '.');
        text_add(out, (Str){digits + 1, count - 1});
        text_add_char(out, 'e');
        text_add_int(out, exponent);
        return;
    }
    size_t whole = exponent < 0 ? 0 : (size_t)exponent + 1;
    if (whole == 0) text_add_char(out, '0');
    for (size_t i = 0; i < whole; i++) text_add_char(out, digits[i]);
    if (whole >= count) return;
    text_add_char(out, '.');
    if (exponent < 0) text_add_repeat(out, '0', (size_t)(-exponent - 1));
    text_add(out, (Str){digits + whole, count - whole});
}
