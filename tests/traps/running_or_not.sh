# Nothing is idempotent: `pct start` of a container that runs, `pct shutdown` of one that does not and `pct destroy` of one that runs
# all end with 255; for `qm` some of them end with 0.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param gone: bool = false
pve.lxc ct { use base.container  id = 100 }
pve.vm box { use base.machine  id = 200 }
if gone {
  absent pve.lxc old_gone     { id = 101  allow = ["data_loss"] }
  absent pve.lxc running_gone { id = 102  allow = ["data_loss"] }
  absent pve.vm machine_gone  { id = 201  allow = ["data_loss"] }
} else {
  pve.lxc old     { use base.container  id = 101  state = "stopped" }
  pve.lxc running { use base.container  id = 102 }
  pve.vm machine  { use base.machine  id = 201 }
}
END
# killed in the start, and then somebody starts it by hand: it runs, and nothing says that the start has come to pass
wrong die '^."pct","start","100"'
on pct start 100
apply
expect conf 100 '^hostname: CT100'
settled
apply --set gone=true
expect [ "$(echo host/etc/pve/lxc/* host/etc/pve/qemu-server/*)" = 'host/etc/pve/lxc/100.conf host/etc/pve/qemu-server/200.conf' ]

mutation stdlib/pve/guest.phx 'apply: exit 6' <<'END'
  (if have?.state == "running" or guest.state == "stopped" then []
=>
  (if guest.state == "stopped" then []
END
mutation stdlib/pve/lxc.phx 'apply: exit 6' <<'END'
    (if have.state == "stopped" or (have.template ?? false) then [] else [step("stop", [run(["pct", "shutdown", identity, "--forceStop", "1"], absent: 'not running')]
=>
    (if have.template ?? false then [] else [step("stop", [run(["pct", "shutdown", identity, "--forceStop", "1"])]
END
mutation stdlib/pve/lxc.phx 'apply: exit 6' <<'END'
    (if have.state == "stopped" or (have.template ?? false) then [] else [step("stop", [run(["pct", "shutdown"
=>
    (if true then [] else [step("stop", [run(["pct", "shutdown"
END
mutation stdlib/pve/vm.phx 'apply: exit 6' <<'END'
    (if have.state == "stopped" or (have.template ?? false) then [] else [step("stop", [run(["qm", "shutdown"
=>
    (if true then [] else [step("stop", [run(["qm", "shutdown"
END
