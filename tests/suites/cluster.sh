#!/bin/bash
# A cluster of model hosts: guests that are on another node than they should be are moved, never made anew.
. "$(dirname "$0")/../suite.sh"
cd "$bed" || exit
unset PHX_SANDBOX_FAULT

# node NAME PROGRAM ARGUMENTS...: as somebody does by hand on that node of the cluster `now`.
node() {
    local name=$1 program=$2
    shift 2
    PHX_SANDBOX=$bed/now/nodes/$name "$build/sandbox/$program" "$@"
}

cat >site.phx <<'END'
site "suite" edition 1
param home: "alpha" | "beta" = "alpha"
param memory: size = 1GiB
param file: string = "one"
pve.node alpha { address = 10.0.0.1 }
pve.node beta { address = 10.0.0.2 }
let node = if home == "alpha" then alpha else beta

zfs.pool left { on = alpha  name = "tank"  vdevs = [mirror(["/dev/disk/by-id/a", "/dev/disk/by-id/b"])] }
zfs.pool right { on = beta  name = "tank"  vdevs = [mirror(["/dev/disk/by-id/a", "/dev/disk/by-id/b"])] }
pve.storage disks { on = alpha  id = "disks"  type = "zfspool"  dataset = "tank"  content = ["rootdir", "images"]  after = [left, right] }
pve.image debian { on = alpha  storage = "local"  content = "vztmpl"  file = "debian-12-standard_12.7-1_amd64.tar.zst"  url = "http://x.test/debian-12-standard_12.7-1_amd64.tar.zst"  ignore unpinned_image "a model" }

pve.lxc web {
  on = node  id = 120  from = template(debian)  memory = memory  rootfs = { storage = disks, size = 1GiB }  after = [disks]
  inside { fs.file page { path = "/srv/page"  content = file } }
}
pve.lxc still { on = node  id = 121  from = template(debian)  state = "stopped"  rootfs = { storage = disks, size = 1GiB }  after = [disks] }
pve.vm db { on = node  id = 122  memory = 1GiB  scsi0 = { storage = disks, size = 1GiB }  after = [disks] }
pve.snapshot first { on = node  guest = still  name = "first" }
END

# ---- made, moved, settled, taken back ----

mkdir -p now/cluster
run 0 'the first apply' "$phxc" apply site.phx --host sandbox:now --yes
run 0 'then there is nothing to do' "$phxc" plan site.phx --host sandbox:now --detailed-exitcode
run 2 'drift of guests that are to be elsewhere' "$phxc" drift site.phx --host sandbox:now --set home=beta --set memory=2GiB
says out '3 to move' 'drift shows what moves'
says out '^ +[0-9]+  move +pve.lxc.web +is on pve.node.alpha .* restart$' 'a container that runs is restarted'
says out '^ +\[pve.node.alpha\] pct migrate 120 beta --restart 1$' 'it goes from the node that has it'
says out '^ +\[pve.node.alpha\] pct migrate 121 beta$' 'one that is stopped just goes'
says out '^ +\[pve.node.alpha\] qm migrate 122 beta --online 1 --with-local-disks 1$' 'a machine goes on running'
says out '^ +\[pve.node.beta\] pct set 120 --memory 2048' 'what else differs is changed where it is then'
! grep -qE ' create +pve[.][a-z]+[.][a-z]+ |no longer in the text' out
verdict $? 'nothing is made a second time, nothing is an orphan'
run 0 'the move' "$phxc" apply site.phx --host sandbox:now --yes --set home=beta --set memory=2GiB
says out 'done pve.lxc.web: move' 'the move is done'
run 0 'then there is nothing to do' "$phxc" plan site.phx --host sandbox:now --set home=beta --set memory=2GiB --detailed-exitcode
[ "$(cd now/cluster/nodes && echo */lxc/*.conf */qemu-server/*.conf)" = 'beta/lxc/120.conf beta/lxc/121.conf beta/qemu-server/122.conf' ]
verdict $? 'each guest is on one node'
[ "$(node beta pct status 120), $(node beta pct status 121)" = 'status: running, status: stopped' ] && [ "$(node beta qm status 122)" = 'status: running' ]
verdict $? 'what ran runs, what was stopped is stopped'
[ -f now/nodes/beta/guests/120/srv/page ] && ! [ -e now/nodes/alpha/guests/120 ]
verdict $? 'what stood in a guest went along'
! node alpha zfs list -H -o name -r tank | grep -q /
verdict $? 'no volume stays behind'
run 0 'a change inside, with the move back' "$phxc" apply site.phx --host sandbox:now --yes --set file=two --set memory=2GiB
[ "$(cat now/nodes/alpha/guests/120/srv/page)" = two ]
verdict $? 'what stands in it is changed where it is then'
run 0 'the way back' "$phxc" undo last site.phx --host sandbox:now --yes --set memory=2GiB
says out 'pct migrate 120 beta --restart 1' 'undo moves back'
[ "$(cd now/cluster/nodes && echo */lxc/*.conf */qemu-server/*.conf)" = 'beta/lxc/120.conf beta/lxc/121.conf beta/qemu-server/122.conf' ]
verdict $? 'all are where they were'
[ "$(cat now/nodes/beta/guests/120/srv/page)" = one ]
verdict $? 'what the text says again, and had been there, is written again'
run 0 'the same change' "$phxc" apply site.phx --host sandbox:now --yes --set file=two --set memory=2GiB
moving=$("$phxc" runs site.phx --host sandbox:now | sed -n '$s/ .*//p')
run 0 'the way back, of a text that is back already' "$phxc" undo "$moving" site.phx --host sandbox:now --yes --set home=beta --set memory=2GiB
says out 'fs.file.page .*what there is of it now is not known: take this run back once more' 'what stands in a guest can be looked at when that is back'
run 0 'once more' "$phxc" undo "$moving" site.phx --host sandbox:now --yes --set home=beta --set memory=2GiB
[ "$(cat now/nodes/beta/guests/120/srv/page)" = one ]
verdict $? 'then it is as it was too'
run 0 'a change of it' "$phxc" apply site.phx --host sandbox:now --yes --set home=beta --set memory=2GiB --set file=two
run 0 'the text has another one' "$phxc" undo last site.phx --host sandbox:now --yes --set home=beta --set memory=2GiB --set file=three
says out 'content: what it was is not known, only its digest was written down' 'what nobody knows stays as it is, and is told'
run 0 'the way there again' "$phxc" apply site.phx --host sandbox:now --yes --set file=two --set memory=2GiB
run 0 'and back' "$phxc" undo last site.phx --host sandbox:now --yes --set memory=2GiB
run 0 'undo is a run, and can be taken back' "$phxc" undo last site.phx --host sandbox:now --yes --set home=beta --set memory=2GiB
run 0 'settled on the other side' "$phxc" apply site.phx --host sandbox:now --yes --set memory=2GiB --set file=two

