/* Fills the language's words, signs and units into the template of an editor's grammar: `fill json|vim <TEMPLATE >GRAMMAR`.

   The lists come from the tables that the compiler itself reads with: the tokens of grammar.y and the units of number.c. In a template
   stand @words@ (of declarations: names elsewhere), @reserved@, @values@ (reserved ones that are values), @signs@, @sizes@ and
   @durations@; each becomes the alternatives of a regular expression, `a|b|c`. The kind says how a sign is quoted in one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/grammar.h"
#include "lang/number.h"

/* What makes any character stand for itself: in a string of JSON, and in a "very magic" pattern. */
static const char *const json_quote = "\\\\", *const vim_quote = "\\";

static void tokens_put(int first, int behind) {
    for (int token = first; token < behind; token++) printf("%s%s", token > first ? "|" : "", grammar_token_text(token));
}

/* Long signs go first: `..` is no two dots. */
static void signs_put(const char *quote) {
    const char *between = "";
    for (size_t length = 3; length > 0; length--)
        for (int token = T_EQUAL; token < T_COMMENT; token++) {
            const char *sign = grammar_token_text(token);
            if (strlen(sign) != length) continue;
            fputs(between, stdout);
            for (; *sign != '\0'; sign++) printf("%s%c", quote, *sign);
            between = "|";
        }
}

static void units_put(const char *(*unit)(size_t number)) {
    for (size_t i = 0; unit(i) != NULL; i++) printf("%s%s", i > 0 ? "|" : "", unit(i));
}

static void list_put(const char *name, const char *quote) {
    if (strcmp(name, "words") == 0) tokens_put(T_SITE, T_AND);
    else if (strcmp(name, "reserved") == 0) tokens_put(T_AND, T_TRUE);
    else if (strcmp(name, "values") == 0) tokens_put(T_TRUE, T_EQUAL);
    else if (strcmp(name, "signs") == 0) signs_put(quote);
    else if (strcmp(name, "sizes") == 0) units_put(number_size_unit);
    else if (strcmp(name, "durations") == 0) units_put(number_duration_unit);
    else printf("@%s@", name);
}

/* In patterns of vim there are other `@`, never with small letters and another one behind them. */
static void line_fill(char *line, const char *quote) {
    for (char *at; (at = strchr(line, '@')) != NULL;) {
        size_t length = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz");
        int is_list = length > 0 && at[1 + length] == '@';
        *at = '\0';
        fputs(line, stdout);
        if (is_list) {
            at[1 + length] = '\0';
            list_put(at + 1, quote);
            line = at + length + 2;
        } else {
            putchar('@');
            line = at + 1;
        }
    }
    fputs(line, stdout);
}

int main(int argc, char **argv) {
    if (argc != 2 || (strcmp(argv[1], "json") != 0 && strcmp(argv[1], "vim") != 0)) {
        fputs("usage: fill json|vim <TEMPLATE >GRAMMAR\n", stderr);
        return EXIT_FAILURE;
    }
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) >= 0) line_fill(line, argv[1][0] == 'j' ? json_quote : vim_quote);
    free(line);
    return ferror(stdin) || fflush(stdout) != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
