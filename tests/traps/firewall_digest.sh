# The digest of a list of rules is not the SHA-1 of the file: `pvesh set .../rules/0 --digest` with that is refused.
site <<'END'
site "traps" edition 1
param second: bool = false
pve.firewall.cluster all {
  rules = [
    { name = "web", type = "in", action = "ACCEPT", proto = "tcp", dport = if second then 443 else 80 },
    { name = "ssh", type = "in", action = "ACCEPT", macro = "SSH", source = 10.0.0.0/24 },
  ]
}
END
apply
attempt --set second=true
expect text host/etc/pve/firewall/cluster.fw '^IN ACCEPT .*-dport 443'
settled --set second=true

mutation stdlib/pve/firewall_write.phx 'the host: text host/etc/pve/firewall/cluster.fw' <<'END'
["--digest", sha1(join([i.text for i in items], ""))]
=>
["--digest", sha1(join([i.text for i in items], "\n"))]
END
