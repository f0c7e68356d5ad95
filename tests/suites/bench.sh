#!/bin/bash
# The benchmark measures what it says: its sites have no error, their JSON is JSON, and with their facts the plan is empty.
. "$(dirname "$0")/../suite.sh"

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

suite_end
