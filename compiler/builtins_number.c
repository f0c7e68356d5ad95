/* Functions of numbers, sizes and addresses, and from text to them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/builtins.h"
#include "compiler/slice.h"
#include "lang/number.h"

/* ---- from text ---- */

static const Value *report_parse(const Call *call, const char *wanted) {
    Diagnostic *d;
    Text text = {0};
    value_print(call->values[0], 60, &text);
    const Value *poison = eval_problem(call->session, CODE_CALL_PARSE, call_span(call, 0), call->values[0], &d, "%s is no %s", text.bytes, wanted);
    text_fini(&text);
    return poison;
}

/* The argument as text, or 0 where it is already of the kind (then it is the result) or neither (reported). */
static int parse_argument(const Call *call, ValueKind kind, Str *text, const Value **result) {
    const Value *value = call->values[0];
    *result = value;
    if (value->kind == kind)
        return 0;
    if (!call_string(call, 0, text)) {
        *result = call_poison(call);
        return 0;
    }
    *text = slice_trim(*text);
    return 1;
}

/* A number as the language writes it, with a sign before it. */
static int parse_signed(Str text, Number *number) {
    int negative = slice_begins(text, STR("-"));
    *number = number_parse(negative ? slice(text, 1, text.length) : text);
    if (number->status != NUMBER_OK)
        return 0;
    if (negative) {
        number->integer = -number->integer;
        number->number = -number->number;
    }
    return 1;
}

static const Value *call_parse_int(const Call *call) {
    Str text;
    const Value *result;
    Number number;
    if (!parse_argument(call, VALUE_INT, &text, &result))
        return result;
    if (!parse_signed(text, &number) || number.kind != VALUE_INT)
        return report_parse(call, "int");
    return call_number(call, number.integer);
}

static const Value *call_parse_float(const Call *call) {
    Str text;
    const Value *result;
    Number number;
    if (!parse_argument(call, VALUE_FLOAT, &text, &result))
        return result;
    if (!parse_signed(text, &number) || (number.kind != VALUE_FLOAT && number.kind != VALUE_INT))
        return report_parse(call, "number");
    double value = number.kind == VALUE_INT ? (double)number.integer : number.number;
    return call_value(call, value_number(call->session->arena, call->expr->span, VALUE_FLOAT, value));
}

static const Value *call_parse_size(const Call *call) {
    Str text;
    const Value *result;
    int64_t bytes;
    int exact;
    if (!parse_argument(call, VALUE_SIZE, &text, &result))
        return result;
    if (!size_parse_host(text, &bytes, &exact))
        return report_parse(call, "size");
    Span place = origin_of(call->session, call_span(call, 0), call->values[0], NULL);
    if (!exact) {
        Text shown = {0};
        size_print(bytes, &shown);
        finding_report(call->session, SEVERITY_WARNING, STR("inexact_size"), place, NULL,
                       arena_printf(call->session->arena, "\"%.*s\" is no whole number of bytes: it is taken as %s", (int)text.length, text.text,
                                    shown.bytes));
        text_fini(&shown);
    }
    return call_value(call, value_integer(call->session->arena, call->expr->span, VALUE_SIZE, bytes));
}

static const Value *call_parse_duration(const Call *call) {
    Str text;
    const Value *result;
    if (!parse_argument(call, VALUE_DURATION, &text, &result))
        return result;
    Number number = number_parse(text);
    if (number.status != NUMBER_OK || number.kind != VALUE_DURATION)
        return report_parse(call, "duration");
    return call_value(call, value_integer(call->session->arena, call->expr->span, VALUE_DURATION, number.integer));
}

static const Value *call_parse_bool(const Call *call) {
    static const char *const words[] = {"0", "off", "no", "false", "1", "on", "yes", "true"};
    Str text;
    const Value *result;
    if (!parse_argument(call, VALUE_BOOL, &text, &result))
        return result;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_equal_letters(text, str_of(words[i])))
            return call_truth(call, i >= 4);
    return report_parse(call, "truth value");
}

static const Value *address_value(const Call *call, ValueKind kind, const Address *address) {
    Address *kept = ARENA_NEW(call->session->arena, Address);
    *kept = *address;
    return call_value(call, value_address(call->session->arena, call->expr->span, kind, kept));
}

