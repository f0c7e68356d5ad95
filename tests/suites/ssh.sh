#!/bin/bash
# Hosts over ssh: a real sshd on loopback, behind which a model host is the root of everything: what is planned, applied, changed by hand,
# found, repaired, cut off in the middle and refused there.
. "$(dirname "$0")/../suite.sh"
need check sshd ssh strace perl
# What sshd shows as a host is mounted together.
own -m --propagation private
sshd=
leave() {
    [ -z "$sshd" ] || kill "$sshd" 2>/dev/null
    [ -z "${holder-}" ] || kill -9 "$holder" 2>/dev/null
    wait 2>/dev/null
    grep -o " $bed[^ ]*" /proc/self/mounts | sort -r | while read -r point; do umount -l "$point"; done
}
cd "$bed" || exit
# What this machine's own phxc keeps is not to be written in.
mkdir -p /var/lib/phxc
mount -t tmpfs none /var/lib/phxc || exit

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
    PHX_SANDBOX=$host "$build/sandbox/phx-sandbox" init >/dev/null 2>&1 </dev/null || return
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

for host in host other; do
    host_make "$bed/$host"
    verdict $? 'no model host could be made'
done

# What a session gets instead of a login: a host as its root, which one by the port. What stands in `login` comes first, `trace` has its
# processes counted.
port=$((20000 + $$ % 20000))
cat >enter <<END
#!/bin/bash
root=$bed/host
[ "\${SSH_CONNECTION##* }" = $port ] || root=$bed/other
[ ! -s $bed/login ] || . $bed/login
[ ! -e $bed/trace ] || exec strace -f -qq -e trace=execve,fork,vfork,clone,clone3 -o $bed/traced chroot \$root /bin/sh -c "\$SSH_ORIGINAL_COMMAND"
exec chroot \$root /bin/sh -c "\$SSH_ORIGINAL_COMMAND"
END
chmod 755 enter
for key in hostkey otherkey userkey strangerkey; do ssh-keygen -q -t ed25519 -N '' -f $key; done
cp userkey.pub authorized
cat >sshd_config <<END
ListenAddress 127.0.0.1
Port $port
Port $((port + 1))
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
Host other
    HostName 127.0.0.1
    Port $((port + 1))
    User nobody
Host stranger
    HostName 127.0.0.1
    Port $port
    User root
    IdentityFile $bed/strangerkey
Host gone
    HostName 127.0.0.1
    Port 1
Host * !stranger
    IdentityFile $bed/userkey
Host *
    IdentitiesOnly yes
    UserKnownHostsFile $bed/known
    GlobalKnownHostsFile /dev/null
END
printf '#!/bin/sh\necho "$@" | cut -c 1-2000 >>%s/lines\nexec %s -F %s/config "$@"\n' "$bed" "$(command -v ssh)" "$bed" >bin/ssh
chmod 755 bin/ssh
PATH=$bed/bin:$PATH
for each in $port $((port + 1)); do echo "[127.0.0.1]:$each $(cut -d ' ' -f 1,2 hostkey.pub)"; done >known
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

# ---- what is asked of a host costs no process a guest ----

cat >small.phx <<END
site "small" edition 1
param app: string = "app"
fs.dir top { path = "/srv/{app}"  mode = "755" }
fs.file page { path = "/srv/{app}/page"  content = "hello\n"  mode = "640"  after = [top] }
fs.line ids { path = "/etc/subgid"  line = "root:44:1" }
END
cat >guests.phx <<END
site "guests" edition 1
pve.lxc one { id = 1000  from = template("local:vztmpl/x.tar.zst")  rootfs = { storage = "local", size = 8GiB } }
END
# processes WHAT: how many were made on the host is in `made`.
processes() {
    : >trace
    run 0 "$1" "$phxc" inspect guests.phx --host ssh:model
    rm trace
    made=$(grep -cE '(clone|clone3|fork|vfork)\(' traced)
}
processes 'an inspection'
few=$made
for ((id = 2000; id < 3000; id++)); do
    printf 'arch: amd64\ncores: 1\nhostname: g%d\nmemory: 512\nrootfs: local:%d/vm-%d-disk-0.raw,size=8G\n' $id $id $id >"$(dirname "$conf")/$id.conf"
done
processes 'an inspection of a thousand guests'
[ "$few" -gt 0 ] && [ "$made" -eq "$few" ]
verdict $? "an inspection makes $few processes on the host, and $made with 1,000 guests more"
rm "$(dirname "$conf")"/2???.conf

# ---- one at a time, and a connection that is cut ----

