#!/bin/bash
# The other forms of a site are what those who read them take: drawings by Graphviz, exported sites by their own JSON Schema. Types to JSON Schema, back
# and to JSON Schema again are the same. The completion of bash offers what there is.
. "$(dirname "$0")/../suite.sh"

# with PROGRAM: is it there? If not, what needs it is skipped.
with() {
    command -v "$1" >/dev/null && return
    echo "skipped: there is no $1"
    skipped=$((skipped + 1))
    return 1
}

sites=(examples/*.phx examples/phoenix/legacy.phx examples/phoenix/site.phx)

# ---- graph ----

for site in "${sites[@]}"; do
    for format in tree dot mermaid json; do
        phxc graph "$site" --format $format -o "$bed/$format" 2>/dev/null
        verdict $? "$site: no graph as $format"
        phxc graph "$site" --format $format 2>/dev/null | cmp -s - "$bed/$format"
        verdict $? "$site: as $format it is another graph the second time"
    done
    nodes=$(jq '.resources | length' "$bed/json") edges=$(jq '[.resources[].needs[]] | length' "$bed/json")
    # Everybody who is needed is there, and the steps of a plan wait for what is needed: the plan orders the same resources.
    [ "$nodes" -gt 0 ] && jq -e '[.resources[].address] as $all | [.resources[].needs[]] - $all == []' "$bed/json" >/dev/null
    verdict $? "$site: a resource needs one that is not there"
    [ "$(phxc export "$site" 2>/dev/null | jq -c '[.resources | to_entries[] | [.key, .value.needs]]')" = \
        "$(jq -c '[.resources[] | [.address, .needs]]' "$bed/json")" ]
    verdict $? "$site: graph and export differ"
    # In the tree every address stands at least once, and the needs of each once.
    [ "$(sed 's/^[│├└─ ]*//; s/  (.*//' "$bed/tree" | sort -u)" = "$(jq -r '.resources[].address' "$bed/json" | sort)" ]
    verdict $? "$site: the tree lacks a resource"
    # By shape: a line for each node, one for each arrow, and as many clusters closed as opened.
    [ "$(grep -c '^ *n[0-9]*\["' "$bed/mermaid")" = "$nodes" ] && [ "$(grep -c ' --> ' "$bed/mermaid")" = "$edges" ] &&
        [ "$(grep -c '^ *subgraph ' "$bed/mermaid")" = "$(grep -c '^ *end$' "$bed/mermaid")" ]
    verdict $? "$site: the drawing for Mermaid has another shape"
    if with dot; then
        dot -Tsvg "$bed/dot" >"$bed/svg" 2>"$bed/dot.err" && [ ! -s "$bed/dot.err" ]
        verdict $? "$site: Graphviz: $(head -3 "$bed/dot.err")"
        [ "$(grep -c 'class="node"' "$bed/svg")" = "$nodes" ] && [ "$(grep -c 'class="edge"' "$bed/svg")" = "$edges" ]
        verdict $? "$site: Graphviz draws another graph"
    fi
done

# A chain of any length takes neither stack nor a screen full of blanks.
{
    echo 'site "chain" edition 1'
    for i in $(seq 2000); do echo "fs.dir d$i { path = \"/d$i\"  after = [$([ "$i" = 1 ] || echo "d$((i - 1))")] }"; done
} >"$bed/chain.phx"
phxc graph "$bed/chain.phx" >"$bed/chain" && [ "$(awk '{ print length }' "$bed/chain" | sort -n | tail -1)" -lt 120 ] &&
    [ "$(sed 's/^[│├└─ ]*//; s/  (.*//' "$bed/chain" | sort -u | wc -l)" = 2000 ]
verdict $? "a long chain as a tree"

# ---- JSON Schema ----

phxc schema site -o "$bed/site.schema"
verdict $? 'schema of an exported site'
for type in $(phxc explain types | sed -n 's/^  \([a-z_]*[.][a-z_.]*\) .*/\1/p'); do
    phxc schema "$type" 2>/dev/null | jq -e '."$defs" | length > 0' >/dev/null
    verdict $? "$type: no schema"
done
if with jsonschema; then
    for site in "${sites[@]}"; do
        phxc export "$site" >"$bed/exported" 2>/dev/null
        jsonschema -i "$bed/exported" "$bed/site.schema" >"$bed/out" 2>&1
        verdict $? "$site: what is exported is not what the schema says: $(head -c 300 "$bed/out")"
        # The schema is one that can be broken.
        jq '.resources |= map_values(.attributes.nonsense = 1)' "$bed/exported" >"$bed/broken"
        ! jsonschema -i "$bed/broken" "$bed/site.schema" >/dev/null 2>&1
        verdict $? "$site: the schema takes an attribute that there is not"
    done
fi

phxc schema plan -o "$bed/plan.schema"
verdict $? 'schema of a plan'
# A reader may pass over keys that it does not know; the schema is to know all that there are.
jq 'walk(if type == "object" and .type == "object" and has("properties") and (has("additionalProperties") | not) then .additionalProperties = false else . end)' \
    "$bed/plan.schema" >"$bed/plan.strict"
if with jsonschema; then
    for site in "${sites[@]}" examples/dns/site.phx tests/golden/inside/nested.phx tests/golden/inside/checks.phx; do
        phxc plan "$site" --facts none --format json --provenance >"$bed/plan" 2>/dev/null
        jsonschema -i "$bed/plan" "$bed/plan.strict" >"$bed/out" 2>&1
        verdict $? "$site: its plan is not what the schema says: $(head -c 300 "$bed/out")"
        jq '.steps[0].verb = "paint"' "$bed/plan" >"$bed/broken"
        ! jsonschema -i "$bed/broken" "$bed/plan.schema" >/dev/null 2>&1
        verdict $? "$site: the schema takes a verb that there is not"
        # Where a step comes from is no part of what the plan is.
        jq 'del(.. | .provenance?)' "$bed/plan" >"$bed/without"
        phxc plan "$site" --facts none --format json 2>/dev/null | jq . | cmp -s - "$bed/without"
        verdict $? "$site: with provenance it is another plan"
        jq -e '[.steps[].provenance | length] | min > 0' "$bed/plan" >/dev/null
        verdict $? "$site: a step comes from nowhere"
    done
    mkdir "$bed/empty"
    phxc plan examples/homelab.phx --host "sandbox:$bed/empty" --format json --adopt all --prune --gates --snapshot-before downtime --set key=ssh-rsa --skip pve.lxc.dns --warn acl_of_root \
        --silence affinity_backwards --error firewall_without_cluster --allow pve.lxc.gallery:data_loss >"$bed/plan" 2>"$bed/err"
    jq -e '.request | length == 11' "$bed/plan" >/dev/null && jsonschema -i "$bed/plan" "$bed/plan.strict" >"$bed/out" 2>&1
    verdict $? "a plan with many options is not what the schema says: $(head -c 300 "$bed/err" "$bed/out")"
fi

# round NAME SCHEMA: out, in and out again.
round() {
    phxc import --schema "$2" -o "$bed/types.phx" 2>"$bed/types.err" && [ ! -s "$bed/types.err" ]
    verdict $? "$1: back from JSON Schema: $(head -3 "$bed/types.err")"
    phxc fmt --check "$bed/types.phx" >/dev/null
    verdict $? "$1: the types are not laid out"
    { echo 'site "again" edition 1'; cat "$bed/types.phx"; } >"$bed/again.phx"
    phxc schema "$1" "$bed/again.phx" >"$bed/again.schema" 2>"$bed/again.err"
    verdict $? "$1: to JSON Schema again: $(head -5 "$bed/again.err")"
    cmp -s "$2" "$bed/again.schema"
    verdict $? "$1: the second schema is another: $(diff "$2" "$bed/again.schema" | head -5)"
}
for type in Name Service Services; do
    phxc schema $type tests/golden/questions/files/types.phx -o "$bed/$type.schema" 2>/dev/null
    verdict $? "$type: to JSON Schema"
    round $type "$bed/$type.schema"
done

# ---- completion ----

# offered WORD...: what bash offers for the last of these words behind `phxc`.
offered() {
    bash -c 'source <(phxc completion bash); COMP_WORDS=(phxc "$@"); COMP_CWORD=$#; _phxc; printf "%s\n" "${COMPREPLY[@]}"' _ "$@"
}
[ "$(offered gr)" = graph ]
verdict $? 'bash: a command'
[ "$(offered plan --fac)" = --facts ]
verdict $? 'bash: an option'
[ "$(offered graph --format m)" = mermaid ]
verdict $? 'bash: one of several words'
[ "$(offered completion z)" = zsh ]
verdict $? 'bash: an operand'
[ "$(offered graph examples/first.phx --only pve.l)" = pve.lxc.web ]
verdict $? 'bash: the address of a resource'
[ "$(offered check examples/fir)" = examples/first.phx ]
verdict $? 'bash: a file'
for option in $(phxc apply --help | sed -n 's/^  \(-[a-zA-Z], \)\{0,1\}\(--[a-z-]*\).*/\2/p'); do
    for shell in bash zsh fish; do
        phxc completion $shell | grep -q -e "${option#--}"
        verdict $? "$shell: $option is missing"
    done
done
# Nobody needs these shells for the tests: where they are there, they read their scripts.
for shell in zsh fish; do
    if command -v $shell >/dev/null; then
        phxc completion $shell >"$bed/script" && $shell -n "$bed/script"
        verdict $? "$shell does not read its script"
    fi
done

suite_end
