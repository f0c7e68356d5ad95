#!/bin/bash
# `phxc adopt`: of whole sites that stand on the model host and are nobody's it writes a text that is laid out, checks without an error, and has a plan
# of stamps alone; after these there is nothing to do, and nothing else has changed. Looking changes nothing, and costs no process per guest.
. "$(dirname "$0")/../suite.sh"

# orphaned DIR: takes away all that says whose the things on the host are.
orphaned() {
    local name
    find "$1/etc/pve" -name '*.conf' -exec sed -i '/^#.*phxc.*site=/d; /phxc will /d' {} +
    rm -rf "$1/var/lib/phxc"
    for name in $(PHX_SANDBOX=$1 "$build/sandbox/zfs" list -H -o name 2>/dev/null); do
        PHX_SANDBOX=$1 "$build/sandbox/zfs" inherit phx:owner "$name" || return
    done
    ! grep -rq 'phxc' "$1/etc/pve"
}

# world DIR: what there is on the host but for stamps, and for what was called to look at it.
world() {
    (cd "$1" && find etc/pve -type f ! -name .vmlist | sort | while read -r file; do
        echo "== $file"
        sed '/^#.*phxc.*site=/d' "$file"
    done)
    PHX_SANDBOX=$1 "$build/sandbox/zfs" get -H -o name,property,value,source all 2>/dev/null | grep -v 'phx:owner' | grep -vE '	(used|available|referenced|creation)	'
    # Who is asked writes down that he was.
    (cd "$1" && find . -type f ! -path './var/lib/phx-sandbox/*' ! -path './etc/pve/*' ! -path './var/lib/phxc/*' ! -path './proc/*' | sort)
}

calls() { wc -l <"$1/var/lib/phx-sandbox/calls"; }

# steps FILE: the plan in JSON, "adopt 12" for each verb.
steps() { jq -r '[.steps[].verb] | group_by(.)[] | "\(.[0]) \(length)"' "$1"; }

# taken_over NAME SITE...: the site is applied, and then forgotten.
taken_over() {
    local name=$1 host=$bed/$1.host text=$bed/$1.phx before verbs
    shift
    run 0 "$name: apply" phxc apply "$@" --host "sandbox:$host" --yes --jobs 2
    orphaned "$host"
    verdict $? "$name: stamps are left"
    world "$host" >"$bed/$name.was"
    before=$(calls "$host")
    run 0 "$name: adopt" phxc adopt --site taken --host "sandbox:$host" -o "$text"
    # Those of the read rules, and nothing for each guest.
    [ $(($(calls "$host") - before)) -le 8 ]
    verdict $? "$name: adopt called $(($(calls "$host") - before)) programs"
    world "$host" | cmp -s - "$bed/$name.was"
    verdict $? "$name: adopt changed the host"
    run 0 "$name: the text is laid out" phxc fmt --check "$text"
    run 0 "$name: check" phxc check "$text"
    run 0 "$name: a plan without --adopt has no step" phxc plan "$text" --host "sandbox:$host" --format json
    jq -e '.steps == []' "$bed/out" >/dev/null
    verdict $? "$name: without --adopt there are steps"
    run 0 "$name: plan" phxc plan "$text" --host "sandbox:$host" --adopt all --format json
    verbs=$(steps "$bed/out")
    [[ $verbs =~ ^adopt\ [0-9]+$ ]] && jq -e '.blocked == [] and .orphans == []' "$bed/out" >/dev/null
    verdict $? "$name: the plan holds more than stamps: $verbs"
    echo "$name: $(grep -c ' {' "$text") declarations in $(wc -l <"$text") lines, $verbs"
    run 0 "$name: apply --adopt all" phxc apply "$text" --host "sandbox:$host" --adopt all --yes --jobs 2
    run 0 "$name: the second plan" phxc plan "$text" --host "sandbox:$host" --format json
    jq -e '.steps == [] and .blocked == [] and .orphans == []' "$bed/out" >/dev/null
    verdict $? "$name: after the stamps there is still something to do: $(steps "$bed/out")"
    world "$host" | diff "$bed/$name.was" - >"$bed/err"
    verdict $? "$name: more than stamps has changed"
    run 0 "$name: drift" phxc drift "$text" --host "sandbox:$host"
    run 0 "$name: nothing is left to adopt" phxc adopt "$text" --host "sandbox:$host"
    [ ! -s "$bed/out" ] || ! grep -q '^[a-z]' "$bed/out"
    verdict $? "$name: what the site has is written again"
}

