# Part of tests/sandbox/run: files that people wrote, read as strictly as the real programs read them.

fresh
run pct list
cfg=$PHX_SANDBOX/etc/pve
printf '# a title\narch: amd64\ncores:\t2  \n  memory: 5\nmemory:512\nmemory: 600\nonboot: yes\ntags:\nnewer_key: x=1\nnewer-key: y\ndelete: cores\nlxc.cap.drop:\nlxc.cap.drop: sys_admin\nlxc.apparmor.profile = unconfined\nrootfs: local:1\n[Snap_1]\nmemory: 7\n[not a name]\nhostname: last' > "$cfg/lxc/100.conf"
expect 'a container' "vm 100 - unable to parse config:   memory: 5
vm 100 - unable to parse config: tags:
vm 100 - unable to parse value of 'newer_key' - unknown setting 'newer_key'
vm 100 - unable to parse config: newer-key: y
vm 100 - property 'delete' is only allowed in [pve:pending]
vm 100 - unable to parse config: [not a name]" pct set 100 --cores 3
same 'what is kept' '# a title|arch: amd64|cores: 3|memory: 600|newer_key: x=1|onboot: 1|rootfs: local:1|lxc.cap.drop: |lxc.cap.drop: sys_admin|lxc.apparmor.profile: unconfined||[Snap_1]|hostname: last|memory: 7' \
    "$(paste -sd'|' "$cfg/lxc/100.conf")"
printf '#note\r\nmemory: 512\r\n\r\n[S1]\r\nmemory: 7\r\n' > "$cfg/lxc/101.conf"
expect 'carriage returns' '' pct set 101 --cores 1
same 'are part of notes alone' '#note%0D|cores: 1|memory: 512||[S1]|memory: 7' "$(paste -sd'|' "$cfg/lxc/101.conf")"
printf 'cores: two\nmemory: 512\nnewer: 1\nnet0: virtio=BC:24:11:00:00:01,bridge=vmbr0,newer=1\nboot: \nhotplug:0\nostype: newer\n[special:cloudinit]\nname: x\n' > "$cfg/qemu-server/200.conf"
expect 'a machine' "vm 200 - unable to parse value of 'cores' - type check ('integer') failed - got 'two'
vm 200 - unable to parse value of 'newer' - unknown setting 'newer'
vm 200 - unable to parse value of 'net0' - invalid format - format error
net0.newer: property is not defined in schema and the schema does not allow additional properties

update VM 200: -name vm" qm set 200 --name vm
same 'what it does not know is gone; a blank value grows' 'boot:  |hotplug: 0|memory: 512|name: vm|ostype: newer||[special:cloudinit]|name: x' \
    "$(paste -sd'|' "$cfg/qemu-server/200.conf")"

printf 'dir: local \n    path /elsewhere\n\tcontent iso\n\tcontent backup\n\tnewer 1\n# a comment\n\tshared\n\nnewer: x\n\tpath /x\n\ndir: ab\n\tpath /srv/a\ndir: lost\n\tpath /srv/lost\nstray\n\n\tpath /stray\n' > "$cfg/storage.cfg"
expect 'storages' "file storage.cfg line 4 (section 'local') - unable to parse value of 'content': duplicate attribute
file storage.cfg line 5 (section 'local') - unable to parse value of 'newer': unexpected property 'newer'
file storage.cfg line 9 (skip section 'x'): unsupported type 'newer'
file storage.cfg line 14 (section 'ab') - ignore config line: dir: lost
file storage.cfg line 15 (section 'ab') - unable to parse value of 'path': duplicate attribute
file storage.cfg line 16 (section 'ab') - ignore config line: stray
file storage.cfg line 18 - ignore config line: ${tab}path /stray" pvesm set ab --content images
same 'what is left of them' "dir: local|${tab}path /var/lib/vz|${tab}content iso|${tab}shared 1||dir: ab|${tab}path /srv/a|${tab}content images|" "$(paste -sd'|' "$cfg/storage.cfg")"

mkdir -p "$cfg/firewall"
printf 'early: 1\n[OPTIONS]\nenable: 2\nnewer: 1\n[aliases]\nlan  10.0.0.0/8\nHome 10.0.0.1/32 # us\n[IPSET Us] # all\n10.0.0.1\n!10.0.0.2\n[rules]\n|in ssh(ACCEPT) -i vmbr0 --dport 22 # s\nIN ACCEPT -nope 1\nGROUP g -i net0\n' > "$cfg/firewall/cluster.fw"
run pvesh set /cluster/firewall/options --policy_in DROP
same 'a firewall' '[OPTIONS]||enable: 2|policy_in: DROP||[ALIASES]||Home 10.0.0.1 # us||[IPSET us] # all||10.0.0.1|!10.0.0.2||[RULES]|||IN ssh(ACCEPT) -i vmbr0 -dport 22 # s|GROUP g -i net0|' \
    "$(paste -sd'|' "$cfg/firewall/cluster.fw")"
