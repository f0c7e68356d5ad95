#!/bin/bash
# The JSON files of a site, each time with one thing in them changed: phxc says where, leaves out what needs it, and plans the rest.
#
# The files are those of PHX_SITE_DIR, else of the example. What is changed where is chosen by a generator with a fixed start: a field is
# dropped, gets a value of another kind, an extreme one or one nested deep, is called otherwise, stands twice; an element stands twice or
# is dropped. What must still be planned is computed from the files with jq: all but what was changed and what needs it.
. "$(dirname "$0")/../suite.sh"
rounds=${PHX_MUTATION_ROUNDS:-120}
site=examples/phoenix/legacy.phx
files=${PHX_SITE_DIR:-examples/phoenix/legacy}

# The files, a value a line.
mkdir "$bed/whole"
(cd "$files" && find . -name '*.json') | while read -r file; do
    mkdir -p "$bed/whole/$(dirname "$file")"
    jq . "$files/$file" >"$bed/whole/$file"
done
cp -R "$bed/whole" "$bed/changed"
names=(phoenix_hypervisor_config.json phoenix_lxc_configs.json phoenix_vm_configs.json phoenix_stacks_config.json certificate-manifest.json
    stacks/portainer_service/phoenix.json)

# ---- who needs whom ----

# Lines `UNIT NEEDED`; units are guests, datasets and pools, and "node" and "defaults" and "storage", which all guests,
# all machines and all pools stand on.
jq -r --slurpfile h "$bed/whole/phoenix_hypervisor_config.json" --slurpfile v "$bed/whole/phoenix_vm_configs.json" '
    ($h[0].zfs.datasets | map({ key: "\(.pool)-\(.name)", value: "\(.pool)/\(.name)" }) | from_entries) as $stores
    | ($h[0].zfs.datasets | map(select(.proxmox_storage_type == "dir" and (.proxmox_content_type | contains("iso"))) | "\(.pool)/\(.name)")[0]) as $media
    | ($h[0].zfs.pools[] | "\(.name) storage"), ($h[0].zfs.datasets[] | "\(.pool)/\(.name) \(.pool)"),
      (.lxc_configs | to_entries[] | .key as $id | .value
        | ("\($id) node", (.clone_from_ctid, .dependencies[]? | select(.) | "\($id) \(.)"),
           (.storage_pool, ((.zfs_volumes // []) + (.volumes // []))[].pool | "\($id) \($stores[.])"),
           (.template | select(.) | split("/") | "\($id) \(.[1])/\(.[2])"))),
      ($v[0] as $vm | $vm.vms[] | .vmid as $id
        | ("\($id) node", "\($id) defaults", (.clone_from_vmid, .dependencies[]? | select(.) | "\($id) \(.)"),
           "\($id) \($stores[.storage_pool // $vm.vm_defaults.storage_pool])", (select(.template_image) | "\($id) \($media)")))
' "$bed/whole/phoenix_lxc_configs.json" | sort -u >"$bed/needs"
# All units, and for each whom it needs at last.
awk '{ need[$1] = need[$1] " " $2; unit[$1]; unit[$2] }
    function walk(of, at,    n, i, list) {
        if ((of, at) in seen) return
        seen[of, at]; print of, at
        n = split(need[at], list, " ")
        for (i = 1; i <= n; i++) walk(of, list[i])
    }
    END { for (u in unit) walk(u, u) }' "$bed/needs" | sort -u >"$bed/closure"
units=$(cut -d ' ' -f 1 "$bed/closure" | sort -u | grep -vxE 'node|defaults|storage')
[ "$(wc -w <<<"$units")" -ge 8 ] || verdict 1 "only these units: $units"

# The unit that a path in a file belongs to; "-" for what no unit needs.
# shellcheck disable=SC2016
unit_of='if $name == "phoenix_lxc_configs.json" then (if .[0] != "lxc_configs" then "-" else .[1] // "node" end)
    elif $name == "phoenix_vm_configs.json" then (if .[0] == "vm_defaults" then "defaults" elif .[0] != "vms" then "-" elif .[1] then "\($whole.vms[.[1]].vmid)" else "defaults" end)
    elif $name != "phoenix_hypervisor_config.json" then "-"
    elif .[0] == "network" and (.[1] == null or (.[1] == "interfaces" and (.[2] == null or .[2] == "address" or .[2] == "name"))) then "node"
    elif .[0] != "zfs" or (.[1] and .[1] != "pools" and .[1] != "datasets") then "-"
    elif .[2] == null then "storage"
    elif .[1] == "pools" then $whole.zfs.pools[.[2]].name
    else $whole.zfs.datasets[.[2]] | "\(.pool)/\(.name)" end'

# ---- changes ----

for i in "${!names[@]}"; do
    [ -e "$bed/whole/${names[i]}" ] || continue
    jq -r --arg i "$i" --arg name "${names[i]}" '. as $whole | paths | . as $p | [$i, tojson, ('"$unit_of"')] | join("\t")' "$bed/whole/${names[i]}"
done >"$bed/places"
mapfile -t places <"$bed/places"
# Rounds: which of the places, what is done there. The generator is the minimal standard one of Park and Miller.
awk -v rounds="$rounds" -v places="$(wc -l <"$bed/places")" 'BEGIN {
    kinds = split("drop kind rename twice deep extreme", kind, " ")
    for (x = 20240229; n < rounds; n++) {
        x = x * 16807 % 2147483647; place = x % places + 1
        x = x * 16807 % 2147483647
        print place, kind[x % kinds + 1], x % 7
    }
}' >"$bed/rounds"
[ "$(wc -l <"$bed/rounds")" -eq "$rounds" ] || verdict 1 'the generator'

# shellcheck disable=SC2016
change='
    def deep($n): reduce range($n) as $i (.; [.]);
    getpath($p) as $old | ($p[-1] | type) as $at
    | if $kind == "drop" then delpaths([$p])
      elif $kind == "rename" and $at == "string" then setpath($p[:-1]; getpath($p[:-1]) | with_entries(if .key == $p[-1] then .key += "_renamed" else . end))
      elif $kind == "twice" and $at == "number" then setpath($p[:-1]; getpath($p[:-1]) | .[:$p[-1] + 1] + .[$p[-1]:])
      elif $kind == "deep" then setpath($p; $old | deep([3, 20, 90, 150, 250, 400, 9][$n]))
      elif $kind == "extreme" then setpath($p; [-1, 0, 9223372036854775807, "", "\u0001\u2028 \"{x}\"", ("x" * 70000), 1e300][$n])
      else setpath($p; [null, true, 17, "text", [], {}, { "a": [1] }][$n] | if type == ($old | type) then [.] else . end) end'

kept=0 lost=0 refused=0 unchanged=0
while read -r place kind n; do
    IFS=$'\t' read -r file path unit <<<"${places[place - 1]}"
    name=${names[file]}
    # A key that stands twice is nothing that jq can write: its line is doubled, where the value is on it.
    if [ "$kind" = twice ] && [[ $path =~ \"\]$ ]]; then
        jq --argjson p "$path" 'setpath($p; if getpath($p) | type | . == "object" or . == "array" then {} else getpath($p) end)
            | setpath($p[:-1]; getpath($p[:-1]) | with_entries(if .key == $p[-1] then .key = "TWICE" else . end))' "$bed/whole/$name" |
            awk -v key="$(jq -r '.[-1]' <<<"$path")" -v n="$n" 'match($0, /"TWICE": /) {
                    value = substr($0, RSTART + 9); sub(/,$/, "", value)
                    print "\"" key "\": " value ","; print "\"" key "\": " (n % 2 ? "\"other\"" : value) ($0 ~ /,$/ ? "," : ""); next
                } { print }' >"$bed/changed/$name"
    else
        jq --argjson p "$path" --arg kind "$kind" --argjson n "$n" "$change" "$bed/whole/$name" >"$bed/changed/$name" || verdict 1 "the change $kind $n of $name $path"
    fi
    cmp -s "$bed/whole/$name" "$bed/changed/$name" && unchanged=$((unchanged + 1))
    what="$name $path: $kind $n"
    timeout -s KILL 10 phxc plan $site --set dir="$bed/changed" --facts none --format json --diagnostics json >"$bed/plan" 2>"$bed/findings" </dev/null
    code=$?
    if [ $code -ne 0 ] && [ $code -ne 1 ]; then
        verdict 1 "$what: exit $code"
        tail -n 3 "$bed/findings"
    elif ! jq -e 'all(.[]; .severity == "note" or (.line != null and (.file | endswith(".json") or endswith("legacy.phx"))))' "$bed/findings" >"$bed/o" 2>&1; then
        verdict 1 "$what: a finding has no place in a file of the site"
        jq -c '.[] | select(.severity != "note" and (.line == null or (.file | endswith(".json") | not))) | [.code, .file, .line, .message]' "$bed/findings" | head -3
    elif [ $code -eq 1 ]; then
        # Only what makes a whole file useless may end in no plan.
        refused=$((refused + 1))
        if jq -e 'all(.[] | select(.severity == "error"); .code == "E0314" or .code == "E0301")' "$bed/findings" >"$bed/o" 2>&1; then
            verdict 0
        else
            verdict 1 "$what: no plan"
            jq -c '.[] | select(.severity == "error") | [.code, .file, .line, .message]' "$bed/findings" | head -3
        fi
    else
        jq -r '.steps[] | select(.verb == "create") | .address | capture("/(pve.lxc.ct|pve.vm.qemu|zfs.dataset.dataset|zfs.pool.pool)\\[(?<id>[^]]*)\\]$").id' "$bed/plan" | sort -u >"$bed/planned"
        awk -v unit="$unit" '$2 == unit { print $1 }' "$bed/closure" | sort -u >"$bed/touched"
        grep -vxF -f "$bed/touched" <<<"$units" | sort -u >"$bed/expected"
        [ -s "$bed/touched" ] || sort -u <<<"$units" >"$bed/expected"
        missing=$(comm -13 "$bed/planned" "$bed/expected" | tr '\n' ' ')
        kept=$((kept + $(wc -l <"$bed/planned")))
        lost=$((lost + $(sort -u <<<"$units" | comm -13 "$bed/planned" - | wc -l)))
        if [ -z "$missing" ]; then verdict 0; else verdict 1 "$what (of $unit): no longer planned: $missing"; fi
    fi
    cp "$bed/whole/$name" "$bed/changed/$name"
done <"$bed/rounds"

# A generator that changes nothing, or whose changes matter to nobody, would test nothing.
[ $((unchanged * 20)) -lt "$rounds" ] || verdict 1 "$unchanged of $rounds changes changed nothing"
[ $lost -gt 0 ] || verdict 1 'nothing was ever left out'
[ $((refused * 5)) -lt "$rounds" ] || verdict 1 "$refused of $rounds changes left no plan"
echo "$kept units were planned, $lost left out, $refused files refused"
suite_end
