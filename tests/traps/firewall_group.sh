# A rule for a group that nobody has made is accepted, and lets nothing in and keeps nothing out.
site <<'END'
site "traps" edition 1
pve.firewall.cluster all { rules = [{ name = "web", type = "group", action = "web" }] }
END
plan
expect text err '^warning.undefined_group'
refused undefined_group -E undefined_group

mutation stdlib/pve/firewall_lints.phx 'the host: text err' <<'END'
  if r.type == "group" and not has(groups, lower(r.action))
=>
  if r.type == "group" and r.action == ""
END
