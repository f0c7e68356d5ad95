#!/bin/bash
# Every example keeps the promises of phxc: it is checked without an error, its plan is the same bytes wherever it is made,
# what was applied has an empty plan, and looking at a host changes nothing and costs no process per guest.
. "$(dirname "$0")/../suite.sh"
examples_environment

# same WHAT FILE FILE
same() {
    cmp "$2" "$3" >"$bed/err" 2>&1
    verdict $? "$1"
}

# How often the programs of the sandbox were called.
calls() {
    if [ -e "$1/var/lib/phx-sandbox/calls" ]; then wc -l <"$1/var/lib/phx-sandbox/calls"; else echo 0; fi
}

mapfile -t examples < <(examples)
[ ${#examples[@]} -gt 0 ]
verdict $? 'there is no example'
[ -z "$(grep -rLE --include='*.phx' '^(site|import|let|type|fn|profile|component|schema|[a-z.]+ [a-z_]+) ' examples)" ]
verdict $? 'an example holds nothing'

# The same files at another place: what is printed may not depend on where they are.
mkdir -p "$bed/elsewhere/deep"
cp -R examples "$bed/elsewhere/deep/examples"

for example in "${examples[@]}"; do
    name=$(printf '%s' "${example%.phx}" | tr / _)
    host=$bed/$name.host fresh=$bed/$name.fresh
    examples_host "$example" "$host"
    mkdir "$fresh"
    [ ! -e "$host/sandbox.json" ] || cp "$host/sandbox.json" "$fresh/"
    run 0 "$example: check" phxc check "$example"
    run 0 "$example: inspect of an empty host" phxc inspect "$example" --host "sandbox:$fresh"
    cp "$bed/out" "$bed/$name.facts"

    for format in text json; do
        plan=$bed/$name.$format
        run 0 "$example: plan of nothing as $format" phxc plan "$example" --facts none --format $format
        cp "$bed/out" "$plan"
        [ -s "$plan" ]
        verdict $? "$example: the plan as $format is empty"
        run 0 "$example: plan of facts as $format" phxc plan "$example" --facts "$bed/$name.facts" --format $format
        same "$example: the plan of an empty host as $format is not that of --facts none" "$plan" "$bed/out"
        cd "$bed/elsewhere/deep" || exit
        run 0 "$example: plan elsewhere" phxc plan "$example" --facts none --format $format
        same "$example: the plan as $format depends on the folder" "$plan" "$bed/out"
        cd "$root" || exit
    done
    grep -qE "(^|[^A-Za-z0-9_./-])$(sed 's/[][\\.*^$+?(){}|]/\\&/g' <<<"$root")/" "$bed/$name.json" "$bed/$name.text" "$bed/$name.facts"
    [ $? -eq 1 ]
    verdict $? "$example: a plan or its facts name the folder of the files"

    run 0 "$example: apply" phxc apply "$example" --host "sandbox:$host" --yes
    run 0 "$example: plan after apply" phxc plan "$example" --host "sandbox:$host" --detailed-exitcode
    grep -q '^Nothing to do' "$bed/out"
    verdict $? "$example: the plan after apply is not empty"
    run 0 "$example: inspect after apply" phxc inspect "$example" --host "sandbox:$host"
    cp "$bed/out" "$bed/$name.again"
    run 0 "$example: inspect once more" phxc inspect "$example" --host "sandbox:$host"
    same "$example: two looks at one host differ" "$bed/$name.again" "$bed/out"
    run 0 "$example: plan of what was seen" phxc plan "$example" --facts "$bed/$name.again" --detailed-exitcode
done

# ---- processes ----

# guests N: so many containers.
guests() {
    printf 'site "many" edition 1\npve.storage disks { id = "disks"  type = "dir"  path = "/srv/disks"  content = ["rootdir"] }\n'
    # shellcheck disable=SC2016
    printf 'for i in 0..%d {\n  pve.lxc c[i] { id = 100 + i  from = template("local:vztmpl/x.tar.zst")  rootfs = { storage = disks, size = 1GiB }  state = "stopped" }\n}\n' $(($1 - 1))
}

for count in 2 20; do
    mkdir -p "$bed/many.$count/host/var/lib/vz/template/cache"
    : >"$bed/many.$count/host/var/lib/vz/template/cache/x.tar.zst"
    guests $count >"$bed/many.$count/site.phx"
    run 0 "$count guests: apply" phxc apply "$bed/many.$count/site.phx" --host "sandbox:$bed/many.$count/host" --yes
    before=$(calls "$bed/many.$count/host")
    run 0 "$count guests: inspect" phxc inspect "$bed/many.$count/site.phx" --host "sandbox:$bed/many.$count/host"
    echo $(($(calls "$bed/many.$count/host") - before)) >"$bed/many.$count/calls"
    [ "$before" -ge $count ]
    verdict $? "$count guests: only $before calls were recorded while they were made"
    [ "$(jq '[.. | objects | select(has("pve.lxc")) | ."pve.lxc" | length] | max' "$bed/out")" -eq $count ]
    verdict $? "$count guests: inspect found others"
done
same 'inspection starts more processes where there are more guests' "$bed/many.2/calls" "$bed/many.20/calls"

suite_end