# hang NAME: an apply in the background whose call of this number hangs on the host; its process is in holder.
hang() {
    rm -f host/var/lib/phxc/journal.ndjson
    echo "{\"faults\": \"$(($(wc -l <host/var/lib/phx-sandbox/calls) + $2)):hang\"}" >host/sandbox.json
    "$phxc" apply small.phx --host ssh:model --yes --jobs 1 --set app="$1" >held.out 2>held.err </dev/null &
    holder=$!
    until_so 20 test -d "host/srv/$1"
    until_so 20 grep -q ' plan [0-9a-f]' host/var/lib/phxc/lock
}
# Ends what hangs on the host: the only programs whose model is the root.
release() {
    echo '{}' >host/sandbox.json
    for pid in $(grep -lsz '^PHX_SANDBOX=/$' /proc/[0-9]*/environ | cut -d / -f 3); do kill "$pid"; done
}
calls_before=$(wc -l <host/var/lib/phx-sandbox/calls)
run 0 'apply of a small site' "$phxc" apply small.phx --host ssh:model --yes --jobs 1 --set app=first
# Its last call is a look at what was done; the one before hangs.
calls_made=$(($(wc -l <host/var/lib/phx-sandbox/calls) - calls_before))
middle=$((calls_made - 1))

hang held $middle
run 7 'a second apply' "$phxc" apply small.phx --host ssh:model --yes
says err "its holder is: phxc apply of site small, process $holder of root on .*, since .*, plan [0-9a-f]{64}" 'a second apply'
run 7 'a second apply that waits a little' "$phxc" apply small.phx --host ssh:model --yes --lock-timeout 1s
run 0 'a plan beside an apply' "$phxc" plan small.phx --host ssh:model
# What hangs there outlives whoever started it, and so does the lock.
kill -9 "$holder"
wait "$holder" 2>/dev/null
holder=
run 7 'an apply while what a killed one started still runs' "$phxc" apply small.phx --host ssh:model --yes
release
run 0 'an apply once that has ended' "$phxc" apply small.phx --host ssh:model --yes --set app=held --lock-timeout 10s
run 0 'a plan after it' "$phxc" plan small.phx --host ssh:model --set app=held --detailed-exitcode

hang cut $middle
# The server's end of it goes, as if the network were gone.
for pid in $(pgrep -P "$sshd"); do kill -9 "$pid"; done
wait "$holder"
[ $? -eq 6 ]
verdict $? 'an apply whose connection is cut does not end with 6'
holder=
cp held.out out && cp held.err err
says err 'the connection to ssh:model was cut' 'a cut connection'
says out '^[01] of 2 steps done, 1 failed' 'a cut connection'
release
run 0 'an apply after the cut' "$phxc" apply small.phx --host ssh:model --yes --set app=cut --lock-timeout 10s
run 0 'a plan after that' "$phxc" plan small.phx --host ssh:model --set app=cut --detailed-exitcode
[ -d /var/lib/phxc/ssh ] && [ -z "$(ls -A /var/lib/phxc/ssh)" ]
verdict $? 'the socket of a connection is left behind'

# ---- requests go out from the host ----

perl -MIO::Socket::INET -e '
    $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:0") or die;
    open $file, ">", "web.port"; print $file $listener->sockport; close $file;
    while ($c = $listener->accept) {
        while (<$c>) { last if /^\r$/ }
        print $c "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"; close $c;
    }' &
web=$!
until_so 10 test -s web.port
cat >asks.phx <<END
site "asks" edition 1
param port: port
fs.dir trigger { path = "/srv/asks-{port}"  mode = "755" }
check.http web { url = "http://127.0.0.1:{port}/"  body = "hello"  after = [trigger]  within = 1s }
END
: >lines
run 0 'a request from the host' "$phxc" apply asks.phx --host ssh:model --yes --set port="$(cat web.port)"
says lines "-W 127\.0\.0\.1:$(cat web.port) " 'a request from the host'
kill $web
run 6 'a request that nobody answers there' "$phxc" apply asks.phx --host ssh:model --yes --set port=1
says err 'seen from the host, nobody answers there' 'a request that nobody answers there'

# ---- what stands in a guest, and several nodes ----

