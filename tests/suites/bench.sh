#!/bin/bash
# The benchmark measures what it says: its sites have no error, their JSON is JSON, and with their facts the plan is empty.
set -u
cd "$(dirname "$0")/../.." || exit
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# succeeds WHAT COMMAND...
succeeds() {
    local what=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        passed=$((passed + 1))
    else
        echo "FAIL $what"
        head -n 20 "$work/output"
        failed=$((failed + 1))
    fi
}

for shape in tree chain; do
    for form in phx json facts; do
        succeeds "$shape: generate $form" tests/bench/generate $shape 300 $form
        cp "$work/output" "$work/$form"
    done
    mv "$work/phx" "$work/site.phx"
    succeeds "$shape: check" "${BUILD:-build}/phxc" check "$work/site.phx"
    succeeds "$shape: jq" jq -e '."pve.lxc" | length == 300' "$work/json"
    succeeds "$shape: the plan where all is done" "${BUILD:-build}/phxc" plan "$work/site.phx" --facts "$work/facts" --detailed-exitcode
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