static const Value *call_ip(const Call *call) {
    Str text;
    const Value *result;
    Address address = {0};
    if (!parse_argument(call, VALUE_IP, &text, &result))
        return result;
    return ip_parse(text, &address) ? address_value(call, VALUE_IP, &address) : report_parse(call, "IP address");
}

static const Value *call_cidr(const Call *call) {
    Str text;
    const Value *result;
    Address address = {0};
    if (!parse_argument(call, VALUE_CIDR, &text, &result))
        return result;
    return cidr_parse(text, &address) ? address_value(call, VALUE_CIDR, &address) : report_parse(call, "network address such as 10.0.0.0/24");
}

static const Value *call_mac(const Call *call) {
    Str text;
    const Value *result;
    int64_t mac;
    if (!parse_argument(call, VALUE_MAC, &text, &result))
        return result;
    if (!mac_parse(text, &mac))
        return report_parse(call, "MAC address");
    return call_value(call, value_integer(call->session->arena, call->expr->span, VALUE_MAC, mac));
}

/* ---- numbers ---- */

static const Value *call_abs(const Call *call) {
    const Value *value = call->values[0];
    Diagnostic *d;
    if (value->kind == VALUE_FLOAT || value->kind == VALUE_PERCENT)
        return call_value(call, value_number(call->session->arena, call->expr->span, (ValueKind)value->kind, fabs(value->as.number)));
    if (value->kind != VALUE_INT && value->kind != VALUE_SIZE && value->kind != VALUE_DURATION && value->kind != VALUE_RATE)
        return call_refuse(call, 0, "a number");
    if (value->as.integer == INT64_MIN)
        return eval_problem(call->session, CODE_CALL_RANGE, call_span(call, 0), value, &d, "the number does not fit 64 bits");
    int64_t positive = value->as.integer < 0 ? -value->as.integer : value->as.integer;
    return call_value(call, value_integer(call->session->arena, call->expr->span, (ValueKind)value->kind, positive));
}

typedef enum Rounding { ROUND_DOWN, ROUND_NEAREST, ROUND_UP } Rounding;

static const Value *report_overflow(const Call *call) {
    Diagnostic *d;
    return eval_problem(call->session, CODE_CALL_RANGE, call_span(call, 0), call->values[0], &d, "the number does not fit 64 bits");
}

/* A size, duration or rate to whole units; halves away from zero. */
static const Value *round_amount(const Call *call, Rounding rounding) {
    const Value *amount = call->values[0], *unit = call->values[1];
    if (unit->kind != amount->kind || unit->as.integer <= 0)
        return call_refuse(call, 1, "a unit of the same kind, such as 1MiB,");
    int64_t n = amount->as.integer, rest = n % unit->as.integer, down = n - rest;
    if (!rest)
        return amount;
    if (rest < 0 && __builtin_sub_overflow(down, unit->as.integer, &down))
        return report_overflow(call);
    uint64_t twice = 2 * ((uint64_t)n - (uint64_t)down), whole = (uint64_t)unit->as.integer;
    int up = rounding == ROUND_UP || (rounding == ROUND_NEAREST && (twice > whole || (twice == whole && n > 0)));
    if (up && __builtin_add_overflow(down, unit->as.integer, &down))
        return report_overflow(call);
    return call_value(call, value_integer(call->session->arena, call->expr->span, (ValueKind)amount->kind, down));
}

static const Value *to_whole(const Call *call, Rounding rounding) {
    const Value *value = call->values[0];
    int amount = value->kind == VALUE_SIZE || value->kind == VALUE_DURATION || value->kind == VALUE_RATE;
    if (amount && call->values[1])
        return round_amount(call, rounding);
    if (amount) {
        Diagnostic *d;
        const Value *poison = eval_problem(call->session, CODE_ARGUMENTS, call->expr->span, value, &d, "`unit` is missing: to what is %s rounded?",
                                           value_kind_phrase((ValueKind)value->kind));
        diag_help(call->session->diagnostics, d, "as in `floor(1500MiB, 1GiB)`");
        return poison;
    }
    if (call->values[1])
        return call_refuse(call, 0, "a size, a duration or a rate where there is a unit");
    if (value->kind == VALUE_INT)
        return value;
    if (value->kind != VALUE_FLOAT && value->kind != VALUE_PERCENT)
        return call_refuse(call, 0, "a number");
    double whole = rounding == ROUND_DOWN ? floor(value->as.number) : rounding == ROUND_UP ? ceil(value->as.number) : round(value->as.number);
    /* 2^63 is exactly a double, so this comparison is exact. */
    if (!(whole >= -9223372036854775808.0 && whole < 9223372036854775808.0))
        return report_overflow(call);
    return call_number(call, (int64_t)whole);
}

