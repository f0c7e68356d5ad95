/* Trees of small texts, and what is said about texts that are wrong. */
#include "lang/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct Fixture {
    Arena *arena;
    Names *names;
    Diagnostics *diagnostics;
    Text out;
} Fixture;

static void setup(Fixture *f) {
    *f = (Fixture){.arena = arena_open()};
    f->names = names_new(f->arena);
    f->diagnostics = diagnostics_new(f->arena, sources_new(f->arena));
}

static void teardown(Fixture *f) {
    text_fini(&f->out);
    arena_close(f->arena);
}

static const Source *add(Fixture *f, Str text) { return source_add(diagnostics_sources(f->diagnostics), SOURCE_PHX, STR("x"), text); }

static const Tree *parse(Fixture *f, const char *text) { return parse_source(f->arena, f->names, f->diagnostics, add(f, str_of(text))); }

/* ---- trees as text ---- */

static const char *const expr_words[] = {
    [EXPR_POISON] = "poison", [EXPR_FIELD] = ".", [EXPR_SAFE_FIELD] = "?.", [EXPR_INDEX] = "[]", [EXPR_CALL] = "call", [EXPR_LIST] = "list",
    [EXPR_RECORD] = "record", [EXPR_LIST_FOR] = "list-for", [EXPR_MAP_FOR] = "map-for", [EXPR_TEXT] = "text", [EXPR_NOT] = "not",
    [EXPR_NEGATE] = "negate", [EXPR_OR] = "or", [EXPR_AND] = "and", [EXPR_EQUAL] = "==", [EXPR_UNEQUAL] = "!=", [EXPR_LESS] = "<",
    [EXPR_LESS_EQUAL] = "<=", [EXPR_GREATER] = ">", [EXPR_GREATER_EQUAL] = ">=", [EXPR_IN] = "in", [EXPR_COALESCE] = "??",
    [EXPR_RANGE] = "..", [EXPR_ADD] = "+", [EXPR_SUBTRACT] = "-", [EXPR_MULTIPLY] = "*", [EXPR_DIVIDE] = "/", [EXPR_MODULO] = "%",
    [EXPR_IS] = "is", [EXPR_WITH] = "with", [EXPR_IF] = "if",
};

static void show(const Expr *expr, Text *out);

static void show_loop(const Loop *loop, Text *out) {
    if (loop->key != NULL) text_add_char(out, ' '), show(loop->key, out);
    text_add_char(out, ' ');
    show(loop->value, out);
    for (uint32_t i = 0; i < loop->count; i++) {
        const Generator *generator = &loop->generators[i];
        text_addf(out, " (for %s%s%s ", generator->key.name != NULL ? generator->key.name->text : "", generator->key.name != NULL ? "," : "", generator->item.name->text);
        show(generator->collection, out);
        if (generator->condition != NULL) text_add_literal(out, " if "), show(generator->condition, out);
        text_add_char(out, ')');
    }
}

