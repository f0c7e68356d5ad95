# Some settings can't be deleted: `pct set --delete memory` (or ostype, or rootfs) refuses the whole command, with all else that is in it.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param clears: "nothing" | "memory" | "ostype" | "rootfs" = "nothing"
pve.lxc ct {
  use base.container
  id     = 100
  memory = if clears == "memory" then unset else 1GiB
  ostype = if clears == "ostype" then unset else "debian"
  rootfs = if clears == "rootfs" then unset else { storage = base.disks, size = 8GiB }
}
END
apply
refused E0601 --set clears=memory
refused E0601 --set clears=ostype
refused E0601 --set clears=rootfs

mutation stdlib/pve/lxc.phx 'it is not refused' <<'END'
, clear = never("Proxmox wants a container to have a limit")
=>
END
mutation compiler/compare.c 'it is not refused' <<'END'
        if (detail->want->kind == VALUE_UNSET && detail->attribute->never_clear.length) {
=>
        if (detail->want->kind == VALUE_NONE && detail->attribute->never_clear.length) {
END
