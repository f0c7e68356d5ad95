/* The grammar of phx: tokens to the tree. Every action is one constructor of tree_build.h.

   Errors. Each opening bracket is followed by an alternative `resync`, and so is each list of items in braces. RESYNC is no token of
   the text: after a syntax error the feed (feed.h) skips what belongs to the mistake and then gives RESYNC, so reading goes on
   exactly where the feed decided, in the innermost bracket that is open. For that a closed pair of brackets must be behind the
   parser: where a rule goes on after one, the pair is a rule of its own (block, parameters, key, range, list_type). */

%code requires {
#include "lang/feed.h"
#include "lang/tree_build.h"
}

%code provides {
/* The feed's next token; 0 at the end. */
int grammar_lex(GRAMMAR_STYPE *value, Span *span, Feed *feed);

/* What a word or sign of the language is written as: "site", "==". */
const char *grammar_token_text(int token);
/* Can it stand where a name can? */
int grammar_is_name(int token);
/* Is it a word that is never a name? */
int grammar_is_reserved(int token);
}

%code {
#include "lang/syntax_error.h"

static void grammar_error(const Span *span, Feed *feed, Builder *build, const char *message);
}

%define api.prefix {grammar_}
%define api.pure full
%define api.token.prefix {T_}
%define api.location.type {Span}
%define parse.error custom
/* So that all that could stand at the place of an error is known. */
%define parse.lac full
%locations
%expect 0
%lex-param   { Feed *feed }
%parse-param { Feed *feed } { Builder *build }
%initial-action { @$ = SPAN_NONE; }

%code {
/* From the first to the last; what is made of nothing stands right behind what was read last. */
#define YYLLOC_DEFAULT(current, right, count) \
    ((current) = (Span){YYRHSLOC(right, (count) > 0).file, (count) > 0 ? YYRHSLOC(right, 1).start : YYRHSLOC(right, 0).end, \
                        YYRHSLOC(right, count).end})
}

%union {
    Ident ident;
    const Value *value;
    const Expr *expr;
    const TypeExpr *type;
    const FieldDecl *field;
    const Decl *decl;
    const Generator *generator;
    Entry entry;
    Argument argument;
    List list;
    SchemaItems schema;
    Range range;
    int flag;
}

/* ---- tokens ---- */

%token FILE_START EXPRESSION_START              /* the first token says what is to be read */
%token FINISH         "the end of the text"     /* before the parser's own end, which it would not survive */
%token RESYNC WRONG                             /* see feed.h */

%token <ident> NAME   "a name"
%token <value> INTEGER "a whole number"
%token <value> STRING "a string"
%token <value> LITERAL "a value"                /* every other number, and addresses */
%token BAD_VALUE                                /* stands for a literal that was reported */
%token TEXT_OPEN TEXT_PART TEXT_CLOSE HOLE_OPEN HOLE_CLOSE

/* The words and signs: the one table of them, from which scanner, messages and the editors' grammars (lang/editors) take them. The first of
   each group marks where the group begins.

   Words that begin declarations or stand in them: names everywhere else. */
%token <ident> SITE "site" EDITION "edition" PARAM "param" SECRET "secret" IMPORT "import" JSON "json" OPTIONAL "optional" AS "as"
%token <ident> POLICY "policy" DENY "deny" TEST "test" SET "set" FACTS "facts" READ "read" EXPECT "expect" FACT "fact" ON "on"
%token <ident> TYPE "type" SCHEMA "schema" COMPONENT "component" PROFILE "profile" USE "use" ABSENT "absent" ASSERT "assert"
%token <ident> OUTPUT "output" LINT "lint" IGNORE "ignore" INSIDE "inside" PHASE "phase" AFTER "after" FROM "from"

/* Reserved words, the last of which are values. */
%token AND "and" OR "or" NOT "not" IN "in" IS "is" IF "if" THEN "then" ELSE "else" FOR "for" WITH "with" WHERE "where" FN "fn" LET "let"
%token <value> TRUE "true" FALSE "false" NONE "none" UNSET "unset"