/* Operators and their operands in parentheses. */
static void show(const Expr *expr, Text *out) {
    if (expr == NULL) {
        text_add_char(out, '_');
    } else if (expr->kind == EXPR_LITERAL) {
        value_print(expr->as.value, 0, out);
    } else if (expr->kind == EXPR_NAME) {
        text_add(out, name_str(expr->as.name));
    } else {
        text_addf(out, "(%s", expr_words[expr->kind]);
        if (expr->kind == EXPR_FIELD || expr->kind == EXPR_SAFE_FIELD || expr->kind == EXPR_IS) {
            text_add_char(out, ' ');
            show(expr->as.member.base, out);
            text_addf(out, " %s", expr->as.member.field->name->text);
        } else if (expr->kind == EXPR_INDEX) {
            text_add_char(out, ' '), show(expr->as.index.base, out);
            text_add_char(out, ' '), show(expr->as.index.index, out);
        } else if (expr->kind == EXPR_CALL) {
            text_add_char(out, ' '), show(expr->as.call.callee, out);
            for (uint32_t i = 0; i < expr->as.call.arguments->count; i++) {
                const Argument *argument = &expr->as.call.arguments->items[i];
                text_add_char(out, ' ');
                if (argument->name != NULL) text_addf(out, "%s:", argument->name->text);
                show(argument->value, out);
            }
        } else if (expr->kind == EXPR_LIST || expr->kind == EXPR_TEXT) {
            for (uint32_t i = 0; i < expr->as.list.count; i++) text_add_char(out, ' '), show(expr->as.list.items[i], out);
        } else if (expr->kind == EXPR_RECORD) {
            for (uint32_t i = 0; i < expr->as.record.count; i++) {
                const Entry *entry = &expr->as.record.items[i];
                text_add_char(out, ' ');
                if (entry->name != NULL) text_addf(out, "%s=", entry->name->text);
                else show(entry->key, out), text_add_char(out, ':');
                show(entry->value, out);
            }
        } else if (expr->kind == EXPR_LIST_FOR || expr->kind == EXPR_MAP_FOR) {
            show_loop(expr->as.loop, out);
        } else if (expr->kind == EXPR_NOT || expr->kind == EXPR_NEGATE) {
            text_add_char(out, ' '), show(expr->as.binary.left, out);
        } else if (expr->kind == EXPR_IF) {
            text_add_char(out, ' '), show(expr->as.conditional->condition, out);
            text_add_char(out, ' '), show(expr->as.conditional->yes, out);
            text_add_char(out, ' '), show(expr->as.conditional->no, out);
        } else if (expr->kind != EXPR_POISON) {
            text_add_char(out, ' '), show(expr->as.binary.left, out);
            text_add_char(out, ' '), show(expr->as.binary.right, out);
        }
        text_add_char(out, ')');
    }
}

static void show_type(const TypeExpr *type, Text *out);

static void show_fields(const FieldDecl *fields, uint32_t count, Text *out) {
    for (uint32_t i = 0; i < count; i++) {
        text_addf(out, " %s%s:", fields[i].name.name->text, fields[i].optional ? "?" : "");
        if (fields[i].first <= fields[i].last) text_addf(out, "%d-%d:", (int)fields[i].first, (int)fields[i].last);
        show_type(fields[i].type, out);
        if (fields[i].fallback != NULL) text_add_char(out, '='), show(fields[i].fallback, out);
        if (fields[i].options != NULL) show(fields[i].options, out);
    }
}

static void show_type(const TypeExpr *type, Text *out) {
    switch ((TypeExprKind)type->kind) {
    case TYPEX_POISON: text_add_literal(out, "poison"); break;
    case TYPEX_NAME: text_add(out, name_str(type->name.name)); break;
    case TYPEX_REFINED:
        text_addf(out, "(refined ");
        if (type->element != NULL) text_add_literal(out, "list "), show_type(type->element, out);
        else text_add(out, name_str(type->name.name));
        for (uint32_t i = 0; i < type->argument_count; i++) text_add_char(out, ' '), show(type->arguments[i], out);
        text_add_char(out, ')');
        break;
    case TYPEX_LITERAL: value_print(type->value, 0, out); break;
    case TYPEX_LIST: text_add_literal(out, "(list "), show_type(type->element, out), text_add_char(out, ')'); break;
    case TYPEX_MAP:
        text_add_literal(out, "(map "), show_type(type->key, out);
        text_add_char(out, ' '), show_type(type->element, out), text_add_char(out, ')');
        break;
    case TYPEX_RECORD: text_add_literal(out, "(record"), show_fields(type->fields, type->field_count, out), text_add_char(out, ')'); break;
    case TYPEX_TAGGED:
        text_addf(out, "(%s", type->name.name->text), show_fields(type->fields, type->field_count, out), text_add_char(out, ')');
        break;
    case TYPEX_UNION:
        text_add_literal(out, "(|");
        for (uint32_t i = 0; i < type->member_count; i++) text_add_char(out, ' '), show_type(type->members[i], out);
        text_add_char(out, ')');
        break;
    case TYPEX_SUM:
        text_add_literal(out, "(+");
        for (uint32_t i = 0; i < type->member_count; i++) text_add_char(out, ' '), show_type(type->members[i], out);
        text_add_char(out, ')');
        break;
    case TYPEX_SECRET: text_add_literal(out, "(secret "), show_type(type->element, out), text_add_char(out, ')'); break;
    }
}

