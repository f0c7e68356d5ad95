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
log=$(mktemp) || exit
trap 'rm -f "$log"' EXIT

# matrix KIND EVERY SITE...: adds what it counts, shows what it found.
matrix() {
    tests/crash/matrix --every "${PHX_CRASH_EVERY:-$2}" "$1" "${@:3}" >"$log" 2>&1
    grep -v '^[0-9]* passed, ' "$log"
    read -r p f < <(sed -En 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$log" | tail -n 1)
    passed=$((passed + ${p:-0}))
    failed=$((failed + ${f:-1}))
}

sites=(examples/first.phx)
[ -z "${PHX_CRASH_EVERY-}" ] || mapfile -t sites < <(grep -rlE --include='*.phx' '^site "' examples | grep -v /legacy | sort)
for kind in kill halt die fail lie late hang; do matrix $kind 4 "${sites[@]}"; done
matrix signal 15 "${sites[@]}"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
