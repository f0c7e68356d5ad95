/* The compiler's face to runtime/: text and facts in, a plan out. Pure: whatever it needs from outside it asks for. */
#ifndef PHX_COMPILER_SESSION_H
#define PHX_COMPILER_SESSION_H

#include "compiler/outline.h"
#include "compiler/plan.h"

typedef struct Session Session;

/* How a source that an import names is found. [importer] is the name of the importing source, [path] as written (with the
   parameters filled in). On LOAD_OK [name] is how the source is called in messages and plans and [bytes] its content; both must stay
   valid as long as the session. On LOAD_REFUSED [problem] says why: unreadable, outside the root, a folder, too large. */
typedef enum LoadStatus { LOAD_OK, LOAD_ABSENT, LOAD_REFUSED } LoadStatus;
typedef struct Loader {
    void *context;
    LoadStatus (*load)(void *context, Str importer, Str path, SourceKind kind, Str *name, Str *bytes, Str *problem);
} Loader;

typedef struct NamedText { Str name; Str text; } NamedText;

typedef struct SessionOptions {
    Loader loader;
    const NamedText *stdlib;        /* the embedded sources */
    size_t stdlib_count;
    int check_stdlib;               /* also look up every name in it: for its tests, since it is the same in every run */
    const NamedText *settings;      /* --set NAME=VALUE */
    size_t setting_count;
    const Str *errors;              /* -E NAME: these findings are errors */
    size_t error_count;
    const Str *silenced;            /* -A NAME: these are not shown */
    size_t silenced_count;
    const Str *shown;               /* -W NAME: these are shown, whatever the text ignores and whatever is off */
    size_t shown_count;
} SessionOptions;

/* The options are copied as far as they are needed; texts must stay valid. */
Session *session_open(const SessionOptions *options);
void session_close(Session *session);
Diagnostics *session_diagnostics(Session *session);
Arena *session_arena(Session *session);
Names *session_names(Session *session);

/* Reads the site [path] and everything it imports and looks up every name. 1 where there is no error. Only who wants to know the site's
   facts needs to call it: session_check does so itself. */
int session_load(Session *session, Str path);
/* Does the site that was loaded declare facts? Then they are to be made known before session_check, or have their defaults. */
int session_wants_facts(const Session *session);
/* Reads the site [path] and everything it imports, expands and evaluates all of it and runs the checks. 1 where there is no
   error. Everything below needs a session that was checked without error. */
int session_check(Session *session, Str path);

/* What was read of the user's texts and data, in the order of their names, each with its digest. Also of a session that reports errors: then not
   all may have been read. */
const PlanSource *session_sources(Session *session, uint32_t *count);
/* The site's name. */
Str session_site(const Session *session);
/* The addresses of the places, in the order of address; "" alone where the site declares none. Also of a site that was only loaded. */
const Str *session_places(Session *session, uint32_t *count);
uint32_t session_resource_count(const Session *session);

/* ---- inspection ---- */

typedef enum ReadKind { READ_RUN, READ_FILE, READ_FILES, READ_GLOB, READ_HTTP } ReadKind;

/* A program that prints a JSON object about another one, which it ran: the names of that one's exit code, output and error output in it. All
   empty: the program speaks for itself. */
typedef struct Unwrap { Str code, output, errors; } Unwrap;

/* One thing to fetch at a place. Equal requests of several resource types are one. */
typedef struct ReadRequest {
    Str place;
    ReadKind kind;
    const Str *argv;        /* READ_RUN */
    uint32_t argc;
    Str absent;             /* READ_RUN: a POSIX extended regular expression; a failure whose error output it matches is none: what was printed counts */
    Unwrap unwrap;          /* READ_RUN */
    int is_file;            /* READ_RUN: it prints a file, which is not there where `absent` matches */
    Str path;               /* FILE: absolute path; FILES, GLOB: a pattern of glob(3), `*` and `?` and `[]` only; HTTP: the address that GET asks for */
    const NamedText *headers;   /* READ_HTTP */
    uint32_t header_count;
    int64_t timeout_ms;     /* READ_HTTP; 0: READ_TIMEOUT_MS */
    uint32_t number;
} ReadRequest;

