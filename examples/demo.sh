#!/bin/sh
# The main job from end to end, on a model of a Proxmox host in a folder: a whole site is checked, planned and made, and the plan
# after that is empty. `make demo` runs it; with phxc in PATH it runs alone. It stops at the first command that fails.
set -eu
cd "$(dirname "$0")/.."
site=examples/phoenix/site.phx
host=$(mktemp -d)

leave() {
    code=$?
    rm -rf "$host"
    [ $code -eq 0 ] || echo "demo: stopped, exit $code" >&2
    exit $code
}
trap leave EXIT

run() {
    printf '\n$ %s\n' "$*"
    "$@"
}

run phxc check "$site"
run phxc plan "$site" --host "sandbox:$host"
run phxc apply "$site" --host "sandbox:$host" --yes
# Exit code 0 here means: nothing differs any more.
run phxc plan "$site" --host "sandbox:$host" --detailed-exitcode

printf '\ndemo: the site was made and its plan is empty\n'
