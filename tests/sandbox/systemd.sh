# Part of tests/sandbox/run: packages and services in guests and on the node.

guests
expect 'a template has no lists of packages' "Reading package lists...
Building dependency tree...
Reading state information...
E: Unable to locate package nginx
[100]" pct exec 200 -- apt-get install -y nginx
run pct exec 200 -- apt-get update
same 'who is not told asks' 'Do you want to continue? [Y/n] Abort.' "$("$bin/pct" exec 200 -- apt-get install nginx | tail -n 1)"
expect 'installed' 'Setting up nginx-common (1.22.1-9+deb12u2) ...
Setting up nginx (1.22.1-9+deb12u2) ...' pct exec 200 -- env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Options::=--force-confold nginx
expect 'a package that is none' 'E: Unable to locate package nosuch
[100]' pct exec 200 -- apt-get install -qq nosuch
expect 'an option that is none' 'E: Command line option --nosuch is not understood in combination with the other options
[100]' pct exec 200 -- apt-get install --nosuch nginx
expect 'what is there' "nginx${tab}installed
dpkg-query: no packages found matching docker.io
[1]" pct exec 200 -- dpkg-query -W -f='${Package}\t${db:Status-Status}\n' nginx docker.io
expect 'an option of dpkg-query that is none' 'dpkg-query: error: unknown option --nosuch

Use --help for help about querying packages.
[2]' pct exec 200 -- dpkg-query --nosuch
expect 'its service runs' 'active' pct exec 200 -- systemctl is-active nginx
expect 'and will again' 'enabled' pct exec 200 -- systemctl is-enabled nginx
expect 'several units, properties in an order of their own' 'Id=nginx.service
ActiveState=active
SubState=running
UnitFileState=enabled

Id=nosuch.service
ActiveState=inactive
SubState=dead
UnitFileState=' pct exec 200 -- systemctl show -p UnitFileState -p SubState,ActiveState,Id nginx nosuch
expect 'removed, its configuration stays' 'Removing nginx (1.22.1-9+deb12u2) ...' pct exec 200 -- apt-get remove -qq nginx
expect 'not found' 'inactive
[4]' pct exec 200 -- systemctl is-active nginx
expect 'as dpkg knows it' 'deinstall ok config-files' pct exec 200 -- dpkg-query -W '-f=${Status}' nginx
run pct exec 200 -- apt-get purge -qq nginx
expect 'purged' 'dpkg-query: no packages found matching nginx
[1]' pct exec 200 -- dpkg-query -W nginx

# -- units of one's own --
unit() { printf '%s' "$2" | "$bin/pct" exec 200 -- install -m 644 /dev/stdin "/etc/systemd/system/$1"; }
unit job.service '[Unit]
Description=A job
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/touch /srv/done
ExecStop=/usr/bin/rm /srv/done
[Install]
WantedBy=multi-user.target
'
expect 'enabled and started' 'Created symlink /etc/systemd/system/multi-user.target.wants/job.service → /etc/systemd/system/job.service.' pct exec 200 -- systemctl enable --now job.service
expect 'its program ran' '' pct exec 200 -- test -e /srv/done
expect 'it stays' 'ActiveState=active
SubState=exited' pct exec 200 -- systemctl show job -p ActiveState -p SubState
# The moment of the last change: exact enough to tell one command from the next.
moment() { "$bin/pct" exec 200 -- systemctl show --value -p StateChangeTimestampMonotonic "$1"; }
first=$(moment job)
run pct exec 200 -- systemctl restart job
second=$(moment job)
same 'a restart is a change' later "$([ "$second" -gt "$first" ] && echo later)"
run pct exec 200 -- systemctl enable job
run pct exec 200 -- systemctl daemon-reload
same 'what systemd reads is none' "$second" "$(moment job)"
same 'what never ran never changed' 0 "$(moment nosuch)"
run pct exec 200 -- systemctl stop job
expect 'stopped, its other program ran' '[1]' pct exec 200 -- test -e /srv/done
run pct stop 200
run pct start 200
expect 'started with the machine' 'active' pct exec 200 -- systemctl is-active job
unit job.service '[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/false
'
expect 'changed and not reloaded' 'yes' pct exec 200 -- systemctl show --value -p NeedDaemonReload job
expect 'a start goes by what was read' "Warning: The unit file, source configuration file or drop-ins of job.service changed on disk. Run 'systemctl daemon-reload' to reload units." pct exec 200 -- systemctl start job
expect 'reload' '' pct exec 200 -- systemctl daemon-reload
expect 'reloaded' 'no' pct exec 200 -- systemctl show --value -p NeedDaemonReload job
expect 'its program fails' 'Job for job.service failed because the control process exited with error code.
See "systemctl status job.service" and "journalctl -xeu job.service" for details.
[1]' pct exec 200 -- systemctl restart job
expect 'failed' 'Result=exit-code
ExecMainStatus=1
ActiveState=failed' pct exec 200 -- systemctl show job -p ActiveState,Result,ExecMainStatus
expect 'the system knows' 'degraded
[1]' pct exec 200 -- systemctl is-system-running
unit gone.service '[Service]
ExecStart=/opt/nosuch
'
expect 'a simple service counts as started before its program is' '' pct exec 200 -- systemctl start gone
expect 'then it fails' '203' pct exec 200 -- systemctl show --value -p ExecMainStatus gone
unit empty.service '[Service]
Type=simple
'
expect 'nothing to start' "Failed to start empty.service: Unit empty.service has a bad unit file setting.
See system logs and 'systemctl status empty.service' for details.
[1]" pct exec 200 -- systemctl start empty
expect 'no such unit' 'Failed to start nosuch.service: Unit nosuch.service not found.
[5]' pct exec 200 -- systemctl start nosuch
expect 'no such file' 'Failed to enable unit: Unit file nosuch.service does not exist.
[1]' pct exec 200 -- systemctl enable nosuch
expect 'masked' 'Created symlink /etc/systemd/system/cron.service → /dev/null.' pct exec 200 -- systemctl mask cron
expect 'a masked one runs on' 'active' pct exec 200 -- systemctl is-active cron
expect 'but is not started' 'Failed to restart cron.service: Unit cron.service is masked.
[1]' pct exec 200 -- systemctl restart cron
expect 'an unknown verb' 'Unknown command verb nosuch.
[1]' systemctl nosuch cron
expect 'an unknown option' "systemctl: unrecognized option '--nosuch'
Try 'systemctl --help' for more information.
[1]" systemctl start --nosuch cron
expect 'the node has services too' 'active' systemctl is-active ssh

# Killed between unpacking a package and starting what is in it: the next run does the rest.
PHX_SANDBOX_FAULT=$(next):die
export PHX_SANDBOX_FAULT
timeout 20 "$bin/pct" exec 200 -- apt-get install -y nginx > /dev/null 2>&1
same 'killed while installing' 137 $?
unset PHX_SANDBOX_FAULT
run pct exec 200 -- apt-get install -y nginx
expect 'whole' 'active' pct exec 200 -- systemctl is-active nginx