/* Signs. */
%token EQUAL "==" UNEQUAL "!=" LESS_EQUAL "<=" GREATER_EQUAL ">=" COALESCE "??" RANGE ".." SAFE_DOT "?." LESS "<" GREATER ">"
%token PLUS "+" MINUS "-" STAR "*" SLASH "/" PERCENT "%" DOT "." COMMA "," COLON ":" QUESTION "?" ASSIGN "=" BAR "|"
%token LEFT_PAREN "(" RIGHT_PAREN ")" LEFT_BRACKET "[" RIGHT_BRACKET "]" LEFT_BRACE "{" RIGHT_BRACE "}"

/* Never seen by the grammar: the feed reports them, or keeps them as documentation. */
%token COMMENT DOC_COMMENT HASH_COMMENT BLOCK_COMMENT OPEN_STRING SMART_STRING DOLLAR_NAME FOREIGN_AND FOREIGN_OR FOREIGN_NOT
%token FOREIGN_ASSIGN FOREIGN_ARROW SEMICOLON BARE_IPV6 BAD_CHARACTER TOO_DEEP

%precedence "if"
%left "or"
%left "and"
%precedence "not"
%nonassoc "==" "!=" "<" "<=" ">" ">=" "in" "is"
%left "??"
%nonassoc ".."
%left "+" "-"
%left "*" "/" "%"
%precedence SIGN

%type <ident> name plain_name dotted resource_type keyword word filler type_path
%type <value> literal
%type <expr> expr postfix record braces text quoted path key fallback options condition type_bound
%type <list> declarations block denials test_items parameters attributes attribute_list fields field_list entries entry_list items arguments argument_list parts
%type <list> generators type_arguments union sum literal_union where bindings phases names
%type <schema> schema_items schema_list
%type <field> field family
%type <decl> declaration resource attribute conditional rule binding denial test_item
%type <type> type type_item list_type map_key
%type <entry> entry named_entry quoted_entry
%type <argument> argument
%type <generator> variables generator
%type <range> range
%type <flag> optional question

%%

start:
  FILE_START declarations FINISH                { build_file(build, $declarations); }
| EXPRESSION_START expr FINISH                  { build_expression(build, $expr); }
| EXPRESSION_START resync FINISH

resync:
  error RESYNC                                  { yyerrok; }

/* ---- names ---- */

word:
  SITE | PARAM | IMPORT | TYPE | SCHEMA | COMPONENT | PROFILE | USE | ABSENT | ASSERT | OUTPUT | LINT | IGNORE | INSIDE | PHASE | POLICY
| TEST | FACT

keyword:                                        /* at the start of a declaration these are no names */
  word | SECRET

filler:                                         /* words inside of declarations */
  EDITION | JSON | OPTIONAL | AS | AFTER | FROM | DENY | SET | FACTS | READ | EXPECT | ON

name:
  NAME | filler | keyword

plain_name:                                     /* before a type, `secret` is a word */
  NAME | filler | word

dotted:
  name
| dotted "." name                               { $$ = ident_join(build, $1, $3); }

/* ---- declarations ---- */

declarations:
  %empty                                        { $$ = list_none(build, LIST_DECL); }
| declarations declaration                      { $$ = decls_add(build, $1, $2); }
| declarations resync                           { $$ = $1; }

declaration:
  SITE STRING EDITION INTEGER                   { $$ = decl_site(build, @$, $2, $4); }
| PARAM name ":" type fallback                  { $$ = decl_typed(build, @$, DECL_PARAM, $name, $type, $fallback); }
| "let" name "=" expr                           { $$ = decl_typed(build, @$, DECL_LET, $name, NULL, $expr); }
| "let" name ":" type "=" expr                  { $$ = decl_typed(build, @$, DECL_LET, $name, $type, $expr); }
| IMPORT path AS name                           { $$ = decl_import(build, @$, $path, $name, NULL); }
| IMPORT path AS name "with" record             { $$ = decl_import(build, @$, $path, $name, $record); }
| IMPORT JSON optional path AS name ":" type    { $$ = decl_import_json(build, @$, $path, $name, $type, $optional); }
| TYPE dotted "=" type                          { $$ = decl_typed(build, @$, DECL_TYPE, $dotted, $type, NULL); }
| TYPE dotted "=" type "with" record            { $$ = decl_typed(build, @$, DECL_TYPE, $dotted, $type, $record); }
| "fn" dotted parameters ":" type "=" expr where  { $$ = decl_function(build, @$, $dotted, $parameters, $type, $expr, $where); }
| SCHEMA dotted "{" schema_items "}"            { $$ = decl_schema(build, @$, $dotted, $schema_items); }
| COMPONENT dotted parameters block              { $$ = decl_component(build, @$, $dotted, $parameters, $block); }
| PROFILE dotted[own] "for" dotted[of] "{" attributes "}"
                                                { $$ = decl_profile(build, @$, $own, $of, $attributes); }
