# The order of options and of the values in them changes at random each time storage.cfg is written.
site <<'END'
site "traps" edition 1
pve.storage disks { id = "disks"  type = "dir"  path = "/srv/disks"  content = ["rootdir", "images", "iso"]  nodes = ["pve", "other"] }
END
attempt
on pvesm set disks --prune-backups keep-last=3
cat >host/etc/pve/storage.cfg <<'END'
dir: local
	path /var/lib/vz
	content iso,vztmpl,backup

dir: disks
	prune-backups keep-last=3
	nodes other,pve
	content iso,images,rootdir
	path /srv/disks

END
settled

mutation stdlib/pve/storage.phx 'plan after apply' <<'END'
  content?: [pve.Content](1..) { order = "any" }
=>
  content?: [pve.Content](1..)
END
mutation stdlib/pve/storage.phx 'plan after apply' <<'END'
  nodes?: [hostname](1..) { order = "any" }
=>
  nodes?: [hostname](1..)
END