static void expect_expr(const char *text, const char *expected) {
    Fixture f;
    setup(&f);
    const Expr *expr = parse_expression(f.arena, f.names, f.diagnostics, add(&f, str_of(text)));
    if (expr == NULL) fail_msg("`%s` has a syntax error", text);
    show(expr, &f.out);
    assert_string_equal(f.out.bytes, expected);
    teardown(&f);
}

static void expect_type(const char *text, const char *expected) {
    Fixture f;
    setup(&f);
    const Tree *tree = parse(&f, arena_printf(f.arena, "type t = %s", text).text);
    if (tree->broken) fail_msg("`%s` has a syntax error", text);
    show_type(tree->declarations.items[0]->extra->type, &f.out);
    assert_string_equal(f.out.bytes, expected);
    teardown(&f);
}

/* ---- expressions ---- */

static void test_precedence(void **state) {
    (void)state;
    expect_expr("1 + 2 * 3 - 4", "(- (+ 1 (* 2 3)) 4)");
    expect_expr("a or b and not c == d", "(or a (and b (not (== c d))))");
    expect_expr("a ?? b .. c + 1", "(?? a (.. b (+ c 1)))");
    expect_expr("-a.b + -c[1] * -3", "(+ (negate (. a b)) (* (negate ([] c 1)) -3))");
    expect_expr("if a then b else c + 1", "(if a b (+ c 1))");
    expect_expr("1 + if a then b else c", "(+ 1 (if a b c))");
    expect_expr("a is clone and b in c", "(and (is a clone) (in b c))");
    expect_expr("a with { x = 1 }.y", "(. (with a (record x=1)) y)");
    expect_expr("a % b / c", "(/ (% a b) c)");
}

static void test_postfix(void **state) {
    (void)state;
    expect_expr("a.b?.c[d].e", "(. ([] (?. (. a b) c) d) e)");
    expect_expr("a.b(c, name: d,)", "(call (. a b) c name:d)");
    expect_expr("f()", "(call f)");
    expect_expr("type.site", "(. type site)");
}

static void test_lists_records_and_maps(void **state) {
    (void)state;
    expect_expr("[1, 2,]", "(list 1 2)");
    expect_expr("[]", "(list)");
    expect_expr("{}", "(record)");
    expect_expr("{ a = 1 b = 2, type = 3 }", "(record a=1 b=2 type=3)");
    expect_expr("{ \"k\": 1, (k): 2 \"{k}\": 3 c = 4 }", "(record \"k\":1 k:2 (text k):3 c=4)");
    expect_expr("[x + 1 for x in xs if x > 2 for y, z in m]", "(list-for (+ x 1) (for x xs if (> x 2)) (for y,z m))");
    expect_expr("{ k: v for k, v in m }", "(map-for k v (for k,v m))");
    expect_expr("{ \"a{k}\": v for k, v in m if k in [1] }", "(map-for (text \"a\" k) v (for k,v m if (in k (list 1))))");
}

static void test_literals(void **state) {
    (void)state;
    expect_expr("[8, 1_000, -3, 1.5, 16KiB, 300ms, 80%, 10MB/s]", "(list 8 1000 -3 1.5 16KiB 300ms 80% 10MB/s)");
    expect_expr("[10.0.0.1, 10.0.0.0/24, 52:54:00:67:89:b2]", "(list 10.0.0.1 10.0.0.0/24 52:54:00:67:89:B2)");
    expect_expr("[true, false, none, unset]", "(list true false none unset)");
    expect_expr("-9223372036854775808", "-9223372036854775808");
    expect_expr("- 5", "-5");
}

/* ---- strings ---- */

static void expect_literal(const char *text, const char *expected) {
    Fixture f;
    setup(&f);
    const Expr *expr = parse_expression(f.arena, f.names, f.diagnostics, add(&f, str_of(text)));
    if (expr == NULL) fail_msg("`%s` has a syntax error", text);
    assert_int_equal(expr->kind, EXPR_LITERAL);
    Str string = expr->as.value->as.string;
    assert_true(str_equal(string, str_of(expected)));
    teardown(&f);
}

