#!/bin/bash
# Applying on model hosts: what is done, told, refused and left, whatever goes wrong on the way.
. "$(dirname "$0")/../suite.sh"
cd "$bed" || exit

silent() {
    ! [ -s "$1" ]
    verdict $? "$2: $1 is not empty"
}

# What a host is, without the books that sandbox and phxc keep, without the times at which its services were started, and whatever the order
# in which lines were added to files.
world() {
    (cd "$1" && find . -path ./var/lib/phx-sandbox -prune -o -path ./run/systemd -prune -o -printf '%y %m %p\n' | grep -v '/phxc/\(journal.ndjson\|lock\)$' | sort &&
        find . -path ./var/lib/phx-sandbox -prune -o -path ./run/systemd -prune -o -path ./var/lib/phxc/journal.ndjson -o -type f -size +0 -print |
        grep -v '/phxc/lock$' | sort | while read -r file; do echo "$file $(sort "$file" | sha256sum)"; done) >"$2"
}

cat >site.phx <<'END'
site "suite" edition 1

param app: string = "app"

fs.dir top  { path = "/srv/{app}"  mode = "755" }
fs.dir etc  { path = "/srv/{app}/etc"  mode = "750"  after = [top] }
fs.dir data { path = "/srv/{app}/data"  mode = "700"  owner = "33:33"  after = [top] }
fs.line ids { path = "/etc/subgid"  line = "root:110:1" }
fs.line ids2 { path = "/etc/subgid"  line = "root:44:1" }
END
steps=5

# ---- the main road ----

run 1 'apply without --yes and without a terminal' "$phxc" apply --host sandbox:host
says err 'E0805' 'apply without --yes'
[ ! -e host/srv/app ]
verdict $? 'apply without --yes changed something'
run 0 'plan' "$phxc" plan --host sandbox:host
run 2 'plan --detailed-exitcode' "$phxc" plan --host sandbox:host --detailed-exitcode
run 2 'drift before' "$phxc" drift --host sandbox:host
run 0 'apply' "$phxc" apply --host sandbox:host --yes --jobs 1
says out "^\[1/$steps\] done fs.dir.top: create$" 'apply'
says out "^$steps of $steps steps done\.$" 'apply'
silent err 'apply'
run 0 'drift after' "$phxc" drift --host sandbox:host
says out '^Nothing to do: 5 resources are as written\.$' 'drift after'
run 0 'apply again' "$phxc" apply --host sandbox:host --yes
run 0 'plan --detailed-exitcode after' "$phxc" plan --host sandbox:host --detailed-exitcode
world host reference

run 0 'inspect' "$phxc" inspect --host sandbox:host -o facts.json
silent out 'inspect -o'
run 0 'plan from facts' "$phxc" plan --facts facts.json
says out '^Nothing to do' 'plan from facts'

# The same bytes wherever it is made, with or without a host.
"$phxc" plan --host sandbox:fresh --format json >plan1 2>/dev/null && "$phxc" plan --facts none --format json >plan2 2>/dev/null
[ "$(jq -c .steps plan1)" = "$(jq -c .steps plan2)" ]
verdict $? 'the plan of an empty host and of --facts none differ'

# ---- events and the journal ----

run 0 'apply --events' "$phxc" apply --host sandbox:events --yes --events
[ "$(jq -r 'select(.event == "end") | .done' out)" = $steps ] && [ "$(jq -r '.event' out | head -1)" = start ]
verdict $? 'the events are not JSON lines from start to end'
[ "$(stat -c %a events/var/lib/phxc/journal.ndjson)" = 600 ]
verdict $? 'the journal can be read by others'
cmp -s out events/var/lib/phxc/journal.ndjson
verdict $? 'the journal differs from the events'

mkdir -p nojournal/var/lib/phxc/journal.ndjson
run 1 'a journal that is a folder' "$phxc" apply --host sandbox:nojournal --yes
says err 'E0804.*nothing was done' 'a journal that is a folder'
[ ! -e nojournal/srv/app ]
verdict $? 'something was done without a journal'

