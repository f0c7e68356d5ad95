/* The commands that a schema can plan, read from its rules and the functions that they call. */
#include "compiler/explain.h"

#include "compiler/lookup.h"
#include "compiler/state.h"

typedef struct CommandWalk {
    Session *session;
    const Frame *frame;
    Lookup *functions;      /* that were walked */
    Lookup *written;        /* commands that stand in [out] already */
    Text *out;
    uint32_t count;
} CommandWalk;

static void walk(void *context, const Expr *expr);

static void add_command(CommandWalk *commands, Str command) {
    uint32_t *written = lookup_slot(commands->written, command);
    if (*written)
        return;
    *written = 1;
    text_add(commands->out, commands->count++ ? STR(", ") : STR(""));
    text_add(commands->out, command);
}

/* ["pct", "set", identity] + more is `pct set`. */
static void add_run(CommandWalk *commands, const Expr *argv) {
    Text text = {0};
    while (argv->kind == EXPR_ADD)
        argv = argv->as.binary.left;
    for (uint32_t i = 0; argv->kind == EXPR_LIST && i < argv->as.list.count; i++) {
        const Expr *word = argv->as.list.items[i];
        if (word->kind != EXPR_LITERAL || word->as.value->kind != VALUE_STRING || (i && word->as.value->as.string.length && word->as.value->as.string.text[0] == '-'))
            break;
        text_add(&text, i ? STR(" ") : STR(""));
        text_add(&text, word->as.value->as.string);
    }
    if (text.length)
        add_command(commands, arena_str(commands->session->arena, text_str(&text)));
    text_fini(&text);
}

static void walk_function(CommandWalk *commands, const Binding *function) {
    uint32_t *walked = lookup_slot(commands->functions, name_str(function->name));
    if (*walked)
        return;
    *walked = 1;
    const Frame *frame = commands->frame;
    commands->frame = function->frame;
    walk(commands, function->decl->value);
    for (uint32_t i = 0; i < function->decl->extra->body.count; i++)
        walk(commands, function->decl->extra->body.items[i]->value);
    commands->frame = frame;
}

static void walk(void *context, const Expr *expr) {
    CommandWalk *commands = context;
    const Words *words = &commands->session->words;
    if (expr->kind == EXPR_CALL) {
        const Name *name = dotted_name(commands->session, expr->as.call.callee);
        const Binding *binding = name ? frame_find_path(commands->session, commands->frame, name) : NULL;
        if (name == words->run && expr->as.call.arguments->count)
            add_run(commands, expr->as.call.arguments->items[0].value);
        else if (name == words->write || name == words->edit || name == words->http)
            add_command(commands, name_str(name));
        else if (binding && binding->kind == BINDING_FUNCTION)
            walk_function(commands, binding);
    }
    expr_each(expr, walk, commands);
}

void explain_commands(Session *session, const Schema *schema, Text *out) {
    static const Rule rules[] = {RULE_CREATE, RULE_UPDATE, RULE_RESTART, RULE_DELETE};
    int head = 0;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (!schema->rules[rules[i]])
            continue;
        Text text = {0};
        CommandWalk commands = {.session = session, .frame = schema->frame, .functions = lookup_new(session->arena), .written = lookup_new(session->arena), .out = &text};
        walk(&commands, schema->rules[rules[i]]);
        if (commands.count) {
            text_addf(out, "%s  %-8s ", head++ ? "" : "\nWhat it may run:\n\n", rule_name(rules[i]));
            text_add(out, text_str(&text));
            text_add_char(out, '\n');
        }
        text_fini(&text);
    }
}