taken_over first examples/first.phx
taken_over homelab examples/homelab.phx
taken_over phoenix examples/phoenix/site.phx
if [ -n "${PHX_SITE_DIR:-}" ]; then
    taken_over legacy examples/phoenix/legacy.phx --set "dir=$PHX_SITE_DIR"
else
    taken_over legacy examples/phoenix/legacy.phx --set "dir=examples/phoenix/legacy"
fi

# ---- beside a site ----

host=$bed/beside.host
cp -R "$bed/homelab.host" "$host"
orphaned "$host"
cat >"$bed/beside.phx" <<'END'
site "mine" edition 1
zfs.pool tank { name = "tank" vdevs = [mirror(["/dev/disk/by-id/nvme-A", "/dev/disk/by-id/nvme-B"])] }
pve.storage disks { id = "guests" type = "zfspool" dataset = "tank/guests" }
let gallery = "a name that is in use"
output word = gallery
END
run 0 'beside a site: adopt' phxc adopt "$bed/beside.phx" --host "sandbox:$host"
cp "$bed/out" "$bed/beside.part"
! grep -qE '^site|zfs.pool|id *= "guests"' "$bed/beside.part" && grep -q 'rootfs *= { storage = disks' "$bed/beside.part" &&
    grep -q 'zfs.dataset guests { pool = tank ' "$bed/beside.part" && grep -q '^pve.lxc gallery_lxc ' "$bed/beside.part"
verdict $? "beside a site: the part has not what it should: $(head -40 "$bed/beside.part")"
cat "$bed/beside.part" >>"$bed/beside.phx"
run 0 'beside a site: plan' phxc plan "$bed/beside.phx" --host "sandbox:$host" --adopt all --format json
[[ $(steps "$bed/out") =~ ^adopt\ [0-9]+$ ]]
verdict $? "beside a site: the plan holds more than stamps: $(steps "$bed/out")"

# ---- chosen, and not ----

run 0 'by type' phxc adopt pve.lxc --host "sandbox:$host"
[ "$(grep -c '^pve.lxc ' "$bed/out")" -eq 2 ] && [ "$(grep -cE '^(zfs|pve)\.' "$bed/out")" -eq 2 ]
verdict $? 'by type: not the two containers alone'
run 0 'by identity' phxc adopt 200 --host "sandbox:$host"
[ "$(grep -cE '^(zfs|pve)\.' "$bed/out")" -eq 1 ] && grep -q '^pve.vm docker ' "$bed/out" && grep -q 'storage = "guests"' "$bed/out"
verdict $? 'by identity: not the machine alone'
run 1 'what is not there' phxc adopt pve.lcx --host "sandbox:$host"
grep -q 'did you mean `pve.lxc`' "$bed/err"
verdict $? 'what is not there: nothing is offered'
run 0 'an empty host' phxc adopt --host "sandbox:$bed/empty.host" zfs pve
[ "$(grep -cE '^(zfs|pve)\.' "$bed/out")" -eq 1 ]
verdict $? 'an empty host has more than the storage that every host has'

# What belongs to another site is only named.
run 0 'another site' phxc adopt --site other --host "sandbox:$bed/first.host"
grep -q '^//   pve.lxc 120: belongs to pve.lxc.web of site taken' "$bed/out" && ! grep -q '^pve.lxc' "$bed/out"
verdict $? 'another site: its container is not passed over'

# ---- what nobody should read ----

mkdir "$bed/own" "$bed/own/host"
PHX_SANDBOX=$bed/own/host "$build/sandbox/phx-sandbox" init
echo 'key=MARKER-7f3a' >"$bed/own/host/etc/gate"
cat >"$bed/own/site.phx" <<'END'
site "own" edition 1
schema gate {
  identity = "{name}"
  name: string { change = create }
  key?: secret string
  read   = { file = file("/etc/gate") }
  found  = { "gate": { key = split(trim(raw.file), "=")[1] } }
  create = [write("/etc/gate", "key={key ?? ""}\n", mode: "0600")]
  update = [write("/etc/gate", "key={key ?? ""}\n", mode: "0600")]
  delete = [run(["rm", "/etc/gate"])]
}
END
run 0 'a secret' phxc adopt "$bed/own/site.phx" --host "sandbox:$bed/own/host" gate
! grep -q 'MARKER' "$bed/out" "$bed/err" && grep -q '// key: a secret, which is not read' "$bed/out"
verdict $? "a secret is written, or not named: $(cat "$bed/out")"

suite_end