# ---- a saved plan, recorded facts ----

run 0 'a plan is saved' "$phxc" plan site.phx --host sandbox:now --set home=beta --set memory=2GiB --set file=two -o moves.json
run 0 'facts are recorded' "$phxc" inspect site.phx --host sandbox:now --set home=beta --set memory=2GiB --set file=two
cp out facts.json
run 0 'a plan from a host' "$phxc" plan site.phx --host sandbox:now --set home=beta --set memory=2GiB --set file=two
cp out live
run 0 'a plan from facts' "$phxc" plan site.phx --facts facts.json --set home=beta --set memory=2GiB --set file=two
cmp -s live out
verdict $? 'the same plan from the host and from recorded facts'
run 0 'the saved plan' "$phxc" apply moves.json --host sandbox:now --yes
run 0 'the saved plan again' "$phxc" apply moves.json --host sandbox:now --yes

# ---- removed where it is ----

cat >gone.phx <<'END'
site "suite" edition 1
pve.node alpha { address = 10.0.0.1 }
pve.node beta { address = 10.0.0.2 }
absent pve.lxc still { on = alpha  id = 121  allow = "data_loss" }
END
run 0 'a plan to remove' "$phxc" plan gone.phx --host sandbox:now
says out '\[pve.node.beta\] pct destroy 121|^ +pct destroy 121' 'it is removed where it is'

# ---- what must not be touched ----

node alpha qm create 130
node alpha pvesh create /nodes/localhost/storage/local/download-url --content vztmpl --filename debian-12-standard_12.7-1_amd64.tar.zst --url http://x.test/a >/dev/null 2>&1
node alpha pct create 131 local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst --rootfs disks:1 >/dev/null
cat >taken.phx <<'END'
site "suite" edition 1
param number: int = 130
pve.node alpha { address = 10.0.0.1 }
pve.node beta { address = 10.0.0.2 }
pve.lxc new { on = beta  id = number  memory = 1GiB }
END
run 0 'the number of a machine on another node' "$phxc" plan taken.phx --host sandbox:now
says out 'pve.lxc.new.*its name is taken on pve.node.alpha, by something that is no pve.lxc' 'who has it'
! grep -qE 'pct (create|migrate)' out
verdict $? 'nothing is made under a number that is taken'
run 0 "the number of somebody's container on another node" "$phxc" plan taken.phx --host sandbox:now --set number=131
says out 'pve.lxc.new.*exists and carries no stamp of this site' 'whose it is'
! grep -qE 'pct (create|migrate)' out
verdict $? "somebody else's container is not moved"
run 0 'taken over by name' "$phxc" plan taken.phx --host sandbox:now --set number=131 --adopt pve.lxc.new
says out '\[pve.node.alpha\] pct migrate 131 beta' 'what is taken over is moved'
mkdir -p now/cluster/nodes/gamma/lxc
mv now/cluster/nodes/alpha/lxc/131.conf now/cluster/nodes/gamma/lxc/
sed -i 's/"131": { "node": "alpha"/"131": { "node": "gamma"/' now/cluster/.vmlist
run 1 'a node that the site does not have' "$phxc" plan taken.phx --host sandbox:now --set number=131
says err 'E0617.*pve.lxc.new \(131\) is on `gamma`, which is no place of this site' 'which node'
run 1 'nor does an apply make it' "$phxc" apply taken.phx --host sandbox:now --set number=131 --yes