printf '{"half' >events/var/lib/phxc/journal.ndjson
run 0 'a journal with half a line' "$phxc" apply --host sandbox:events --yes --set app=other
[ "$(grep -c . events/var/lib/phxc/journal.ndjson)" -gt 5 ] && tail -n +2 events/var/lib/phxc/journal.ndjson | jq -e . >/dev/null
verdict $? 'a new line was glued to half a line of the journal'

# Past 4 MiB the next run begins a journal of its own; the one before is kept, the one before that is not, and that is said.
long_journal() {
    yes '{"of": "another program, which is passed over: it is no line of ours", "filler": "........................................"}' | head -c 4300000 >>long/var/lib/phxc/journal.ndjson
}
run 0 'a first run' "$phxc" apply --host sandbox:long --yes
run 0 'its runs' "$phxc" runs --host sandbox:long
first=$(cut -c 1-16 out)
! grep -q 'not kept' out
verdict $? 'runs are said not to be kept, and are'
long_journal
run 0 'a run beside a long journal' "$phxc" apply --host sandbox:long --yes --set app=second
[ "$(stat -c %a long/var/lib/phxc/journal.1.ndjson)" = 600 ] && [ "$(stat -c %s long/var/lib/phxc/journal.ndjson)" -lt 100000 ]
verdict $? 'the long journal was not turned'
run 0 'runs in two journals' "$phxc" runs --host sandbox:long
[ "$(grep -cE '^[0-9a-f]{16} ' out)" = 2 ] && ! grep -q 'not kept' out
verdict $? 'not both runs are there, or a third is missed'
run 0 'a run of the older journal is taken back' "$phxc" undo "$first" --host sandbox:long --yes
[ ! -e long/srv/app ] && [ -e long/srv/second ]
verdict $? 'what a run of the older journal did is still there'
long_journal
run 0 'a run beside another long journal' "$phxc" apply --host sandbox:long --yes --set app=third
run 0 'runs that are kept' "$phxc" runs --host sandbox:long
[ "$(grep -cE '^[0-9a-f]{16} ' out)" = 3 ] && ! grep -q "^$first" out
verdict $? 'the oldest run is still there, or another is missing'
says out '^Runs before [0-9-]{10} [0-9:]{8} UTC are not kept any more$' 'runs that are kept'
run 1 'a run that is not kept' "$phxc" undo "$first" --host sandbox:long --yes
says err 'E0814' 'a run that is not kept'
says err 'note: runs before [0-9-]{10} [0-9:]{8} UTC are not kept any more' 'a run that is not kept'

# ---- one at a time ----

# holder FOLDER N: an apply that hangs in its N-th call, with the lock. Its process is in pid.
holder() {
    PHX_SANDBOX_FAULT=$2:hang "$phxc" apply --host "sandbox:$1" --yes >held 2>&1 </dev/null &
    pid=$!
    for ((i = 0; i < 400; i++)); do
        [ "$(wc -l 2>/dev/null <"$1/var/lib/phx-sandbox/calls")" -ge "$2" ] 2>/dev/null && return
        sleep 0.02
    done
    verdict 1 "an apply that should hang in call $2 did not come that far"
}

# As the kernel ends it without a word; then the program that hangs, which nobody waits for any more.
holder_kill() {
    local children
    children=$(pgrep -P $pid)
    kill -KILL $pid
    wait $pid 2>/dev/null
    # a list of numbers
    # shellcheck disable=SC2086
    [ -z "$children" ] || kill -KILL $children 2>/dev/null
}

# How many programs a whole run calls.
calls=$(wc -l <host/var/lib/phx-sandbox/calls)
"$phxc" apply --host sandbox:count --yes >/dev/null 2>&1
calls=$(wc -l <count/var/lib/phx-sandbox/calls)
"$phxc" plan --host sandbox:count2 >/dev/null 2>&1
reads=$(wc -l <count2/var/lib/phx-sandbox/calls)
[ "$calls" -gt "$((reads + steps))" ]
verdict $? "an apply makes $calls calls and a plan $reads"

