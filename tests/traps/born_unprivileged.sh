# `pct create` makes a container unprivileged unless it is told otherwise, and there is no way from one to the other.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param unprivileged: bool = false
pve.lxc ct { use base.container  id = 100  unprivileged = unprivileged }
END
attempt
expect conf 100 '^hostname'
expect not conf 100 '^unprivileged: 1'
settled
refused E0601 --set unprivileged=true

mutation stdlib/pve/lxc.phx 'the host: not conf 100' <<'END'
  unprivileged?: bool { flags = ["create"],
=>
  unprivileged?: bool { flags = [],
END
mutation stdlib/pve/lxc.phx 'it is not refused' <<'END'
 change = never("only a restored backup can become the other kind")
=>
 change = restart
END
