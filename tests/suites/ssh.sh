#!/bin/bash
# Hosts over ssh: a real sshd on loopback, behind which a model host is the root of everything: what is planned, applied, changed by hand,
# found, repaired, cut off in the middle and refused there.
set -u
cd "$(dirname "$0")/../.." || exit
root=$PWD
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac

if [ "$(id -u)" -ne 0 ]; then
    echo 'skipped: needs root, for a root directory of its own behind sshd'
    exit 77
fi
for program in /usr/sbin/sshd ssh strace perl; do
    command -v "$program" >/dev/null || { echo "skipped: there is no $program"; exit 77; }
done
# Mounts of our own, which go with us.
if [ -z "${PHX_SSH_SUITE-}" ]; then
    unshare -m --propagation private true 2>/dev/null || { echo 'skipped: no mounts of our own can be had here'; exit 77; }
    PHX_SSH_SUITE=1 exec unshare -m --propagation private "$0"
fi

phxc=$build/phxc
passed=0 failed=0
bed=$(mktemp -d) || exit
sshd=
finish() {
    [ -z "$sshd" ] || kill "$sshd" 2>/dev/null
    [ -z "${holder-}" ] || kill -9 "$holder" 2>/dev/null
    wait 2>/dev/null
    grep -o " $bed[^ ]*" /proc/self/mounts | sort -r | while read -r point; do umount -l "$point"; done
    rm -rf --one-file-system "$bed"
}
trap finish EXIT
cd "$bed" || exit
export NO_COLOR=1 HOME=$bed XDG_STATE_HOME=$bed/state LC_ALL=C

verdict() {
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        echo "FAIL $2"
        [ -s out ] && tail -n 15 out | cut -c 1-300 | sed 's/^/    out: /'
        [ -s err ] && tail -n 15 err | cut -c 1-300 | sed 's/^/    err: /'
        failed=$((failed + 1))
    fi
}

# run CODE WHAT COMMAND...: the command ends with the code; its outputs are in out and err.
run() {
    local wanted=$1 what=$2 code
    shift 2
    timeout 60 "$@" >out 2>err </dev/null
    code=$?
    [ $code -eq "$wanted" ]
    verdict $? "$what: exit $code, not $wanted"
}

# says FILE PATTERN WHAT
says() {
    grep -qE -- "$2" "$1"
    verdict $? "$3: no /$2/ in $1"
}

# until SECONDS COMMAND...: waits for it to succeed.
until_so() {
    local tries=$(($1 * 20))
    shift
    while ! "$@" >/dev/null 2>&1; do
        [ $((tries--)) -gt 0 ] || return 1
        sleep 0.05
    done
}

# ---- a host behind sshd ----