holder locked $((reads + 2))
run 7 'a second apply' "$phxc" apply --host sandbox:locked --yes
says err 'E0803.*is locked' 'a second apply'
says err "its holder is: phxc apply of site suite, process $pid" 'a second apply'
run 7 'a second apply that waits a little' "$phxc" apply --host sandbox:locked --yes --lock-timeout 300ms
run 0 'a plan beside an apply' "$phxc" plan --host sandbox:locked
holder_kill
run 0 'an apply after the first was killed' "$phxc" apply --host sandbox:locked --yes --lock-timeout 5s
world locked now
cmp -s now reference
verdict $? 'the world after a killed apply and another differs'

# ---- what another one holds ----

cat >held.phx <<'END'
site "held" edition 1
param memory: size = 1GiB
param tries: int = 3
pve.image debian { storage = "local"  content = "vztmpl"  file = "debian-12-standard_12.7-1_amd64.tar.zst"  url = "http://x.test/debian-12-standard_12.7-1_amd64.tar.zst"  ignore unpinned_image "a model" }
pve.storage disks { id = "disks"  type = "dir"  path = "/srv/disks"  content = ["rootdir"] }
pve.lxc web { id = 120  from = template(debian)  memory = memory  rootfs = { storage = disks, size = 1GiB }  retry = tries }
pve.storage more { id = "more"  type = "dir"  path = "/srv/more"  content = ["backup"] }
END
mkdir busy
echo '{ "lock_wait": 1 }' >busy/sandbox.json
run 0 'a container' "$phxc" apply held.phx --host sandbox:busy --yes
# hold SECONDS: somebody has the container for that long.
hold() { flock busy/run/lock/lxc/pve-config-120.lock sleep "$1" & sleep 0.1; }
# told_again: waits until the apply whose output is in `out` has told that it tries again.
told_again() {
    for ((i = 0; i < 600; i++)); do
        ! grep -q '^again' out 2>/dev/null || return 0
        sleep 0.1
    done
}
rm -f out
hold 100
holder=$!
(told_again; pkill -P $holder) &
run 0 'a guest that another one holds for a while' "$phxc" apply held.phx --host sandbox:busy --yes --set memory=2GiB
says out "^again in 1s pve.lxc.web: set, after try 1 of 4: can't lock file '/run/lock/lxc/pve-config-120.lock' - got timeout\$" 'each try is told'
says out '^1 of 1 steps done' 'then it is done'
[ "$(grep -c '"state": "again".*"try": 1, "tries": 4, "pause_ms": 1000' busy/var/lib/phxc/journal.ndjson)" -eq 1 ]
verdict $? 'each try is in the journal'
grep -q '^memory: 2048' busy/etc/pve/lxc/120.conf
verdict $? 'the container was changed'
wait
hold 5
run 6 'a guest that is not tried again' "$phxc" apply held.phx --host sandbox:busy --yes --set memory=3GiB --set tries=0
! grep -q '^again' out
verdict $? 'who wants no second try gets none'
says err 'pve.lxc.web: set: exit code 255$' 'the first failure is the last'
wait
hold 20
holder=$!
run 6 'a guest that is held for longer' "$phxc" apply held.phx --host sandbox:busy --yes --set memory=3GiB --set tries=1 --events
[ "$(grep -c '"state": "again"' out)" -eq 1 ]
verdict $? 'as many tries in the events as there were'
says out '"state": "failed".*"problem": "exit code 255, at try 2 of 2"' 'how many tries there were'
run 130 'a wait for another try' timeout --preserve-status -s INT 2 "$phxc" apply held.phx --host sandbox:busy --yes --set memory=3GiB
pkill -P $holder
wait
PHX_SANDBOX=busy "$build/sandbox/pvesm" remove more
mkdir -p busy/etc/pve/priv/lock/file-storage_cfg
rm -f out
(told_again; rmdir busy/etc/pve/priv/lock/file-storage_cfg) &
run 0 'a file of the cluster that another one holds' "$phxc" apply held.phx --host sandbox:busy --yes --set memory=2GiB
says out "^again in 1s pve.storage.more: create, after try 1 of 4: cfs-lock 'file-storage_cfg' error: got lock request timeout\$" 'of the file, too'

