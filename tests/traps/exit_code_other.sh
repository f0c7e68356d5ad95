# Exit codes are what errno happened to be: 255, 2, 25, 39, 11. Whatever is not 0 has failed: a number that is taken, a lock that was
# not to be had in time, memory that can't be plugged in, after which the old value counts.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param number: int = 100
param second: bool = false
pve.lxc ct { use base.container  id = number  memory = if second then 2GiB else 1GiB }
END
on qm create 101
fails --set number=101
expect text err 'exit code 2$'
expect not text out 'done pve.lxc.ct'

apply
wrong fail '^."pct","set"' --set second=true
failed
expect text err 'exit code 255$'
echo 'lock: backup' >>host/etc/pve/lxc/100.conf
attempt --set second=true
expect text err 'E0616.*can.t be changed'
expect conf 100 '^memory: 1024'
sed -i '/^lock/d' host/etc/pve/lxc/100.conf
apply --set second=true
expect conf 100 '^memory: 2048'
settled --set second=true

mutation runtime/process.c 'the host: text err' <<'END'
        if (outcome->code) {
=>
        if (outcome->code == 255) {
END
mutation runtime/process.c 'the host: text err exit code 255' <<'END'
        if (outcome->code) {
=>
        if (outcome->code == 2) {
END
