#!/bin/bash
# A saved plan is carried out as it stands or not at all, whenever phxc is killed on the way and whatever has moved meanwhile.
. "$(dirname "$0")/../suite.sh"
cd "$bed" || exit

# What a host is, without the books of sandbox and phxc and the times of services.
world() {
    (cd "$1" && find . -path ./var/lib/phx-sandbox -prune -o -path ./run -prune -o -path ./var/lib/phxc -prune -o -printf '%y %m %p\n' | sort &&
        find . -path ./var/lib/phx-sandbox -prune -o -path ./run -prune -o -path ./var/lib/phxc -prune -o -type f -print | sort | while read -r file; do
            echo "$file $(sed -E 's/([0-9A-F]{2}:){5}[0-9A-F]{2}/MAC/g' "$file" | sort | sha256sum)"
        done)
}

calls() {
    wc -l <"$1/var/lib/phx-sandbox/calls"
}

cat >site.phx <<'END'
site "saved" edition 1

param size: size = 8GiB
param memory: size = 1GiB
param mode: string = "755"

zfs.pool tank { name = "tank"  vdevs = [mirror(["/dev/disk/by-id/nvme-A", "/dev/disk/by-id/nvme-B"])] }
zfs.dataset guests { pool = tank  path = "guests"  compression = if mode == "755" then "lz4" else "zstd" }
pve.storage disks { id = "guests"  type = "zfspool"  dataset = guests  content = ["images", "rootdir"] }
pve.lxc web {
  id     = 120
  from   = template("local:vztmpl/x.tar.zst")
  cores  = 2
  memory = memory
  tags   = if mode == "755" then ["a"] else ["b"]
  rootfs = { storage = disks, size = size }
}
fs.dir top { path = "/srv/top"  mode = mode  after = [web] }
fs.line id { path = "/etc/subgid"  line = "root:110:1" }
END
host() {
    mkdir -p "$1/var/lib/vz/template/cache"
    : >"$1/var/lib/vz/template/cache/x.tar.zst"
}
changed=(--set size=9GiB --set memory=2GiB --set mode=700)

# ---- killed at every call, and the same plan again ----

# kills WHAT BASE OPTIONS...: the plan of BASE with these options; killed at each of its calls and applied again it leaves the world of an undisturbed run.
kills() {
    local what=$1 base=$2 plan=$1.json before last n pid children
    shift 2
    run 0 "$what: plan -o" "$phxc" plan --host "sandbox:$base" "$@" -o "$plan"
    before=$(calls "$base")
    cp -R "$base" "$what.whole"
    run 0 "$what: apply" "$phxc" apply "$plan" --host "sandbox:$what.whole" --yes --jobs 1
    last=$(calls "$what.whole")
    world "$what.whole" >"$what.world"
    for ((n = before + 1; n <= last; n++)); do
        rm -rf one && cp -R "$base" one
        PHX_SANDBOX_FAULT=$n:hang "$phxc" apply "$plan" --host sandbox:one --yes --jobs 1 >/dev/null 2>&1 </dev/null &
        pid=$!
        for ((i = 0; i < 400; i++)); do
            [ "$(calls one)" -ge $n ] && break
            sleep 0.01
        done
        children=$(pgrep -P $pid)
        kill -KILL $pid
        wait $pid 2>/dev/null
        # a list of numbers
        # shellcheck disable=SC2086
        [ -z "$children" ] || kill -KILL $children 2>/dev/null
        run 0 "$what: killed at call $n: the plan again" "$phxc" apply "$plan" --host sandbox:one --yes --lock-timeout 5s
        world one >now
        cmp -s now "$what.world"
        verdict $? "$what: killed at call $n: the world differs"
    done
    [ $((last - before)) -gt 8 ]
    verdict $? "$what: only $((last - before)) calls"
}

host bare
"$phxc" plan --host sandbox:bare >/dev/null 2>&1
kills made bare
kills changed made.whole "${changed[@]}"

# ---- what has moved ----

base=made.whole
run 0 'plan of the changes' "$phxc" plan --host "sandbox:$base" "${changed[@]}" -o moved.json
# moved WHAT PATTERN COMMAND: after the command on a copy of the host the plan is refused, nothing is done, and what is said fits.
moved() {
    rm -rf one && cp -R "$base" one
    eval "$3"
    world one >before.world
    run 5 "$1" "$phxc" apply moved.json --host sandbox:one --yes
    says err "$2" "$1"
    world one >now
    cmp -s now before.world
    verdict $? "$1: something was done"
}
moved 'an attribute that the plan changes' 'memory: expected "1GiB", found "3GiB"' "sed -i 's/^memory: .*/memory: 3072/' one/etc/pve/lxc/120.conf"
moved 'an attribute that the plan does not speak of' 'pve.lxc.web: set: it is not on the host what it was' "echo 'onboot: 1' >>one/etc/pve/lxc/120.conf"
moved 'a comment in the file of a guest' 'pve.lxc.web' "sed -i '1i# by hand' one/etc/pve/lxc/120.conf"
moved 'a mode' 'fs.dir.top: set.*' 'chmod 711 one/srv/top'
moved 'what was as it should be' 'fs.line.id: .*does not stand in the plan' ': >one/etc/subgid'
moved 'a guest that is gone' 'pve.lxc.web' 'rm one/etc/pve/lxc/120.conf'
moved 'half of the change, done by hand' 'pve.lxc.web' "sed -i 's/^memory: .*/memory: 2048/' one/etc/pve/lxc/120.conf"
rm -rf one && cp -R "$base" one && chmod 700 one/srv/top
run 0 'the whole of a change, done by hand' "$phxc" apply moved.json --host sandbox:one --yes
says out 'fs.dir.top: set' 'the whole of a change, done by hand'

# Between a run that was cut short and the next, too.
rm -rf one && cp -R "$base" one
run 6 'a run that fails in the middle' env PHX_SANDBOX_FAULT=$(($(calls one) + 10)):fail "$phxc" apply moved.json --host sandbox:one --yes --jobs 1
run 0 'and goes on' "$phxc" apply moved.json --host sandbox:one --yes --jobs 1

# ---- a plan without a host ----

run 0 'inspect' "$phxc" inspect --host "sandbox:$base" -o facts.json
run 0 'plan from facts' "$phxc" plan --facts facts.json "${changed[@]}" -o offline.json
cmp -s offline.json moved.json
verdict $? 'the plan of recorded facts is not the plan of the host'
rm -rf one && cp -R "$base" one
run 0 'the plan of recorded facts' "$phxc" apply offline.json --host sandbox:one --yes
world one >now
cmp -s now changed.world
verdict $? 'the plan of recorded facts leads elsewhere'

# Every change of one byte is found: by the id, or because it is no JSON any more.
size=$(stat -c %s moved.json)
for ((at = 7; at < size; at += 997)); do
    byte=$(dd if=moved.json bs=1 skip=$at count=1 2>/dev/null)
    case $byte in [0-9a-zA-Z]) ;; *) continue ;; esac
    { head -c $at moved.json; [ "$byte" = x ] && printf y || printf x; tail -c +$((at + 2)) moved.json; } >flipped.json
    run 1 "byte $at changed" "$phxc" apply flipped.json --host sandbox:one --yes
done

suite_end
