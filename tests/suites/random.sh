#!/bin/bash
# Random sites on random hosts: what was applied has an empty plan, what the site does not write stays as it is, byte by byte,
# and nothing is run that was not planned. PHX_RANDOM_SITES=500 tries more of them, PHX_RANDOM_SEED=1000 others.
. "$(dirname "$0")/../suite.sh"
export BUILD=$build
sites=${PHX_RANDOM_SITES:-40} first=${PHX_RANDOM_SEED:-1}
jobs=$(nproc)

# Each of a few processes takes a piece of the seeds.
for ((job = 0; job < jobs; job++)); do
    from=$((first + sites * job / jobs)) to=$((first + sites * (job + 1) / jobs - 1))
    [ $from -le $to ] && "$build/tests/random/run" $from $to >"$bed/$job" 2>&1 </dev/null &
done
wait
for ((job = 0; job < jobs; job++)); do
    [ -e "$bed/$job" ] || continue
    sed '$d' "$bed/$job"
    if ! read -r p f < <(sed -En '$s/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$bed/$job"); then
        tail -n 1 "$bed/$job"
        echo "FAIL the piece $job of the seeds ended without a count"
        p=0 f=1
    fi
    passed=$((passed + p)) failed=$((failed + f))
done
[ $((passed + failed)) -ge "$sites" ]
verdict $? "only $((passed + failed)) of $sites sites were tried"
suite_end
