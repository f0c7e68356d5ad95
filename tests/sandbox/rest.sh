# Part of tests/sandbox/run: the REST paths of the cluster (backup jobs, pools, HA, users, mappings, options) and their files.

usage_of() { printf '%s' "pvesh $1 <api_path>$2 [OPTIONS] [FORMAT_OPTIONS]"; }
file() { cat "$PHX_SANDBOX/etc/pve/$1"; }
# json NAME WANT PATH [PARAMETERS]: what reading gives, in one line; digests are only required to be there.
json() {
    name=$1 want=$2
    shift 2
    same "$name" "$want" "$("$bin/pvesh" get "$@" --output-format json 2>&1 | sed 's/"digest":"[0-9a-f]\{40\}"/"digest":"X"/g')"
}

fresh
mkdir -p "$PHX_SANDBOX/var/lib/vz/template/cache"
echo x > "$PHX_SANDBOX/var/lib/vz/template/cache/debian-12_amd64.tar.zst"
run pvesm add dir st --path /srv/st --content rootdir,images
expect 'a pool that is not there' "no such pool 'prod'
[255]" pct create 100 local:vztmpl/debian-12_amd64.tar.zst --rootfs st:0.1 --pool prod
expect 'a pool' '' pvesh create /pools --poolid prod --comment 'a: b'
expect 'twice' "create pool failed: pool 'prod' already exists
[255]" pvesh create /pools --poolid prod
expect 'below nothing' "create pool failed: parent 'none' of pool 'none/x' does not exist
[255]" pvesh create /pools --poolid none/x
run pct create 100 local:vztmpl/debian-12_amd64.tar.zst --rootfs st:0.1 --pool prod
run qm create 101 --memory 128
run pvesh create /pools --poolid other
json 'pools' '[{"poolid":"other"},{"comment":"a: b","poolid":"prod"}]' /pools
same 'its member' '"id":"lxc/100"' "$("$bin/pvesh" get /pools/prod --output-format json | grep -o '"id":"lxc/100"')"
expect 'in it already' "update pools failed: VM 100 is already a pool member
[255]" pvesh set /pools --poolid prod --vms 100
expect 'in another' "update pools failed: VM 100 belongs already to pool 'prod'
[255]" pvesh set /pools --poolid other --vms 100
expect 'moved' '' pvesh set /pools --poolid other --vms 100,101 --allow-move 1 --storage st
expect 'not a member' "update pools failed: VM 100 is not a pool member
[255]" pvesh set /pools --poolid prod --vms 100 --delete 1
expect 'not empty' "delete pool failed: pool 'other' is not empty (contains VM 100)
[255]" pvesh delete /pools --poolid other
expect 'an empty one' '' pvesh delete /pools --poolid prod
same 'the line' 'pool:other::100,101:st:' "$(file user.cfg | grep ^pool)"

# ---- backup jobs ----
expect 'a job' '' pvesh create /cluster/backup --id nightly --schedule 'mon..fri 02:30' --storage local --vmid 100,101 \
    --prune-backups keep-last=3,keep-daily=7 --exclude-path /tmp --exclude-path /var/log
expect 'its name is taken' "Job 'nightly' already exists
[255]" pvesh create /cluster/backup --id nightly --schedule 21:00 --all 1
expect 'never' "400 Parameter verification failed.
schedule: neither 'starttime' nor 'schedule' were set
$(usage_of create '')
[255]" pvesh create /cluster/backup --all 1
expect 'nothing' "400 Parameter verification failed.
vmid: property is missing
$(usage_of create '')
[255]" pvesh create /cluster/backup --schedule 21:00
expect 'all and one' "400 Parameter verification failed.
all: option conflicts with option 'vmid'
$(usage_of create '')
[255]" pvesh create /cluster/backup --schedule 21:00 --all 1 --vmid 100
expect 'a bad schedule' "400 Parameter verification failed.
schedule: invalid format - unable to parse calendar event

$(usage_of create '')
[2]" pvesh create /cluster/backup --schedule 'whenever; then' --all 1
expect 'a bad retention' "400 Parameter verification failed.
prune-backups: invalid format - format error
prune-backups.keep-some: property is not defined in schema and the schema does not allow additional properties

