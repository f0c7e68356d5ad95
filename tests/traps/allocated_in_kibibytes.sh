# `pvesm alloc STORE ID NAME 8192` makes a volume of 8192 KiB; for `qm set --scsi1 STORE:8` the 8 counts GiB.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param second: bool = false
pve.vm box {
  use base.machine
  id    = 200
  scsi1 = if second then { storage = base.disks, size = 8GiB } else none
}
END
apply
attempt --set second=true
expect conf 200 '^scsi1: .*size=8G$'
settled --set second=true

mutation stdlib/pve/vm.phx 'the host: conf 200' <<'END'
basename(volume), pve.volume_size(d.size), "--format"
=>
basename(volume), "{d.size / 1GiB}", "--format"
END