typedef struct ReadFile { Str path; Str text; } ReadFile;

/* What was found. [failed] with a [problem] means: we don't know (then the resources that need it can't be planned);
   an absent file is not a failure: files is empty. The texts are copied. */
typedef struct ReadAnswer {
    int failed;
    Str problem;            /* "exit code 1: cannot open ..." */
    int absent;             /* READ_RUN: the failure was one that the request's `absent` matches; READ_HTTP: there is no such thing (404, 410) */
    Str text;               /* READ_RUN: standard output; READ_HTTP: the body */
    const ReadFile *files;  /* FILE (0 or 1), FILES, GLOB (text empty) */
    uint32_t file_count;
} ReadAnswer;

enum { READ_TIMEOUT_MS = 10 * 60 * 1000 };    /* of a command that only reads: storages that hang are given up */

/* What must be fetched to know the facts of a loaded site. Answer these, or read a facts file, before session_check. */
const ReadRequest *session_fact_reads(Session *session, uint32_t *count);

/* What must be fetched next to know all the site's resources. What stands inside of others is asked for once these are known, so: fetch and
   answer, decode, and ask again, until the result is NULL. (There may be something to decode where nothing has to be fetched.) */
const ReadRequest *session_reads(Session *session, uint32_t *count);
void session_answer(Session *session, const ReadRequest *request, const ReadAnswer *answer);
/* After every request was answered: decodes what was asked for since the last time. 0 with diagnostics where something could not be read or
   decoded. */
int session_facts_decode(Session *session);
/* Facts instead of a host: an empty host; a facts file (phx-facts/1). 0 with diagnostics where it is malformed. */
void session_facts_none(Session *session);
int session_facts_read(Session *session, const Source *source);
/* A facts file's text becomes a source by this. */
const Source *session_source(Session *session, SourceKind kind, Str name, Str bytes);
/* What was decoded, as phx-facts/1. */
void session_facts_write(Session *session, Text *out);

/* ---- planning ---- */

typedef struct PlanOptions {
    const Str *adopt;       /* addresses, or "all" */
    size_t adopt_count;
    const Str *allow;       /* "ADDR:data_loss" */
    size_t allow_count;
    const Str *only;        /* addresses: these and what they need */
    size_t only_count;
    const Str *skip;        /* addresses: these and what needs them are left out */
    size_t skip_count;
    int prune;              /* remove what carries this site's stamp and is no longer in the text */
    int gates;              /* every gate is a step, also where nothing before or after it changes */
    RiskClass snapshot_before;  /* before a step of this class or a worse one changes an object, a snapshot of it is made; RISK_NONE: never */
    int busy_too;           /* what is busy with something else is planned all the same: by who asks what will be in the way */
    int to_apply;           /* it is to be carried out now: what somebody began and has not finished is an error, and not only left alone */
} PlanOptions;

/* NULL with diagnostics where there is an error (a change that is never possible, a shrink, a cycle, ...). */
const Plan *session_plan(Session *session, const PlanOptions *options);

/* An object as a run found it before it changed it, for taking that run back. */
typedef struct FormerObject {
    Str address;            /* of the resource */
    Str type, place, identity;
    Str before;             /* JSON: its attributes as facts files have them; null: there was none */
    const Str *changes;     /* the attributes, and sub-keys of attributes, that the run changed: "memory", "net0.ip" */
    uint32_t change_count;
    int adopted;            /* the run took it over: before, it was not the site's */
    int found_late;         /* it was there, which the run saw only when it came to make it: [changes] does not say all */
    const char *stays;      /* something was done that nothing takes back, and why; or NULL */
    const uint32_t *later;  /* numbers of others, greater than its own, that were done after it, and so go first */
    uint32_t later_count;
} FormerObject;

/* The plan from what is there now back to what a run found. The site's text tells of types and places, and of nothing else. What has no way back stands in
   plan->stays. NULL with diagnostics where there is an error. */
