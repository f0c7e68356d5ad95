# Lines for LXC have no flag: they are edited in the file itself, in front of what the snapshots hold, and other settings stay as they are.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param second: bool = false
zfs.pool tank { name = "tank"  vdevs = [disk("/dev/disk/by-id/a")]  ignore pool_without_redundancy "a test" }
pve.storage fast { id = "fast"  type = "zfspool"  dataset = tank  content = ["rootdir", "images"] }
pve.lxc ct {
  use base.container
  id     = 100
  state  = "stopped"
  rootfs = { storage = fast, size = 8GiB }
  lxc    = if second then ["lxc.cap.drop: ", "lxc.mount.entry: /dev/b dev/b none bind 0 0", "lxc.mount.entry: /dev/a dev/a none bind 0 0"] else []
}
pve.snapshot before { guest = ct  name = "before" }
END
apply
attempt --set second=true
expect conf 100 '^lxc.mount.entry: /dev/b'
expect [ "$(sed -n '/^\[before\]/,$p' host/etc/pve/lxc/100.conf | grep -c '^lxc')" = 0 ]
settled --set second=true

mutation runtime/lines.c 'the host: conf 100' <<'END'
        if (inside) {
            *end = at;
            return 1;
        }
=>
END
