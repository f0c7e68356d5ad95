#!/bin/bash
# The five JSON files of a real site, in the folder PHX_SITE_DIR: every field is honoured or named, the plan is what those
# files ask for, applied it leaves nothing to do, and no secret of theirs is printed anywhere.
#
# The figures were counted by hand in the files; what can be computed from them with jq is.
. "$(dirname "$0")/../suite.sh"
[ -n "${PHX_SITE_DIR-}" ] || skip 'PHX_SITE_DIR names no folder with the files of a site'
site=examples/phoenix/legacy.phx
lxc=$PHX_SITE_DIR/phoenix_lxc_configs.json
vm=$PHX_SITE_DIR/phoenix_vm_configs.json

# run CODE WHAT NAME COMMAND...: the outputs are in NAME.out and NAME.err.
run() {
    local wanted=$1 what=$2 name=$3 code
    shift 3
    timeout 60 "$@" >"$bed/$name.out" 2>"$bed/$name.err" </dev/null
    code=$?
    [ $code -eq "$wanted" ]
    verdict $? "$what: exit $code, not $wanted"
}

# equal WHAT WANTED FOUND
equal() {
    [ "$2" = "$3" ]
    verdict $? "$1: $3, not $2"
}

run 0 'check' check phxc check $site --set dir="$PHX_SITE_DIR" --diagnostics json
run 0 'plan' plan phxc plan $site --set dir="$PHX_SITE_DIR" --host "sandbox:$bed/host" --format json
run 0 'plan as text' text phxc plan $site --set dir="$PHX_SITE_DIR" --host "sandbox:$bed/host"
plan=$bed/plan.out
findings=$bed/check.err

# ---- steps ----

# made TYPE NUMBER: so many resources of the type are created, and nothing else happens to any but to be started.
made() {
    equal "$1: created" "$2" "$(jq --arg type "$1" '[.steps[] | select(.verb == "create" and (.address | split("/") | any(startswith($type + "."))))] | length' "$plan")"
}
made pve.lxc 12
made pve.vm 3
made zfs.pool 2
made zfs.dataset 11
made pve.storage 11
made pve.image 2
made pve.snapshot 10
made fs.dir 8
made fs.line 1
made pve.firewall.guest 10
made pve.firewall.cluster 1
equal 'started' 14 "$(jq '[.steps[] | select(.verb == "start")] | length' "$plan")"
equal 'containers with lines for LXC' 12 "$(jq '[.steps[] | select(.verb == "set" and (.address | contains("pve.lxc.")))] | length' "$plan")"
equal 'other steps' 0 "$(jq '[.steps[] | select(.verb != "start" and .verb != "create" and (.verb != "set" or (.address | contains("pve.lxc.") | not)))] | length' "$plan")"
equal 'worst class' none "$(jq -r .summary.worst_class "$plan")"

