#!/bin/bash
# The two systems for which phxc was made, on the model host: Qdrant in a container, and its move to a virtual machine. What is planned is done, and
# then there is nothing to do; the programs that read the files which were written accept them; the key stands where it is needed and nowhere else.
. "$(dirname "$0")/../suite.sh"
need engines systemd-analyze nginx docker-compose jq
# It is in the environment of those alone that apply a plan.
unset QDRANT_API_KEY
key=Open-Sesame-0123456789
# A folder to edit in; gates that stay shut are not waited for.
cp -R examples/phoenix "$bed/site"
cd "$bed/site" || exit

# says PATTERN WHAT, silent PATTERN WHAT: it stands in what was last printed, or does not.
says() {
    grep -qE -- "$1" "$bed/out" "$bed/err"
    verdict $? "$2: no /$1/ in what was printed"
}
silent() {
    ! grep -qE -- "$1" "$bed/out" "$bed/err"
    verdict $? "$2: /$1/ in what was printed"
}

# same WANT GOT WHAT
same() {
    [ "$1" = "$2" ]
    verdict $? "$3: '$2', not '$1'"
}

plan() { run "$1" "$2: plan" phxc plan "$site" --host "sandbox:$host" --detailed-exitcode "${@:3}"; }
apply() { run "$1" "$2: apply" env "QDRANT_API_KEY=$key" phxc apply "$site" --host "sandbox:$host" --yes "${@:3}"; }

# settled WHAT [OPTION...]: there is nothing to do.
settled() {
    plan 0 "$1, afterwards" "${@:2}"
    says '^Nothing to do' "$1, afterwards"
}

# inside GUEST COMMAND...: a program in a guest of the model host.
inside() { PHX_SANDBOX=$host "$build/sandbox/pct" exec "$@" 2>&1; }

# The key stands in these files of the host, and in backups of the guest that has it; so it stands in no command line, journal or list of what is owned,
# which are files there too.
secret_is_in() {
    same "$1" "$(grep -rlaF "$key" "$host" | sed -E "s|^$host||; s|^/var/lib/phx-sandbox/backups/[0-9a-f]+|BACKUP|" | sort -u | tr '\n' ' ')" "$2: where the key is"
    grep -q 'docker.compose.stack' "$host/var/lib/phxc/journal.ndjson" && grep -q docker-compose "$host/var/lib/phx-sandbox/calls"
    verdict $? "$2: journal and command lines are not there"
}

