# Some names are taken: `current` is every guest's own state, `vzdump` the snapshot of a backup, `pending` a section of a machine's
# file. Proxmox refuses them in the middle of the plan.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param name: string = "before"
param other: string = "before"
pve.lxc ct { use base.container  id = 100 }
pve.vm box { use base.machine  id = 200 }
pve.snapshot one { guest = ct  name = name }
pve.snapshot two { guest = box  name = other }
END
refused snapshot_name_taken --set name=current
refused snapshot_name_taken --set other=current
refused snapshot_name_taken --set name=vzdump
refused snapshot_name_taken --set other=pending
refused E0215 --set name=1st

mutation stdlib/pve/guest_lints.phx 'it is not refused with snapshot_name_taken' <<'END'
  if s.name in taken
=>
  if s.name == "?"
END
mutation stdlib/pve/snapshot.phx 'it is not refused with E0215' <<'END'
type pve.SnapshotName = string('^[A-Za-z][A-Za-z0-9_-]{1,39}$')
=>
type pve.SnapshotName = string('^[A-Za-z0-9][A-Za-z0-9_-]{1,39}$')
END