$(usage_of create '')
[2]" pvesh create /cluster/backup --schedule 21:00 --all 1 --prune-backups keep-some=1
json 'a job' '{"enabled":1,"exclude-path":["/tmp","/var/log"],"id":"nightly","prune-backups":{"keep-daily":"7","keep-last":"3"},"schedule":"mon..fri 02:30","storage":"local","type":"vzdump","vmid":"100,101"}' /cluster/backup/nightly
expect 'no such job' "400 Parameter verification failed.
id: No such job 'gone'
$(usage_of set '')
[255]" pvesh set /cluster/backup/gone --enabled 0
expect 'changed' '' pvesh set /cluster/backup/nightly --enabled 0 --delete prune-backups --exclude-path /opt
same 'the file' "vzdump: nightly
${tab}schedule mon..fri 02:30
${tab}enabled 0
${tab}exclude-path /opt
${tab}storage local
${tab}vmid 100,101" "$(file jobs.cfg)"
run pvesh create /cluster/backup --id one --schedule daily --vmid 100
run pvesh create /cluster/backup --id rest --schedule daily --all 1 --exclude 100

# ---- HA ----
expect 'not there' "resource 'vm:100' does not exist in cluster
[255]" pvesh create /cluster/ha/resources --sid vm:100
expect 'by number' '' pvesh create /cluster/ha/resources --sid 100 --state started
expect 'twice' "create resource failed: resource ID 'ct:100' already defined
[255]" pvesh create /cluster/ha/resources --sid ct:100
expect 'groups are no more' "invalid parameter 'group': ha groups have been migrated to rules
[255]" pvesh set /cluster/ha/resources/ct:100 --group some
expect 'nor are they listed' 'cannot index groups: ha groups have been migrated to rules
[255]' pvesh get /cluster/ha/groups
expect 'a stale digest' 'update resource failed: detected modified configuration - file changed by other user? Try again.
[255]' pvesh set /cluster/ha/resources/ct:100 --max_restart 2 --digest 0000
json 'resources' '[{"digest":"X","sid":"ct:100","state":"started","type":"ct"}]' /cluster/ha/resources
run pvesh create /cluster/ha/resources --sid 101
expect 'a rule' '' pvesh create /cluster/ha/rules --rule here --type node-affinity --resources ct:100 --nodes pve:2 --strict 1
expect 'a rule without its type' "400 Parameter verification failed.
type: property is missing and it is not optional
$(usage_of create ' --resources <string> --rule <string> --type <string>')
[2]" pvesh create /cluster/ha/rules --rule apart --resources ct:100,vm:101 --affinity negative
expect 'a rule about one' "create ha rule failed: Rule 'apart' is invalid.
resources: rule is ineffective as there are less than two resources
[255]" pvesh create /cluster/ha/rules --rule apart --type resource-affinity --resources ct:100 --affinity negative
expect 'a rule about a stranger' 'create ha rule failed: cannot use unmanaged resource(s) vm:999.
[255]' pvesh create /cluster/ha/rules --rule apart --type resource-affinity --resources ct:100,vm:999 --affinity negative
expect 'a rule about a place' 'create ha rule failed: cannot use non-existant node(s) else.
[255]' pvesh create /cluster/ha/rules --rule there --type node-affinity --resources vm:101 --nodes else,pve
expect 'two rules about one' "create ha rule failed: Rule 'again' is invalid.
resources: resource 'ct:100' is already used in another node affinity rule
[255]" pvesh create /cluster/ha/rules --rule again --type node-affinity --resources ct:100 --nodes pve
run pvesh create /cluster/ha/rules --rule apart --type resource-affinity --resources vm:101,ct:100 --affinity negative
json 'rules' '[{"affinity":"negative","digest":"X","order":2,"resources":"ct:100,vm:101","rule":"apart","type":"resource-affinity"}]' /cluster/ha/rules --type resource-affinity

