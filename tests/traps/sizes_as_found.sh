# The sizes of disks stand in the file as they came about: 8G as `8388608K`, `size=0T` for a disk of nothing.
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
sed -i 's/size=8G/size=8388608K/' host/etc/pve/qemu-server/200.conf
settled
on qm set 200 --scsi1 disks:0
expect conf 200 'size=0T'
settled
apply --set second=true
expect conf 200 '^scsi1: .*size=8G'
settled --set second=true

mutation lang/number.c 'plan after apply' <<'END'
        const char *powers = "KMGTPE";
=>
        const char *powers = "?MGTPE";
END