| resource
| ABSENT resource                               { $$ = decl_absent(build, @$, $2); }
| "for" variables "in" expr block               { $$ = decl_for(build, @$, generator_over(build, $variables, $expr, NULL), $block); }
| conditional
| ASSERT expr[that] "," expr[message]           { $$ = decl_assert(build, @$, DECL_ASSERT, $that, $message); }
| OUTPUT name "=" expr                          { $$ = decl_value(build, @$, DECL_OUTPUT, $name, $expr); }
| LINT name[own] name[severity] STRING options "=" expr
                                                { $$ = decl_lint(build, @$, $own, $severity, $STRING, $options, $expr); }
| IGNORE name STRING                            { $$ = decl_ignore(build, @$, $name, $STRING); }
| SECRET name[own] ":" type FROM name[kind] expr  { $$ = decl_secret(build, @$, $own, $type, $kind, $expr); }
| PHASE name phases block                       { $$ = decl_phase(build, @$, $name, $phases, $block); }
| POLICY name STRING "{" denials "}"            { $$ = decl_block(build, @$, DECL_POLICY, $name, $STRING, $denials); }
| TEST STRING "{" test_items "}"                { $$ = decl_block(build, @$, DECL_TEST, (Ident){NULL, @STRING}, $STRING, $test_items); }
| FACT name ":" type FROM expr[source] "=" expr[value]
                                                { $$ = decl_fact(build, @$, $name, $type, $source, NULL, $value); }
| FACT name ":" type FROM expr[source] ON expr[place] "=" expr[value]
                                                { $$ = decl_fact(build, @$, $name, $type, $source, $place, $value); }

phases:
  %empty                                        { $$ = list_none(build, LIST_EXPR); }
| AFTER names                                   { $$ = $names; }

names:
  name                                          { $$ = exprs_add(build, list_none(build, LIST_EXPR), expr_name(build, $1)); }
| names "," name                                { $$ = exprs_add(build, $1, expr_name(build, $3)); }

denials:
  %empty                                        { $$ = list_none(build, LIST_DECL); }
| denials denial                                { $$ = decls_add(build, $1, $2); }
| denials resync                                { $$ = $1; }

denial:
  DENY name "where" expr                        { $$ = decl_value(build, @$, DECL_DENY, $name, $expr); }

test_items:
  %empty                                        { $$ = list_none(build, LIST_DECL); }
| test_items test_item                          { $$ = decls_add(build, $1, $2); }
| test_items resync                             { $$ = $1; }

test_item:
  SET name "=" expr                             { $$ = decl_value(build, @$, DECL_SET, $name, $expr); }
| FACTS expr                                    { $$ = decl_value(build, @$, DECL_FACTS, (Ident){NULL, @1}, $expr); }
| READ expr[source] "=" expr[text]              { $$ = decl_recorded(build, @$, $source, $text); }
| EXPECT expr                                   { $$ = decl_assert(build, @$, DECL_EXPECT, $expr, NULL); }
| EXPECT expr[that] "," expr[message]           { $$ = decl_assert(build, @$, DECL_EXPECT, $that, $message); }

optional:
  %empty                                        { $$ = 0; }
| OPTIONAL                                      { $$ = 1; }

path:
  quoted

block:
  "{" declarations "}"                          { $$ = $declarations; }

parameters:
  "(" fields ")"                                { $$ = $fields; }

conditional:
  "if" expr block                               { $$ = decl_if(build, @$, $expr, $block); }