# ---- users ----
run pvesh create /access/groups --groupid admins
expect 'a user' '' pvesh create /access/users --userid joe@pve --groups admins --email joe@x.org --comment 'a: b'
expect 'no such group' "create user failed: no such group 'none'
[255]" pvesh create /access/users --userid jim@pve --groups none
expect 'no user' "400 Parameter verification failed.
userid: invalid format - value 'joe' does not look like a valid user name

$(usage_of create ' --userid <string>')
[2]" pvesh create /access/users --userid joe
expect 'a privilege that is none' "400 Parameter verification failed.
privs: invalid format - invalid privilege 'VM.Nope'

$(usage_of create ' --roleid <string>')
[2]" pvesh create /access/roles --roleid Ops --privs VM.Nope
expect 'a role' '' pvesh create /access/roles --roleid Ops --privs VM.PowerMgmt,VM.Audit
expect 'a role of its own' "delete role failed: auto-generated role 'PVEAdmin' cannot be deleted
[255]" pvesh delete /access/roles/PVEAdmin
expect 'rights' '' pvesh set /access/acl --path /vms/100 --roles Ops --users joe@pve --groups admins
expect 'rights nowhere' "400 Parameter verification failed.
path: invalid ACL path '/nowhere'
$(usage_of set ' --path <string> --roles <string>')
[255]" pvesh set /access/acl --path /nowhere --roles Ops --users joe@pve
expect 'rights for nobody' "ACL update failed: user 'jim@pve' does not exist
[255]" pvesh set /access/acl --path / --roles Ops --users jim@pve
json 'rights' '[{"path":"/vms/100","propagate":1,"roleid":"Ops","type":"group","ugid":"admins"},{"path":"/vms/100","propagate":1,"roleid":"Ops","type":"user","ugid":"joe@pve"}]' /access/acl
same 'the file' 'user:joe@pve:1:0:::joe@x.org:a%3A b:: user:root@pam:1:0:::::: group:admins:joe@pve:: pool:other::100,101:st: role:Ops:VM.Audit,VM.PowerMgmt: acl:1:/vms/100:@admins,joe@pve:Ops:' \
    "$(file user.cfg | grep . | tr '\n' ' ' | sed 's/ $//')"
expect 'a password' '' pvesh create /access/users --userid jim@pve --password 'hunter2hunter2'
same 'is nowhere in the open' '' "$(grep -rl hunter2 "$PHX_SANDBOX/etc")"
run pvesh delete /access/roles/Ops
expect 'rights by a role that is gone' "user config - ignore invalid acl role 'Ops'
[]" pvesh get /access/acl --output-format json

# ---- destroyed guests leave no name behind ----
run pvesh create /access/roles --roleid Ops
run pvesh set /access/acl --path /vms/100 --roles Ops --users joe@pve
run pvesh create /nodes/localhost/lxc/100/firewall/rules --type in --action ACCEPT
expect 'kept running by HA' 'unable to remove CT 100 - used in HA resources and purge parameter not set.
[255]' pct destroy 100
expect 'purged' 'purging CT 100 from related configurations..
NOTE: removed CT 100 from HA resource configuration.' pct destroy 100 --purge 1
same 'jobs' 'nightly 101 | rest -' "$(file jobs.cfg | awk '$1 == "vzdump:" { name = $2 } $1 == "vmid" { print name, $2 } $1 == "all" { print name, "-" } $1 == "exclude" { print "excluded" }' | paste -sd'|' | sed 's/|/ | /g')"
same 'HA' 'vm: 101 apart vm:101' "$(file ha/resources.cfg | grep :) $(file ha/rules.cfg | awk '/^[a-z]/ { name = $2 } $1 == "resources" { print name, $2 }')"
same 'pool and rights' 'pool:other::101:st: 0' "$(file user.cfg | grep ^pool) $(file user.cfg | grep -c ^acl)"
same 'firewall' '' "$(ls "$PHX_SANDBOX/etc/pve/firewall")"

