// Reads and writes files of stanzas, with the oddities of the real reader.
#include "stanza.h"

#include "conf.h"
#include "files.h"
#include "formats.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

Stanza *stanza_add(Host *host, StanzaFile *file, const char *type, const char *id) {
    if (file->count == file->capacity) {
        file->capacity = file->capacity == 0 ? 16 : file->capacity * 2;
        Stanza *larger = mem_alloc(host->mem, file->capacity * sizeof *larger);
        if (file->count > 0) memcpy(larger, file->items, file->count * sizeof *larger);
        file->items = larger;
    }
    file->items[file->count] = (Stanza){.id = id, .type = type, .options = pairs_new(host->mem)};
    return &file->items[file->count++];
}

void stanza_remove(StanzaFile *file, const char *id) {
    size_t kept = 0;
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->items[i].id, id) != 0) file->items[kept++] = file->items[i];
    file->count = kept;
}

Stanza *stanza_find(const StanzaFile *file, const char *id) {
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->items[i].id, id) == 0) return &file->items[i];
    return NULL;
}

/// Where the reader is: its file, the line that it looks at, and what it has.
typedef struct Reader {
    Host *host;
    const StanzaForm *form;
    OptionSet schema;
    const char *name;    // of the file, below /etc/pve
    size_t line;
    StanzaFile *file;
    Stanza *stanza;      // the one that is open
    bool skips;          // the open one is of no use
} Reader;

static void warn(const Reader *reader, const char *more) {
    host_warn(reader->host, "file %s line %zu%s", reader->name, reader->line, more);
}

/// Opens the stanza whose header [line] is; false if it is none.
static bool header_read(Reader *reader, const char *line) {
    Host *host = reader->host;
    const char *type = reader->form->types, *id = line;
    size_t word = strcspn(line, " \t\r");
    if (!reader->form->is_bare) {
        const char *colon = strchr(line, ':');
        if (colon == NULL || colon == line || (size_t)(colon - line) >= word) return false;
        type = mem_copy_part(host->mem, line, (size_t)(colon - line));
        id = colon + 1;
    } else if (word == 0) {
        return false;
    }
    Words names = words_split(host->mem, id, " \t\r");
    if (names.count != 1) return false;
    id = names.items[0];
    reader->skips = !reader->form->is_bare && !formats_match(reader->form->types, type);
    if (reader->skips) {
        warn(reader, mem_print(host->mem, " (skip section '%s'): unsupported type '%s'", id, type));
        reader->stanza = NULL;
        return true;
    }
    // Of two with one name the later one counts.
    if (stanza_find(reader->file, id) != NULL) stanza_remove(reader->file, id);
    reader->stanza = stanza_add(host, reader->file, type, id);
    return true;
}

/// Reads `key value` into the open stanza.
static void option_read(const Reader *reader, const char *line) {
    Host *host = reader->host;
    const char *key = line + strspn(line, " \t\r");
    size_t length = strcspn(key, " \t\r");
    if (key == line || length == 0) {
        warn(reader, mem_print(host->mem, " (section '%s') - ignore config line: %s", reader->stanza->id, line));
        return;
    }
    const char *value = key + length + strspn(key + length, " \t\r");
    size_t end = strlen(value);
    while (end > 0 && isspace((unsigned char)value[end - 1])) end--;
    key = mem_copy_part(host->mem, key, length);
    value = mem_copy_part(host->mem, value, end);
    const Option *option = options_find(&reader->schema, key);
    const char *wrong = NULL;
    if (option == NULL) wrong = mem_print(host->mem, "unexpected property '%s'", key);
    else if (option->type != OPTION_ARRAY && pairs_get(&reader->stanza->options, key) != NULL)
        wrong = "duplicate attribute";
    else if (*value == '\0' && option->type != OPTION_BOOLEAN) wrong = "got undefined value";
    if (wrong != NULL) {
        warn(reader, mem_print(host->mem, " (section '%s') - unable to parse value of '%s': %s", reader->stanza->id,
                               key, wrong));
        return;
    }
    pairs_add(&reader->stanza->options, key, *value == '\0' ? "1" : value);
}

StanzaFile stanza_read(Host *host, const StanzaForm *form) {
    size_t length = 0;
    const char *text = files_read(host, form->path, &length);
    if (text == NULL && errno != ENOENT)
        host_fail(host, 255, "unable to read %s - %s", form->path + strlen("/etc/pve/"), strerror(errno));
    if (text == NULL) text = "";
    StanzaFile file = {.digest = conf_sha1(host, text, length)};
    Reader reader = {.host = host, .form = form, .name = form->path + strlen("/etc/pve/"), .file = &file};
    options_find_command(form->schema, &reader.schema);
    Words lines = words_split_all(host->mem, text, '\n');
    bool open = false;
    for (size_t i = 0; i < lines.count; i++) {
        const char *line = lines.items[i];
        reader.line = i + 1;
        if (line[strspn(line, " \t\r")] == '#') continue;
        if (*line == '\0') {
            // Only a line with nothing on it ends a section: a header that follows without one is lost.
            open = false;
        } else if (!open) {
            open = header_read(&reader, line);
            if (!open) warn(&reader, mem_print(host->mem, " - ignore config line: %s", line));
        } else if (!reader.skips) {
            option_read(&reader, line);
        }
    }
    return file;
}

/// Prints the options called [key].
static void option_print(const Pairs *options, const char *key, Text *text) {
    for (size_t i = 0; i < options->count; i++)
        if (strcmp(options->items[i].key, key) == 0 && *options->items[i].value != '\0')
            text_print(text, "\t%s %s\n", key, options->items[i].value);
}

void stanza_write(Host *host, const StanzaForm *form, const StanzaFile *file) {
    Words first = words_split(host->mem, mem_print(host->mem, "comment %s", form->first == NULL ? "" : form->first), " ");
    Text text = text_new(host->mem);
    for (size_t i = 0; i < file->count; i++) {
        const Stanza *stanza = &file->items[i];
        if (form->is_bare) text_print(&text, "%s\n", stanza->id);
        else text_print(&text, "%s: %s\n", stanza->type, stanza->id);
        Words rest = words_new(host->mem);
        for (size_t k = 0; k < stanza->options.count; k++)
            if (!words_has(&first, stanza->options.items[k].key) && strcmp(stanza->options.items[k].key, "disable") != 0)
                words_add(&rest, stanza->options.items[k].key);
        words_sort_unique(&rest);
        // `comment` is the first, then `disable`, which says by being there.
        option_print(&stanza->options, "comment", &text);
        if (text_equals(pairs_get(&stanza->options, "disable"), "1")) text_add(&text, "\tdisable\n");
        for (size_t k = 1; k < first.count; k++) option_print(&stanza->options, first.items[k], &text);
        for (size_t k = 0; k < rest.count; k++) option_print(&stanza->options, rest.items[k], &text);
        text_add(&text, "\n");
    }
    files_write(host, form->path, text.data, text.length, 0640);
}
