#!/bin/bash
# The two systems for which phxc was made, on the model host: Qdrant in a container, and its move to a virtual machine. What is planned is done, and
# then there is nothing to do; the programs that read the files which were written accept them; the key stands where it is needed and nowhere else.
set -u
cd "$(dirname "$0")/../.." || exit
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
PATH=$build:$PATH:/usr/sbin:/sbin
for program in systemd-analyze nginx docker-compose jq; do
    if ! command -v "$program" >/dev/null; then
        echo "skipped: there is no $program: .ci/setup engines installs it"
        exit 77
    fi
done
passed=0 failed=0
bed=$(mktemp -d) || exit
trap 'rm -rf "$bed"' EXIT
export NO_COLOR=1 HOME=$bed LC_ALL=C
# It is in the environment of those alone that apply a plan.
unset QDRANT_API_KEY
key=Open-Sesame-0123456789
# A folder to edit in; gates that stay shut are not waited for.
cp -R examples/phoenix "$bed/site"
cd "$bed/site" || exit

# verdict CODE WHAT: shows the end of what the last command said.
verdict() {
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        echo "FAIL $2"
        for said in out err; do [ -s "$bed/$said" ] && tail -n 12 "$bed/$said" | sed "s/^/    $said: /"; done
        failed=$((failed + 1))
    fi
}

# run CODE WHAT COMMAND...: outputs are in $bed/out and $bed/err.
run() {
    local wanted=$1 what=$2 code
    shift 2
    timeout 120 "$@" >"$bed/out" 2>"$bed/err" </dev/null
    code=$?
    [ $code -eq "$wanted" ]
    verdict $? "$what: exit $code, not $wanted"
}

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

# The key stands in these files of the host; so it stands in no command line, journal or list of what is owned, which are files there too.
secret_is_in() {
    same "$1" "$(grep -rlaF "$key" "$host" | sed "s|^$host||" | sort | tr '\n' ' ')" "$2: where the key is"
    grep -q 'docker.compose.stack' "$host/var/lib/phxc/journal.ndjson" && grep -q docker-compose "$host/var/lib/phx-sandbox/calls"
    verdict $? "$2: journal and command lines are not there"
}

# units FOLDER, stack FOLDER, sites FOLDER: what reads the files of a guest has nothing to say against them.
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
same '[39,["pve.lxc.qdrant/qdrant.server/docker.compose.stack","pve.lxc.qdrant/qdrant.server/docker.engine.engine","pve.lxc.qdrant/qdrant.server/fs.dir.storage","pve.lxc.qdrant/qdrant.server/systemd.unit.unit"],["check.http.healthy","check.http.ready"]]' \
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

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