# units FOLDER, stack FOLDER: what reads the files of a guest has nothing to say against them.
units() {
    systemd-analyze verify --man=no "$1"/etc/systemd/system/*.service >"$bed/out" 2>"$bed/err"
    verdict $? "systemd-analyze verify: $1"
    [ ! -s "$bed/err" ]
    verdict $? "systemd-analyze verify has something to say: $1"
}
stack() {
    docker-compose --project-directory "$1" --file "$1/docker-compose.yml" config -q >"$bed/out" 2>"$bed/err"
    verdict $? "docker-compose config: $1"
}

# ---- Qdrant in a container ----

site=qdrant.phx host=$bed/one
mkdir "$host"
run 0 'qdrant: check' phxc check $site
silent . 'qdrant: check'
run 0 'qdrant: plan of nothing' env "QDRANT_API_KEY=$key" phxc plan $site --facts none --format json
cp "$bed/out" "$bed/plan.json"
silent "$key" 'qdrant: the plan'
same '[39,["pve.lxc.qdrant/docker.engine.engine","pve.lxc.qdrant/qdrant.server/docker.compose.stack","pve.lxc.qdrant/qdrant.server/fs.dir.storage","pve.lxc.qdrant/qdrant.server/systemd.unit.unit"],["check.http.healthy","check.http.ready"]]' \
    "$(jq -c '[(.steps | length), ([.steps[] | select(.if_needed) | .address] | sort), [.steps[] | select(.address | startswith("check.")) | .address]]' "$bed/plan.json")" 'qdrant: steps'

run 1 'qdrant without its key' phxc apply $site --host "sandbox:$host" --yes
says 'QDRANT_API_KEY' 'qdrant without its key'
[ ! -e "$host/guests/952" ]
verdict $? 'qdrant without its key: something was done'
key=2short apply 1 'qdrant with a key that is too short'
silent 2short 'qdrant with a key that is too short'

apply 0 'qdrant'
says 'key = \(secret api_key\)' 'qdrant: what is told at the end'
says 'rest = "http://10.0.0.152:6333"' 'qdrant: what is told at the end'
silent "$key" 'qdrant: apply'
settled 'qdrant'
run 0 'qdrant: inspect' phxc inspect $site --host "sandbox:$host"
silent "$key" 'qdrant: what is recorded'
secret_is_in '/guests/952/opt/qdrant/.env /guests/952/var/lib/docker/state.json ' 'qdrant'
same "600 root" "$(inside 952 -- stat -c '%a %U' /opt/qdrant/.env)" 'qdrant: who may read the key'
same 'active enabled' "$(inside 952 -- systemctl is-active qdrant.service) $(inside 952 -- systemctl is-enabled qdrant.service)" 'qdrant: its unit'
same 'qdrant/qdrant:v1.7.4 running' "$(inside 952 -- docker inspect -f '{{.Config.Image}} {{.State.Status}}' "$(inside 952 -- docker ps -q)")" 'qdrant: its container'
units "$host/guests/952"
stack "$host/guests/952/opt/qdrant"
same fuse-overlayfs "$(jq -r '."storage-driver"' "$host/guests/952/etc/docker/daemon.json")" 'qdrant: what Docker is told'

# A stack that was taken down by hand comes up again, and is asked for its health before anything goes on.
inside 952 -- docker-compose --project-name qdrant --project-directory /opt/qdrant --file /opt/qdrant/docker-compose.yml down >/dev/null
plan 2 'qdrant, taken down'
same '2' "$(grep -c 'wait  *check\.http\.' "$bed/out")" 'qdrant, taken down: the checks'
apply 0 'qdrant, taken down'
settled 'qdrant, taken down'

# A gate that stays shut: what comes after it is not done. Open, the rest is.
printf '{"endpoints": [{"url": "*/healthz", "status": 503}]}' >"$host/sandbox.json"
inside 952 -- docker-compose --project-name qdrant --project-directory /opt/qdrant --file /opt/qdrant/docker-compose.yml down >/dev/null
sed -i 's/^check.http healthy {/& within = 1s /; s/keep_daily = 7/keep_daily = 8/' $site
apply 6 'qdrant, not well'
says 'check.http.healthy.*503' 'qdrant, not well'
grep -q keep-daily=7 "$host/etc/pve/jobs.cfg"
verdict $? 'qdrant, not well: what comes after the gate was done'
rm "$host/sandbox.json"
apply 0 'qdrant, well again'
settled 'qdrant, well again'

# ---- Qdrant moves ----

# The world as the move finds it: what before.phx says, a machine with a disk of 100 GiB, the node's key, three containers that nobody wants any more and
# that others have made, and something in the database.
site=before.phx host=$bed/old
mkdir "$host"
apply 0 'before'
settled 'before'
pve() { run 0 "the world as the move finds it: $*" env "PHX_SANDBOX=$host" "$build/sandbox/$1" "${@:2}"; }
pve qm resize 1001 scsi0 100G
mkdir -p "$host/root/.ssh"
grep -o 'ssh-ed25519[^"]*' landscape.phx >"$host/root/.ssh/id_ed25519.pub"
for id in 950 951 953; do pve pct clone 900 $id --snapname final-form --hostname "old-$id" --storage quickOS-lxc-disks; done
for id in 950 951; do pve pct start $id; done
mkdir -p "$host/guests/952/opt/qdrant/storage/collections/books"
echo points >"$host/guests/952/opt/qdrant/storage/collections/books/segment"
cp -a "$host" "$bed/all"

guests() { (cd "$host/guests" && echo *); }
asked() { sed -n 's/^ *proxy_pass //p' "$host/guests/101/etc/nginx/sites-available/qdrant"; }
running() { PHX_SANDBOX=$host "$build/sandbox/pct" status "$1" | sed 's/status: //'; }
in_machine() { PHX_SANDBOX=$host "$build/sandbox/qm" guest exec 1001 -- "$@" | jq -r '."out-data" // "" | rtrimstr("\n")'; }
sized() { sed -nE 's/^(cores|memory): //p' "$host/etc/pve/qemu-server/1001.conf" | tr '\n' ' '; }
books() { cat "$host"/guests/"$1"/opt/qdrant/storage/collections/books/* 2>/dev/null | tr '\n' ' '; }

site=migration.phx host=$bed/all
sed -i 's/^  check.http [a-z_]* {/& within = 1s /' $site landscape.phx
allowed=(--adopt all)
for id in 950 951 952 953; do allowed+=(--allow "pve.lxc.legacy[$id]:data_loss"); done
run 0 'migration: check' phxc check $site
silent . 'migration: check'
plan 4 'migration, not allowed to lose anything'
apply 4 'migration, not allowed to lose anything'
same 'running 4 8192 ' "$(running 952) $(sized)" 'migration, not allowed: something was done'
run 0 'migration: plan' phxc plan $site --host "sandbox:$host" "${allowed[@]}" --format json
cp "$bed/out" "$bed/plan.json"
silent "$key" 'migration: plan'
same 'prepare transfer deploy switch verify decommission' "$(jq -r '[.steps[] | select(.phase) | .phase] | reduce .[] as $p ([]; if .[-1] == $p then . else . + [$p] end) | join(" ")' "$bed/plan.json")" 'migration: phases'
same '["stop","pve.lxc.legacy[950]","downtime"] ["stop","pve.lxc.legacy[951]","downtime"]' \
    "$(jq -c '.steps[] | select(.verb == "stop" and (.address | test("95[01]"))) | [.verb, .address, .class]' "$bed/plan.json" | tr '\n' ' ' | sed 's/ $//')" 'migration: stops'

# stopped WHAT PATTERN [URL]: an apply ends at PATTERN while the endpoint does not answer as it should.
stopped() {
    [ -z "${3-}" ] || printf '{"endpoints": [{"url": "%s", "status": 503}]}' "$3" >"$host/sandbox.json"
    apply 6 "stopped at $1" "${allowed[@]}"
    says "failed $2" "stopped at $1"
    silent 'done pve.lxc.legacy' "stopped at $1"
    rm -f "$host/sandbox.json"
}

stopped 'the way back of Portainer' 'machine.machine/check.http.portainer:' 'http://10.0.0.101:9000/*'
same 'running 6 10240  http://10.0.0.152:6333;' "$(running 952) $(sized)$(in_machine ls /opt/qdrant 2>/dev/null) $(asked)" 'stopped at the way back of Portainer'
mv "$host/root/.ssh" "$bed/key"
stopped 'a key that nobody knows' 'data.storage: run'
says 'Permission denied' 'stopped at a key that nobody knows'
same 'running http://10.0.0.152:6333;' "$(running 952) $(asked)" 'stopped at a key that nobody knows: the old one serves'
mv "$bed/key" "$host/root/.ssh"
stopped 'the health of the new one' 'check.http.healthy:' 'http://10.0.0.101:6333/healthz'
same 'stopped points  http://10.0.0.152:6333;' "$(running 952) $(books 1001) $(asked)" 'stopped at the health of the new one'
stopped 'the key of the new one' 'check.http.ready:' 'http://10.0.0.101:6333/collections'
same 'active http://10.0.0.152:6333;' "$(in_machine systemctl is-active qdrant.service) $(asked)" 'stopped at the key of the new one'
stopped 'Qdrant behind the gateway' 'check.http.qdrant_through:' 'http://10.0.0.153:6333/*'
same 'http://10.0.0.101:6333;' "$(asked)" 'stopped at Qdrant behind the gateway'
cp -a "$host" "$bed/back"
stopped 'Portainer behind the gateway' 'check.http.portainer_through:' 'http://10.0.0.153:9000/*'
stopped 'vLLM behind the gateway' 'check.http.vllm_through:' 'http://10.0.0.153:8000/*'
same '1001 101 801 802 900 9000 901 950 951 952 953' "$(guests)" 'stopped at each gate: who is there'
apply 0 'to the end' "${allowed[@]}"
settled 'to the end' "${allowed[@]}"
same '1001 101 801 802 900 9000 901' "$(guests)" 'to the end: who is there'
same 'points ' "$(books 1001)" 'to the end: what the database holds'
same '5' "$(cat "$host"/fastData/shared-backups/dump/*.notes | grep -oE 'before the move|before it was removed' | wc -l)" 'to the end: backups'
same '' "$(grep qdrant "$host/etc/hosts")" 'to the end: the name'
secret_is_in '/guests/1001/opt/qdrant/.env /guests/1001/var/lib/docker/state.json BACKUP/opt/qdrant/.env BACKUP/var/lib/docker/state.json ' 'migration'
units "$host/guests/1001"
stack "$host/guests/1001/opt/qdrant"
stack "$host/guests/1001/opt/portainer"
cat >"$bed/nginx.conf" <<CONF
pid $bed/nginx.pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path $bed/a; proxy_temp_path $bed/b; fastcgi_temp_path $bed/c; uwsgi_temp_path $bed/d; scgi_temp_path $bed/e;
    include $host/guests/101/etc/nginx/sites-available/qdrant;
    include $host/guests/101/etc/nginx/sites-available/portainer;
    include $host/guests/101/etc/nginx/sites-available/vllm;
}
CONF
run 0 'nginx -t' nginx -t -c "$bed/nginx.conf"
sed -i 's/proxy_pass /proxy_pas /' "$host/guests/101/etc/nginx/sites-available/qdrant"
run 1 'nginx -t of what is wrong' nginx -t -c "$bed/nginx.conf"

# ---- and back, and again ----

site=before.phx host=$bed/back
apply 0 'back'
settled 'back'
same 'running active http://10.0.0.152:6333; 4 8192 ' "$(running 952) $(inside 952 -- systemctl is-active qdrant.service) $(asked) $(sized)" 'back'
same 'onboot: 1' "$(grep onboot "$host/etc/pve/lxc/952.conf")" 'back: it starts with the host'
same 'portainer' "$(in_machine docker ps -a --format '{{.Label "com.docker.compose.project"}}')" 'back: what runs in the machine'
same '' "$(in_machine ls /etc/systemd/system/qdrant.service 2>/dev/null)" 'back: the unit'
echo more >"$host/guests/952/opt/qdrant/storage/collections/books/later"
site=migration.phx
apply 0 'again, and all stay' --set 'leaving=[]'
settled 'again, and all stay' --set 'leaving=[]'
same 'more points ' "$(books 1001)" 'again: what was written meanwhile came along'
same 'stopped 1001 101 801 802 900 9000 901 950 951 952 953' "$(running 952) $(guests)" 'again, and all stay: who is there'

suite_end
