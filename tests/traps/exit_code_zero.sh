# `pct resize`, `pct template`, `qm resize` and `qm template` end with exit code 0 although their task failed.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param second: bool = false
pve.lxc ct {
  use base.container
  id     = 100
  state  = "stopped"
  rootfs = { storage = base.disks, size = if second then 16GiB else 8GiB }
}
pve.lxc model { use base.container  id = 101  template = true }
pve.vm box {
  use base.machine
  id    = 200
  state = "stopped"
  scsi0 = { storage = base.disks, size = if second then 16GiB else 8GiB }
}
pve.vm other { use base.machine  id = 201  template = true }
END
wrong lie '^."pct","template"' --only pve.lxc.model
failed
wrong lie '^."qm","template"' --only pve.vm.other
failed
apply
wrong lie '^."pct","resize"' --only pve.lxc.ct --set second=true
failed
wrong lie '^."qm","resize"' --only pve.vm.box --set second=true
failed
apply --set second=true
settled --set second=true

mutation runtime/execute.c 'it was not noticed' <<'END'
    if (!oracle->verify(oracle->context, job->step, &report)) {
=>
    if (oracle->verify(oracle->context, job->step, &report) < 0) {
END
