# A colon in the notes is stored as `%3A`, a percent sign as `%25`, and each line as a comment of its own.
site <<'END'
site "traps" edition 1
import "base.phx" as base
pve.lxc ct { use base.container  id = 100  description = "web: 100% of it\nsee http://example.org/ä" }
pve.vm box { use base.machine  id = 200  description = "box: 100% of it" }
END
apply
expect conf 100 '^#web%3A 100%25'
settled

mutation stdlib/pve/guest.phx 'apply: exit 6' <<'END'
= [line for line in notes if not line in [
=>
= [line for line in main.comments if not line in [
END
