/* Objects that can go from place to place: where one is that is not where it should be, and the step that brings it there. */
#ifndef PHX_COMPILER_ELSEWHERE_H
#define PHX_COMPILER_ELSEWHERE_H

#include "compiler/planner.h"

typedef enum Whereabouts {
    WHERE_HERE,                 /* on its place; or nowhere, where there is no object */
    WHERE_AWAY,                 /* on another place of the site */
    WHERE_TAKEN,                /* its name belongs to something of another kind */
    WHERE_UNKNOWN               /* on a place that the site does not have, or of which nothing is known */
} Whereabouts;

typedef struct Located {
    Whereabouts where;
    const Value *have;          /* of HERE and AWAY: the object as it is; NULL where there is none */
    const Instance *place;      /* of AWAY and TAKEN */
    Str name;                   /* of all but HERE: what the host calls that place */
} Located;

/* The name of the place where the host says an object is that it does not have itself; empty for one that is here. */
Str elsewhere_name(const Schema *schema, const Value *have);
/* What a place is called by its like: what its type says, else the last part of its address. */
Str place_known_as(Session *session, const Instance *place);
/* Looks an object up that should be on [place] (NULL: the only place of a site that declares none). */
Located elsewhere_locate(Session *session, const Schema *schema, const Instance *place, Str identity);
/* The same for an item: sets what it has and where that is. 0 where it can't be planned: it is blocked, or an error was reported. */
int item_locate(Planning *planning, Item *item);
/* Adds the steps that bring an item to its place, if it is elsewhere; 0 after a report. */
int item_move(Work *work);
/* Has rules from now on run where the item is, not where it should be. */
void work_go_away(Work *work);

#endif
