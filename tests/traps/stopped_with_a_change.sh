# Pending values are taken over when the guest stops. One that is to be stopped and changed can't be restarted as well: `reboot` of a
# stopped guest fails.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param second: bool = false
pve.lxc ct {
  use base.container
  id       = 100
  features = { nesting = second }
  lxc      = if second then ["lxc.apparmor.profile: unconfined"] else []
  state    = if second then "stopped" else "running"
}
pve.vm box { use base.machine  id = 200  cores = if second then 2 else 1  state = if second then "stopped" else "running" }
END
apply
apply --set second=true
expect conf 100 '^features: nesting=1'
expect conf 200 '^cores: 2'
on pct status 100
expect text out 'status: stopped'
settled --set second=true
on pct status 100
expect text out 'status: stopped'

mutation compiler/pending.c 'apply: exit 6' <<'END'
        if (drafts->items.items[i].verb == VERB_STOP)
            return 0;
=>
        if (drafts->items.items[i].verb == VERB_STOP)
            return 1;
END
