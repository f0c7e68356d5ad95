#!/bin/bash
# `phxc import`: what it writes is laid out, checks without an error, has fewer lines than the JSON that it was made from, and its plan on an empty host
# takes the same steps as the plan of what it was made from. What is compared of a step stands in import_steps.jq.
. "$(dirname "$0")/../suite.sh"

# steps FILE ARGUMENT...: what the plan on an empty host does.
steps() {
    local out=$1
    shift
    timeout 60 phxc plan "$@" --facts none --format json 2>"$out.err" >"$out.json" && jq -S -f tests/suites/import_steps.jq "$out.json" >"$out"
}

# imported NAME SOURCE PLAN-ARGUMENT...: imports SOURCE; the plan of the arguments is what the result is held against.
imported() {
    local name=$1 source=$2 phx=$bed/$1.phx
    shift 2
    timeout 60 phxc import "$source" -o "$phx" 2>"$bed/$name.err"
    verdict $? "$name: import: $(tail -3 "$bed/$name.err")"
    phxc fmt --check "$phx" >/dev/null 2>&1
    verdict $? "$name: what import writes is not laid out"
    phxc check "$phx" 2>"$bed/$name.check"
    verdict $? "$name: what import writes has errors: $(tail -3 "$bed/$name.check")"
    steps "$bed/$name.was" "$@"
    verdict $? "$name: plan of what was imported: $(tail -3 "$bed/$name.was.err")"
    steps "$bed/$name.is" "$phx"
    verdict $? "$name: plan of what was written: $(tail -3 "$bed/$name.is.err")"
    [ "$(jq length "$bed/$name.is")" -gt 0 ] && cmp -s "$bed/$name.was" "$bed/$name.is"
    verdict $? "$name: the steps differ: $(diff "$bed/$name.was" "$bed/$name.is" | head -20)"
    timeout 60 phxc import "$source" 2>/dev/null | cmp -s - "$phx"
    verdict $? "$name: the second time import writes something else"
}

# shorter NAME FOLDER: fewer lines than the JSON files of the folder.
shorter() {
    local is was
    is=$(wc -l <"$bed/$1.phx")
    was=$(find "$2" -name '*.json' -exec cat {} + | wc -l)
    echo "$1: $was lines of JSON, $is of phx, $(jq length "$bed/$1.is") steps"
    [ "$is" -lt "$was" ]
    verdict $? "$1: $is lines are no fewer than $was"
}

legacy=examples/phoenix/legacy
imported legacy $legacy examples/phoenix/legacy.phx
shorter legacy $legacy
for site in examples/first.phx examples/homelab.phx examples/phoenix/site.phx; do
    imported "$(basename "$site" .phx)" $site $site
done
# A file of the layout stands for its folder; imported once more, plain declarations stay what they are but for the first line.
phxc import $legacy/phoenix_lxc_configs.json 2>/dev/null | cmp -s - "$bed/legacy.phx"
verdict $? 'a file of the layout does not stand for its folder'
imported again "$bed/legacy.phx" "$bed/legacy.phx"
[ "$(diff "$bed/legacy.phx" "$bed/again.phx" | grep -c '^[<>]')" -le 40 ]
verdict $? "plain declarations change when they are imported again"
if [ -n "${PHX_SITE_DIR-}" ]; then
    imported real "$PHX_SITE_DIR" examples/phoenix/legacy.phx --set dir="$PHX_SITE_DIR"
    shorter real "$PHX_SITE_DIR"
    ! grep -qF -f <(jq -r '.. | objects | to_entries[] | select(.key | test("password|secret"; "i")) | .value | strings | select(length > 5)' \
        "$PHX_SITE_DIR"/*.json) "$bed/real.phx"
    verdict $? 'a secret of the real files stands in what import writes'
else
    skipped=1
fi

suite_end
