# An empty value is not a deletion: `--net0 ''` is refused, `--tags ''` sets nothing at all. Settings go by `--delete`.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param second: bool = false
pve.lxc ct {
  use base.container
  id         = 100
  net0       = if second then unset else { name = "eth0", bridge = "vmbr0" }
  cpulimit   = if second then unset else 1.5
  nameserver = if second then unset else [10.0.0.1]
  tags       = if second then [] else ["web"]
  state      = "stopped"
}
END
apply
attempt --set second=true
for key in net0 cpulimit nameserver; do expect not conf 100 "^$key"; done
expect not conf 100 '^tags: *web'
settled --set second=true

mutation stdlib/pve/guest.phx 'the host: not conf 100' <<'END'
if properties == [] then [] else ["--delete", join(properties, ",")]
=>
flatten([["--{property}", ""] for property in properties])
END
