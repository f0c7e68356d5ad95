# A bridge that is not there: `pct set` refuses it with exit code 2 and has written it down, `qm set` writes it down and says nothing.
# The next plan finds all as it is to be, and at its next start the guest does not start.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param bridge: string = "vmbr0"
pve.lxc ct { use base.container  id = 100  net0 = { name = "eth0", bridge = bridge } }
pve.vm box { use base.machine  id = 200  net0 = { bridge = bridge } }
END
apply
attempt --set bridge=vmbr9
failed
for id in 100 200; do expect conf $id '^net0: .*bridge=vmbr0'; done
echo '{ "bridges": ["vmbr0", "vmbr9"] }' >host/sandbox.json
apply --set bridge=vmbr9
for id in 100 200; do expect conf $id '^net0: .*bridge=vmbr9'; done
settled --set bridge=vmbr9

mutation stdlib/pve/lxc.phx 'the host: conf 100' <<'END'
    + pve.bridges(changed, have)
=>
END
mutation stdlib/pve/vm.phx 'the host: conf 200' <<'END'
    pve.bridges(changed, have)
    +
=>
END
