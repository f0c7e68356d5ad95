#!/bin/bash
# Several at once on one host: two applies, plans beside an apply, and somebody who edits in between.
. "$(dirname "$0")/../suite.sh"
cd "$bed" || exit
plans=${PHX_RACE_PLANS:-100}
# As many lines as it takes for an apply to last longer than a few plans, one after the other where each takes a second to start.
lines=9 at_once=8
[ -z "${PHX_TEST_UNDER-}" ] || lines=150 at_once=1

cat >site.phx <<'END'
site "races" edition 1

param memory: size = 1GiB
param lines: int = 9

zfs.pool tank { name = "tank"  vdevs = [mirror(["/dev/disk/by-id/nvme-A", "/dev/disk/by-id/nvme-B"])] }
zfs.dataset guests { pool = tank  path = "guests"  compression = "lz4" }
pve.storage disks { id = "guests"  type = "zfspool"  dataset = guests  content = ["images", "rootdir"] }
for i in 0..4 {
  pve.lxc web[i] {
    id     = 120 + i
    from   = template("local:vztmpl/x.tar.zst")
    memory = memory
    rootfs = { storage = disks, size = 4GiB }
  }
}
for i in 0..lines {
  fs.dir top[i] { path = "/srv/top{i}" }
  fs.line id[i] { path = "/etc/subgid"  line = "root:{110 + i}:1" }
}
END
host() {
    mkdir -p "$1/var/lib/vz/template/cache"
    : >"$1/var/lib/vz/template/cache/x.tar.zst"
}

# ---- plans beside an apply ----

# commands: address, verb and each command of the steps, but for what is only known when it runs. Of a step that was cut short the rest is left.
commands() {
    jq -c '.steps[] | [.address, .verb] as $step | .commands[] | del(.timeout) | if .argv then .argv |= [.[] | strings | select(test("^[0-9a-f]{40}$") | not)] else . end | $step + [.]' "$1" | sort
}

host shared
"$phxc" plan --set lines=$lines --host sandbox:shared -o whole.json
commands whole.json >whole
"$phxc" apply --set lines=$lines --host sandbox:shared --yes --jobs 2 >applied 2>&1 </dev/null &
mkdir plans
for ((i = 0; i < plans; i++)); do
    # A few at a time: their number is what counts, not how long the machine takes.
    while [ "$(jobs -rp | wc -l)" -gt $at_once ]; do wait -n; done
    "$phxc" plan --set lines=$lines --host sandbox:shared --format json >plans/$i.json 2>plans/$i.err </dev/null || echo "exit $?" >plans/$i.failed &
done
wait
grep -q 'steps done\.$' applied
verdict $? "the apply beside them did not do everything: $(tail -n 3 applied)"
for ((i = 0; i < plans; i++)); do
    [ ! -e plans/$i.failed ] && ! [ -s plans/$i.err ]
    verdict $? "plan $i: $(cat plans/$i.failed plans/$i.err 2>/dev/null | head -n 5)"
    commands plans/$i.json | comm -23 - whole >strange
    ! [ -s strange ]
    verdict $? "plan $i wants what nobody planned: $(head -c 400 strange)"
done
between=$(for ((i = 0; i < plans; i++)); do jq '.steps | length' plans/$i.json; done | sort -u | wc -l)
[ "$between" -gt 2 ]
verdict $? "the plans saw only $between states: they did not run beside the apply"

# ---- two applies ----

host both
for i in 1 2 3 4; do
    "$phxc" apply --host sandbox:both --yes --lock-timeout 60s >both.$i 2>&1 </dev/null &
done
codes=
for job in $(jobs -p); do
    wait "$job"
    codes="$codes $?"
done
[ "$codes" = ' 0 0 0 0' ]
verdict $? "four applies that wait for each other:$codes"
[ "$(grep -l 'steps done' both.* | wc -l)" -eq 1 ] && [ "$(grep -l '^Nothing to do' both.* | wc -l)" -eq 3 ]
verdict $? 'of four applies one does everything, and three have nothing to do'
[ "$(grep -c '"event": "start"' both/var/lib/phxc/journal.ndjson)" -eq 1 ]
verdict $? 'they wrote down more runs than there were'
codes=
rm -rf both
host both
for i in 1 2 3 4; do
    "$phxc" apply --host sandbox:both --yes >both.$i 2>&1 </dev/null &
done
for job in $(jobs -p); do
    wait "$job"
    codes="$codes $?"
done
[ "$(tr ' ' '\n' <<<"$codes" | grep -c '^7$')" -le 3 ] && ! grep -qvE '^[07]?$' <(tr ' ' '\n' <<<"$codes")
verdict $? "four applies that do not wait:$codes"

# ---- an edit between the look and the write ----

# The second guest is edited after the plan was made, while the first is being set: its write is refused, and what was edited stays.
before=$(wc -l <both/var/lib/phx-sandbox/calls)
"$phxc" plan --host sandbox:both --set memory=2GiB >/dev/null
reads=$(($(wc -l <both/var/lib/phx-sandbox/calls) - before))
PHX_SANDBOX_FAULT=$((before + 2 * reads + 1)):hang "$phxc" apply --host sandbox:both --yes --jobs 1 --set memory=2GiB >edited 2>&1 </dev/null &
pid=$!
for ((i = 0; i < 500; i++)); do
    [ "$(wc -l <both/var/lib/phx-sandbox/calls)" -gt $((before + 2 * reads)) ] && break
    sleep 0.02
done
echo 'onboot: 1' >>both/etc/pve/lxc/121.conf
child=$(pgrep -P $pid)
[ -z "$child" ] || kill "$child"
wait $pid
code=$?
[ $code -eq 6 ] && grep -qi 'digest\|detected modified' edited && grep -q '^onboot: 1' both/etc/pve/lxc/121.conf && ! grep -q 'memory: 2048' both/etc/pve/lxc/121.conf
verdict $? "an edit between the look and the write: exit $code: $(tail -n 20 edited)"

suite_end