const Plan *session_plan_back(Session *session, const FormerObject *formers, uint32_t count, const PlanOptions *options);

/* Computes plan->id, which is empty before: it costs a rendering of the whole plan, and only those forms that show it need it. */
void session_plan_identify(Session *session, const Plan *plan);
/* Fills in how each step of the last plan is taken back. It takes as long as planning: whoever does not show it need not ask. */
void session_plan_undo(Session *session);

/* Fills in where each step of the last plan, and each attribute that it changes, comes from; likewise for those who show it. */
void session_plan_provenance(Session *session);

/* What may not run: data_loss without allow, removal of something protected, what a policy of the site denies. Reports each, and fills in
   plan->denials; their count. */
uint32_t session_denied(Session *session, const Plan *plan, const PlanOptions *options);

/* ---- secrets ---- */

typedef enum SecretKind { SECRET_ENV, SECRET_FILE, SECRET_COMMAND } SecretKind;

/* Where the value of a secret is: outside of the text, the plan and the facts. */
typedef struct SecretSource {
    Str name;
    SecretKind kind;
    Str text;               /* ENV: the variable's name; FILE: the path as written in [file] */
    Str file;               /* the name of the source in which the secret is declared */
    const Str *argv;        /* COMMAND: run where phxc runs, without a shell; its standard output, without the newline at the end, is the value */
    uint32_t argc;
    Span span;              /* where that is written */
} SecretSource;

/* The secrets that the plan's commands hold, each once, in the order of their names. Reports what is wrong with where they come from: then NULL. */
const SecretSource *session_secrets(Session *session, const Plan *plan, uint32_t *count);
/* Gives a secret its value, which is kept until session_secrets_wipe. 0 after a report: it is not of the type that was declared. */
int session_secret_give(Session *session, Str name, Str value);
/* Puts `(secret)` in the place of each value that was given and stands in the text, if it is long enough to be told from other words. */
void session_secrets_mask(Session *session, Text *text);
/* Overwrites the values that were given. */
void session_secrets_wipe(Session *session);

/* ---- while applying ---- */

/* What to read again after a step: the one object. */
const ReadRequest *session_step_reads(Session *session, const Step *step, uint32_t *count);
/* After those requests were answered: does the object look as the step promised? 1, or 0 with what was expected and what is
   there, a line each, in [report]. Keeps the object's digest for the steps after it. */
int session_step_verify(Session *session, const Step *step, Text *report);
/* Before the first command of a step: is there still something to do? For one that is unsure, what session_step_reads asks for is read
   and answered first. */
typedef enum StepNeed {
    NEED_ALL,
    NEED_NOTHING,       /* the object already looks as the step promises: someone finished it */
    NEED_MARK           /* so it does, but it is not marked as the site's: only the first command, which does that, is to be carried out */
} StepNeed;
StepNeed session_step_need(Session *session, const Step *step);
/* The object of a step as it is known at this moment, for whoever writes down what a run does. Nothing of it is a secret. */
typedef struct StepObject {
    Str type;
    Str place;              /* address */
    Text state;             /* JSON on one line: the attributes, as facts files have them; null: there is none, or nobody knows. Freed by the caller */
    char seen[65];          /* as StepMore.seen */
} StepObject;
void session_step_object(Session *session, const Step *step, StepObject *object);
/* Fills an unknown argument: the digest as we left the object, an attribute that is known by now. 0 where it is still unknown. */
int session_fill(Session *session, const Value *unknown, Str *text);

/* ---- tests ---- */

typedef struct SiteTest {
    uint32_t number;
    Str text;               /* what it is called */
    Str file;               /* the name of the source in which it stands */
} SiteTest;

/* The tests of the site [path] and of all it imports, by file and place. NULL after errors that leave nothing to run. */
const SiteTest *session_tests(Session *session, Str path, uint32_t *count);
/* Runs one test in a session of its own. What is wrong: no errors in it, and it has passed. */
Diagnostics *session_test(Session *session, Str path, uint32_t number);