| "if" expr block[yes] "else" block[no]         { $$ = decl_else(build, @$, decl_if(build, @$, $expr, $yes), $no); }
| "if" expr block "else" conditional[next]      { $$ = decl_else_if(build, @$, decl_if(build, @$, $expr, $block), $next); }

where:
  %empty                                        { $$ = list_none(build, LIST_DECL); }
| "where" "{" bindings "}"                      { $$ = $bindings; }

bindings:
  %empty                                        { $$ = list_none(build, LIST_DECL); }
| bindings binding                              { $$ = decls_add(build, $1, $2); }
| bindings binding ","                          { $$ = decls_add(build, $1, $2); }
| bindings resync                               { $$ = $1; }

binding:
  name "=" expr                                 { $$ = decl_typed(build, @$, DECL_LET, $name, NULL, $expr); }

/* ---- resources ---- */

resource:
  resource_type name "{" attributes "}"         { $$ = decl_resource(build, @$, $resource_type, $name, NULL, $attributes); }
| resource_type name key "{" attributes "}"       { $$ = decl_resource(build, @$, $resource_type, $name, $key, $attributes); }

resource_type:
  NAME | filler
| keyword "." name                              { $$ = ident_join(build, $1, $3); }
| resource_type "." name                        { $$ = ident_join(build, $1, $3); }

key:
  "[" expr "]"                                  { $$ = $expr; }
| "[" resync "]"                                { $$ = expr_poison(build, @$); }

attributes:
  %empty                                        { $$ = list_none(build, LIST_DECL); }
| attribute_list
| attribute_list ","

attribute_list:
  attribute                                     { $$ = decls_add(build, list_none(build, LIST_DECL), $1); }
| attribute_list attribute                      { $$ = decls_add(build, $1, $2); }
| attribute_list "," attribute                  { $$ = decls_add(build, $1, $3); }
| resync                                        { $$ = list_none(build, LIST_DECL); }
| attribute_list resync                         { $$ = $1; }
| attribute_list "," resync                     { $$ = $1; }

attribute:
  name "=" expr                                 { $$ = decl_value(build, @$, DECL_ATTRIBUTE, $name, $expr); }
| USE dotted                                    { $$ = decl_use(build, @$, $dotted); }
| IGNORE name STRING                            { $$ = decl_ignore(build, @$, $name, $STRING); }
| INSIDE block                                  { $$ = decl_inside(build, @$, @1, $block); }

/* ---- schemas ---- */

schema_items:
  %empty                                        { $$ = schema_items_none(build); }
| schema_list
| schema_list ","

schema_list:
  family                                        { $$ = schema_add_field(build, schema_items_none(build), $1); }
| rule                                          { $$ = schema_add_rule(build, schema_items_none(build), $1); }
| schema_list family                            { $$ = schema_add_field(build, $1, $2); }
| schema_list rule                              { $$ = schema_add_rule(build, $1, $2); }
| schema_list "," family                        { $$ = schema_add_field(build, $1, $3); }
| schema_list "," rule                          { $$ = schema_add_rule(build, $1, $3); }
| resync                                        { $$ = schema_items_none(build); }
| schema_list resync                            { $$ = $1; }
| schema_list "," resync                        { $$ = $1; }

rule:
  name "=" expr                                 { $$ = decl_value(build, @$, DECL_RULE, $name, $expr); }

family:
  field
| name range question ":" type fallback options
                                                { $$ = field_family(build, $name, $range, $question, $type, $fallback, $options); }

range:
  "[" INTEGER[first] ".." INTEGER[last] "]"     { $$ = (Range){$first, $last}; }
| "[" resync "]"                                { $$ = (Range){NULL, NULL}; }

/* ---- fields: parameters, of records, of tagged values, attributes of schemas ---- */

fields:
  %empty                                        { $$ = list_none(build, LIST_FIELD); }
| field_list
| field_list ","

field_list:
  field                                         { $$ = fields_add(build, list_none(build, LIST_FIELD), $1); }