# ---- mapped devices, options, the next number ----
expect 'a device' '' pvesh create /cluster/mapping/pci --id gpu --map node=pve,path=0000:01:00,id=10de:2203 --map node=n2,path=0000:02:00,id=10de:2203 --mdev 1
expect 'no device' "400 Parameter verification failed.
map.[0]: invalid format - format error
map.[0].path: value does not match the regex pattern

$(usage_of create ' --id <string> --map <string>')
[255]" pvesh create /cluster/mapping/pci --id bad --map node=pve,path=01:00,id=10de:2203
same 'its file has no types' "gpu
${tab}map node=pve,path=0000:01:00,id=10de:2203
${tab}map node=n2,path=0000:02:00,id=10de:2203
${tab}mdev 1" "$(file mapping/pci.cfg)"
expect 'no such device' "mapping 'none' not found
[255]" pvesh get /cluster/mapping/usb/none
expect 'options' '' pvesh set /cluster/options --migration secure,network=10.0.0.0/24 --keyboard de
json 'options' '{"keyboard":"de","mac_prefix":"BC:24:11","migration":{"network":"10.0.0.0/24","type":"secure"}}' /cluster/options
expect 'cleared' '' pvesh set /cluster/options --delete migration
same 'the file' 'keyboard: de' "$(file datacenter.cfg)"
json 'a free number' '"100"' /cluster/nextid
expect 'not free' "400 Parameter verification failed.
vmid: VM 101 already exists
$(usage_of get '')
[255]" pvesh get /cluster/nextid --vmid 101
expect 'nowhere to go' "no such cluster node 'else'
[255]" qm migrate 101 else
expect 'there already' "400 Parameter verification failed.
target: target is local node.
qm migrate <vmid> <target> [OPTIONS]
[255]" qm migrate 101 pve
expect 'percent signs mean nothing' "No 'get' handler defined for '/cluster%2Foptions'
[1]" pvesh get /cluster%2Foptions

# ---- firewalls ----
expect 'an alias' '' pvesh create /cluster/firewall/aliases --name Lan --cidr 10.0.0.0/24
expect 'in any case' "400 Parameter verification failed.
name: alias 'lan' already exists
$(usage_of create ' --cidr <string> --name <string>')
[255]" pvesh create /cluster/firewall/aliases --name lan --cidr 10.0.0.1
run pvesh create /cluster/firewall/ipset --name Admins
expect 'an address' '' pvesh create /cluster/firewall/ipset/admins --cidr 10.0.0.9/32
expect 'is the same without its prefix' "400 Parameter verification failed.
cidr: address '10.0.0.9' already exists
$(usage_of create ' --cidr <string>')
[255]" pvesh create /cluster/firewall/ipset/admins --cidr 10.0.0.9
expect 'everything' "400 Parameter verification failed.
cidr: a zero prefix is not allowed in ipset entries
$(usage_of create ' --cidr <string>')
[255]" pvesh create /cluster/firewall/ipset/admins --cidr ::/0
run pvesh create /cluster/firewall/ipset/admins --cidr 10.0.1.0/24 --nomatch 1
expect 'a path with a slash' '' pvesh delete /cluster/firewall/ipset/admins/10.0.1.0/24
expect 'a set with members' "IPSet 'admins' is not empty
[255]" pvesh delete /cluster/firewall/ipset/admins
run pvesh create /cluster/firewall/groups --group web
run pvesh create /cluster/firewall/groups/web --type in --action ACCEPT --macro https --source +admins --enable 1
expect 'a group with rules' "Security group 'web' is not empty
[255]" pvesh delete /cluster/firewall/groups/web
expect 'a group in a group' "400 Parameter verification failed.
type: security groups not allowed
$(usage_of create ' --action <string> --type <string>')
[255]" pvesh create /cluster/firewall/groups/web --type group --action web
expect 'a set that is not there' "400 Parameter verification failed.
source: no such ipset 'none'
$(usage_of create ' --action <string> --type <string>')
[255]" pvesh create /cluster/firewall/rules --type in --action ACCEPT --source +none
expect 'a group that is not there is no error' '' pvesh create /cluster/firewall/rules --type group --action nosuch
expect 'ports of nothing' "400 Parameter verification failed.
proto: missing property - 'dport' requires this property
$(usage_of create ' --action <string> --type <string>')
[255]" pvesh create /cluster/firewall/rules --type in --action ACCEPT --dport 22
run pvesh create /cluster/firewall/rules --type in --action ACCEPT --source LAN --proto tcp --dport 22 --enable 1 --comment ssh --pos 1
expect 'moved, and nothing else' '' pvesh set /cluster/firewall/rules/0 --moveto 2 --comment lost
same 'the file' '[ALIASES] | Lan 10.0.0.0/24 | [IPSET admins] | 10.0.0.9 | [RULES] | |GROUP nosuch | IN ACCEPT -source LAN -p tcp -dport 22 # ssh | [group web] | IN HTTPS(ACCEPT) -source +admins' \
    "$(file firewall/cluster.fw | grep . | paste -sd'~' | sed 's/~/ | /g')"
