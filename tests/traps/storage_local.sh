# `pvesm remove local` ends with exit code 0, and `local` is still there; one that is not the folder /var/lib/vz becomes it again.
site <<'END'
site "traps" edition 1
param folder: path = "/var/lib/vz"
param gone: bool = false
if gone { absent pve.storage own_gone { id = "local"  type = "dir" } }
else { pve.storage own { id = "local"  type = "dir"  path = folder  content = ["iso", "vztmpl", "backup", "snippets"] } }
END
apply --adopt all
settled
refused E0601 --set folder=/srv/local
refused E0408 --set gone=true

mutation stdlib/pve/storage.phx 'it is not refused with E0601' <<'END'
{ change = never("another folder is another entry"), flags
=>
{ change = online, flags
END
mutation stdlib/pve/storage.phx 'it is not refused with' <<'END'
  delete = [if identity == "local" then fail
=>
  delete = [if identity == "?" then fail
END
