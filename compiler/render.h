/* The forms of a plan and of an outline. All of them are a function of these and the diagnostics alone: no clock, no environment. */
#ifndef PHX_COMPILER_RENDER_H
#define PHX_COMPILER_RENDER_H

#include "compiler/outline.h"
#include "compiler/plan.h"

typedef struct TextStyle {
    int colour;
    int commands;           /* show the commands of every step */
    int undo;               /* and its undo */
} TextStyle;

/* For people: the same bytes on a terminal or a pipe, but for colour. */
void render_plan_text(const Plan *plan, Diagnostics *diagnostics, TextStyle style, Text *out);
/* phx-plan/1, indented by two blanks, streamed step by step. [id_only] is for the canonical body of which the id is the hash. */
void render_plan_json(const Plan *plan, Diagnostics *diagnostics, Text *out);
/* The canonical body (compact, keys sorted, without "id"): what the id is the SHA-256 of. */
void render_plan_canonical(const Plan *plan, Diagnostics *diagnostics, Text *out);
/* For a pull request: summary and destructive steps first, a table, details in diff fences, at most [budget] bytes (0: 60,000)
   of which no destructive step is ever cut, and a hidden marker by which a bot finds its own comment again. */
void render_plan_markdown(const Plan *plan, Diagnostics *diagnostics, size_t budget, Text *out);
/* The outline of a site: what each resource needs stands below it, once; or as a drawing, in which a place (where there are several) and a component
   are clusters. The same bytes for the same site. */
void render_graph_tree(const Outline *outline, Text *out);
void render_graph_dot(const Outline *outline, Text *out);
void render_graph_mermaid(const Outline *outline, Text *out);
/* phx-graph/1 */
void render_graph_json(const Outline *outline, Sources *sources, Text *out);
/* One command as a line that could be pasted into a shell, secrets and unknowns as <...>. */
void render_command_line(const Command *command, Text *out);

#endif