static const Value *call_floor(const Call *call) {
    return to_whole(call, ROUND_DOWN);
}

static const Value *call_ceil(const Call *call) {
    return to_whole(call, ROUND_UP);
}

static const Value *call_round(const Call *call) {
    return to_whole(call, ROUND_NEAREST);
}

static const Value *call_bytes(const Call *call) {
    if (call->values[0]->kind != VALUE_SIZE)
        return call_refuse(call, 0, "a size");
    return call_number(call, call->values[0]->as.integer);
}

/* ---- networks ---- */

/* The parameter as a network, or NULL after a report. */
static const Address *call_network_argument(const Call *call, uint32_t index) {
    if (call->values[index]->kind == VALUE_CIDR)
        return call->values[index]->as.address;
    call_refuse(call, index, "a network such as 10.0.0.0/24");
    return NULL;
}

/* How many addresses the network has, or UINT64_MAX where they are more. */
static uint64_t network_size(const Address *network) {
    int bits = (network->version == 4 ? 32 : 128) - network->prefix;
    return bits >= 64 ? UINT64_MAX : (uint64_t)1 << bits;
}

static const Value *call_host(const Call *call) {
    const Address *network = call_network_argument(call, 0);
    int64_t number;
    Diagnostic *d;
    if (!network || !call_int(call, 1, &number))
        return call_poison(call);
    Address address = address_network(network);
    if (number < 0 || (uint64_t)number >= network_size(network)) {
        Text text = {0};
        address_print(&address, 1, &text);
        const Value *poison = eval_problem(call->session, CODE_CALL_RANGE, call_span(call, 1), call->values[1], &d, "%s has no address number %lld",
                                           text.bytes, (long long)number);
        diag_help(call->session->diagnostics, d, "its addresses are numbered from 0 to %llu", (unsigned long long)network_size(network) - 1);
        text_fini(&text);
        return poison;
    }
    address_add(&address, number);
    address.prefix = 0;
    return address_value(call, VALUE_IP, &address);
}

/* The address with all bits behind the prefix set. */
static const Value *call_broadcast(const Call *call) {
    const Address *network = call_network_argument(call, 0);
    if (!network)
        return call_poison(call);
    Address address = *network;
    for (int bit = network->prefix; bit < (network->version == 4 ? 32 : 128); bit++)
        address.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    address.prefix = 0;
    return address_value(call, VALUE_IP, &address);
}

static const Value *call_address_count(const Call *call) {
    const Address *network = call_network_argument(call, 0);
    Diagnostic *d;
    if (!network)
        return call_poison(call);
    if (network_size(network) > INT64_MAX)
        return eval_problem(call->session, CODE_CALL_RANGE, call_span(call, 0), call->values[0], &d, "the network has more addresses than an int can tell");
    return call_number(call, (int64_t)network_size(network));
}

static const Value *call_network(const Call *call) {
    const Address *cidr = call_network_argument(call, 0);
    if (!cidr)
        return call_poison(call);
    Address network = address_network(cidr);
    return address_value(call, VALUE_CIDR, &network);
}

static const Value *call_address(const Call *call) {
    const Address *cidr = call_network_argument(call, 0);
    if (!cidr)
        return call_poison(call);
    Address address = *cidr;
    address.prefix = 0;
    return address_value(call, VALUE_IP, &address);
}

static const Value *call_prefix(const Call *call) {
    const Address *cidr = call_network_argument(call, 0);
    return cidr ? call_number(call, cidr->prefix) : call_poison(call);
}