static void test_escapes(void **state) {
    (void)state;
    expect_literal("\"a\\n\\t\\\"\\\\\\{\\}\\u{e9}\\u{1F600}\"", "a\n\t\"\\{}\xC3\xA9\xF0\x9F\x98\x80");
    expect_literal("'a\\n{b}\"'", "a\\n{b}\"");
    expect_literal("\"\"", "");
    expect_literal("\"\\u{10FFFF}\\u{7ff}\\u{7FF}\"", "\xF4\x8F\xBF\xBF\xDF\xBF\xDF\xBF");
}

static void test_blocks(void **state) {
    (void)state;
    expect_literal("\"\"\"\n    a\n      b\n\n    c\n  \"\"\"", "a\n  b\n\nc\n");
    expect_literal("\"\"\"\n\ta\n\tb\"\"\"", "a\nb");
    expect_literal("'''\n  a {x} \\n\n  it's\n'''", "a {x} \\n\nit's\n");
    expect_literal("\"\"\"\r\n  a\r\n  b\r\n\"\"\"", "a\nb\n");
    expect_literal("\"\"\"one \"line\" \"\"\"", "one \"line\" ");
    expect_literal("\"\"\"\n\"\"\"", "");
    expect_literal("\"\"\"\n  a\\n\n  \\{b\n  \"\"\"", "a\n\n{b\n");
    expect_literal("\"\"\"\n  a\n\t b\n\"\"\"", "  a\n\t b\n");
}

static void test_holes(void **state) {
    (void)state;
    expect_expr("\"a {b + 1} c{d}\"", "(text \"a \" (+ b 1) \" c\" d)");
    expect_expr("\"{f(\"x{y}\", { a = \"}\" })}\"", "(text (call f (text \"x\" y) (record a=\"}\")))");
    expect_expr("\"\"\"\n    a {b}\n      {c}\n    \"\"\"", "(text \"a \" b \"\\n  \" c \"\\n\")");
    expect_expr("\"\"\"\n  {b}\n   a\n\"\"\"", "(text b \"\\n a\\n\")");
}

/* ---- types ---- */

static void test_types(void **state) {
    (void)state;
    expect_type("pve.lxc", "pve.lxc");
    expect_type("int(1..8192)", "(refined int (.. 1 8192))");
    expect_type("size(16MiB..)", "(refined size (.. 16MiB _))");
    expect_type("size(..16MiB)", "(refined size (.. _ 16MiB))");
    expect_type("string('^a$', 1..64)", "(refined string \"^a$\" (.. 1 64))");
    expect_type("[T](1..4)", "(refined list T (.. 1 4))");
    expect_type("\"off\" | 8 | -1 | true", "(| \"off\" 8 -1 true)");
    expect_type("A | (B | C)", "(| A B C)");
    expect_type("secret string", "(secret string)");
    expect_type("template(image: pve.image) | clone(guest: T, full?: bool) | fresh()", "(| (template image:pve.image) (clone guest:T full?:bool) (fresh))");
    expect_type("[{ a: int, b?: [string] { unit = 1 } c: T = 5 }]", "(list (record a:int b?:(list string)(record unit=1) c:T=5))");
}

static void test_maps_and_records_of_types(void **state) {
    (void)state;
    expect_type("{string: int}", "(map string int)");
    expect_type("{string('^a'): int}", "(map (refined string \"^a\") int)");
    expect_type("{\"a\" | \"b\": int}", "(map (| \"a\" \"b\") int)");
    expect_type("{(Key): int}", "(map Key int)");
    expect_type("{Key: int}", "(record Key:int)");
    expect_type("{string?: int}", "(record string?:int)");
    expect_type("{string: int, b: int}", "(record string:int b:int)");
}

/* ---- declarations ---- */

