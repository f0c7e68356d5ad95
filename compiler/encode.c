/* Text and values to the text of a file: the one place where the encoders meet what is secret or not yet known. */
#include "compiler/encode.h"

void encode_text(Encoder *encoder, Str text) {
    text_add(&encoder->out, text);
}

int encode_goes_on(const Encoder *encoder) {
    return !encoder->other && encoder->out.length <= CALL_TEXT_LIMIT;
}

static const char *encoder_name(const Encoder *encoder) {
    return dotted_name(encoder->call->session, encoder->call->expr->as.call.callee)->text;
}

void encode_refuse(Encoder *encoder, const Value *value, const char *reason) {
    const Call *call = encoder->call;
    Diagnostic *d;
    if (encoder->other)
        return;
    Span span = value->origin.file ? value->origin : call_span(call, 0);
    if (encoder->key)
        encoder->other = eval_problem(call->session, CODE_CALL_UNWRITABLE, span, value, &d, "`%s` can't write `%s`: it %s", encoder_name(encoder),
                                      encoder->key->text, reason);
    else
        encoder->other = eval_problem(call->session, CODE_CALL_UNWRITABLE, span, value, &d, "`%s` can't write this: it %s", encoder_name(encoder), reason);
    if (span.file != call->expr->span.file || span.start < call->expr->span.start || span.end > call->expr->span.end)
        diag_also(call->session->diagnostics, d, call->expr->span, "written here");
}

static void encode_quoted(Encoder *encoder, const Value *value, Str text, Quote *quote) {
    const char *reason = quote(encoder, text, &encoder->out);
    if (reason)
        encode_refuse(encoder, value, reason);
}

void encode_value(Encoder *encoder, const Value *value, Quote *quote) {
    if (encoder->other)
        return;
    if (value->kind == VALUE_POISON || value->kind == VALUE_UNKNOWN) {
        encoder->other = value;
        return;
    }
    encoder->flags |= value->flags & VALUE_SECRET;
    if (value->kind == VALUE_LIST || value->kind == VALUE_RECORD) {
        encode_refuse(encoder, value, value->kind == VALUE_LIST ? "is a list, and a text is wanted" : "has fields, and a text is wanted");
        return;
    }
    Text text = {0};
    if (value_to_text(encoder->call->session, value, call_span(encoder->call, 0), &text, &encoder->flags))
        encode_quoted(encoder, value, text_str(&text), quote);
    else
        encoder->other = call_poison(encoder->call);
    text_fini(&text);
}

void encode_key(Encoder *encoder, const Name *name, Quote *quote) {
    encoder->key = name;
    encode_quoted(encoder, encoder->call->values[0], name_str(name), quote);
}

const Value *encode_result(Encoder *encoder) {
    if (!encoder->other)
        return value_flagged(encoder->call->session->arena, call_written(encoder->call, &encoder->out), encoder->flags);
    text_fini(&encoder->out);
    return encoder->other;
}
