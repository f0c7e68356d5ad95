#!/bin/bash
# The schemas against Proxmox's own parameter tables, in the folder PHX_FACTS_DIR: what they can say, whether both mean the same by it,
# and whether Proxmox would take every command that is ever planned.
. "$(dirname "$0")/../suite.sh"
[ -n "${PHX_FACTS_DIR-}" ] || skip 'PHX_FACTS_DIR names no folder with the parameter tables'
tables=$build/tests/tables/tables

# plan FOLDER COMMAND...: one more plan, if there can be one.
plans=0
plan() {
    local folder=$1
    shift
    plans=$((plans + 1))
    (cd "$folder" && timeout "${PHX_TEST_TIMEOUT:-60}" "$@" --format json) >"$bed/$plans.json" 2>"$bed/err" </dev/null
    [ -s "$bed/$plans.json" ] || { rm -f "$bed/$plans.json"; return 1; }
}

# ---- commands ----

# Every plan that a golden makes on its way.
for group in $(grep -rlE 'phxc (plan|apply)' tests/golden --include='*.phx' --include=run | cut -d/ -f3 | sort -u); do
    TABLES_PLANS=$bed TABLES_BUILD=$build BUILD=$build PHXC_WRAPPER=$PWD/tests/tables/wrapper tests/run "golden/$group/" >/dev/null 2>&1
done
[ "$(find "$bed" -name 'golden.*.json' | wc -l)" -ge 60 ]
verdict $? 'the goldens have too few plans'

mapfile -t examples < <(examples)
for site in "${examples[@]}"; do
    settings=()
    if grep -q '^param dir' "$site"; then
        [ -n "${PHX_SITE_DIR-}" ] || continue
        settings=(--set "dir=$PHX_SITE_DIR")
    fi
    plan "$(dirname "$site")" phxc plan "$(basename "$site")" "${settings[@]}" --facts none
    verdict $? "$site: no plan: $(head -n 3 "$bed/err")"
done
# A site of 2,000 resources by chance; what becomes of it when all that can change does; and that nothing does when nothing changed.
random() { "$tables" site 1 "$1" 2000 ${2-}; }
random 1 >"$bed/random1.phx" && random 2 >"$bed/random2.phx" && random 1 facts >"$bed/facts.json"
verdict $? 'no random site'
plan "$bed" phxc plan random1.phx --facts none
verdict $? "no plan of a random site: $(head -n 3 "$bed/err")"
plan "$bed" phxc plan random2.phx --facts facts.json --adopt all
verdict $? "no plan of a changed random site: $(head -n 3 "$bed/err")"
phxc plan "$bed/random1.phx" --facts "$bed/facts.json" --adopt all --format json 2>"$bed/err" >"$bed/same" && [ "$(jq -c '[.steps[] | select(.verb != "adopt" and (.address | startswith("pve.firewall") | not))] | length' "$bed/same")" = 0 ]
verdict $? 'a random site that is as its text says has steps'

# The plans stand in files of their own, so that a failure names one.
rm -f "$bed/facts.json"
"$tables" argv --seen "$bed/seen" "$bed"/*.json
verdict $? 'a command would be refused'

# ---- schemas ----

"$tables" coverage "$bed/seen"
verdict $? 'a parameter is neither typed nor left out for a reason'
"$tables" agree
verdict $? 'schemas and tables disagree'

suite_end
