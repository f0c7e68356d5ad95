# Making a volume and attaching it is one command for Proxmox, but not one moment: killed in between, it leaves a volume that nobody
# has, and the next attempt makes a second one.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param second: bool = false
pve.vm box {
  use base.machine
  id    = 200
  state = "stopped"
  scsi1 = if second then { storage = base.disks, size = 8GiB } else none
}
END
apply
wrong die '^."pvesm","alloc"|^."qm","set"' --set second=true
wrong die '^."pvesm","alloc"|^."qm","set"' --set second=true
attempt --set second=true
on pvesm list disks --vmid 200
expect [ "$(grep -c '^disks:' out)" = 2 ]
settled --set second=true

mutation stdlib/pve/storage.phx 'the host: [' <<'END'
  if kind(storage) == "pve.storage" then storage.type else
=>
  if kind(storage) == "pve.storage" then "" else
END
