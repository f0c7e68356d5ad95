# A plan as what it does, so that two of them can be compared: of every step the verb, class, reason, locks, changes, commands and the way back, and the
# same of the steps that it waits for. Not compared is what a resource is called and where it was written: its address is ADDRESS in what its steps do, a
# place goes by the last part of its own. Steps that share a lock stand one after the other by their addresses; which of them is first means nothing.
def told($address):
  walk(
    if type == "string" then split($address) | join("ADDRESS")
    elif type == "object" and has("place") then .place |= sub("^.*/(?=pve[.]node[.])"; "")
    else . end
  );
def what: . as $step | [.verb, .class, .reason, .locks, (.changes, .commands, .undo | told($step.address))];
(.steps | map({ key: "\(.id)", value: . }) | from_entries) as $steps
| [.steps[] | . as $step | { step: what, after: ([.after[] | $steps["\(.)"] | select(.locks - $step.locks == .locks) | what] | sort) }]
| sort