| field_list field                              { $$ = fields_add(build, $1, $2); }
| field_list "," field                          { $$ = fields_add(build, $1, $3); }
| resync                                        { $$ = list_none(build, LIST_FIELD); }
| field_list resync                             { $$ = $1; }
| field_list "," resync                         { $$ = $1; }

field:
  name question ":" type fallback options       { $$ = field_new(build, $name, $question, $type, $fallback, $options); }

question:
  %empty                                        { $$ = 0; }
| "?"                                           { $$ = 1; }

fallback:
  %empty                                        { $$ = NULL; }
| "=" expr                                      { $$ = $expr; }

options:
  %empty                                        { $$ = NULL; }
| record

/* ---- types ---- */

type:
  type_item
| union                                         { $$ = type_union(build, @$, $1); }
| sum                                           { $$ = type_sum(build, @$, $1); }

sum:
  type_item[a] "+" type_item[b]                 { $$ = types_add(build, types_add(build, list_none(build, LIST_TYPE), $a), $b); }
| sum "+" type_item                             { $$ = types_add(build, $1, $3); }

union:
  type_item[a] "|" type_item[b]                 { $$ = types_add(build, types_add(build, list_none(build, LIST_TYPE), $a), $b); }
| union "|" type_item                           { $$ = types_add(build, $1, $3); }

type_path:
  plain_name
| type_path "." name                            { $$ = ident_join(build, $1, $3); }

type_item:
  type_path                                     { $$ = type_name(build, @$, $1); }
| type_path "(" type_arguments ")"              { $$ = type_refined(build, @$, type_name(build, @1, $1), $3); }
| type_path "(" fields ")"                      { $$ = type_tagged(build, @$, type_name(build, @1, $1), $3); }
| literal                                       { $$ = type_value(build, @$, $1); }
| BAD_VALUE                                     { $$ = type_poison(build, @$); }
| "-" literal                                   { $$ = type_value(build, @$, value_negated(build, @$, $2)); }
| list_type
| list_type "(" type_arguments ")"              { $$ = type_refined(build, @$, $1, $3); }
| list_type "(" resync ")"                      { $$ = $1; }
| "{" fields "}"                                { $$ = type_record(build, @$, $fields); }
| "{" map_key ":" type "}"                      { $$ = type_map(build, @$, $map_key, $type); }
| SECRET type_item                              { $$ = type_secret(build, @$, $2); }
| "(" type ")"                                  { $$ = $type; }
| "(" resync ")"                                { $$ = type_poison(build, @$); }

list_type:
  "[" type "]"                                  { $$ = type_list(build, @$, $type); }
| "[" resync "]"                                { $$ = type_poison(build, @$); }

/* A key that is a name alone stands in parentheses, or it would be a field's name. */
map_key:
  type_path "(" type_arguments ")"              { $$ = type_refined(build, @$, type_name(build, @1, $1), $3); }
| STRING                                        { $$ = type_value(build, @$, $1); }
| literal_union                                 { $$ = type_union(build, @$, $1); }
| "(" type ")"                                  { $$ = $type; }
| "(" resync ")"                                { $$ = type_poison(build, @$); }

literal_union:
  STRING[a] "|" STRING[b]                       { $$ = literals_add(build, literals_add(build, list_none(build, LIST_TYPE), @a, $a), @b, $b); }
| literal_union "|" STRING                      { $$ = literals_add(build, $1, @3, $3); }

type_arguments:
  type_bound                                    { $$ = exprs_add(build, list_none(build, LIST_EXPR), $1); }
| type_arguments "," type_bound                 { $$ = exprs_add(build, $1, $3); }

type_bound:
  expr
| expr ".."                                     { $$ = expr_binary(build, @$, EXPR_RANGE, $1, NULL); }
| ".." expr                                     { $$ = expr_binary(build, @$, EXPR_RANGE, NULL, $2); }

/* ---- expressions ---- */

expr:
  postfix