static const Value *call_overlaps(const Call *call) {
    const Address *a = call_network_argument(call, 0), *b = a ? call_network_argument(call, 1) : NULL;
    if (!a || !b)
        return call_poison(call);
    return call_truth(call, a->version == b->version && (address_in(a, b) || address_in(b, a)));
}

const Builtin builtins_number[] = {
    {"parse_int", "parse_int(text: string | int): int", "The whole number that the text is.", "parse_int(\"-12\") == -12", call_parse_int, 0, 0},
    {"parse_float", "parse_float(text: string | float): float", "The number that the text is.",
     "parse_float(\"1.50\") == 1.5", call_parse_float, 0, 0},
    {"parse_size", "parse_size(text: string | size): size",
     "The size that a host's text is, `800G` or `1.4T` in powers of 1024; a fraction of a byte is cut off, with a finding.",
     "parse_size(\"1.5G\") == 1536MiB", call_parse_size, 0, 0},
    {"parse_duration", "parse_duration(text: string | duration): duration", "The duration that the text is.", "parse_duration(\"5m\") == 300s",
     call_parse_duration, 0, 0},
    {"parse_bool", "parse_bool(text: string | bool): bool", "1, on, yes, true or 0, off, no, false, in any case.",
     "parse_bool(\"On\")", call_parse_bool, 0, 0},
    {"ip", "ip(text: string | ip): ip", "The IPv4 or IPv6 address that the text is.", "ip(\"10.0.0.1\") == 10.0.0.1", call_ip, 0, 0},
    {"cidr", "cidr(text: string | cidr): cidr", "The network, or address in a network, that the text is.", "cidr(\"10.0.0.0/24\") == 10.0.0.0/24",
     call_cidr, 0, 0},
    {"mac", "mac(text: string | mac): mac", "The MAC address that the text is.", "mac(\"52:54:00:67:89:b2\") == 52:54:00:67:89:B2", call_mac, 0, 0},
    {"abs", "abs(number: number): number", "The number without its sign.", "abs(-3) == 3", call_abs, 0, 0},
    {"floor", "floor(number: float | T, unit?: T): int | T", "The next whole number below; of a size, duration or rate the next whole number of units.",
     "floor(1.7) == 1 and floor(1500MiB, 1GiB) == 1GiB", call_floor, 0, 0},
    {"ceil", "ceil(number: float | T, unit?: T): int | T", "The next whole number, or whole number of units, above.",
     "ceil(1.2) == 2 and ceil(90s, 1m) == 2m", call_ceil, 0, 0},
    {"round", "round(number: float | T, unit?: T): int | T", "The nearest whole number, or whole number of units; halves away from zero.",
     "round(2.5) == 3 and round(1500MiB, 1GiB) == 1GiB", call_round, 0, 0},
    {"bytes", "bytes(size: size): int", "How many bytes the size is.", "bytes(2KiB) == 2048", call_bytes, 0, 0},
    {"host", "host(network: cidr, number: int): ip", "The address with this number in the network; number 0 is the network's own.",
     "host(10.0.0.0/24, 7) == 10.0.0.7", call_host, 0, 0},
    {"broadcast", "broadcast(network: cidr): ip", "The last address of the network: in IPv4 the one that all listen to.",
     "broadcast(10.0.0.7/24) == 10.0.0.255", call_broadcast, 0, 0},
    {"address_count", "address_count(network: cidr): int", "How many addresses the network has, its own and the last one included.",
     "address_count(10.0.0.0/24) == 256", call_address_count, 0, 0},
    {"network", "network(address: cidr): cidr", "The network that the address lies in.", "network(10.0.0.7/24) == 10.0.0.0/24", call_network, 0, 0},
    {"address", "address(address: cidr): ip", "The address without the length of its network's prefix.",
     "address(10.0.0.7/24) == 10.0.0.7", call_address, 0, 0},
    {"prefix", "prefix(address: cidr): int", "The length of the network's prefix in bits.", "prefix(10.0.0.7/24) == 24", call_prefix, 0, 0},
    {"overlaps", "overlaps(a: cidr, b: cidr): bool", "Have the networks an address in common?",
     "overlaps(10.0.0.0/24, 10.0.0.128/25)", call_overlaps, 0, 0},
};
const uint32_t builtins_number_count = sizeof builtins_number / sizeof *builtins_number;
