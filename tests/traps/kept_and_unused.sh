# `--delete mp0` frees nothing: the volume becomes `unused0`. Attached again it must be what it was, and no second one may be made.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param mount: "unwritten" | "there" | "gone" = "unwritten"
zfs.pool tank { name = "tank"  vdevs = [disk("/dev/disk/by-id/a")]  ignore pool_without_redundancy "a test" }
pve.storage fast { id = "fast"  type = "zfspool"  dataset = tank  content = ["rootdir", "images"] }
pve.lxc ct {
  use base.container
  id    = 100
  state = "stopped"
  mp0   = if mount == "there" then { storage = fast, size = 8GiB, mp = "/data" } else if mount == "gone" then unset else none
}
END
apply
apply --set mount=there
apply --set mount=gone
expect conf 100 '^unused0: fast:subvol-100-'
on zfs list -H -o name -r tank
cp out before
attempt --set mount=there
on zfs list -H -o name -r tank
expect cmp -s out before
expect conf 100 '^mp0: fast:subvol-100-'
settled --set mount=there

mutation stdlib/pve/lxc.phx 'the host: cmp' <<'END'
  else if pve.storage_type(mount.storage) == "zfspool" then mount with { volume = "subvol-{id}-phx-{slot}" }
=>
END