# ---- interrupts ----

holder stopped $((reads + 2))
kill -INT $pid
sleep 0.2
kill -0 $pid 2>/dev/null
verdict $? 'one interrupt ended an apply in the middle of a command'
kill -INT $pid
wait $pid
code=$?
[ $code -eq 130 ]
verdict $? "two interrupts: exit $code, not 130"
grep -q '^phxc: interrupted' held && grep -q 'stopped' held
verdict $? 'two interrupts: no step was stopped'
run 0 'an apply after an interrupt' "$phxc" apply --host sandbox:stopped --yes
world stopped now
cmp -s now reference
verdict $? 'the world after an interrupted apply and another differs'

# ---- every call goes wrong once ----

for kind in fail lie die; do
    for ((n = 1; n <= calls; n++)); do
        rm -rf broken
        PHX_SANDBOX_FAULT=$n:$kind timeout 60 "$phxc" apply --host sandbox:broken --yes >out 2>err </dev/null
        code=$?
        case $code in
            0) ;;
            1) [ $n -le "$reads" ] ;;
            6) grep -q '^error\[E080[12]\].*fs\.' err && grep -qE -- '^ *--> site.phx:[0-9]+:' err && grep -q 'goes on with the rest' out ;;
            *) false ;;
        esac
        verdict $? "call $n: $kind: exit $code"
        run 0 "call $n: $kind: the next apply" "$phxc" apply --host sandbox:broken --yes
        world broken now
        cmp -s now reference
        verdict $? "call $n: $kind: the world differs after the next apply"
    done
done
for ((n = reads + 1; n <= calls; n++)); do
    rm -rf broken
    holder broken $n
    holder_kill
    run 0 "killed at call $n: the next apply" "$phxc" apply --host sandbox:broken --yes
    world broken now
    cmp -s now reference
    verdict $? "killed at call $n: the world differs after the next apply"
done

# ---- output that is lost ----

"$phxc" plan --facts none >/dev/full 2>err </dev/null
code=$?
[ $code -eq 1 ] && grep -q 'standard output cannot be written: No space left' err
verdict $? "a full disk behind plan: exit $code"
"$phxc" plan --facts none 2>err </dev/null | true
code=${PIPESTATUS[0]}
! [ -s err ]
verdict $? "a closed pipe behind plan is worth no words (exit $code)"
rm -rf piped
"$phxc" apply --host sandbox:piped --yes 2>err </dev/null | head -n 1 >/dev/null
world piped now
cmp -s now reference
verdict $? 'an apply whose reader went away did not finish'

# A disk that can't be written: root may do what modes forbid, so it takes a mount of its own.
if unshare -m true 2>/dev/null; then
    "$phxc" plan --host sandbox:frozen >/dev/null 2>&1
    world frozen before
    # the inner shell fills it in
    # shellcheck disable=SC2016
    run 1 'a host on a read-only disk' unshare -m sh -c 'mount --bind frozen frozen && mount -o remount,ro,bind frozen &&
        cd frozen/.. && exec "$0" apply --host sandbox:frozen --yes' "$phxc"
    says err '^error\[E0804\].*Read-only file system' 'a host on a read-only disk'
    world frozen now
    cmp -s now before
    verdict $? 'a host on a read-only disk was changed'
    # likewise
    # shellcheck disable=SC2016
    run 1 'a journal on a full disk' unshare -m sh -c 'mkdir -p full/var/lib/phxc && mount -t tmpfs -o size=8k none full/var/lib/phxc && echo >full/var/lib/phxc/lock &&
        head -c 8192 /dev/zero >full/var/lib/phxc/filler; exec "$0" apply --host sandbox:full --yes' "$phxc"
    says err '^error\[E0804\]: nothing was done: the journal in full/var/lib/phxc cannot be written: No space left' 'a journal on a full disk'
    [ ! -e full/srv/app ]
    verdict $? 'something was done without a journal on a full disk'
    mkdir output
    # likewise
    # shellcheck disable=SC2016
    run 1 'plan -o to a read-only disk' unshare -m sh -c 'mount --bind output output && mount -o remount,ro,bind output &&
        exec "$0" plan --facts none -o output/plan.txt' "$phxc"
    says err '^error\[E0707\].*Read-only file system' 'plan -o to a read-only disk'
