# Where a volume is mounted may not hold `..`: Proxmox refuses it in the middle of the plan.
site <<'END'
site "traps" edition 1
import "base.phx" as base
pve.lxc ct { use base.container  id = 100  mp0 = { storage = base.disks, size = 1GiB, mp = "/data/../etc" } }
END
refused E0215

mutation stdlib/pve/lxc.phx 'it is not refused' <<'END'
  mp: pve.MountPath
=>
  mp: path
END
