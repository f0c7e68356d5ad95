/* State on a disk of this machine: a folder's lock and journal by their descriptors. */
#include "runtime/state.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime/journal.h"

typedef struct FolderState {
    State state;
    int folder;
    int lock;                   /* -1: not held */
    Journal journal;
    int opened;                 /* the journal was */
} FolderState;

static FolderState *folder_of(State *state) {
    return (FolderState *)state;        /* its first member */
}

static LockStatus folder_lock(State *state, int64_t timeout_ms, Text *note, Text *problem) {
    FolderState *folder = folder_of(state);
    LockStatus status = lock_take(folder->folder, timeout_ms, note, &folder->lock);
    if (status == LOCK_FAILED)
        text_addf(problem, "%s", strerror(errno));
    return status;
}

static void folder_renote(State *state, Str note) {
    if (folder_of(state)->lock >= 0)
        lock_note(folder_of(state)->lock, note);
}

static int folder_append(State *state, Str line, int sync, Text *problem) {
    FolderState *folder = folder_of(state);
    int fresh = !folder->opened;
    folder->opened = 1;
    if (fresh && journal_open(&folder->journal, folder->folder) < 0)
        text_addf(problem, "the journal in %.*s cannot be opened: %s", (int)state->shown.length, state->shown.text, strerror(errno));
    else if (journal_add(&folder->journal, line, sync) < 0)
        text_addf(problem, "the journal in %.*s cannot be written: %s", (int)state->shown.length, state->shown.text, strerror(errno));
    else
        return 0;
    return -1;
}

static int folder_journal(State *state, Arena *arena, Str *text, Text *problem) {
    Text read = {0};
    int good = journal_read(folder_of(state)->folder, &read, problem) == 0;
    *text = good ? arena_str(arena, text_str(&read)) : STR("");
    text_fini(&read);
    return good ? 0 : -1;
}

static void folder_close(State *state) {
    FolderState *folder = folder_of(state);
    journal_close(&folder->journal);
    if (folder->lock >= 0)
        close(folder->lock);
    close(folder->folder);
}

static const StateClass FOLDER_CLASS = {folder_lock, folder_renote, folder_append, folder_journal, folder_close};

State *state_folder_use(Arena *arena, int folder, Str shown) {
    FolderState *state = ARENA_NEW(arena, FolderState);
    *state = (FolderState){{&FOLDER_CLASS, arena_str(arena, shown)}, folder, -1, {.fd = -1}, 0};
    return &state->state;
}