digest=$("$bin/pvesh" get /cluster/firewall/rules --output-format json | grep -o '"digest":"[0-9a-f]*"' | head -n 1 | cut -d'"' -f4)
same 'the digest is not that of the file' 'no' "$([ "$digest" = "$(sha1sum < "$PHX_SANDBOX/etc/pve/firewall/cluster.fw" | cut -d' ' -f1)" ] && echo yes || echo no)"
expect 'it is what a change is checked against' '' pvesh delete /cluster/firewall/rules/0 --digest "$digest"
expect 'and stale afterwards' 'detected modified configuration - file changed by other user? Try again.
[255]' pvesh delete /cluster/firewall/rules/0 --digest "$digest"
json 'what rules may name' '[{"name":"Lan","ref":"dc/Lan","scope":"dc","type":"alias"},{"name":"admins","ref":"+dc/admins","scope":"dc","type":"ipset"}]' /nodes/localhost/qemu/101/firewall/refs
expect 'a node has no sets' "No 'get' handler defined for '/nodes/localhost/firewall/ipset'
[1]" pvesh get /nodes/localhost/firewall/ipset
expect 'nor options of guests' 'Unknown option: dhcp
400 unable to parse option
'"$(usage_of set '')"'
[2]' pvesh set /nodes/localhost/firewall/options --dhcp 1
run pvesh set /nodes/localhost/firewall/options --enable 1
expect 'cleared' '' pvesh set /nodes/localhost/firewall/options --delete enable
same 'an empty firewall has no file' '' "$(ls "$PHX_SANDBOX/etc/pve/nodes/pve" | grep fw)"
expect 'a card of a guest' "400 Parameter verification failed.
iface: value does not match the regex pattern 'net\\d+'
$(usage_of create ' --action <string> --type <string>')
[255]" pvesh create /nodes/localhost/qemu/101/firewall/rules --type in --action ACCEPT --iface eth0

# ---- faults of these calls ----
PHX_SANDBOX_FAULT=$(next):fail
export PHX_SANDBOX_FAULT
timeout 20 "$bin/pvesh" create /pools --poolid never > /dev/null 2>&1
same 'fail' 255 $?
PHX_SANDBOX_FAULT=$(next):lie
expect 'lie' '' pvesh create /pools --poolid never
PHX_SANDBOX_FAULT=$(next):die
timeout 20 "$bin/pvesh" create /pools --poolid ever > /dev/null 2>&1
same 'killed' 137 $?
PHX_SANDBOX_FAULT=$(next):die
timeout 20 "$bin/pvesh" delete /cluster/ha/resources/vm:101 > /dev/null 2>&1
same 'killed half-way' '137 0 1' "$? $(file ha/resources.cfg | grep -c 101) $(file ha/rules.cfg | grep -c 101)"
PHX_SANDBOX_FAULT=$(next):hang
timeout 1 "$bin/pvesh" set /cluster/options --keyboard fr > /dev/null 2>&1
same 'hang' 124 $?
unset PHX_SANDBOX_FAULT
same 'what is left of them' 'pool:ever: pool:other: keyboard: de' "$(file user.cfg | grep -o '^pool:[a-z]*:' | tr '\n' ' ')$(file datacenter.cfg)"
