/* What could stand at the place of a syntax error: from the symbols of the grammar to words for a reader. */
#include "lang/expected.h"

#include <string.h>

/* Signs that go on with a complete expression. */
static int is_operator(const char *symbol) {
    static const char *const operators[] = {"or", "and", "==", "!=", "<", "<=", ">", ">=", "in", "is", "??", "..", "+", "-", "*", "/",
                                            "%", ".", "?.", "with", "(", "["};
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (strcmp(symbol, operators[i]) == 0) return 1;
    return 0;
}

/* Words of the insides of declarations: names where a name can stand. */
static int is_inner_word(const char *symbol) {
    static const char *const words[] = {"edition", "as", "json", "deny", "set", "facts", "read", "expect", "from", "on"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(symbol, words[i]) == 0) return 1;
    return 0;
}

/* Worth a mention beside others; further words are names, or begin what is summed up otherwise. */
static int is_sign(const char *symbol) {
    static const char *const signs[] = {"=", ":", ",", ")", "]", "}", "{", "(", "[", "?", "|", "..", "then", "else", "in", "for", "where"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strcmp(symbol, signs[i]) == 0) return 1;
    return is_inner_word(symbol);
}

void expected_add(Expected *expected, const char *symbol) {
    if (strcmp(symbol, "not") == 0) expected->value = 1;
    else if (strcmp(symbol, "fn") == 0) expected->declaration = 1;
    else if (strcmp(symbol, "or") == 0) expected->operators = 1;
    else if (strcmp(symbol, "true") == 0) expected->type = 1;
    else if (strcmp(symbol, "a name") == 0) expected->name = 1;
    else if (strcmp(symbol, "a string") == 0) expected->string = 1;
    else if (strcmp(symbol, "a whole number") == 0) expected->number = 1;
    else if (strcmp(symbol, "the end of the text") == 0) expected->end = 1;
    else if (is_sign(symbol) && expected->sign_count < EXPECTED_SIGNS)
        expected->signs[expected->sign_count++] = symbol;
}

int expected_has(const Expected *expected, const char *sign) {
    for (uint32_t i = 0; i < expected->sign_count; i++)
        if (strcmp(expected->signs[i], sign) == 0) return 1;
    return 0;
}

typedef struct Words {
    const char *words[2 + EXPECTED_SIGNS];
    int quoted[2 + EXPECTED_SIGNS];
    uint32_t count;
} Words;

static void words_add(Words *words, const char *word, int quoted) {
    words->words[words->count] = word;
    words->quoted[words->count++] = quoted;
}

/* What begins here, in one word, or NULL. */
static const char *beginning(const Expected *expected) {
    if (expected->declaration) return "a declaration";
    if (expected->value) return "a value";
    if (expected->type) return "a type";
    if (expected->name) return "a name";
    if (expected->string) return "a string";
    return expected->number ? "a whole number" : NULL;
}

/* Is the sign worth naming beside the others? Not where it begins a value or goes on with a complete one, when that is said by a
   word or goes without saying. */
static int is_worth_naming(const Expected *expected, const char *sign) {
    int begins = strchr("([{", sign[0]) != NULL || strcmp(sign, "..") == 0;
    if (expected->declaration || (is_inner_word(sign) && expected->name)) return 0;
    if ((expected->value || expected->type) && begins) return 0;
    if (expected->operators && is_operator(sign)) return 0;
    if (expected_has(expected, "|") && (sign[0] == '|' || sign[0] == '(') && expected->sign_count > 2) return 0;
    /* The argument may have been the name of one. */
    if (sign[0] == ':' && expected->operators && expected_has(expected, ")")) return 0;
    return strcmp(sign, "for") != 0 || expected->sign_count == 1;
}

void expected_print(const Expected *expected, Text *out) {
    Words words = {0};
    const char *begins = beginning(expected);
    if (begins != NULL) words_add(&words, begins, 0);
    for (uint32_t i = 0; i < expected->sign_count; i++)
        if (is_worth_naming(expected, expected->signs[i])) words_add(&words, expected->signs[i], 1);
    int operators_only = words.count == 0 && expected->operators;
    if (operators_only) words_add(&words, "an operator", 0);
    if (expected->end && (words.count == 0 || expected->declaration || operators_only)) words_add(&words, "the end of the text", 0);
    if (words.count == 0) words_add(&words, "something else", 0);
    for (uint32_t i = 0; i < words.count; i++) {
        if (i > 0) text_add(out, i + 1 == words.count ? STR(" or ") : STR(", "));
        text_addf(out, words.quoted[i] ? "`%s`" : "%s", words.words[i]);
    }
}
