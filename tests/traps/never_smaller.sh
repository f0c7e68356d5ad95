# No volume becomes smaller: `pct resize` refuses, `qm resize` says so and ends with exit code 0.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param size: size = 8GiB
pve.lxc ct { use base.container  id = 100  rootfs = { storage = base.disks, size = size } }
pve.vm box { use base.machine  id = 200  scsi0 = { storage = base.disks, size = size } }
END
apply
refused E0603 --set size=4GiB

mutation compiler/compare.c 'it is not refused' <<'END'
    if (order == 1)
        return 0;
=>
    if (order)
        return 0;
END
