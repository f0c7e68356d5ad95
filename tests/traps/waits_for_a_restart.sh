# Much of what is set on a running guest stands in the pending section of its file until the guest was stopped and started; asked what
# a container has, `pct config` shows it as if it were so.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param second: bool = false
pve.lxc ct { use base.container  id = 100  features = { nesting = second } }
pve.vm box { use base.machine  id = 200  cores = if second then 2 else 1 }
END
apply
forget
apply --set second=true
expect call '"pct","reboot","100"'
expect conf 100 '^features: nesting=1'
expect call '"qm","reboot","200"'
expect conf 200 '^cores: 2'
settled --set second=true
# somebody else has told the guests: what is left to do is the restart
on pct set 100 --features nesting=0
on qm set 200 --cores 1
forget
apply
expect not call '"(pct|qm)","set","[0-9]*","--(features|cores)"'
expect conf 100 '^features: nesting=0'
expect conf 200 '^cores: 1'
settled

mutation compiler/pending.c 'apply: exit 6' <<'END'
        if (comparison->differences.items[i].change == CHANGE_RESTART)
            return 1;
=>
        if (comparison->differences.items[i].change == CHANGE_RESTART)
            return 0;
END
mutation stdlib/pve/lxc.phx 'the host: conf 100' <<'END'
  in_force  = "in_force"
=>
END