else
    skipped=$((skipped + 1))
fi
run 1 'plan -o into a folder that is missing' "$phxc" plan --facts none -o missing/plan.txt
says err 'E0707.*missing/plan.txt cannot be written: No such file' 'plan -o into a folder that is missing'
echo old >kept.txt
run 0 'plan -o over a file' "$phxc" plan --facts none -o kept.txt
[ -n "$(grep 'Plan for site' kept.txt)" ] && [ "$(find . -maxdepth 1 -name '.*phxc*')" = '' ]
verdict $? 'plan -o left something behind'

# ---- what a command line can hold ----

run 64 'no command' "$phxc"
run 64 'an unknown command' "$phxc" $'pl\033[2Jan'
run 64 'an unknown option' "$phxc" plan --hots x
says err 'did you mean --host\?' 'an unknown option'
run 64 'an empty operand list' "$phxc" explain
run 1 'a site that is missing' "$phxc" check missing.phx
run 1 'a site that is a folder' "$phxc" check /
run 1 'a host that is a file' "$phxc" plan --host sandbox:site.phx
says err 'E0705' 'a host that is a file'
run 1 'a host with a long name' "$phxc" plan --host "sandbox:$(printf 'x%.0s' {1..5000})"
run 1 'a host over ssh' "$phxc" plan --host ssh:root@example
says err 'E0705.*ssh:root@example' 'a host over ssh'
run 1 'a host of no kind' "$phxc" plan --host frob
run 1 'an unknown node' "$phxc" plan --host nobody=sandbox:x
says err 'E0703' 'an unknown node'
run 1 'facts that are missing' "$phxc" plan --facts missing.json
says err 'E0706' 'facts that are missing'
run 1 'facts that are no JSON' "$phxc" plan --facts site.phx
run 1 'a parameter that the site does not have' "$phxc" check --set nobody=1

# Requests: the model's network answers, never the real one.
cat >request.phx <<'END'
site "request" edition 1

schema web.page {
  identity = "{path}"
  path: path { change = create }
  url: string { change = create }
  read   = { pages = run(["cat", "--", "/srv/pages"], absent: "No such file") }
  found  = { line: { path = line } for line in lines(raw.pages ?? "") }
  create = [wait(http("GET", url), 10s), http("POST", url, body: "x"), write("/srv/pages", "{path}\n")]
  delete = [run(["rm", "--", "/srv/pages"])]
}

param url: string
web.page a { path = "/a"  url = url }
END
mkdir requests
echo '{"endpoints": [{"url": "http://slow.test/", "after": 2}, {"url": "http://bad.test/", "status": 500, "body": "no way"}]}' >requests/sandbox.json
run 0 'a wait asks until there is an answer' "$phxc" apply request.phx --host sandbox:requests --yes --set url=http://slow.test/
[ "$(grep -c phx-endpoint requests/var/lib/phx-sandbox/calls)" -eq 4 ]
verdict $? 'refused twice, then the wait and the request are answered'
rm requests/srv/pages
sed -i 's/wait(.*10s), //' request.phx
run 6 'a status that is no success' "$phxc" apply request.phx --host sandbox:requests --yes --set url=http://bad.test/
says err 'HTTP status 500' 'which status'
says err 'no way' 'what was answered'
run 6 'nobody there' "$phxc" apply request.phx --host sandbox:requests --yes --set url=http://10.9.9.9:81/
says err 'Failed to connect to 10.9.9.9 port 81' 'who was asked'

suite_end
