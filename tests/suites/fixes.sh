#!/bin/bash
# Every fix that a case's findings offer is applied to a copy, and the finding it belongs to is gone then.
. "$(dirname "$0")/../suite.sh"

# findings FILE: what the check of a file has to say, a finding with its words a line.
findings() {
    phxc check "$1" --diagnostics json 2>&1 >/dev/null </dev/null | sed -n 's/^\({"code":.*}\),\{0,1\}$/\1/p'
}

# How often this finding, by its code and words, is among those on standard input.
count_of() {
    jq -c --argjson finding "$1" 'select(.code == $finding.code and .message == $finding.message)' | wc -l
}

cp -r tests/golden "$bed/golden"
cd "$bed/golden" || exit
while read -r file; do
    findings "$file" >"$bed/before"
    grep -q '"fix":{' "$bed/before" || continue
    while IFS= read -r finding; do
        at=$(jq -r '.fix.span.file' <<<"$finding")
        [ "$at" = "$file" ] || continue
        read -r start end < <(jq -r '.fix.span | "\(.start.offset) \(.end.offset)"' <<<"$finding")
        cp "$file" "$bed/whole"
        { head -c "$start" "$bed/whole"; jq -j '.fix.replacement' <<<"$finding"; tail -c +"$((end + 1))" "$bed/whole"; } >"$file"
        findings "$file" >"$bed/after"
        [ "$(count_of "$finding" <"$bed/after")" -lt "$(count_of "$finding" <"$bed/before")" ]
        verdict $? "$file: its fix leaves $(jq -r '"\(.code) at line \(.line): \(.message) -> \(.fix.replacement)"' <<<"$finding")"
        cp "$bed/whole" "$file"
    done < <(jq -c 'select(.fix != null)' "$bed/before")
done < <(find . -name '*.phx' -size -200k | sort)

[ $((passed + failed)) -ge 40 ]
verdict $? "only $((passed + failed)) fixes are offered in all cases"
suite_end
