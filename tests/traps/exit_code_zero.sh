# `pct resize`, `pct template`, `qm resize` and `qm template` end with exit code 0 although their task failed; so can any start, and nobody would start
# a new guest later.
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
pve.lxc runs { use base.container  id = 102 }
pve.vm works { use base.machine  id = 202 }
END
wrong lie '^."pct","start"' --only pve.lxc.runs
failed
wrong lie '^."qm","start"' --only pve.vm.works
failed
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
on pct status 102
expect text out running
on qm status 202
expect text out running

mutation runtime/execute.c 'it was not noticed' <<'END'
    if (!oracle->verify(oracle->context, job->step, &report)) {
=>
    if (oracle->verify(oracle->context, job->step, &report) < 0) {
END
mutation stdlib/pve/guest.phx 'the host: text out running' <<'END'
, run([program, "status", "{guest.id}"], expect: '^status: running')
=>

END
