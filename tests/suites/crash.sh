#!/bin/bash
# An apply that is broken off, lied to or left hanging anywhere, then another one: the host is what it is after one that nothing disturbed.
# PHX_CRASH_EVERY=1 takes every place of every example, which takes hours; else a few of each kind.
set -u
cd "$(dirname "$0")/../.." || exit
for program in strace python3; do
    if ! command -v $program >/dev/null; then
        echo "skipped: there is no $program: .ci/setup check"
        exit 77
    fi
done
passed=0 failed=0
build=${BUILD:-build}
log=$(mktemp) || exit
move=$(mktemp -d) || exit
trap 'rm -rf "$log" "$move"' EXIT
# The secrets that examples take from their environment, and the one that the server of examples/dns/sandbox.json takes.
while read -r variable; do
    export "$variable=nobody knows this"
done < <(grep -rhoE --include='*.phx' 'from env "[A-Z_]+"' examples | cut -d '"' -f 2 | sort -u)
export DNS_TOKEN=of-the-example

# matrix EVERY ARGUMENT...: adds what it counts, shows what it found.
matrix() {
    tests/crash/matrix --every "${PHX_CRASH_EVERY:-$1}" "${@:2}" >"$log" 2>&1
    grep -v '^[0-9]* passed, ' "$log"
    read -r p f < <(sed -En 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$log" | tail -n 1)
    passed=$((passed + ${p:-0}))
    failed=$((failed + ${f:-1}))
}

sites=(examples/first.phx)
[ -z "${PHX_CRASH_EVERY-}" ] || mapfile -t sites < <(grep -rlE --include='*.phx' '^site "' examples | sort)
matrix 4 kill,halt,die,fail,lie,late,hang "${sites[@]}"
matrix 15 signal "${sites[@]}"

# The move of a service, on the host where that stands and with everything that it takes away.
if [ -n "${PHX_CRASH_EVERY-}" ]; then
    "$build/phxc" apply examples/phoenix/before.phx --host "sandbox:$move" --yes >"$log" 2>&1 || cat "$log"
    PHX_SANDBOX=$move "$build/sandbox/qm" resize 1001 scsi0 100G
    mkdir -p "$move/root/.ssh" "$move/guests/952/opt/qdrant/storage"
    grep -o 'ssh-ed25519[^"]*' examples/phoenix/landscape.phx >"$move/root/.ssh/id_ed25519.pub"
    echo points >"$move/guests/952/opt/qdrant/storage/points"
    matrix 1 kill,halt,die,fail,lie,late,hang --from "$move" --options '--adopt all --allow pve.lxc.legacy[952]:data_loss' examples/phoenix/migration.phx
fi

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
