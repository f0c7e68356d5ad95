# Part of tests/sandbox/run: backups of guests, and guests from backups.

guests
run pvesm add dir dump --path /srv/dump --content backup
feed 'something in the guest' '' kept pct exec 200 -- install -m 600 -o www-data /dev/stdin /srv/file
log() { "$bin/vzdump" "$@" 2>&1 | sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}/NOW/; s/[0-9]{4}(_[0-9]{2}){2}-[0-9]{2}(_[0-9]{2}){2}/NOW/'; }
same 'a container' "INFO: starting new backup job: vzdump 200 --storage dump --mode snapshot --compress zstd
INFO: Starting Backup of VM 200 (lxc)
INFO: Backup started at NOW
INFO: status = running
INFO: CT Name: web
INFO: including mount point rootfs ('/') in backup
INFO: backup mode: snapshot
INFO: ionice priority: 7
INFO: create storage snapshot 'vzdump'
INFO: creating vzdump archive '/srv/dump/dump/vzdump-lxc-200-NOW.tar.zst'
INFO: Total bytes written: 2007040 (2.0MiB, 120MiB/s)
INFO: archive file size: 1MB
INFO: cleanup temporary 'vzdump' snapshot
INFO: Finished Backup of VM 200 (00:00:01)
INFO: Backup finished at NOW
INFO: Backup job finished successfully" "$(log 200 --storage dump --mode snapshot --compress zstd)"
archive=$("$bin/pvesm" list dump --content backup | awk 'NR == 2 { print $1 }')
same 'it is listed' dump:backup/vzdump-lxc-200 "${archive%%-20[0-9][0-9]_*}"
expect 'it is not locked any more' 'status: running' pct status 200
expect 'a storage that is none' "could not get storage information for 'nosuch': storage 'nosuch' does not exist
[255]" vzdump 200 --storage nosuch
expect 'a storage for other things' "could not get storage information for 'pool': can't use storage 'pool' for backups - wrong content type
[255]" vzdump 200 --storage pool
expect 'a mode that is none' "400 Parameter verification failed.
mode: value 'sometimes' does not have a value in the enumeration 'snapshot, suspend, stop'
vzdump {<vmid>} [OPTIONS]
[2]" vzdump 200 --mode sometimes
expect 'an unknown flag' 'Unknown option: nosuch
400 unable to parse option
vzdump {<vmid>} [OPTIONS]
[2]' vzdump 200 --nosuch 1
same 'nobody of that number' "INFO: starting new backup job: vzdump 999 --storage dump
ERROR: Backup of VM 999 failed - unable to find VM '999'
INFO: Failed at NOW
INFO: Backup job finished with errors
job errors" "$(log 999 --storage dump)"
run vzdump 200 --storage dump --protected 1 --notes-template '{{guestname}} of {{node}}\nby hand'
same 'its notes' 'web of pve
by hand' "$(cat "$PHX_SANDBOX"/srv/dump/dump/*.notes)"
run vzdump 200 --storage dump --prune-backups keep-last=1
run vzdump 200 --storage dump --prune-backups keep-last=1
same 'what is protected stays' 2 "$("$bin/pvesm" list dump --content backup | grep -c lxc-200)"
protected=$(basename "$(ls "$PHX_SANDBOX"/srv/dump/dump/*.protected)" .protected)
expect 'and is not removed by hand' "cannot remove protected archive '/srv/dump/dump/$protected'
[255]" pvesm free "dump:backup/$protected"

# -- back --
feed 'a change after the backup' '' changed pct exec 200 -- install -m 600 -o www-data /dev/stdin /srv/file
same 'the number is taken' 2 "$(code pct restore 200 "dump:backup/$protected" --storage pool)"
same 'it runs' 255 "$(code pct restore 200 "dump:backup/$protected" --storage pool --force 1)"
run pct stop 200
run pct restore 200 "dump:backup/$protected" --storage pool --force 1
run pct start 200
expect 'restored' 'kept' pct exec 200 -- cat /srv/file
expect 'its owner too' 'www-data 600' pct exec 200 -- stat -c '%U %a' /srv/file
run pct restore 201 "dump:backup/$protected" --storage pool --hostname other --unique 1
same 'another one of it' 'hostname: other' "$("$bin/pct" config 201 | grep hostname)"
run pct start 201
expect 'has what it had' 'kept' pct exec 201 -- cat /srv/file
expect 'no such archive' "volume 'dump:backup/vzdump-lxc-200-2020_01_01-00_00_00.tar.zst' does not exist
[255]" pct restore 202 dump:backup/vzdump-lxc-200-2020_01_01-00_00_00.tar.zst --storage pool
same 'a storage that takes no containers' 255 "$(code pct restore 202 "dump:backup/$protected" --storage dump)"

# -- machines --
feed 'something in the machine' '{
   "exitcode" : 0,
   "exited" : 1
}' kept qm guest exec 300 --pass-stdin 1 -- install -m 600 /dev/stdin /srv/file
run pvesh create /nodes/localhost/vzdump --vmid 300 --storage dump --compress zstd
machine=$("$bin/pvesm" list dump --content backup | awk '/qemu-300/ { print $1 }')
run qmrestore "$machine" 301 --storage st --unique 1
run qm start 301
expect 'a machine from its backup' '{
   "exitcode" : 0,
   "exited" : 1,
   "out-data" : "kept"
}' qm guest exec 301 -- cat /srv/file
same 'with a disk of its own' 1 "$("$bin/qm" config 301 | grep -c 'scsi0: st:301/vm-301-disk-0')"
same 'not a container' 255 "$(code pct restore 302 "$machine" --storage pool)"

# -- killed --
PHX_SANDBOX_FAULT=$(next):die
export PHX_SANDBOX_FAULT
timeout 20 "$bin/vzdump" 200 --storage dump > /dev/null 2>&1
same 'killed in the middle' 137 $?
unset PHX_SANDBOX_FAULT
same 'it stays locked' "ERROR: Backup of VM 200 failed - CT is locked (backup)" "$(log 200 --storage dump | grep ERROR)"
run pct unlock 200
same 'unlocked' 0 "$(code vzdump 200 --storage dump)"
