# What waits for a restart can depend on what else is set: only the first ten interfaces of a container are unplugged while it runs, a
# machine takes over only what its `hotplug` names, and a balloon is not switched off.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param second: bool = false
pve.lxc ct {
  use base.container
  id    = 100
  net1  = if second then unset else { name = "eth1", bridge = "vmbr0" }
  net10 = if second then unset else { name = "eth10", bridge = "vmbr0" }
}
pve.vm plugs { use base.machine  id = 200  net0 = { bridge = "vmbr0", firewall = second } }
pve.vm fixed { use base.machine  id = 201  hotplug = ["disk"]  net0 = { bridge = "vmbr0", firewall = second } }
pve.vm balloon { use base.machine  id = 202  memory = 2GiB  balloon = if second then 0B else 1GiB }
pve.vm memory { use base.machine  id = 203  hotplug = ["memory"]  numa = true  memory = if second then 3GiB else 2GiB }
END
apply
forget
attempt --set second=true
expect not conf 100 '^net10'
expect conf 201 '^net0: .*firewall=1'
expect conf 202 '^balloon: 0'
expect call '"qm","reboot","201"'
expect not call '"qm","reboot","20[03]"'
settled --set second=true

mutation stdlib/pve/lxc.phx 'the host: not conf 100' <<'END'
[name for name in cleared if matches(name, '^net[0-9]{2}$')]
=>
[name for name in cleared if name == "?"]
END
mutation stdlib/pve/vm.phx 'the host: conf 201' <<'END'
    (matches(name, '^net[0-9]+$') and not "network" in hot)
=>
    (matches(name, '^net[0-9]+$') and name == "")
END
mutation stdlib/pve/vm.phx 'the host: conf 202' <<'END'
(have.balloon == 0B or get(changed, "balloon") == 0B)
=>
have.balloon == 0B
END
mutation stdlib/pve/vm.phx 'the host: not call' <<'END'
not (name == "memory" and "memory" in hot and have.numa == true)
=>
true
END
