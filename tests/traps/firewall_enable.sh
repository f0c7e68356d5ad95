# A rule for which `--enable` is left out is written with a `|` in front: it is switched off.
site <<'END'
site "traps" edition 1
import "base.phx" as base
pve.lxc ct { use base.container  id = 100 }
pve.firewall.guest web {
  guest = ct
  rules = [{ name = "web", type = "in", action = "ACCEPT", proto = "tcp", dport = 80 }]
}
END
attempt
expect text host/etc/pve/firewall/100.fw '^IN ACCEPT '
settled

mutation stdlib/pve/firewall_write.phx 'the host: text host/etc/pve/firewall/100.fw' <<'END'
fn pve.fw_flags(rule: json): [string] = flatten([["--{part}", rule[part]] for part in pve.fw_parts() if has(rule, part)])
=>
fn pve.fw_flags(rule: json): [string] = flatten([["--{part}", rule[part]] for part in pve.fw_parts() if has(rule, part) and part != "enable"])
END
