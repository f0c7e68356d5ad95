# What is written does not come back as it was: Proxmox sorts the keys of property strings and adds an address, a type, a size.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param second: bool = false
pve.lxc ct {
  use base.container
  id   = 100
  net0 = { name = "eth0", bridge = "vmbr0", ip = 10.0.0.5/24, gw = 10.0.0.1, firewall = if second then true else none }
  mp0  = { storage = base.disks, size = 1GiB, mp = "/data" }
}
pve.vm box {
  use base.machine
  id   = 200
  net0 = { bridge = "vmbr0", firewall = if second then true else none }
  boot = { order = ["scsi0", "net0"] }
}
END
apply
settled
cp host/etc/pve/lxc/100.conf ct
cp host/etc/pve/qemu-server/200.conf box
apply --set second=true
# nothing but what was asked for is another than before
expect [ "$(sed 's/,firewall=1//' host/etc/pve/lxc/100.conf)" = "$(cat ct)" ]
expect [ "$(sed 's/,firewall=1//' host/etc/pve/qemu-server/200.conf)" = "$(cat box)" ]
settled --set second=true

mutation compiler/compare.c 'the host: [' <<'END'
    if (want->kind == VALUE_RECORD && have && have->kind == VALUE_RECORD && type->kind == TYPE_RECORD && !want->as.record->tag) {
=>
    if (want->kind == VALUE_POISON) {
END
mutation compiler/compare.c 'the host: [' <<'END'
(at_birth || (!codec->whole && !record_get(wanted, field->name))))
=>
at_birth)
END
