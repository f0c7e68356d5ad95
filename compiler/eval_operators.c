/* Operators: arithmetic that checks its dimensions, comparison, logic. */
#include <math.h>
#include <string.h>

#include "compiler/defer.h"
#include "compiler/state.h"
#include "lang/number.h"

static const char *operator_text(uint8_t kind) {
    static const struct { ExprKind kind; const char *text; } TEXTS[] = {
        {EXPR_ADD, "+"},  {EXPR_SUBTRACT, "-"},    {EXPR_MULTIPLY, "*"}, {EXPR_DIVIDE, "/"},         {EXPR_MODULO, "%"},
        {EXPR_LESS, "<"}, {EXPR_LESS_EQUAL, "<="}, {EXPR_GREATER, ">"},  {EXPR_GREATER_EQUAL, ">="}, {EXPR_IN, "in"},
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        if (TEXTS[i].kind == (ExprKind)kind)
            return TEXTS[i].text;
    return "..";
}

/* ---- arithmetic ---- */

/* Both operands and what to make of them. */
typedef struct Operation {
    Session *session;
    const Expr *expr;
    const Value *left, *right;
    Span origin;
    uint8_t flags;
} Operation;

static const char *address_phrase(const Value *ip) {
    return ip->as.address->version == 4 ? "an IPv4 address" : "an IPv6 address";
}

static int is_number(const Value *v) {
    return v->kind == VALUE_INT || v->kind == VALUE_FLOAT;
}

static int is_amount(const Value *v) {
    return v->kind == VALUE_SIZE || v->kind == VALUE_DURATION || v->kind == VALUE_RATE;
}

/* What was probably meant. */
static void operation_advise(const Operation *op, Diagnostic *d) {
    Diagnostics *diagnostics = op->session->diagnostics;
    const Value *l = op->left, *r = op->right, *amount = is_amount(l) ? l : r;
    const char *unit = amount->kind == VALUE_SIZE ? "1GiB" : amount->kind == VALUE_DURATION ? "1s" : "1MB/s";
    int product = op->expr->kind == EXPR_MULTIPLY || op->expr->kind == EXPR_DIVIDE || op->expr->kind == EXPR_MODULO;
    if (op->expr->kind == EXPR_ADD && (l->kind == VALUE_STRING || r->kind == VALUE_STRING))
        diag_help(diagnostics, d, "put the value into the string: \"... {value}\"");
    else if (!is_amount(amount))
        return;
    else if (l->kind == VALUE_PERCENT || r->kind == VALUE_PERCENT)
        diag_help(diagnostics, d, "a share of an amount is a product: `80%% * a`; a tenth more is `a + 10%% * a`");
    else if (is_number(r) || (is_number(l) && !product))
        diag_help(diagnostics, d, "%s needs a unit: `n * %s`", value_kind_phrase((ValueKind)amount->kind), unit);
    else if (product && l->kind == r->kind)
        diag_help(diagnostics, d, "%s is multiplied by a number: `2 * %s`", value_kind_phrase((ValueKind)amount->kind), unit);
    else if (is_amount(l) && is_amount(r))
        diag_help(diagnostics, d, "they measure different things; divided by its unit each is a number: `a / %s`", unit);
}

static const Value *operation_refuse(const Operation *op) {
    Diagnostic *d;
    const Value *subject = span_is_imported(op->session, op->left->origin) ? op->left : op->right;
    const Value *none = op->left->kind == VALUE_NONE ? op->left : op->right->kind == VALUE_NONE ? op->right : NULL;
    if (none) {
        const Expr *operand = none == op->left ? op->expr->as.binary.left : op->expr->as.binary.right;
        none = eval_problem(op->session, CODE_NO_VALUE, operand->span, none, &d, "there is no value here for `%s`", operator_text(op->expr->kind));
        diag_help(op->session->diagnostics, d, "`a ?? b` is `b` where `a` is `none`");
        return none;
    }
    int mixed = op->left->kind == VALUE_IP && op->right->kind == VALUE_IP;
    const Value *poison = eval_problem(op->session, CODE_OPERANDS, op->expr->span, subject, &d, "`%s` does not go between %s and %s",
                                       operator_text(op->expr->kind), mixed ? address_phrase(op->left) : value_kind_phrase(op->left->kind),
                                       mixed ? address_phrase(op->right) : value_kind_phrase(op->right->kind));
    operation_advise(op, d);
    return poison;
}

static const Value *operation_overflow(const Operation *op) {
    Diagnostic *d;
    return eval_problem(op->session, CODE_OVERFLOW, op->expr->span, op->left, &d, "the result does not fit 63 bits");
}

static const Value *operation_done(const Operation *op, const Value *value) {
    return op->flags ? value_flagged(op->session->arena, value, op->flags) : value;
}

static double as_double(const Value *v) {
    return v->kind == VALUE_FLOAT || v->kind == VALUE_PERCENT ? v->as.number : (double)v->as.integer;
}

static const Value *make_integer(const Operation *op, uint8_t kind, int64_t n) {
    return operation_done(op, value_integer(op->session->arena, op->origin, (ValueKind)kind, n));
}

static const Value *make_float(const Operation *op, uint8_t kind, double n) {
    if (!isfinite(n))
        return operation_overflow(op);
    return operation_done(op, value_number(op->session->arena, op->origin, (ValueKind)kind, n));
}

/* int by int, or amounts of one dimension. */
static const Value *add_integers(const Operation *op, int subtract) {
    int64_t n;
    int overflow = subtract ? __builtin_sub_overflow(op->left->as.integer, op->right->as.integer, &n)
                            : __builtin_add_overflow(op->left->as.integer, op->right->as.integer, &n);
    return overflow ? operation_overflow(op) : make_integer(op, op->left->kind, n);
}

static const Value *add_address(const Operation *op, int subtract) {
    Address *address = ARENA_NEW(op->session->arena, Address);
    *address = *op->left->as.address;
    if (!address_add(address, subtract ? -op->right->as.integer : op->right->as.integer))
        return operation_overflow(op);
    return operation_done(op, value_address(op->session->arena, op->origin, VALUE_IP, address));
}

static const Value *join_lists(const Operation *op) {
    uint32_t a = op->left->as.list.count, b = op->right->as.list.count;
    if (!b)
        return op->left;
    if (!a)
        return op->right;
    const Value **items = ARENA_ARRAY(op->session->arena, const Value *, a + b);
    memcpy(items, op->left->as.list.items, a * sizeof *items);
    memcpy(items + a, op->right->as.list.items, b * sizeof *items);
    return operation_done(op, eval_bounded(op->session, op->expr->span, value_list(op->session->arena, op->origin, items, a + b)));
}

static const Value *join_records(const Operation *op) {
    RecordBuilder builder = {.arena = op->session->arena};
    const Record *left = op->left->as.record, *right = op->right->as.record;
    for (uint32_t i = 0; i < left->count; i++)
        if (!record_get(right, left->fields[i].name))
            record_add(&builder, left->fields[i].name, left->fields[i].value, left->fields[i].span, NULL);
    for (uint32_t i = 0; i < right->count; i++)
        record_add(&builder, right->fields[i].name, right->fields[i].value, right->fields[i].span, NULL);
    return operation_done(op, eval_bounded(op->session, op->expr->span, record_finish(&builder, op->origin, left->tag)));
}

static const Value *join_strings(const Operation *op) {
    Str a = op->left->as.string, b = op->right->as.string;
    char *text = arena_text(op->session->arena, a.length + b.length + 1);
    memcpy(text, a.text, a.length);
    memcpy(text + a.length, b.text, b.length);
    text[a.length + b.length] = 0;
    return operation_done(op, value_string(op->session->arena, op->origin, (Str){text, a.length + b.length}));
}

static const Value *eval_sum(const Operation *op, int subtract) {
    const Value *l = op->left, *r = op->right;
    if (l->kind == r->kind) {
        if (l->kind == VALUE_INT || is_amount(l))
            return add_integers(op, subtract);
        if (l->kind == VALUE_FLOAT || l->kind == VALUE_PERCENT)
            return make_float(op, l->kind, subtract ? l->as.number - r->as.number : l->as.number + r->as.number);
        if (!subtract && l->kind == VALUE_STRING)
            return join_strings(op);
        if (!subtract && l->kind == VALUE_LIST)
            return join_lists(op);
        if (!subtract && l->kind == VALUE_RECORD)
            return join_records(op);
    }
    if (is_number(l) && is_number(r))
        return make_float(op, VALUE_FLOAT, subtract ? as_double(l) - as_double(r) : as_double(l) + as_double(r));
    if (l->kind == VALUE_IP && r->kind == VALUE_INT)
        return add_address(op, subtract);
    return operation_refuse(op);
}

/* An amount times or over a number: whole, or an error. */
static const Value *scale_amount(const Operation *op, const Value *amount, double factor, int exact_factor, int64_t integer, int divide) {
    int64_t n;
    if (exact_factor && !divide)
        return __builtin_mul_overflow(amount->as.integer, integer, &n) ? operation_overflow(op) : make_integer(op, amount->kind, n);
    if (exact_factor && integer != 0 && amount->as.integer % integer == 0)
        return make_integer(op, amount->kind, amount->as.integer / integer);
    double product = divide ? (double)amount->as.integer / factor : (double)amount->as.integer * factor;
    if (!isfinite(product) || fabs(product) >= 9.2e18)
        return operation_overflow(op);
    if (product == floor(product))
        return make_integer(op, amount->kind, (int64_t)product);
    Diagnostic *d;
    const Value *poison = eval_problem(op->session, CODE_FRACTION, op->expr->span, amount, &d, "this is no whole number of %s",
                                       amount->kind == VALUE_DURATION ? "milliseconds" : "bytes");
    const char *unit = amount->kind == VALUE_SIZE ? "1MiB" : amount->kind == VALUE_DURATION ? "1s" : "1MB/s";
    diag_help(op->session->diagnostics, d, "round the number of units: `floor(a / %s %s n) * %s`", unit, divide ? "/" : "*", unit);
    return poison;
}

/* A share of an amount. A percentage is seldom made for whole bytes, so a part of one is cut off: what a share is to be a multiple of is said
   by rounding it. Exact for up to six decimals: 100% are 10^8 millionths. */
static const Value *share_amount(const Operation *op, const Value *amount, double percent) {
    const int64_t all = 100000000;
    int64_t n;
    if (fabs(percent) < 10000 && fabs(percent * 1e6 - (double)llround(percent * 1e6)) < 1e-3) {
        int64_t part = llround(percent * 1e6);
        if (__builtin_mul_overflow(amount->as.integer / all, part, &n) || __builtin_add_overflow(n, amount->as.integer % all * part / all, &n))
            return operation_overflow(op);
        return make_integer(op, amount->kind, n);
    }
    double share = trunc((double)amount->as.integer * (percent / 100));
    return fabs(share) < 9.2e18 ? make_integer(op, amount->kind, (int64_t)share) : operation_overflow(op);
}

static const Value *eval_add(const Operation *op) {
    return eval_sum(op, 0);
}

static const Value *eval_subtract(const Operation *op) {
    return eval_sum(op, 1);
}

static const Value *eval_product(const Operation *op) {
    const Value *l = op->left, *r = op->right;
    int64_t n;
    if (l->kind == VALUE_INT && r->kind == VALUE_INT)
        return __builtin_mul_overflow(l->as.integer, r->as.integer, &n) ? operation_overflow(op) : make_integer(op, VALUE_INT, n);
    if (is_number(l) && is_number(r))
        return make_float(op, VALUE_FLOAT, as_double(l) * as_double(r));
    if (is_amount(l) && is_number(r))
        return scale_amount(op, l, as_double(r), r->kind == VALUE_INT, r->as.integer, 0);
    if (is_number(l) && is_amount(r))
        return scale_amount(op, r, as_double(l), l->kind == VALUE_INT, l->as.integer, 0);
    if (is_amount(l) && r->kind == VALUE_PERCENT)
        return share_amount(op, l, r->as.number);
    if (l->kind == VALUE_PERCENT && is_amount(r))
        return share_amount(op, r, l->as.number);
    return operation_refuse(op);
}

static const Value *eval_quotient(const Operation *op, int modulo) {
    const Value *l = op->left, *r = op->right;
    int same = l->kind == r->kind && (l->kind == VALUE_INT || is_amount(l));
    if ((is_number(r) || is_amount(r)) && as_double(r) == 0 && (is_number(l) || is_amount(l))) {
        Diagnostic *d;
        return eval_problem(op->session, CODE_DIVIDE_BY_ZERO, op->expr->as.binary.right->span, r, &d, "division by zero");
    }
    if (modulo)
        return same ? make_integer(op, l->kind, r->as.integer == -1 ? 0 : l->as.integer % r->as.integer) : operation_refuse(op);
    if (same && r->as.integer != -1 && l->as.integer % r->as.integer == 0)
        return make_integer(op, VALUE_INT, l->as.integer / r->as.integer);
    if (same || (is_number(l) && is_number(r)))
        return make_float(op, VALUE_FLOAT, as_double(l) / as_double(r));
    if (is_amount(l) && is_number(r))
        return scale_amount(op, l, as_double(r), r->kind == VALUE_INT, r->as.integer, 1);
    return operation_refuse(op);
}

static const Value *eval_divide(const Operation *op) {
    return eval_quotient(op, 0);
}

static const Value *eval_modulo(const Operation *op) {
    return eval_quotient(op, 1);
}

/* ---- comparison ---- */

static const Value *make_bool(const Operation *op, int truth) {
    return operation_done(op, value_bool(op->session->arena, op->origin, truth));
}

static const Value *eval_order(const Operation *op) {
    const Value *l = op->left, *r = op->right;
    int order = is_number(l) && is_number(r) && l->kind != r->kind ? (as_double(l) > as_double(r)) - (as_double(l) < as_double(r))
                                                                   : value_compare(l, r);
    if (order == -2)
        return operation_refuse(op);
    uint8_t kind = op->expr->kind;
    return make_bool(op, kind == EXPR_LESS         ? order < 0
                         : kind == EXPR_LESS_EQUAL ? order <= 0
                         : kind == EXPR_GREATER    ? order > 0
                                                   : order >= 0);
}

static const Value *eval_in(const Operation *op) {
    const Value *l = op->left, *r = op->right;
    if (r->kind == VALUE_LIST) {
        for (uint32_t i = 0; i < r->as.list.count; i++)
            if (value_equal(l, r->as.list.items[i]))
                return make_bool(op, 1);
        return make_bool(op, 0);
    }
    if (r->kind == VALUE_RECORD && (l->kind == VALUE_STRING || l->kind == VALUE_INT)) {
        Str key = l->kind == VALUE_STRING ? l->as.string : arena_printf(op->session->arena, "%lld", (long long)l->as.integer);
        const Name *name = name_find(op->session->names, key);
        return make_bool(op, name && record_get(r->as.record, name));
    }
    if (r->kind == VALUE_STRING && l->kind == VALUE_STRING)
        return make_bool(op, !l->as.string.length || memmem(r->as.string.text, r->as.string.length, l->as.string.text, l->as.string.length));
    if (r->kind == VALUE_CIDR && l->kind == VALUE_IP)
        return make_bool(op, address_in(l->as.address, r->as.address));
    if (r->kind == VALUE_CIDR && l->kind == VALUE_CIDR)
        return make_bool(op, l->as.address->prefix >= r->as.address->prefix && address_in(l->as.address, r->as.address));
    return operation_refuse(op);
}

enum { RANGE_LIMIT = 1000000 };     /* more elements than any site has resources: a slip of the pen, not a wish */

/* How many addresses there are from one to another of its version, both included: exact up to RANGE_LIMIT, and beyond that more. */
static uint64_t count_addresses(const Address *first, const Address *last) {
    int64_t distance = 0;
    if (memcmp(first->bytes, last->bytes, sizeof first->bytes) > 0)
        return 0;
    for (size_t i = 0; i < (first->version == 4 ? 4 : sizeof first->bytes) && distance <= RANGE_LIMIT; i++)
        distance = distance * 256 + last->bytes[i] - first->bytes[i];
    return distance > RANGE_LIMIT ? RANGE_LIMIT + 1 : (uint64_t)distance + 1;
}

static const Value *eval_range(const Operation *op) {
    const Value *l = op->left, *r = op->right;
    uint64_t count;
    if (l->kind == VALUE_IP && r->kind == VALUE_IP && l->as.address->version == r->as.address->version)
        count = count_addresses(l->as.address, r->as.address);
    else if (l->kind == VALUE_INT && r->kind == VALUE_INT)
        count = r->as.integer < l->as.integer ? 0 : (uint64_t)r->as.integer - (uint64_t)l->as.integer + 1;
    else
        return operation_refuse(op);
    /* All 2^64 ints are as many as none, in 64 bits. */
    if (!count && l->kind == VALUE_INT && r->as.integer >= l->as.integer)
        count = UINT64_MAX;
    Diagnostic *d;
    if (count > RANGE_LIMIT)
        return eval_problem(op->session, CODE_COST, op->expr->span, r, &d, "a range of more than %d %s", (int)RANGE_LIMIT,
                            l->kind == VALUE_IP ? "addresses" : "numbers");
    const Value **items = ARENA_ARRAY(op->session->arena, const Value *, count ? count : 1);
    for (uint32_t i = 0; i < count; i++) {
        if (l->kind == VALUE_IP) {
            Address *address = ARENA_NEW(op->session->arena, Address);
            *address = *l->as.address;
            address_add(address, i);
            items[i] = value_address(op->session->arena, op->origin, VALUE_IP, address);
        } else {
            items[i] = value_integer(op->session->arena, op->origin, VALUE_INT, l->as.integer + i);
        }
    }
    return operation_done(op, value_list(op->session->arena, op->origin, items, (uint32_t)count));
}

static const Value *eval_equal(const Operation *op) {
    return make_bool(op, value_equal(op->left, op->right));
}

static const Value *eval_unequal(const Operation *op) {
    return make_bool(op, !value_equal(op->left, op->right));
}

/* ---- the operators that do not want both sides ---- */

static const Value *eval_logic(Session *session, const Expr *expr, const Frame *frame) {
    const Value *poison;
    int left = eval_condition(session, expr->as.binary.left, frame, &poison);
    if (left < 0)
        return poison;
    if (left == (expr->kind == EXPR_OR))
        return value_bool(session->arena, expr->span, left);
    int right = eval_condition(session, expr->as.binary.right, frame, &poison);
    return right < 0 ? poison : value_bool(session->arena, expr->span, right);
}

static const Value *eval_unary(Session *session, const Expr *expr, const Frame *frame) {
    const Value *poison;
    if (expr->kind == EXPR_NOT) {
        int truth = eval_condition(session, expr->as.binary.left, frame, &poison);
        return truth < 0 ? poison : value_bool(session->arena, expr->span, !truth);
    }
    const Value *value = eval(session, expr->as.binary.left, frame);
    Span origin = origin_of(session, expr->span, value, NULL);
    if (value->kind == VALUE_POISON || value->kind == VALUE_UNKNOWN)
        return value;
    Diagnostic *d;
    if (value->kind == VALUE_FLOAT)
        return value_number(session->arena, origin, VALUE_FLOAT, -value->as.number);
    if ((value->kind == VALUE_INT || is_amount(value)) && value->as.integer != INT64_MIN)
        return value_integer(session->arena, origin, (ValueKind)value->kind, -value->as.integer);
    return eval_problem(session, CODE_OPERANDS, expr->span, value, &d, "`-` wants a number, not %s", value_kind_phrase(value->kind));
}

static const Value *eval_is(Session *session, const Expr *expr, const Frame *frame) {
    const Value *value = eval(session, expr->as.member.base, frame);
    if (value->kind == VALUE_POISON || value->kind == VALUE_UNKNOWN)
        return value;
    int truth = value->kind == VALUE_RECORD && value->as.record->tag == expr->as.member.field->name;
    return value_bool(session->arena, expr->span, truth);
}

static int is_literal_list(const Expr *expr) {
    if (expr->kind != EXPR_LIST)
        return 0;
    for (uint32_t i = 0; i < expr->as.list.count; i++)
        if (expr->as.list.items[i]->kind != EXPR_LITERAL)
            return 0;
    return 1;
}

/* `verb in ["set", "start"]` stands in many rules: nobody needs the list as a value. */
static const Value *eval_in_literals(Session *session, const Expr *expr, const Value *left) {
    const Expr *list = expr->as.binary.right;
    Operation op = {session, expr, left, left, origin_of(session, expr->span, left, NULL), (uint8_t)(left->flags & VALUE_SECRET)};
    int found = 0;
    for (uint32_t i = 0; i < list->as.list.count && !found; i++)
        found = value_equal(left, list->as.list.items[i]->as.value);
    return make_bool(&op, found);
}

const Value *eval_operator(Session *session, const Expr *expr, const Frame *frame) {
    if (expr->kind == EXPR_NOT || expr->kind == EXPR_NEGATE)
        return eval_unary(session, expr, frame);
    if (expr->kind == EXPR_AND || expr->kind == EXPR_OR)
        return eval_logic(session, expr, frame);
    if (expr->kind == EXPR_IS)
        return eval_is(session, expr, frame);
    if (expr->kind == EXPR_RANGE && (!expr->as.binary.left || !expr->as.binary.right)) {
        diag_error(session->diagnostics, CODE_OPERANDS, expr->span, "a range needs both ends here");
        return value_poison(session->arena, expr->span, 0);
    }
    const Value *left = eval(session, expr->as.binary.left, frame);
    if (expr->kind == EXPR_COALESCE)
        return left->kind == VALUE_NONE ? eval(session, expr->as.binary.right, frame) : left;
    if (expr->kind == EXPR_IN && is_literal_list(expr->as.binary.right) && left->kind != VALUE_POISON && left->kind != VALUE_UNKNOWN)
        return eval_in_literals(session, expr, left);
    const Value *right = eval(session, expr->as.binary.right, frame);
    if (left->kind == VALUE_POISON)
        return left;
    if (right->kind == VALUE_POISON)
        return right;
    if (left->kind == VALUE_UNKNOWN || right->kind == VALUE_UNKNOWN)
        return defer_operator(session, expr, left, right);
    return operator_apply(session, expr, left, right);
}

const Value *operator_apply(Session *session, const Expr *expr, const Value *left, const Value *right) {
    Operation op = {session, expr, left, right, origin_of(session, expr->span, left, right), (uint8_t)((left->flags | right->flags) & VALUE_SECRET)};
    static const Value *(*const OPERATORS[])(const Operation *op) = {
        [EXPR_EQUAL] = eval_equal,      [EXPR_UNEQUAL] = eval_unequal,        [EXPR_LESS] = eval_order,     [EXPR_LESS_EQUAL] = eval_order,
        [EXPR_GREATER] = eval_order,    [EXPR_GREATER_EQUAL] = eval_order,    [EXPR_IN] = eval_in,          [EXPR_RANGE] = eval_range,
        [EXPR_ADD] = eval_add,          [EXPR_SUBTRACT] = eval_subtract,      [EXPR_MULTIPLY] = eval_product, [EXPR_DIVIDE] = eval_divide,
        [EXPR_MODULO] = eval_modulo,
    };
    if (expr->kind < sizeof OPERATORS / sizeof *OPERATORS && OPERATORS[expr->kind])
        return OPERATORS[expr->kind](&op);
    return operation_refuse(&op);
}
