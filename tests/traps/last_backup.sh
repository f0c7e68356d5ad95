# `vzdump` that ends with exit code 0 need not have saved anything, and after the last backup the guest is destroyed.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param gone: bool = false
pve.storage backups { id = "backups"  type = "dir"  path = "/srv/backups"  content = ["backup"] }
if gone {
  absent pve.lxc left { id = 101  allow = ["data_loss"]  backup = backups }
} else {
  pve.lxc old { use base.container  id = 101 }
}
END
apply
wrong lie '^."vzdump"' --set gone=true
failed
expect conf 101 '^hostname: CT101'
# one that was made before, under the same number and of another guest, does not count
on vzdump 101 --storage backups --notes-template 'CT101, before it was removed: 000000000000'
wrong lie '^."vzdump"' --set gone=true
failed
expect conf 101 '^hostname: CT101'
apply --set gone=true
expect [ "$(cat host/srv/backups/dump/*.notes | grep -o 'before it was removed' | wc -l)" = 2 ]
settled --set gone=true

mutation stdlib/pve/guest.phx 'it was not noticed' <<'END'
, expect: "\"notes\" *: *\"[^\"]*{removed}")
=>
)
END
