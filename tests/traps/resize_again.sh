# `pct resize` to the size that the volume has is an error, and `qm resize` an error with exit code 0: an attempt that was killed after
# the volume grew and before the settings said so would never come to an end.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param second: bool = false
pve.lxc ct {
  use base.container
  id     = 100
  rootfs = { storage = base.disks, size = if second then 16GiB else 8GiB }
}
pve.vm box {
  use base.machine
  id    = 200
  scsi0 = { storage = base.disks, size = if second then 16GiB else 8GiB }
}
END
apply
wrong die '^."pct","resize"' --set second=true --only pve.lxc.ct
wrong die '^."qm","resize"' --set second=true --only pve.vm.box
expect conf 100 '^rootfs: .*,size=8G$'
expect conf 200 '^scsi0: .*,size=8G$'
attempt --set second=true
expect conf 100 '^rootfs: .*,size=16G$'
expect conf 200 '^scsi0: .*,size=16G$'
settled --set second=true

mutation stdlib/pve/lxc.phx 'the host: conf 100' <<'END'
, absent: 'already at specified size'),
=>
),
END
mutation stdlib/pve/vm.phx 'the host: conf 200' <<'END'
, run(["qm", "disk", "rescan", "--vmid", guest])]
=>
]
END