| "-" expr %prec SIGN                           { $$ = expr_negate(build, @$, $2); }
| "not" expr                                    { $$ = expr_not(build, @$, $2); }
| expr "or" expr                                { $$ = expr_binary(build, @$, EXPR_OR, $1, $3); }
| expr "and" expr                               { $$ = expr_binary(build, @$, EXPR_AND, $1, $3); }
| expr "==" expr                                { $$ = expr_binary(build, @$, EXPR_EQUAL, $1, $3); }
| expr "!=" expr                                { $$ = expr_binary(build, @$, EXPR_UNEQUAL, $1, $3); }
| expr "<" expr                                 { $$ = expr_binary(build, @$, EXPR_LESS, $1, $3); }
| expr "<=" expr                                { $$ = expr_binary(build, @$, EXPR_LESS_EQUAL, $1, $3); }
| expr ">" expr                                 { $$ = expr_binary(build, @$, EXPR_GREATER, $1, $3); }
| expr ">=" expr                                { $$ = expr_binary(build, @$, EXPR_GREATER_EQUAL, $1, $3); }
| expr "in" expr                                { $$ = expr_binary(build, @$, EXPR_IN, $1, $3); }
| expr "is" name                                { $$ = expr_member(build, EXPR_IS, $1, $3); }
| expr "??" expr                                { $$ = expr_binary(build, @$, EXPR_COALESCE, $1, $3); }
| expr ".." expr                                { $$ = expr_binary(build, @$, EXPR_RANGE, $1, $3); }
| expr "+" expr                                 { $$ = expr_binary(build, @$, EXPR_ADD, $1, $3); }
| expr "-" expr                                 { $$ = expr_binary(build, @$, EXPR_SUBTRACT, $1, $3); }
| expr "*" expr                                 { $$ = expr_binary(build, @$, EXPR_MULTIPLY, $1, $3); }
| expr "/" expr                                 { $$ = expr_binary(build, @$, EXPR_DIVIDE, $1, $3); }
| expr "%" expr                                 { $$ = expr_binary(build, @$, EXPR_MODULO, $1, $3); }
| "if" expr[is] "then" expr[yes] "else" expr[no] %prec "if"
                                                { $$ = expr_if(build, @$, $is, $yes, $no); }

postfix:
  INTEGER                                       { $$ = expr_value(build, $1); }
| STRING                                        { $$ = expr_value(build, $1); }
| LITERAL                                       { $$ = expr_value(build, $1); }
| TRUE                                          { $$ = expr_value(build, $1); }
| FALSE                                         { $$ = expr_value(build, $1); }
| NONE                                          { $$ = expr_value(build, $1); }
| UNSET                                         { $$ = expr_value(build, $1); }
| name                                          { $$ = expr_name(build, $1); }
| text
| BAD_VALUE                                     { $$ = expr_poison(build, @$); }
| "(" expr ")"                                  { $$ = $expr; }
| "(" resync ")"                                { $$ = expr_poison(build, @$); }
| "[" "]"                                       { $$ = expr_list(build, @$, list_none(build, LIST_EXPR)); }
| "[" items "]"                                 { $$ = expr_list(build, @$, $items); }
| "[" items "," "]"                             { $$ = expr_list(build, @$, $items); }
| "[" expr generators "]"                       { $$ = expr_for(build, @$, NULL, $expr, $generators); }
| "[" resync "]"                                { $$ = expr_poison(build, @$); }
| braces
| postfix "." name                              { $$ = expr_member(build, EXPR_FIELD, $1, $3); }
| postfix "?." name                             { $$ = expr_member(build, EXPR_SAFE_FIELD, $1, $3); }
| postfix "[" expr "]"                          { $$ = expr_index(build, @$, $1, $3); }
| postfix "[" resync "]"                        { $$ = expr_poison(build, @$); }
| postfix "(" arguments ")"                     { $$ = expr_call(build, @$, $1, $3); }
| postfix "(" resync ")"                        { $$ = expr_poison(build, @$); }
| postfix "with" record                         { $$ = expr_binary(build, @$, EXPR_WITH, $1, $3); }

literal:
  INTEGER | STRING | LITERAL | TRUE | FALSE | NONE | UNSET

items:
  expr                                          { $$ = exprs_add(build, list_none(build, LIST_EXPR), $1); }
| items "," expr                                { $$ = exprs_add(build, $1, $3); }

arguments:
  %empty                                        { $$ = list_none(build, LIST_ARGUMENT); }
| argument_list
| argument_list ","