static void test_every_declaration(void **state) {
    (void)state;
    static const struct { const char *text; DeclKind kind; } cases[] = {
        {"site \"a\" edition 1", DECL_SITE}, {"param a: T = 1", DECL_PARAM}, {"let a = 1", DECL_LET}, {"let a: T = 1", DECL_LET},
        {"import \"a\" as b", DECL_IMPORT}, {"import json optional \"{d}/a\" as b: T", DECL_IMPORT_JSON}, {"type a.b = T with { x = 1 }", DECL_TYPE},
        {"fn a.b(x: T, y?: T, z: T = 1): T = x where { c = 1 d = 2 }", DECL_FUNCTION}, {"schema a.b { x: T y = 1 n[0..3]?: T }", DECL_SCHEMA},
        {"component a(x: T) { b c { } output d = 1 }", DECL_COMPONENT}, {"profile a for b.c { x = 1 use d.e ignore f \"g\" }", DECL_PROFILE},
        {"a.b c { x = 1, y = 2 z = 3 }", DECL_RESOURCE}, {"a.b c[d + 1] { }", DECL_RESOURCE}, {"absent a.b c { }", DECL_RESOURCE},
        {"for x in y { a b { } }", DECL_FOR}, {"for k, v in y { }", DECL_FOR}, {"if a { } else if b { } else { }", DECL_IF},
        {"assert a, \"b\"", DECL_ASSERT}, {"output a = 1", DECL_OUTPUT}, {"lint a error \"b\" = []", DECL_LINT}, {"ignore a \"b\"", DECL_IGNORE},
        {"import \"a\" as b with { c = 1 }", DECL_IMPORT}, {"policy a \"b\" { deny step where true }", DECL_POLICY},
        {"test \"a\" { set b = 1 facts none read file(\"/c\") = \"d\" expect e, \"f\" }", DECL_TEST},
        {"fact a: int from file(\"/b\") on c = raw ?? 1", DECL_FACT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Fixture f;
        setup(&f);
        const Tree *tree = parse(&f, cases[i].text);
        if (tree->broken) fail_msg("`%s` has a syntax error", cases[i].text);
        assert_int_equal(tree->declarations.count, 1);
        assert_int_equal(tree->declarations.items[0]->kind, cases[i].kind);
        assert_int_equal(tree->declarations.items[0]->span.end, strlen(cases[i].text));
        teardown(&f);
    }
}

static void test_resource(void **state) {
    (void)state;
    Fixture f;
    setup(&f);
    const Tree *tree = parse(&f, "/// The web.\nabsent pve.lxc web[1] {\n  /// Its id.\n  id = 5\n  use a.b\n}\nlet x = 1");
    assert_false(tree->broken);
    const Decl *decl = tree->declarations.items[0];
    assert_true(decl->absent);
    assert_string_equal(decl->name.name->text, "web");
    assert_string_equal(decl->extra->target.name->text, "pve.lxc");
    assert_int_equal(decl->extra->key->as.value->as.integer, 1);
    assert_true(str_equal(decl_doc(decl), STR("The web.")));
    assert_int_equal(decl->extra->body.count, 2);
    assert_true(str_equal(decl_doc(decl->extra->body.items[0]), STR("Its id.")));
    assert_null(decl->extra->body.items[1]->extra);
    assert_null(tree->declarations.items[1]->extra);
    teardown(&f);
}

static void test_words_of_declarations_are_names_elsewhere(void **state) {
    (void)state;
    Fixture f;
    setup(&f);
    const Tree *tree = parse(&f, "pve.lxc import { type = site  use = 1  ignore = schema.use  use use  ignore ignore \"x\" }\n"
                                 "schema secret.type { absent: json  use?: secret type  json = 1 }\n"
                                 "type.site x { }\nlet output = f(type: 1, param.lint)\n");
    assert_false(tree->broken);
    assert_int_equal(tree->declarations.count, 4);
    const DeclList body = tree->declarations.items[0]->extra->body;
    assert_int_equal(body.count, 5);
    assert_int_equal(body.items[2]->kind, DECL_ATTRIBUTE);
    assert_int_equal(body.items[3]->kind, DECL_USE);
    teardown(&f);
}

static void test_documentation(void **state) {
    (void)state;
    Fixture f;
    setup(&f);
    const Tree *tree = parse(&f, "/// One\n///   two\n// no\n///\n/// three  \nschema a.b {\n  /// An x.\n  x: T /// not documentation\n  y: T\n}\n");
    assert_false(tree->broken);
    const Decl *decl = tree->declarations.items[0];
    assert_true(str_equal(decl_doc(decl), STR("One\n  two\n\nthree")));
    assert_true(str_equal(decl->extra->fields[0].doc, STR("An x.")));
    assert_int_equal(decl->extra->fields[1].doc.length, 0);
    teardown(&f);
}

static void test_tree_equal(void **state) {
    (void)state;
    static const char *const different[] = {
        "let a = 1", "let a = 2", "let b = 1", "let a: int = 1", "let a = 1.0", "output a = 1", "let a = [1]", "let a = {x = 1}",
        "let a = {\"x\": 1}", "let a = f(1)", "let a = f(x: 1)", "let a = x.y", "let a = x?.y", "let a = \"{x}\"", "let a = if x then y else z",
        "let a = [x for x in y]", "let a = [x for x in y if z]", "/// doc\nlet a = 1", "type a = {x: int}", "type a = {x?: int}", "a b { }", "absent a b { }",
        "a b[1] { }", "for x in y { }", "if x { }", "if x { } else { let a = 1 }", "",
    };
    enum { COUNT = sizeof different / sizeof *different };
    Fixture f;
    setup(&f);
    const Tree *trees[COUNT];
    for (size_t i = 0; i < COUNT; i++) trees[i] = parse(&f, different[i]);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < COUNT; k++)
            if (tree_equal(trees[i], trees[k]) != (i == k)) fail_msg("`%s` and `%s`", different[i], different[k]);
    assert_true(tree_equal(parse(&f, "a b{x=(1+2)*3,y=\"a\\u{62}\"}"), parse(&f, "// c\na   b {\n x = ((1 + 2)) * 3\n y = 'ab' }")));
    teardown(&f);
}