cat >nested.phx <<END
site "nested" edition 1
pve.storage disks { id = "nested"  type = "dir"  path = "/srv/nested"  content = ["rootdir"] }
pve.lxc web {
  id     = 700
  from   = template("local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst")
  rootfs = { storage = disks, size = 8GiB }
  inside {
    fs.dir data { path = "/srv/data"  mode = "750" }
    fs.file note { path = "/srv/data/it's a \$(note)"  content = "inside\n"  mode = "640"  after = [data] }
  }
}
END
run 0 'a site inside of a guest' "$phxc" apply nested.phx --host ssh:model --yes
[ "$(cat "host/guests/700/srv/data/it's a \$(note)")" = inside ]
verdict $? 'the file in the guest is not there'
run 0 'a plan of what is inside' "$phxc" plan nested.phx --host ssh:model --detailed-exitcode
rm "host/guests/700/srv/data/it's a \$(note)"
run 2 'drift inside of a guest' "$phxc" drift nested.phx --host ssh:model

cat >nodes.phx <<END
site "nodes" edition 1
pve.node one { address = 10.0.0.11 }
pve.node two { address = 10.0.0.12 }
fs.dir first { path = "/srv/at_one"  mode = "755"  on = one }
fs.dir second { path = "/srv/at_two"  mode = "755"  on = two  after = [first] }
END
run 0 'two nodes' "$phxc" apply nodes.phx --host one=ssh:model --host "two=ssh:root@other" --yes
[ -d host/srv/at_one ] && [ -d other/srv/at_two ] && ! [ -e host/srv/at_two ] && ! [ -e other/srv/at_one ]
verdict $? 'the folders of two nodes are not each on its own'
run 0 'a plan of two nodes' "$phxc" plan nodes.phx --host one=ssh:model --host two=ssh:root@other --detailed-exitcode

# ---- hosts that can't be reached ----

run 1 'nobody there' "$phxc" plan small.phx --host ssh:gone
says err 'E0705.*`ssh:gone`.*Connection refused' 'nobody there'
says err 'is sshd running there' 'nobody there'
run 1 'a name that nobody knows' "$phxc" plan small.phx --host ssh:root@no-such-host.invalid
says err 'E0705.*Could not resolve hostname' 'a name that nobody knows'
run 1 'a key that is not let in' "$phxc" plan small.phx --host ssh:stranger
says err 'E0705.*Permission denied' 'a key that is not let in'
says err 'ssh-add' 'a key that is not let in'
mv known good
: >known
run 1 'a host key that is not known' "$phxc" plan small.phx --host ssh:model
says err 'E0705.*its host key is unknown or not trusted' 'a host key that is not known'
[ ! -s known ]
verdict $? 'a host key was accepted'
echo "[127.0.0.1]:$port $(cut -d ' ' -f 1,2 otherkey.pub)" >known
run 1 'a host key that has changed' "$phxc" plan small.phx --host ssh:model
says err 'E0705.*its host key has changed' 'a host key that has changed'
says err 'ssh-keygen -R' 'a host key that has changed'
mv good known
run 1 'a destination that is an option' "$phxc" plan small.phx --host ssh:-oProxyCommand=true
says err 'E0702.*begins with a -' 'a destination that is an option'
echo 'exit 3' >login
run 1 'a login that ends at once' "$phxc" plan small.phx --host ssh:model
says err 'E0705.*exit code 3' 'a login that ends at once'

# ---- a long journal ----

# Past 4 MiB the far end begins another, and keeps the one before.
rm login
before=$("$phxc" runs small.phx --host ssh:model | grep -cE '^[0-9a-f]{16} ')
head -c 4300000 /dev/zero | tr '\0' '\n' >>host/var/lib/phxc/journal.ndjson
run 0 'a run beside a long journal' "$phxc" apply small.phx --host ssh:model --yes --set app=longer
[ "$(stat -c '%a %s' host/var/lib/phxc/journal.1.ndjson | cut -c 1-5)" = '600 4' ] && [ "$(stat -c %s host/var/lib/phxc/journal.ndjson)" -lt 100000 ]
verdict $? 'the long journal was not turned'
head -n 1 host/var/lib/phxc/journal.ndjson | jq -e '.event == "older" and (.time | test("^20[0-9-]{8}T[0-9:]{8}[.]000Z$"))' >/dev/null
verdict $? 'that there is an older one is not told'
run 0 'runs in two journals' "$phxc" runs small.phx --host ssh:model
[ "$(grep -cE '^[0-9a-f]{16} ' out)" -eq $((before + 1)) ] && ! grep -q 'not kept' out
verdict $? 'a run is missing, or one is missed'
rm host/var/lib/phxc/journal.1.ndjson
run 0 'runs that are kept' "$phxc" runs small.phx --host ssh:model
[ "$(grep -cE '^[0-9a-f]{16} ' out)" -eq 1 ] && grep -q '^Runs before .* are not kept any more$' out
verdict $? 'what is not kept is not told'

# ---- hosts on which not everything is possible ----

echo "exec chroot --userspec=65534:65534 $bed/host /bin/sh -c \"\$SSH_ORIGINAL_COMMAND\"" >login
run 1 'a user who is not root' "$phxc" plan "$site" --host ssh:model
says err 'Permission denied \(as [^ ]*, who is not root there\)' 'a user who is not root'
rm login
mount -t tmpfs -o size=4k none host/var/lib/phxc
head -c 4096 /dev/zero >host/var/lib/phxc/filler 2>/dev/null
run 1 'a full disk' "$phxc" apply small.phx --host ssh:model --yes --set app=full
says err 'E0804.*No space left on device' 'a full disk'
mount -o remount,ro host/var/lib/phxc
run 1 'a disk that cannot be written' "$phxc" apply small.phx --host ssh:model --yes --set app=full
says err 'E0804.*Read-only file system' 'a disk that cannot be written'
umount host/var/lib/phxc
[ ! -e host/srv/full ]
verdict $? 'something was done without a journal'

suite_end
