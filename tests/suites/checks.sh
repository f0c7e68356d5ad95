#!/bin/bash
# Every check that there is by name (the lints of the library, the texts of its `unique` options, what is built in) has a fixture that shows it
# and nothing else, one that shows nothing, an explanation, and a line in the manual. What the fixtures print is a matter of the goldens.
. "$(dirname "$0")/../suite.sh"
fixtures=tests/golden/checks

# found FILE: the names of what a golden shows, but for the lints that its case declares itself.
found() {
    sed -En 's/^(error|warning|note)\[([^]]*)\]: .*/\2/p' "$1" | sort -u | grep -vxFf <(sed -En 's/^lint ([a-z_]+) .*/\1/p' "${1%.out}.phx")
}

lints=$(find stdlib -name '*.phx' -exec sed -En 's/^lint ([a-z0-9_]+) .*/\1/p' {} +)
uniques=$(find stdlib -name '*.phx' -exec grep -oE 'unique = "[^"]*"' {} + | sed -E 's/.*unique = "(.*)"/duplicate_\1/; s/ /_/g' | sort -u)
built_in=$(sed -En 's/^FINDING\("([a-z_]*)".*/\1/p' compiler/findings.def)
[ "$(grep -c '^FINDING' compiler/findings.def)" -eq "$(printf '%s\n' "$built_in" | grep -c .)" ]
verdict $? 'compiler/findings.def has an entry that this script cannot read'
checks=$(printf '%s\n' $lints $uniques $built_in)
twice=$(printf '%s\n' "$checks" | sort | uniq -d)
[ -z "$twice" ]
verdict $? "two checks have one name: $twice"

for check in $checks; do
    bad=$fixtures/${check}_bad.out good=$fixtures/${check}_good.out
    [ -f "$bad" ] && [ "$(found "$bad")" = "$check" ]
    verdict $? "$bad does not show $check and nothing else"
    [ -f "$good" ] && [ ! -s "$good" ]
    verdict $? "$good shows something, or is not there"
    explained=$(phxc explain "$check" 2>&1) && [ "$(printf '%s\n' "$explained" | sed -n 3p | wc -w)" -ge 5 ] && [[ $explained == "$check: a check ("* ]]
    verdict $? "phxc explain $check does not tell what it is for"
    grep -q "^| \`$check\` |" stdlib/README.md
    verdict $? "stdlib/README.md does not list $check"
done
for name in $(sed -En 's/^\| `([a-z_]+)` \| (error|warning|off) \|.*/\1/p' stdlib/README.md); do
    printf '%s\n' "$checks" | grep -qx "$name"
    verdict $? "stdlib/README.md lists $name, which is no check"
done
for fixture in "$fixtures"/*.out; do
    name=$(basename "$fixture" .out)
    printf '%s\n' "$checks" | grep -qx "${name%_*}"
    verdict $? "$fixture is about no check that there is"
done
echo "$(printf '%s\n' "$checks" | grep -c .) checks"
suite_end
