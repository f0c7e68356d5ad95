# Part of tests/sandbox/run: what nobody expects of the real programs, and is known of them; each by the name of its test.

fresh
mkdir -p "$PHX_SANDBOX/var/lib/vz/template/cache" "$PHX_SANDBOX/srv/bind"
tmpl=local:vztmpl/debian-12_amd64.tar.zst
echo x > "$PHX_SANDBOX/var/lib/vz/template/cache/debian-12_amd64.tar.zst"
setting() { sed -n "/^\[/q; s/^$2: //p" "$PHX_SANDBOX"/etc/pve/nodes/pve/*/"$1".conf; }
run pvesm add dir st --path /srv/st --content images,rootdir

# -- containers --
run pct create 100 $tmpl --rootfs st:0.1 --net0 name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp --mp0 st:0.1,mp=/d
same 'created unprivileged where nothing is said' 1 "$(setting 100 unprivileged)"
same 'keys of a card are put in order, a type is added' 'name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp,type=veth' "$(setting 100 net0)"
same 'a new root is written down with its size' 'st:100/vm-100-disk-0.raw,size=102M' "$(setting 100 rootfs)"
run pct start 100
run pct set 100 --memory 600 --features nesting=1
same 'some change at once, some wait' '600 / features: nesting=1' "$(setting 100 memory) /$(sed -n '/pending/,$p' "$PHX_SANDBOX/etc/pve/lxc/100.conf" | sed -n 2p | sed 's/^/ /')"
same 'config shows what waits' 'features: nesting=1' "$("$bin/pct" config 100 | grep features)"
same 'unless it is asked not to' '' "$("$bin/pct" config 100 --current 1 | grep features)"
run pct set 100 --delete mp0
same 'a mount point stays until it is stopped' 'st:100/vm-100-disk-1.raw' "$(setting 100 mp0 | cut -d, -f1)"
same 'start of a running one' 255 "$(code pct start 100)"
same 'destroy of a running one' 255 "$(code pct destroy 100)"
expect 'exec gives the code of its command' '[7]' pct exec 100 -- sh -c 'exit 7'
expect 'exec without two dashes' 'Unknown option: l
400 unable to parse option
pct exec <vmid> [<extra-args>] [OPTIONS]
[2]' pct exec 100 ls -l
same 'push of nothing ends well' 0 "$(code pct push 100 /nosuch /root/x)"
same 'push with bad modes too' 0 "$(code pct push 100 /etc/hostname /root/x --perms 9999)"
run pct stop 100
same 'what waited comes true at the stop' 'nesting=1' "$(setting 100 features)"
same 'the volume is kept as unused' 'st:100/vm-100-disk-1.raw' "$(setting 100 unused0)"
expect 'it is freed when that goes' '' pct set 100 --delete unused0
same 'freed' '' "$("$bin/pvesm" list st | grep disk-1)"
same 'stop, shutdown, reboot, exec of a stopped one' '255 255 255 255' "$(code pct stop 100) $(code pct shutdown 100) $(code pct reboot 100) $(code pct exec 100 -- true)"
run pct set 100 --mp1 st:0.1,mp=/e
run pct set 100 --mp1 st:0.1,mp=/e
same 'each set makes a new volume' 'st:100/vm-100-disk-2.raw st:100/vm-100-disk-1.raw' "$(setting 100 mp1 | cut -d, -f1) $(setting 100 unused0)"
same 'a volume that is missing is accepted' 0 "$(code pct set 100 --mp2 st:100/vm-100-disk-77.raw,mp=/m)"
same 'and found missing at the start' 255 "$(code pct start 100)"
run pct set 100 --delete mp2
same 'resize to the same, smaller, of nothing' '255 255 255' "$(code pct resize 100 rootfs 102M) $(code pct resize 100 rootfs 50M) $(code pct resize 100 mp9 +1G)"
same 'read-only and required' '255 255' "$(code pct set 100 --unprivileged 0) $(code pct set 100 --delete memory)"
same 'delete of what is not set, revert of what does not wait' '0 0' "$(code pct set 100 --delete net7) $(code pct set 100 --revert memory)"
same 'nothing that is known' '255 255' "$(code pct set 100 --delete nosuch) $(code pct set 100 --revert nosuch)"
same 'set and delete at once' 255 "$(code pct set 100 --delete cores --cores 3)"
same 'a missing bridge fails but is written' '2 name=eth1,bridge=vmbr9,hwaddr=BC:24:11:00:00:02,type=veth' "$(code pct set 100 --net1 name=eth1,bridge=vmbr9,hwaddr=BC:24:11:00:00:02) $(setting 100 net1)"
expect 'and shows at the start' "bridge 'vmbr9' does not exist
[255]" pct start 100
same 'create does not look, unless for an mtu' '0 255' "$(code pct create 101 $tmpl --rootfs st:0.1 --net0 name=eth0,bridge=vmbr9) $(code pct create 102 $tmpl --rootfs st:0.1 --net0 name=eth0,bridge=vmbr9,mtu=1400)"
run pct create 103 $tmpl --rootfs st:0.1 --mp0 nosuch:1,mp=/x
same 'a failed create leaves no volume' '' "$("$bin/pvesm" list st | grep vm-103)"
same 'a number that is taken' 2 "$(code pct create 100 $tmpl --rootfs st:0.1)"
run pct create 104 $tmpl --rootfs st:0.1
run pct set 104 --rootfs st:0.2
same 'the root is lost in set' 'st:0.2' "$(setting 104 rootfs)"
same 'a template of it ends well and is none' '0 ' "$(code pct template 104) $(setting 104 template)"
run pct set 101 --lock backup
same 'locked' '255 255 255' "$(code pct set 101 --memory 700) $(code pct start 101) $(code pct destroy 101)"
same 'a wrong digest' 'detected modified configuration - file changed by other user? Try again.' "$("$bin/pct" set 100 --memory 700 --digest 0000000000000000000000000000000000000000 2>&1)"
same 'the right one is that of the file' 0 "$(code pct set 100 --memory 700 --digest "$(sha1sum < "$PHX_SANDBOX/etc/pve/lxc/100.conf" | cut -d' ' -f1)")"
same 'no such guest' '2 2' "$(code pct config 999) $(code pct set 999 --memory 512)"
run pct set 100 --description 'a: b %'
same 'notes are encoded' '#a%3A b %25' "$(head -n 1 "$PHX_SANDBOX/etc/pve/lxc/100.conf")"

# -- machines --
run qm create 200 --memory 128
same 'a boot order of nothing' 'boot: ' "$(grep ^boot "$PHX_SANDBOX/etc/pve/qemu-server/200.conf")"
run qm set 200 --name a
run qm set 200 --name b
same 'gains a blank at each rewrite' 'boot:   ' "$(grep ^boot "$PHX_SANDBOX/etc/pve/qemu-server/200.conf")"
same 'a missing bridge' 0 "$(code qm set 200 --net0 virtio=BC:24:11:00:00:03,bridge=vmbr9)"
run qm set 200 --scsi0 st:0.1
run qm set 200 --scsi0 st:0.1
same 'the old disk is unused' 'st:200/vm-200-disk-0.raw' "$(setting 200 unused0)"
same 'sizes in odd units' 'size=104858K' "$(setting 200 scsi0 | grep -o 'size=.*')"
same 'resize to the same, smaller, of nothing' '0 0 0' "$(code qm resize 200 scsi0 104858K) $(code qm resize 200 scsi0 1M) $(code qm resize 200 scsi9 +1G)"
run qm set 200 --scsi1 st:0
same 'a disk of nothing' 'size=0T' "$(setting 200 scsi1 | grep -o 'size=.*')"
same 'another text about the digest' 'checksum mismatch (file change by other user?)' "$("$bin/qm" set 200 --memory 700 --digest 0000000000000000000000000000000000000000 2>&1 | tail -n 1)"
same 'stop and shutdown of a stopped one, reboot and resume' '0 0 2 2' "$(code qm stop 200) $(code qm shutdown 200) $(code qm reboot 200) $(code qm resume 200)"
run qm set 200 --delete net0
run qm start 200
run qm set 200 --cores 2 --onboot 1
same 'cores wait, onboot does not' ' 1' "$(setting 200 cores) $(setting 200 onboot)"
run qm stop 200
same 'until the stop' 2 "$(setting 200 cores)"

# -- command lines --
expect 'a bare flag takes the next word' '400 not enough arguments
pct create <vmid> <ostemplate> [OPTIONS]
[2]' pct create --start 110 $tmpl
same 'abbreviated, in capitals, with one dash, the last counts' '0 800' "$(code pct set 100 -MEM=700 --memory 800) $(setting 100 memory)"
same 'numbers that are none' '2 2 2 2' "$(code pct set 100 --memory 2.0) $(code pct set 100 --memory 1e3) $(code pct set 100 --memory 0x10) $(code pct set 100 --memory 512M)"
same 'ids that are none' '2 2 2' "$(code pct config 0100) $(code pct config +100) $(code pct config 99)"
same 'words for 1' '0 1' "$(code pct set 100 --onboot YES) $(setting 100 onboot)"
same 'a value may begin with a dash' '#-x' "$(run pct set 100 --description -x; head -n 1 "$PHX_SANDBOX/etc/pve/lxc/100.conf")"
same 'an empty value is no deletion' 2 "$(code pct set 100 --net0 '')"
same 'a path that is not absolute, one that climbs' '0 2' "$(code pct set 100 --mp3 /srv/bind,mp=rel/path) $(code pct set 100 --mp4 /srv/bind,mp=/a/../b)"
run pct set 100 --delete mp3
same 'names of snapshots' '2 2 255 255' "$(code pct snapshot 104 1bad) $(code pct snapshot 104 a) $(code pct snapshot 104 current) $(code pct snapshot 104 vzdump)"
same 'sub-commands may be short' 0 "$(code pvesm statu)"

# -- storages --
same 'remove local' '0 1' "$(code pvesm remove local) $(grep -c '^dir: local' "$PHX_SANDBOX/etc/pve/storage.cfg")"
run pvesm set st --nodes 'pve other'
same 'a blank in nodes is two nodes' 'nodes other,pve' "$(grep -o 'nodes .*' "$PHX_SANDBOX/etc/pve/storage.cfg")"
run pvesm alloc st 100 any-name.raw 8192
same 'a number counts KiB, any name will do' 8388608 "$(stat -c %s "$PHX_SANDBOX/srv/st/images/100/any-name.raw")"
same 'free of nothing' 0 "$(code pvesm free st:100/vm-100-disk-9.raw)"

# -- firewall --
run pvesh create /cluster/firewall/rules --type in --action ACCEPT --enable 1
run pvesh create /cluster/firewall/rules --type in --action DROP --pos 1
same 'the newest is first, off where nothing is said' '|IN DROP IN ACCEPT' "$(grep IN "$PHX_SANDBOX/etc/pve/firewall/cluster.fw" | tr '\n' ' ' | sed 's/ $//')"

# A guest, or a file of the cluster, that another one holds is waited for, in vain after a while; nothing was done then.
fresh
echo '{ "lock_wait": 1 }' > "$PHX_SANDBOX/sandbox.json"
run pvesm add dir st --path /srv/st --content rootdir,images
run pvesh create /nodes/localhost/storage/local/download-url --content vztmpl --filename debian-12-standard_12.7-1_amd64.tar.zst --url http://x.test/debian-12-standard_12.7-1_amd64.tar.zst
run pct create 100 local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst --rootfs st:1
run qm create 101
mkdir -p "$PHX_SANDBOX/run/lock/lxc" "$PHX_SANDBOX/var/lock/qemu-server"
before=$(cat "$PHX_SANDBOX"/etc/pve/nodes/pve/*/10?.conf)
(flock 8; flock 9; sleep 4) 8> "$PHX_SANDBOX/run/lock/lxc/pve-config-100.lock" 9> "$PHX_SANDBOX/var/lock/qemu-server/lock-101.conf" &
sleep 0.2
expect 'a container that is held' "trying to acquire lock...
can't lock file '/run/lock/lxc/pve-config-100.lock' - got timeout
[255]" pct set 100 --memory 1024
expect 'a machine that is held' "trying to acquire lock...
can't lock file '/var/lock/qemu-server/lock-101.conf' - got timeout
[255]" qm start 101
same 'nothing was done' "$before" "$(cat "$PHX_SANDBOX"/etc/pve/nodes/pve/*/10?.conf)"
same 'reading takes nothing' 0 "$(code pct config 100)"
wait
expect 'a container that was held' '' pct set 100 --memory 1024
mkdir -p "$PHX_SANDBOX/etc/pve/priv/lock/file-storage_cfg"
expect 'a file that is held' "trying to acquire cfs lock 'file-storage_cfg' ...
cfs-lock 'file-storage_cfg' error: got lock request timeout
[255]" pvesm add dir other --path /srv/other
rmdir "$PHX_SANDBOX/etc/pve/priv/lock/file-storage_cfg"
