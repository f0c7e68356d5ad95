#!/bin/bash
# An apply that is broken off, lied to or left hanging anywhere, then another one: the host is what it is after one that nothing disturbed.
# PHX_CRASH_EVERY=1 takes every place of every example, which takes hours; else a few of each kind.
. "$(dirname "$0")/../suite.sh"
need check strace python3
export BUILD=$build
examples_environment

# matrix EVERY ARGUMENT...: adds what it counts, shows what it found.
matrix() {
    tests/crash/matrix --every "${PHX_CRASH_EVERY:-$1}" "${@:2}" >"$bed/log" 2>&1
    grep -v '^[0-9]* passed, ' "$bed/log"
    read -r p f < <(sed -En 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$bed/log" | tail -n 1)
    passed=$((passed + ${p:-0}))
    failed=$((failed + ${f:-1}))
}

sites=(examples/first.phx)
[ -z "${PHX_CRASH_EVERY-}" ] || mapfile -t sites < <(examples)
matrix 4 kill,halt,die,fail,lie,late,hang "${sites[@]}"
matrix 15 signal "${sites[@]}"

# The move of a service, on the host where that stands and with everything that it takes away.
if [ -n "${PHX_CRASH_EVERY-}" ]; then
    move=$bed/move
    mkdir "$move"
    run 0 'what the move begins with' phxc apply examples/phoenix/before.phx --host "sandbox:$move" --yes
    PHX_SANDBOX=$move "$build/sandbox/qm" resize 1001 scsi0 100G
    mkdir -p "$move/root/.ssh" "$move/guests/952/opt/qdrant/storage"
    grep -o 'ssh-ed25519[^"]*' examples/phoenix/landscape.phx >"$move/root/.ssh/id_ed25519.pub"
    echo points >"$move/guests/952/opt/qdrant/storage/points"
    matrix 1 kill,halt,die,fail,lie,late,hang --from "$move" --options '--adopt all --allow pve.lxc.legacy[952]:data_loss' examples/phoenix/migration.phx
fi

suite_end