# ---- what the nodes refuse ----

run 0 'settled again' "$phxc" apply site.phx --host sandbox:now --yes --set memory=2GiB --set file=two
refuses() {     # WHAT SAID PROGRAM ARGUMENTS...
    local what=$1 said=$2 program=$3 got
    shift 3
    got=$(node alpha "$program" migrate "$@" 2>&1)
    [ $? -ne 0 ] && [ "$(printf '%s' "$got" | tail -n 1)" = "$said" ]
    verdict $? "$what: $got"
}
refuses 'a container that runs' "can't migrate running container without --online or --restart" pct 120 beta
refuses 'a container that runs, live' 'lxc live migration is currently not implemented' pct 120 beta --online 1
refuses 'a machine that runs' "can't migrate running VM without --online" qm 122 beta
refuses 'a machine with local disks' "can't live migrate attached local disks without with-local-disks option" qm 122 beta --online 1
refuses 'a node that there is not' "no such cluster node 'delta'" pct 121 delta
node alpha pct set 121 --mp0 /srv,mp=/srv
refuses 'a folder of the node' "cannot migrate local bind mount point 'mp0'" pct 121 beta
run 6 'what the node refuses is told' "$phxc" apply site.phx --host sandbox:now --yes --set home=beta --set memory=2GiB --set file=two
says err "cannot migrate local bind mount point 'mp0'" 'in its own words'
run 0 'the others went' "$phxc" plan site.phx --host sandbox:now --set home=beta --set memory=2GiB --set file=two
says out '1 to move' 'one is left'
node alpha pct set 121 --delete mp0
node alpha pvesm set disks --nodes alpha
refuses 'a storage that the other node does not have' "storage 'disks' is not available on node 'beta'" pct 121 beta
node alpha pvesm set disks --delete nodes
node alpha pvesm add dir plain --path /srv/plain --content rootdir,images >/dev/null
node alpha pct create 140 local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst --rootfs disks:1 >/dev/null
node alpha qm create 141 --scsi0 plain:1,format=qcow2 >/dev/null
node alpha qm snapshot 141 before >/dev/null
refuses 'a snapshot that does not go along' "can't migrate local volume 'plain:141/vm-141-disk-0.qcow2': non-migratable snapshot exists" qm 141 beta
node alpha qm create 142 --hostpci0 0000:01:00.0 >/dev/null
refuses 'a device of the node' "can't migrate VM which uses local devices: hostpci0" qm 142 beta

# ---- killed in between ----

run 0 'all on one side' "$phxc" apply site.phx --host sandbox:now --yes --set home=beta --set memory=2GiB --set file=two
for kind in fail lie late die; do
    rm -rf was && cp -a now was
    calls=$(wc -l <now/nodes/beta/var/lib/phx-sandbox/calls)
    for n in 1 2 3; do
        rm -rf now && cp -a was now
        echo "{ \"faults\": \"$((calls + n)):$kind\" }" >now/nodes/beta/sandbox.json
        timeout 120 "$phxc" apply site.phx --host sandbox:now --yes --set memory=2GiB --set file=two >out 2>err </dev/null
        rm now/nodes/beta/sandbox.json
        run 0 "after $kind at call $n" "$phxc" apply site.phx --host sandbox:now --yes --set memory=2GiB --set file=two
        run 0 "settled after $kind at call $n" "$phxc" plan site.phx --host sandbox:now --set memory=2GiB --set file=two --detailed-exitcode
        [ "$(cd now/cluster/nodes && echo */lxc/12?.conf */qemu-server/12?.conf)" = 'alpha/lxc/120.conf alpha/lxc/121.conf alpha/qemu-server/122.conf' ]
        verdict $? "each guest once after $kind at call $n"
    done
    rm -rf now && mv was now
done

suite_end
