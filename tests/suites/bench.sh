#!/bin/bash
# The benchmark measures what it says: its sites have no error, their JSON is JSON, and with their facts the plan is empty. And what a step
# costs does not grow with their number.
. "$(dirname "$0")/../suite.sh"
# AddressSanitizer keeps what was freed, which is not what grows here.
export ASAN_OPTIONS=${ASAN_OPTIONS-}:quarantine_size_mb=0:thread_local_quarantine_size_kb=0

for shape in tree chain; do
    for form in phx json facts; do
        run 0 "$shape: generate $form" tests/bench/generate $shape 300 $form
        cp "$bed/out" "$bed/$form"
    done
    mv "$bed/phx" "$bed/site.phx"
    run 0 "$shape: check" phxc check "$bed/site.phx"
    run 0 "$shape: jq" jq -e '."pve.lxc" | length == 300' "$bed/json"
    run 0 "$shape: the plan where all is done" phxc plan "$bed/site.phx" --facts "$bed/facts" --detailed-exitcode
done

# Root's journal is kept out of the way by a namespace.
if [ "$(id -u)" -ne 0 ] || unshare -m true 2>/dev/null; then
    run 0 'steps that do nothing, and the bare loop' tests/bench/executor rate "$bed/state" 100 1
    run 0 'steps that do nothing: growth' tests/bench/executor growth "$bed/state" 1000
    read -r first last early late <"$bed/out"
    [ "$last" -le $((first + 512)) ]
    verdict $? "a thousand steps: held $first KiB at the first, $last KiB at the last"
    # A tick is ten milliseconds: a machine that is busy adds some to either half.
    [ "$late" -le $((early * 3 / 2 + 10)) ]
    verdict $? "a thousand steps: $early ticks for the first half, $late for the second"
else
    echo 'skipped: without namespaces a run of root'"'"'s would write where root keeps the real journal'
    skipped=4
fi

suite_end
