#!/bin/bash
# Every code of lang/codes.def is unique and stands, as a diagnostic, in some golden.
set -u
cd "$(dirname "$0")/../.." || exit
passed=0 failed=0

verdict() {
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        echo "FAIL $2"
        failed=$((failed + 1))
    fi
}

# CODE(CONSTANT, "E0101", "slug", ...
codes=$(sed -En 's/^CODE\(([A-Z0-9_]+), *"([^"]*)", *"([^"]*)".*/\1 \2 \3/p' lang/codes.def)
[ "$(printf '%s\n' "$codes" | grep -c .)" -eq "$(grep -c '^CODE(' lang/codes.def)" ]
verdict $? 'lang/codes.def has an entry that this script cannot read: CONSTANT, id and slug belong on its first line'

for column in 1 2 3; do
    twice=$(printf '%s\n' "$codes" | cut -d ' ' -f $column | sort | uniq -d)
    [ -z "$twice" ]
    verdict $? "lang/codes.def has twice:" $twice
done

seen=$(find tests/golden -name '*.out' -exec cat {} + | grep -oE '\[?E[0-9]{4}\]?' | tr -d '[]' | sort -u)
while read -r constant id slug; do
    [ -n "$id" ] || continue
    printf '%s\n' "$seen" | grep -qx "$id"
    verdict $? "no golden shows $id ($slug)"
done <<<"$codes"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
