# `pct set` and `qm set` move no volume to another storage: what they are told of another one is a volume that is not there.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param moved: bool = false
pve.storage other { id = "other"  type = "dir"  path = "/srv/other"  content = ["rootdir", "images"] }
pve.lxc ct { use base.container  id = 100  rootfs = { storage = if moved then other else base.disks, size = 8GiB } }
pve.vm box { use base.machine  id = 200  scsi0 = { storage = if moved then other else base.disks, size = 8GiB } }
END
apply
refused E0601 --set moved=true --only pve.lxc.ct
refused E0601 --set moved=true --only pve.vm.box

mutation stdlib/pve/lxc.phx 'it is not refused' <<'END'
  storage?: pve.AnyStorage { change = never("a volume moves by hand: `pct move-volume`") }
=>
  storage?: pve.AnyStorage
END
mutation stdlib/pve/drive.phx 'it is not refused' <<'END'
type pve.Drive = {
  /// The storage of the volume.
  storage?: pve.AnyStorage { change = never("a disk moves by hand: `qm disk move`") }
=>
type pve.Drive = {
  /// The storage of the volume.
  storage?: pve.AnyStorage
END
