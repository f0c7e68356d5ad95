# `pvesm set --nodes "a b"` means two nodes.
site <<'END'
site "traps" edition 1
pve.storage disks { id = "disks"  type = "dir"  path = "/srv/disks"  nodes = ["a b"] }
END
refused E0215

mutation stdlib/pve/storage.phx 'it is not refused' <<'END'
  nodes?: [hostname](1..)
=>
  nodes?: [string](1..)
END