/* ---- errors ---- */

/* Exactly these messages (or beginnings of them) in this order, divided by newlines; "3: " before one is its line. */
static void expect_errors(const char *text, const char *expected) {
    Fixture f;
    setup(&f);
    const Tree *tree = parse(&f, text);
    uint32_t count;
    const Diagnostic *const *found = diag_sorted(f.diagnostics, &count);
    for (uint32_t i = 0; i < count; i++) {
        Position at = source_position(diagnostics_sources(f.diagnostics), found[i]->span);
        text_addf(&f.out, "%s%u: %.*s", i > 0 ? "\n" : "", at.line, (int)found[i]->message.length, found[i]->message.text);
    }
    assert_string_equal(f.out.bytes != NULL ? f.out.bytes : "", expected);
    assert_int_equal(tree->broken, diag_errors(f.diagnostics) > 0);
    teardown(&f);
}

static void test_four_mistakes_are_four_messages(void **state) {
    (void)state;
    expect_errors("let a = \n"
                  "pve.lxc web {\n  id = 5 5\n  cores = [1 2]\n  memory = 16G\n  ok = 1\n}\n"
                  "let b = 1 + * 2\n",
                  "1: expected a value after `=`\n"
                  "3: expected a name, `,` or `}` after `5`, found `5`\n"
                  "4: expected `,` or `]` after `1`, found `2`\n"
                  "5: `16G` lacks its unit\n"
                  "8: expected a value after `+`, found `*`");
}

static void test_reading_goes_on(void **state) {
    (void)state;
    Fixture f;
    setup(&f);
    const Tree *tree = parse(&f, "let a = )\npve.lxc web {\n  id 5\n  cores = 3\n}\nlet b = 2\nfn f(x: ) = 3\nlet c = 4\n");
    assert_true(tree->broken);
    assert_int_equal(diag_errors(f.diagnostics), 3);
    assert_int_equal(tree->declarations.count, 3);
    assert_int_equal(tree->declarations.items[0]->extra->body.count, 1);
    teardown(&f);
}

static void test_what_is_not_closed(void **state) {
    (void)state;
    expect_errors("a b {\n  id = 4\n\na c {\n  id = 5\n}\n", "4: expected `}` before this line");
    expect_errors("a b {\n  x = f(1, 2\n  y = 5\n}\nlet z = 1\n", "3: expected `)` before this line");
    expect_errors("a b {\n  x = [1, (2]\n}\n", "2: expected `)` before `]`");
    expect_errors("let a = [1, 2)\nlet b = 1\n", "1: expected `]`, found `)`");
    expect_errors("a b {\n  x = { y = 1\n", "2: `{` is never closed");
    expect_errors("let a = 1\n}\nlet b = 2\n", "2: `}` closes nothing");
    expect_errors("a b {\n  x = \"abc\n  y = { z = \"q }\n}\n", "2: the string has no closing quote on its line\n3: the string has no closing quote on its line");
    expect_errors("let a = \"x {y\"\nlet b = 1\n", "1: `{` opens a hole in a string that is not closed on its line");
    expect_errors("let a = [\"a, \"b\"]\n", "1: a quote is missing in this line: this is read as one string");
    expect_errors("let a = \"\"\"\n x\n", "1: the block string is never closed");
}

