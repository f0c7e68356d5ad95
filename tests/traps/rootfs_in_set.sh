# `pct set --rootfs STORAGE:SIZE` writes these words down as they stand: the root volume is lost from the settings.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param second: bool = false
pve.lxc ct {
  use base.container
  id     = 100
  state  = "stopped"
  rootfs = { storage = base.disks, size = 8GiB, acl = second }
}
END
apply
attempt --set second=true
expect conf 100 '^rootfs: disks:100/vm-100-disk-0[.]raw,acl=1,size=8G$'
settled --set second=true

mutation stdlib/pve/lxc.phx 'the host: conf 100 ^rootfs' <<'END'
  if mount.storage == none or mount.volume != none then mount
=>
  if mount.storage == none then mount
  else if mount.volume != none then pve.new_volume(mount with { volume = none })
END