argument_list:
  argument                                      { $$ = arguments_add(build, list_none(build, LIST_ARGUMENT), $1); }
| argument_list "," argument                    { $$ = arguments_add(build, $1, $3); }

argument:
  expr                                          { $$ = argument_plain($1); }
| name ":" expr                                 { $$ = argument_named($1, $3); }

generators:
  generator                                     { $$ = generators_add(build, list_none(build, LIST_GENERATOR), $1); }
| generators generator                          { $$ = generators_add(build, $1, $2); }

generator:
  "for" variables "in" expr condition           { $$ = generator_over(build, $variables, $expr, $condition); }

variables:
  name                                          { $$ = generator_new(build, (Ident){NULL, SPAN_NONE}, $1); }
| name[key] "," name[item]                      { $$ = generator_new(build, $key, $item); }

condition:
  %empty                                        { $$ = NULL; }
| "if" expr                                     { $$ = $expr; }

/* ---- records and maps ---- */

braces:
  record
| "{" expr[key] ":" expr[value] generators "}"  { $$ = expr_for(build, @$, $key, $value, $generators); }

record:
  "{" entries "}"                               { $$ = expr_record(build, @$, $entries); }

entries:
  %empty                                        { $$ = list_none(build, LIST_ENTRY); }
| entry_list
| entry_list ","

/* Without a comma only what can't be read as going on with the value before: a name or a quote, no parenthesis. */
entry_list:
  entry                                         { $$ = entries_add(build, list_none(build, LIST_ENTRY), $1); }
| entry_list "," entry                          { $$ = entries_add(build, $1, $3); }
| entry_list named_entry                        { $$ = entries_add(build, $1, $2); }
| entry_list quoted_entry                       { $$ = entries_add(build, $1, $2); }
| resync                                        { $$ = list_none(build, LIST_ENTRY); }
| entry_list resync                             { $$ = $1; }
| entry_list "," resync                         { $$ = $1; }

entry:
  named_entry
| expr[key] ":" expr[value]                     { $$ = entry_keyed($key, $value); }

named_entry:
  name "=" expr                                 { $$ = entry_named($1, $3); }

quoted_entry:
  quoted ":" expr                               { $$ = entry_keyed($1, $3); }

/* ---- strings in parts ---- */

quoted:
  STRING                                        { $$ = expr_value(build, $1); }
| text

text:
  TEXT_OPEN parts TEXT_CLOSE                    { $$ = expr_text(build, @$, $parts); }

parts:
  %empty                                        { $$ = list_none(build, LIST_PART); }
| parts TEXT_PART                               { $$ = parts_add_text(build, $1, @2); }
| parts HOLE_OPEN expr HOLE_CLOSE               { $$ = parts_add_hole(build, $1, @3, $3); }
| parts HOLE_OPEN resync HOLE_CLOSE             { $$ = parts_add_hole(build, $1, @3, expr_poison(build, @3)); }

%%

const char *grammar_token_text(int token) { return yysymbol_name(YYTRANSLATE(token)); }

int grammar_is_name(int token) { return token == T_NAME || (token >= T_SITE && token < T_AND); }

int grammar_is_reserved(int token) { return token >= T_AND && token < T_EQUAL; }

/* Only memory makes the parser call this: its stack is full, and that is nesting. */
static void grammar_error(const Span *span, Feed *feed, Builder *build, const char *message) {
    (void)message;
    (void)feed;
    builder_too_deep(build, *span);
}

/* What could stand where the error is, in the words of a reader. */
static Expected expected_collect(const yypcontext_t *context) {
    yysymbol_kind_t kinds[YYNTOKENS];
    Expected expected = {0};
    int count = yypcontext_expected_tokens(context, kinds, YYNTOKENS);
    for (int i = 0; i < count; i++) expected_add(&expected, yysymbol_name(kinds[i]));
    return expected;
}

static int yyreport_syntax_error(const yypcontext_t *context, Feed *feed, Builder *build) {
    (void)build;
    Expected expected = expected_collect(context);
    if (!feed_is_silent(feed)) syntax_error_report(feed, &expected);
    feed->recovering = 1;
    return 0;
}