static void test_habits(void **state) {
    (void)state;
    expect_errors("a b {\n  x: 5\n  y: 6\n}\n", "2: a value is given with `=` here, not with `:`");
    expect_errors("a b {\n  \"x\" = 5\n  \"y\": 6\n}\n", "2: the name of an attribute stands without quotes");
    expect_errors("resource \"a\" \"b\" {\n  x = 1\n}\n", "1: a name stands without quotes");
    expect_errors("a b {\n  x {\n    y = 1\n  }\n}\n", "2: a record is a value, given with `=`");
    expect_errors("let x = { a: 1, b: 2 }\n", "1: a field of a record is written `a = value`");
    expect_errors("let x = a && b || !c\n", "1: conditions are joined by `and`\n1: conditions are joined by `or`\n1: a condition is denied by `not`");
    expect_errors("# a\n# b\nlet x = 1;\nlet y = 2;\n/* z */\n",
                  "1: a comment does not begin with `#`\n3: nothing ends with a `;`\n5: there are no `/* ... */` comments");
    expect_errors("let x = 16 GiB\nlet y = 0644\nlet z = 1.4TiB\nlet a = 5sec\n",
                  "1: a unit follows its number without a blank\n2: `0644` begins with a zero\n3: `1.4TiB` is no whole number of bytes\n4: `5sec`: there is no unit `sec`");
    expect_errors("let x == 1\nif a = 1 { }\nlet y = f(a = 1)\n",
                  "1: `==` compares; a value is given with `=`\n2: `=` gives a value; to compare, write `==`\n3: an argument is named with `:`, not with `=`");
    expect_errors("let x = \xE2\x80\x9Cy\xE2\x80\x9D\nlet z = ${a}\nlet b = fd00::1\n",
                  "1: strings stand in straight quotes\n2: a name is used without `$`\n3: an IPv6 address stands in a string");
    expect_errors("x = 5\n", "1: only inside a resource are values given like this");
    expect_errors("let a = x ? y : z\nlet b = 1 < 2 < 3\n", "1: a choice is `if CONDITION then A else B`\n2: comparisons can't be chained");
    expect_errors("let x = \"a${b}\"\n", "1: `${` puts a dollar sign before the value");
}

static void test_carriage_returns_and_tabs_are_blanks(void **state) {
    (void)state;
    expect_errors("a b {\r\n\tx = 1\r\n\ty = \"z\"\r\n}\r\n// c\r\n", "");
    expect_errors("a b {\r\n\tx = \"z\r\n}\r\n", "2: the string has no closing quote on its line");
}

