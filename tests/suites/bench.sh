#!/bin/bash
# The benchmark measures what it says: its sites have no error, their JSON is JSON, and with their facts the plan is empty. And what a step
# costs does not grow with their number.
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

# Root's journal is kept out of the way by a namespace.
skipped=
if [ "$(id -u)" -ne 0 ] || unshare -m true 2>/dev/null; then
    succeeds 'steps that do nothing, and the bare loop' tests/bench/executor rate "$work/state" 100 1
    succeeds 'steps that do nothing: growth' tests/bench/executor growth "$work/state" 1000
    read -r first last early late <"$work/output"
    succeeds "a thousand steps: held $first KiB at the first, $last KiB at the last" [ "$last" -le $((first + 512)) ]
    # A tick is ten milliseconds: a machine that is busy adds some to either half.
    succeeds "a thousand steps: $early ticks for the first half, $late for the second" [ "$late" -le $((early * 3 / 2 + 10)) ]
else
    echo 'skipped: nobody may have namespaces here, so that a run of root'"'"'s would write where root keeps the real journal'
    skipped=4
fi

echo "$passed passed, $failed failed${skipped:+, $skipped skipped}"
[ $failed -eq 0 ]
