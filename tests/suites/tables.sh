#!/bin/bash
# The schemas against Proxmox's own parameter tables, in the folder PHX_FACTS_DIR: what they can say, whether both mean the same by it,
# and whether Proxmox would take every command that is ever planned.
set -u
cd "$(dirname "$0")/../.." || exit
if [ -z "${PHX_FACTS_DIR-}" ]; then
    echo 'skipped: PHX_FACTS_DIR names no folder with the parameter tables'
    exit 77
fi
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
PATH=$build:$PATH
tables=$build/tests/tables/tables
passed=0 failed=0
bed=$(mktemp -d) || exit
trap 'rm -rf "$bed"' EXIT
export NO_COLOR=1 HOME=$bed LC_ALL=C

verdict() {
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        echo "FAIL $2"
        failed=$((failed + 1))
    fi
}

# plan FOLDER COMMAND...: one more plan, if there can be one.
plans=0
plan() {
    local folder=$1
    shift
    plans=$((plans + 1))
    (cd "$folder" && timeout 60 "$@" --format json) >"$bed/$plans.json" 2>"$bed/err" </dev/null
    [ -s "$bed/$plans.json" ] || { rm -f "$bed/$plans.json"; return 1; }
}

# ---- commands ----

# Every plan that a golden makes on its way.
for group in plan pve stdlib; do
    TABLES_PLANS=$bed TABLES_BUILD=$build BUILD=$build PHXC_WRAPPER=$PWD/tests/tables/wrapper tests/run "golden/$group/" >/dev/null 2>&1
done
[ "$(find "$bed" -name 'golden.*.json' | wc -l)" -ge 60 ]
verdict $? 'the goldens have too few plans'

mapfile -t examples < <(grep -rlE --include='*.phx' '^site "' examples | sort)
for site in "${examples[@]}"; do
    settings=()
    if grep -q '^param dir' "$site"; then
        [ -n "${PHX_SITE_DIR-}" ] || continue
        settings=(--set "dir=$PHX_SITE_DIR")
    fi
    plan "$(dirname "$site")" phxc plan "$(basename "$site")" "${settings[@]}" --facts none
    verdict $? "$site: no plan: $(head -n 3 "$bed/err")"
done
"$tables" argv --seen "$bed/seen" "$bed"/*.json
verdict $? 'a command would be refused'

# ---- schemas ----

"$tables" coverage "$bed/seen"
verdict $? 'a parameter is neither typed nor left out for a reason'
"$tables" agree
verdict $? 'schemas and tables disagree'

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
