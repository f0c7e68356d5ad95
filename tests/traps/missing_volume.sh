# `pct set --mp0 STORAGE:VOLUME` with a volume that is not there ends with exit code 0; the container does not start any more.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param file: string = ""
param subvolume: string = ""
zfs.pool tank { name = "tank"  vdevs = [disk("/dev/disk/by-id/a")]  ignore pool_without_redundancy "a test" }
pve.storage fast { id = "fast"  type = "zfspool"  dataset = tank  content = ["rootdir", "images"] }
pve.lxc ct {
  use base.container
  id    = 100
  state = "stopped"
  mp0   = if file != "" then { storage = base.disks, volume = file, mp = "/data" } else none
  mp1   = if subvolume != "" then { storage = fast, volume = subvolume, mp = "/more" } else none
}
END
apply
for volume in file=100/none.raw subvolume=subvol-100-none; do
    attempt --set $volume
    failed
    expect not conf 100 '^mp[01]'
done
on pvesm alloc disks 100 vm-100-data.raw 1G
apply --set file=100/vm-100-data.raw
expect conf 100 '^mp0: disks:100/vm-100-data.raw,'
settled --set file=100/vm-100-data.raw

mutation stdlib/pve/lxc.phx 'it was not noticed' <<'END'
if pve.storage_type(storage) in ["dir", "nfs", "cifs"] then
=>
if pve.storage_type(storage) in [] then
END
mutation stdlib/pve/lxc.phx 'it was not noticed' <<'END'
storage.type == "zfspool" then run(["zfs", "list"
=>
storage.type == "?" then run(["zfs", "list"
END
