# `pct set --mp0 STORAGE:SIZE` and `qm set --scsi1 STORAGE:SIZE` make a new volume each time they are run, also for a slot that has one.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param second: bool = false
pve.lxc ct {
  use base.container
  id    = 100
  state = "stopped"
  mp0   = { storage = base.disks, size = 8GiB, mp = "/data", backup = second }
}
pve.vm box {
  use base.machine
  id    = 200
  scsi1 = { storage = base.disks, size = 8GiB, discard = if second then "on" else "ignore" }
}
END
apply
attempt --set second=true
expect conf 100 '^mp0: disks:100/vm-100-disk-1[.]raw,mp=/data,backup=1,size=8G$'
expect not conf 100 '^unused'
expect conf 200 '^scsi1: disks:200/vm-200-disk-1[.]raw,discard=on,size=8G$'
expect not conf 200 '^unused'
settled --set second=true

mutation stdlib/pve/lxc.phx 'the host: conf 100' <<'END'
  if mount.storage == none or mount.volume != none then mount
=>
  if mount.storage == none then mount
  else if mount.volume != none then pve.new_volume(mount with { volume = none })
END
mutation stdlib/pve/vm.phx 'the host: conf 200' <<'END'
fn pve.plugged(id: int, slot: string, disk: json): json =
  if disk.storage == none or disk.volume != none then disk
=>
fn pve.plugged(id: int, slot: string, disk: json): json =
  if disk.storage == none then disk
END