# What the files say of each guest stands in its commands.
jq -r '.steps[] | select(.verb == "create" and (.address | test("/pve[.](lxc|vm)[.]"))) | (.address | capture("\\[(?<id>[0-9]+)\\]$").id)
    + " " + ([.commands[] | .argv // [] | map(strings) | join(" ")] | join(" ")) | gsub("\n"; " ")' "$plan" >"$bed/commands"
# said FILE FILTER: lines `ID WORDS`; the words must stand in what creates the guest of that number.
said() {
    while read -r id words; do
        grep -E "^$id " "$bed/commands" | grep -qF -- " $words "
        verdict $? "guest $id: no \`$words\` in its commands"
    done < <(jq -r "$2" "$1")
}
said "$lxc" '.lxc_configs | to_entries[] | .key + " --memory \(.value.memory_mb)"'
said "$lxc" '.lxc_configs | to_entries[] | .key + " --cores \(.value.cores)"'
said "$lxc" '.lxc_configs | to_entries[] | .key + " --hostname \(.value.name)"'
said "$lxc" '.lxc_configs | to_entries[] | select(.value.clone_from_ctid) | .key + " pct clone \(.value.clone_from_ctid) \(.key)"'
said "$lxc" '.lxc_configs as $all | $all | to_entries[] | select(.value.clone_from_ctid and .value.storage_size_gb > $all[.value.clone_from_ctid].storage_size_gb) | .key + " pct resize \(.key) rootfs \(.value.storage_size_gb)G"'
said "$vm" '.vms[] | select(.memory_mb) | "\(.vmid) --memory \(.memory_mb)"'
said "$vm" '.vms[] | select(.clone_from_vmid) | "\(.vmid) qm clone \(.clone_from_vmid) \(.vmid)"'
# shellcheck disable=SC2016
jq -r '.lxc_configs | to_entries[] | "\(.key) \(.value.mac_address) \(.value.network_config.ip)"' "$lxc" | while read -r id mac ip; do
    grep -E "^$id " "$bed/commands" | grep -F "$mac" | grep -qF "ip=$ip" || echo "$id"
done >"$bed/wrong"
[ ! -s "$bed/wrong" ]
verdict $? "guests with another address than the files say: $(tr '\n' ' ' <"$bed/wrong")"

# Who depends on another comes after it.
jq -r '.lxc_configs | to_entries[] | .key as $id | (.value.dependencies // [])[] | "\($id) \(.)"' "$lxc" >"$bed/needs"
jq -r '.vms[] | .vmid as $id | (.dependencies // [])[] | "\($id) \(.)"' "$vm" >>"$bed/needs"
while read -r id need; do
    jq -e --arg id "[$id]" --arg need "[$need]" '[.steps[] | select(.verb == "create" and (.address | test("/pve[.](lxc|vm)[.]"))) | .address] as $order
        | ($order | map(endswith($id)) | index(true)) > ($order | map(endswith($need)) | index(true))' "$plan" >"$bed/o" 2>&1
    verdict $? "$id is created before $need, which it depends on"
done <"$bed/needs"

# ---- findings ----

# finding NAME NUMBER
finding() {
    equal "findings $1" "$2" "$(jq --arg code "$1" '[.[] | select(.code == $code)] | length' "$findings")"
}
finding ignored_field 149
finding missing_guest "$(grep -cE '^ *"95[0-9]":' "$PHX_SITE_DIR/phoenix_hypervisor_config.json")"
finding plain_secret "$(cat "$PHX_SITE_DIR"/*.json | grep -c 'PLAINTEXT-IN-THE-ORIGINAL')"
finding beside_dataset "$(cat "$PHX_SITE_DIR"/{phoenix_lxc_configs,certificate-manifest}.json | grep -cE '"(host|cert|key)_path": "/mnt/pve/')"
finding blocked_service 1
finding duplicate_rule 6
finding effective_now 8
finding gpu_shared 1
finding inexact_size 1
finding memory_overcommit 2
finding misplaced_firewall 1
finding missing_script 2
finding name_of_two_addresses 3
finding name_without_address 1
finding open_key 1
finding opens_guest 5
finding opens_host 2
finding pool_without_redundancy 1
finding route_twice 1
finding snapshot_of_bind_mount 2
finding storage_overcommit 1
finding unmatched_storage_id 3
finding unpinned_container_image 2
finding unpinned_image 2
finding void_rule 1
equal 'findings in all' 220 "$(jq length "$findings")"
equal 'errors among them' 0 "$(jq '[.[] | select(.severity == "error")] | length' "$findings")"
equal 'findings without a place in a file' 0 "$(jq '[.[] | select(.line == null)] | length' "$findings")"
memory=$(($(jq '[.lxc_configs[].memory_mb] | add' "$lxc") + $(jq '[.vms[].memory_mb // 0] | add' "$vm")))
jq -e --arg sum "${memory}MiB" 'any(.[]; .code == "memory_overcommit" and (.message | contains($sum)))' "$findings" >"$bed/o"
verdict $? "the finding memory_overcommit does not name the sum, ${memory}MiB"

# The roots on quickOS-lxc-disks, against the quota of the file system under them.
roots=$(jq '[.lxc_configs[] | select(.storage_pool == "quickOS-lxc-disks") | .storage_size_gb] | add' "$lxc")
jq -e --arg sum "${roots}GiB" 'any(.[]; .code == "storage_overcommit" and (.message | contains($sum)))' "$findings" >"$bed/o"
verdict $? "the finding storage_overcommit does not name the sum, ${roots}GiB"

# ---- apply ----

run 0 'apply' apply phxc apply $site --set dir="$PHX_SITE_DIR" --host "sandbox:$bed/host" --yes
run 0 'plan after apply' after phxc plan $site --set dir="$PHX_SITE_DIR" --host "sandbox:$bed/host" --detailed-exitcode
grep -q '^Nothing to do' "$bed/after.out"
verdict $? 'the plan after apply is not empty'
run 0 'inspect' inspect phxc inspect $site --set dir="$PHX_SITE_DIR" --host "sandbox:$bed/host"
equal 'containers on the host' 12 "$(find "$bed/host/etc/pve/" -path '*/lxc/*.conf' -type f | wc -l)"
equal 'virtual machines on the host' 3 "$(find "$bed/host/etc/pve/" -path '*/qemu-server/*.conf' -type f | wc -l)"

# ---- secrets ----

grep -rqF 'PLAINTEXT-IN-THE-ORIGINAL' "$PHX_SITE_DIR"
verdict $? 'the files hold no secret to look for'
leaks=$(cd "$bed" && grep -rlF 'PLAINTEXT-IN-THE-ORIGINAL' .)
[ -z "$leaks" ]
verdict $? "a secret stands in $leaks"

# ---- every field ----

# Calls one field after the other something else: phxc must then name it, or say that a part it stands in has no effect.
# Every seventh field is enough of a sample; the stride has no factor in common with the lengths of the records.
mkdir "$bed/copy" "$bed/changed"
for file in "$PHX_SITE_DIR"/*.json; do jq . "$file" >"$bed/copy/${file##*/}"; done
cp "$bed"/copy/* "$bed/changed/"
fields=0 unnamed=0
for file in "$bed"/copy/*.json; do
    name=${file##*/}
    jq -c 'paths(scalars) | . as $p | [range(length)] | map(select($p[.] | type == "string")) | $p[:(last + 1)]' "$file" |
        sort -u | awk 'NR % 7 == 3' >"$bed/fields"
    while read -r path; do
        fields=$((fields + 1))
        jq --argjson p "$path" 'setpath($p[:-1]; getpath($p[:-1]) | with_entries(if .key == $p[-1] then .key += "_renamed" else . end))' \
            "$file" >"$bed/changed/$name"
        line=$(grep -n '_renamed":' "$bed/changed/$name" | cut -d : -f 1)
        phxc check $site --set dir="$bed/changed" --diagnostics json >"$bed/o" 2>"$bed/d" </dev/null
        jq -e --argjson p "$path" --argjson line "$line" --arg file "$bed/changed/$name" '
            any(.[]; .file == $file and .line == $line and (.message | contains("_renamed")))
            or any(.[] | select(.code == "ignored_field" and .file == $file) | .message; . as $message
                | any($p[] | strings; . as $key | $message | startswith("`\($key)` has no effect")))' "$bed/d" >"$bed/o" 2>&1 && continue
        echo "FAIL $name: $path, called otherwise, is not named"
        unnamed=$((unnamed + 1))
    done <"$bed/fields"
    cp "$file" "$bed/changed/$name"
done
[ $fields -ge 100 ]
verdict $? "only $fields fields were tried"
passed=$((passed + fields - unnamed)) failed=$((failed + unnamed))

suite_end