static void test_unreadable_texts(void **state) {
    (void)state;
    static const struct { const char *bytes; size_t length; const char *code; } cases[] = {
        {"let x = \xE9", 9, "E0110"}, {"let x = 1\0\n", 11, "E0111"}, {"\xEF\xBB\xBFlet x = 1", 12, "E0112"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Fixture f;
        setup(&f);
        const Tree *tree = parse_source(f.arena, f.names, f.diagnostics, add(&f, (Str){cases[i].bytes, cases[i].length}));
        uint32_t count;
        const Diagnostic *const *found = diag_sorted(f.diagnostics, &count);
        assert_true(tree->broken);
        assert_int_equal(count, 1);
        assert_true(str_equal(found[0]->code, str_of(cases[i].code)));
        teardown(&f);
    }
}

/* [times] of [piece] between [head] and [tail]: one message of that code, or none where it is NULL. */
static void expect_code(const char *head, const char *piece, uint32_t times, const char *tail, const char *code) {
    Fixture f;
    setup(&f);
    Text text = {0};
    text_add(&text, str_of(head));
    for (uint32_t i = 0; i < times; i++) text_add(&text, str_of(piece));
    text_add(&text, str_of(tail));
    const Tree *tree = parse_source(f.arena, f.names, f.diagnostics, add(&f, text_str(&text)));
    uint32_t count;
    const Diagnostic *const *found = diag_sorted(f.diagnostics, &count);
    if (count != (code != NULL)) fail_msg("%u times `%s`: %u messages", times, piece, count);
    if (code != NULL) assert_true(str_equal(found[0]->code, str_of(code)));
    assert_int_equal(tree->broken, code != NULL);
    text_fini(&text);
    teardown(&f);
}

static void test_nesting(void **state) {
    (void)state;
    static const char *const opening[] = {
        "(", "[", "{\n", "f(", "a[", "{ \"a\": ", "{ a = ", "\"{", "not\n", "-", "- ", "if a\nthen ", "if a\nthen b\nelse ", "a with\n{ x = ",
        "[a for x\nin ", "\"\"\"{",
    };
    for (size_t i = 0; i < sizeof opening / sizeof *opening; i++) expect_code("let x = ", opening[i], 100000, "1", "E0106");
    expect_code("param x: ", "[", 100000, "int", "E0106");
    expect_code("param x: ", "{ a:\n", 100000, "int", "E0106");
    expect_code("param x: ", "secret\n", 100000, "int", "E0106");
    expect_code("", "for x in y {\n", 100000, "", "E0106");
    expect_code("if a { }", "\nelse if a { }", 100000, "", "E0106");
    expect_code("let x = 1", "\n+ 1", 100000, "", "E0106");
    expect_code("let x = a", ".b", 100000, "", "E0106");
    expect_code("let x = [1", "\nfor x in y", 100000, "]", "E0106");
}

static void test_depths_below_the_limit_are_read(void **state) {
    (void)state;
    expect_code("let x = 1", " + 1", TREE_DEPTH_LIMIT - 1, "", NULL);
    expect_code("let x = 1", " + 1", TREE_DEPTH_LIMIT, "", "E0106");
    expect_code("let x = ", "not ", TREE_DEPTH_LIMIT - 1, "a", NULL);
    expect_code("type x = \"a\"", " | \"b\"", 100000, "", NULL);
    expect_code("let x = \"", "{a} ", 100000, "\"", NULL);
}

static void test_many_mistakes_end(void **state) {
    (void)state;
    static const char *const wrong[] = {"let x = = 5\n", ")\n", "}\n", "a b { c = (\n", "{[(\n", "let a = 5 5; ", "\"\n", "x\n.\n", "a b c\n", "} ) ] "};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Fixture f;
        setup(&f);
        Text text = {0};
        for (int k = 0; k < 20000; k++) text_add(&text, str_of(wrong[i]));
        assert_true(parse_source(f.arena, f.names, f.diagnostics, add(&f, text_str(&text)))->broken);
        assert_true(diag_errors(f.diagnostics) > 0);
        text_fini(&text);
        teardown(&f);
    }
}

static void test_long_lines(void **state) {
    (void)state;
    expect_code("let x = \"", "a", (1 << 20) - 10, "\"", NULL);
    expect_code("let x = \"", "a", 1 << 20, "\"", "E0113");
}

static void test_expressions_alone(void **state) {
    (void)state;
    static const char *const wrong[] = {"", "1 +", "1 2", "(1", "a = 5", "let x = 1", ")", "\"x{\"", "// c"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Fixture f;
        setup(&f);
        assert_null(parse_expression(f.arena, f.names, f.diagnostics, add(&f, str_of(wrong[i]))));
        assert_int_equal(diag_errors(f.diagnostics), 1);
        teardown(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_postfix),
        cmocka_unit_test(test_lists_records_and_maps),
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_holes),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_maps_and_records_of_types),
        cmocka_unit_test(test_every_declaration),
        cmocka_unit_test(test_resource),
        cmocka_unit_test(test_words_of_declarations_are_names_elsewhere),
        cmocka_unit_test(test_documentation),
        cmocka_unit_test(test_tree_equal),
        cmocka_unit_test(test_four_mistakes_are_four_messages),
        cmocka_unit_test(test_reading_goes_on),
        cmocka_unit_test(test_what_is_not_closed),
        cmocka_unit_test(test_habits),
        cmocka_unit_test(test_carriage_returns_and_tabs_are_blanks),
        cmocka_unit_test(test_unreadable_texts),
        cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_depths_below_the_limit_are_read),
        cmocka_unit_test(test_many_mistakes_end),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_expressions_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
