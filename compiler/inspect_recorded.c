/* An inspection without a host: a test says what each source gives. */
#include "compiler/inspect_parts.h"
#include "compiler/state.h"

static int reads_alike(const ReadRequest *a, const ReadRequest *b) {
    if (a->kind != b->kind || a->argc != b->argc || !str_equal(a->path, b->path))
        return 0;
    for (uint32_t i = 0; i < a->argc; i++)
        if (!str_equal(a->argv[i], b->argv[i]))
            return 0;
    return 1;
}

/* A recorded value as the answer to a read; 0 where it is none. */
static int recorded_answer(Session *session, const ReadRequest *read, const Value *value, ReadAnswer *answer) {
    int is_map = value->kind == VALUE_RECORD && read->kind == READ_FILES, is_list = value->kind == VALUE_LIST && read->kind == READ_GLOB;
    answer->absent = value->kind == VALUE_NONE;
    if (value->kind == VALUE_NONE && read->kind != READ_RUN)
        return 1;
    if (value->kind == VALUE_STRING && read->kind != READ_FILE)
        answer->text = value->as.string;
    if (value->kind == VALUE_STRING && (read->kind == READ_RUN || read->kind == READ_FILE || read->kind == READ_HTTP)) {
        ReadFile *file = ARENA_NEW(session->arena, ReadFile);
        *file = (ReadFile){read->path, value->as.string};
        answer->files = file;
        answer->file_count = read->kind == READ_FILE;
        return 1;
    }
    uint32_t count = is_map ? value->as.record->count : is_list ? value->as.list.count : 0;
    ReadFile *files = ARENA_ARRAY(session->arena, ReadFile, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const Value *text = is_map ? value->as.record->fields[i].value : value->as.list.items[i];
        if (text->kind != VALUE_STRING)
            return 0;
        files[i] = is_map ? (ReadFile){name_str(value->as.record->fields[i].name), text->as.string} : (ReadFile){text->as.string, STR("")};
    }
    answer->files = files;
    answer->file_count = count;
    return is_map || is_list;
}

int64_t inspection_record(Session *session, const Value *source, Span span, const Value *recorded, Span place) {
    static const char *const wanted[] = {[READ_RUN] = "the text that was printed", [READ_FILE] = "the text of the file, or none",
                                         [READ_FILES] = "a map of paths to texts", [READ_GLOB] = "a list of paths", [READ_HTTP] = "the body of the answer, or none"};
    ReadRequest read = {0};
    ReadAnswer answer = {0};
    int64_t count = 0;
    if (!source_read(session, source, span, &read) || recorded->kind == VALUE_POISON)
        return -1;
    if (!recorded_answer(session, &read, recorded, &answer)) {
        diag_error(session->diagnostics, CODE_TEST, place, "this is to be %s, not %s", wanted[read.kind], value_kind_phrase((ValueKind)recorded->kind));
        return -1;
    }
    for (uint32_t i = 0; i < inspection_of(session)->requests.count; i++) {
        const Request *request = request_at(session, i);
        if (!reads_alike(&request->read, &read))
            continue;
        if (!request->answered)
            session_answer(session, &request->read, &answer);
        count++;
    }
    return count;
}

/* Of a type that was recorded in part: files that nobody spoke of are not there; what a program prints can't be guessed. 0 after a report. */
static int reading_complete(Session *session, Reading *reading, Span test) {
    const ReadAnswer nothing = {0};
    uint32_t answered = 0;
    for (uint32_t i = 0; i < reading->part_count; i++)
        for (uint32_t k = 0; k < reading->parts[i].count; k++)
            answered += (uint32_t)request_at(session, reading->parts[i].requests[k])->answered;
    reading->unrecorded = !answered;
    for (uint32_t i = 0; answered && i < reading->part_count; i++)
        for (uint32_t k = 0; k < reading->parts[i].count; k++) {
            const Request *request = request_at(session, reading->parts[i].requests[k]);
            if (request->answered)
                continue;
            if (request->read.kind != READ_RUN && request->read.kind != READ_HTTP) {
                session_answer(session, &request->read, &nothing);
                continue;
            }
            Str what = request_describe(session, &request->read);
            Diagnostic *d = diag_error(session->diagnostics, CODE_TEST, test, "%s is also read by `%.*s`, of which the test says nothing", reading->schema->name->text,
                                       (int)what.length, what.text);
            if (request->read.kind == READ_HTTP)
                diag_help(session->diagnostics, d, "record what is answered: `read http(\"GET\", \"...\") = \"...\"`");
            else
                diag_help(session->diagnostics, d, "record what it prints: `read run([...]) = \"...\"`");
            return 0;
        }
    return 1;
}

int inspection_complete(Session *session, Span test) {
    int good = 1;
    for (uint32_t i = session->inspection->decoded; i < session->inspection->readings.count; i++)
        good &= reading_complete(session, session->inspection->readings.items[i], test);
    return good;
}
