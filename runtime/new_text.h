/* A text that phxc made and that is nowhere yet, looked at as if it were a file. */
#ifndef PHX_RUNTIME_NEW_TEXT_H
#define PHX_RUNTIME_NEW_TEXT_H

#include "runtime/app.h"

/* A check of which a finding would keep the new text from being used: silenced there, for the reason that it gave. */
typedef VECTOR(NamedText) Ignores;

typedef struct NewText {
    App *app;
    Str text;
    int is_part;                /* it is to stand behind the main file's own text, which is read and set before it */
} NewText;

/* A session of its own whose main file is the text. It lives as long as [text]. The settings of the command line count where it is a part. */
Session *new_text_open(NewText *text);
/* What was found in it: errors of checks are added to [ignores] where they are not among them. EXIT_ERROR, after printing, where there is any
   other error: that would be one of ours. Parameters that have no value yet are none. */
int new_text_findings(const NewText *text, Session *session, Ignores *ignores);

#endif