# host_make FOLDER: a model host into which one can chroot: perl, two shells and what they need are seen in it, and its programs are the
# model's.
host_make() {
    local host=$1 file name
    "$build/sandbox/phx-sandbox" init >/dev/null 2>&1 </dev/null || return
    mkdir -p "$host/model" "$host/usr/local/sbin" "$host/dev" "$host/root"
    mount --bind "$build/sandbox" "$host/model"
    for file in /bin/sh /bin/bash /usr/bin/perl /dev/null; do
        mkdir -p "$host/$(dirname "$file")"
        [ -e "$host/$file" ] || : >"$host/$file"
        mount --bind "$file" "$host/$file"
    done
    # Their libraries, and perl's own modules.
    { ldd /bin/sh /bin/bash /usr/bin/perl "$build/sandbox/pct" | grep -oE '/[^ ]+' | grep -v ':$'; perl -Mstrict -e 'print $INC{"strict.pm"}'; } |
        xargs -n 1 dirname | sort -u | while read -r folder; do
        mkdir -p "$host$folder"
        mount --bind "$folder" "$host$folder"
    done
    for file in "$build"/sandbox/*; do
        name=$(basename "$file")
        printf '#!/bin/sh\nPHX_SANDBOX=/ exec /model/%s "$@"\n' "$name" >"$host/usr/local/sbin/$name"
        chmod 755 "$host/usr/local/sbin/$name"
    done
}

PHX_SANDBOX=$bed/host
export PHX_SANDBOX
host_make "$bed/host"
verdict $? 'no model host could be made'
unset PHX_SANDBOX

# What a session gets instead of a login: the host as its root. What stands in `login` comes first, `trace` has its processes counted.
cat >enter <<END
#!/bin/bash
[ ! -s $bed/login ] || . $bed/login
[ ! -e $bed/trace ] || exec strace -f -qq -e trace=execve,fork,vfork,clone,clone3 -o $bed/traced chroot $bed/host /bin/sh -c "\$SSH_ORIGINAL_COMMAND"
exec chroot $bed/host /bin/sh -c "\$SSH_ORIGINAL_COMMAND"
[ ! -s $bed/login ] || . $bed/login
[ ! -e $bed/trace ] || exec strace -f -qq -e trace=execve,fork,vfork,clone,clone3 -o $bed/traced chroot $bed/host /bin/sh -c "\$SSH_ORIGINAL_COMMAND"
exec chroot $bed/host /bin/sh -c "\$SSH_ORIGINAL_COMMAND"
END
chmod 755 enter
for key in hostkey otherkey userkey strangerkey; do ssh-keygen -q -t ed25519 -N '' -f $key; done
cp userkey.pub authorized
port=$((20000 + $$ % 20000))
cat >sshd_config <<END
ListenAddress 127.0.0.1
Port $port
HostKey $bed/hostkey
AuthorizedKeysFile $bed/authorized
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
ForceCommand $bed/enter
END
# The user's own configuration of ssh, which is that of the account: here it is this one.
mkdir bin
cat >config <<END
Host model
    HostName 127.0.0.1
    Port $port
    User root
Host stranger
    HostName 127.0.0.1
    Port $port
    User root
    IdentityFile $bed/strangerkey
Host gone
    HostName 127.0.0.1
    Port 1
Host slow
    HostName 192.0.2.1
    ProxyCommand sleep 60
    ConnectTimeout 1
Host *
    IdentityFile $bed/userkey
    IdentitiesOnly yes
    UserKnownHostsFile $bed/known
    GlobalKnownHostsFile /dev/null
END
printf '#!/bin/sh\nfor last; do :; done\nprintf "%%s" "$last" >%s/sent\nexec %s -F %s/config "$@"\n' "$bed" "$(command -v ssh)" "$bed" >bin/ssh
chmod 755 bin/ssh
PATH=$bed/bin:$PATH
echo "[127.0.0.1]:$port $(cut -d ' ' -f 1,2 hostkey.pub)" >known
mkdir -p /run/sshd
/usr/sbin/sshd -D -f "$bed/sshd_config" -E "$bed/sshd.log" &
sshd=$!
until_so 10 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"
verdict $? 'sshd does not answer'

# What a host is, line by line, without the books that sandbox and phxc keep, what is only mounted there, and the addresses that a host thinks up.
world() {
    (cd "$1" && find . -xdev \( -path ./var/lib/phx-sandbox -o -path ./run/systemd -o -path ./model -o -path ./usr -o -path ./bin -o -path ./lib \
        -o -path ./lib64 -o -path ./dev -o -path ./var/lib/phxc/journal.ndjson -o -path ./var/lib/phxc/lock \) -prune -o -type f -size +0 -print0 |
        xargs -0 grep -aH '' | sed -E 's/([0-9A-F]{2}:){5}[0-9A-F]{2}/MAC/g; s/"version": *[0-9]+/VERSION/; s/(uuid|vmgenid|ctime)[:=] *[0-9a-f-]+/UNIQUE/' | sort) >"$2"
}

# ---- a whole example: planned, applied, changed by hand, found, repaired ----

site=$root/examples/homelab.phx
run 0 'a plan over ssh' "$phxc" plan "$site" --host ssh:model --format json
"$phxc" plan "$site" --host sandbox:plain --format json >plain.json 2>err
[ -s plain.json ] && [ "$(jq -c .steps out)" = "$(jq -c .steps plain.json)" ]
verdict $? 'the plan over ssh and that of the same host at hand differ'
run 0 'apply over ssh' "$phxc" apply "$site" --host ssh:model --yes
says out '^([0-9]+) of \1 steps done' 'apply over ssh'
run 0 'apply at hand' "$phxc" apply "$site" --host sandbox:plain --yes
world host over && world plain at_hand
diff over at_hand >out
verdict $? 'the host over ssh and the one at hand are not the same afterwards'
run 0 'drift over ssh after apply' "$phxc" drift "$site" --host ssh:model
says out '^Nothing to do' 'drift over ssh after apply'
conf=$(find host/etc/pve/nodes/*/lxc -name '*.conf' | sort | head -n 1)
sed -i 's/^cores: .*/cores: 7/' "$conf"
run 2 'drift over ssh after a change by hand' "$phxc" drift "$site" --host ssh:model
says out 'cores' 'drift over ssh after a change by hand'
run 0 'repair over ssh' "$phxc" apply "$site" --host ssh:model --yes
run 0 'plan after the repair' "$phxc" plan "$site" --host ssh:model --detailed-exitcode

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