/* ---- other forms of the site: each makes its facts those of an empty host ---- */

/* The resources that the options choose, and what each needs; NULL after a report. */
const Outline *session_outline(Session *session, const PlanOptions *options);
/* The same with all attributes as wanted, as phx-site/1: what is secret or known only after apply as what it is. 0 after a report. */
int session_export(Session *session, const PlanOptions *options, Text *out);

/* The checked site as plain declarations in one file, in the layout of `phxc fmt`: every resource with the values that it wants, no loop, component or
   function. [comment] is its first line; [ignores] are checks, each with a reason, that the text silences. Assertions, checks and types of the
   site's own are not part of it. 0 after a report of what can't be said so. */
int session_flatten(Session *session, Str comment, const NamedText *ignores, size_t ignore_count, Text *out);

/* A value as `let NAME: TYPE = VALUE`, in that layout; [name] is made a name that may stand there. 0 after a report. */
int session_write_value(Session *session, Str name, Str type, const Value *value, Text *out);

/* ---- adoption ---- */

/* Before session_reads: all that the places have is read and kept, whatever types the site has. What can't be read is a warning. */
void session_survey(Session *session);

/* What a text made by session_adopt must not say: with it, its plan would be more than stamps. Where [attribute] is empty, the whole resource. */
typedef struct AdoptDrop { Str address, attribute, reason; } AdoptDrop;

typedef struct AdoptOptions {
    const Str *wanted;          /* resource types, their first words, identities: only these; none: all */
    size_t wanted_count;
    uint8_t *met;               /* one for each: filled in */
    Str comment;                /* the first lines */
    int is_part;                /* the text is to stand beside the site's own, and has no first line */
    const NamedText *ignores;   /* as for session_flatten */
    size_t ignore_count;
    const AdoptDrop *drops;
    size_t drop_count;
} AdoptOptions;

/* What the facts know and the site does not have, as plain declarations: what an owner would have written, with names in the place of identities. What can't be
   said stands in comments, secrets nowhere. [count] is how many resources there are; where there is nothing to tell the text is empty. 0 after a report. */
int session_adopt(Session *session, const AdoptOptions *options, uint32_t *count, Text *out);

/* ---- the state of the hosts ---- */

/* Something that is in the way of a plan, or looks wrong on a place. */
typedef struct Ailment {
    Severity severity;
    Str place;              /* address; "" for the only one of a site that names none */
    Str type;               /* of the resource type that knows of it */
    Str what;
    Str help;               /* what to do; or empty */
} Ailment;

/* What must be fetched to tell how the places are. [plan] is what is to run there; NULL: nothing. */
const ReadRequest *session_doctor_reads(Session *session, const Plan *plan, uint32_t *count);
/* After every request was answered: what the rules `ailments` say, by place, the worst first. What could not be read is none to them. NULL after a report. */
const Ailment *session_ailments(Session *session, uint32_t *count);

/* ---- JSON Schema ---- */

/* A resource type, a type with a name, or `site` (what session_export writes) as JSON Schema. 0 where nothing has that name (then [out] says so). Needs
   no site; where one was checked its types are known too. */
int session_json_schema(Session *session, Str type, Text *out);
/* The types of a JSON Schema as `type` declarations; [name] is that of the outermost. What has no counterpart in phx is a warning at its place. 0 after a
   report. */
int session_types_from_schema(Session *session, const Source *source, Str name, Text *out);

/* ---- questions ---- */

/* `phxc explain WORD`: a resource type, TYPE.ATTRIBUTE, an error code, a lint, a function. 0 where nothing has that name
   (then [out] holds the nearest names). Needs no site: works on a session after session_open. */
int session_explain(Session *session, Str word, Text *out);
/* `phxc why ADDR.ATTR`: value, where it was written, through what it came; of ADDR alone all that it has. 0 where there is none. */
int session_why(Session *session, Str address, Text *out);
/* `phxc eval EXPR` in the scope of the site. NULL after an error. */
const Value *session_eval(Session *session, Str expression);

#endif
