#!/bin/bash
# Docker itself: a dockerd of Debian's in a corner of its own, where a network, a volume, a container and a compose stack are made,
# changed by hand, found to differ, mended, and removed again. What the model host says of Docker is held against this.
. "$(dirname "$0")/../suite.sh"
need engines dockerd docker docker-compose busybox
! ldd "$(command -v busybox)" >/dev/null 2>&1 || skip 'busybox is not the static one: .ci/setup engines says which'
# All that is started in there ends with it.
own -m -n -p -f --mount-proc --propagation private --kill-child
PATH=/usr/sbin:/usr/bin:/sbin:/bin

# ---- a Docker of its own ----

# The program may stand in a folder that is covered here.
exec 9<"$phxc" || exit
mount -t tmpfs none /run && mount -t tmpfs none /var/lib && mount -t tmpfs none /tmp && busybox ip link set lo up || exit
bed=/tmp/bed
mkdir -p $bed/image/bin && cd $bed || exit
phxc=$bed/phxc
cat <&9 >$phxc && chmod 755 $phxc && exec 9<&- || exit
export HOME=$bed
dockerd --data-root $bed/data --iptables=false --bridge=none --userland-proxy=false --storage-driver=vfs >dockerd.log 2>&1 &
dockerd=$!
for ((i = 0; i < 300; i++)); do
    docker version >/dev/null 2>&1 && break
    if ! kill -0 $dockerd 2>/dev/null; then break; fi
    sleep 0.1
done
if ! docker version >/dev/null 2>&1; then
    echo 'FAIL dockerd does not start:'
    tail -n 5 dockerd.log | sed 's/^/    /'
    echo '0 passed, 1 failed'
    exit 1
fi
cp "$(command -v busybox)" image/bin/
for program in sh sleep true cat; do ln -s busybox image/bin/$program; done
tar -C image -c . | docker import -c 'ENV PATH=/bin' -c 'LABEL of.image=1' - box:1 >/dev/null || exit
docker tag box:1 box:2

# ---- what is expected ----

# says PATTERN WHAT: it stands in what was last printed.
says() {
    grep -qE -- "$1" "$bed/out"
    verdict $? "$2: no /$1/ in out"
}

# same COMMAND PRINTED WHAT
same() {
    local printed
    printed=$(eval "$1" 2>&1)
    [ "$printed" = "$2" ]
    verdict $? "$3: '$1' prints '$printed', not '$2'"
}

plan() { run "$1" "$2" "$phxc" plan --host local --detailed-exitcode "${@:3}"; }
apply() { run "$1" "$2" "$phxc" apply --host local --yes "${@:3}"; }

# mended WHAT PATTERN [OPTION...]: the plan has a line like this one, is carried out, and then there is nothing to do.
mended() {
    plan 2 "$1: plan" "${@:3}"
    says "$2" "$1: plan"
    apply 0 "$1: apply" "${@:3}"
    plan 0 "$1: plan after apply"
    says '^Nothing to do' "$1: plan after apply"
}

site() {
    cat >site.phx
}

whole() {
    sed -e "s/@ENV@/${1:-one}/" -e "s/@MEMORY@/${2:-64MiB}/" -e "s/@SECRET@/${3:-hush}/" -e "s/@NETWORKS@/${4:-}/" -e "s/@IMAGE@/${5:-box:1}/" <<'END' | site
site "suite" edition 1

docker.network inner { name = "inner"  subnet = 10.213.7.0/24  gateway = 10.213.7.1  ip_range = 10.213.7.128/25  internal = true  labels = { use = "a test" }  options = { "com.docker.network.driver.mtu": "1400" } }
docker.network other { name = "other"  driver = "bridge" }
docker.volume data { name = "data"  labels = { use = "a test" } }

docker.container box {
  name       = "box"
  image      = "@IMAGE@"
  command    = ["sleep", "1000"]
  env        = { SAID = "@ENV@ two", COUNT = 3 }
  secret_env = { TOKEN = "@SECRET@" }
  network    = inner
  networks   = [@NETWORKS@]
  ip         = 10.213.7.9
  aliases    = ["case"]
  ports      = ["127.0.0.1:8080:80", "53:53/udp", "9000"]
  mounts     = [{ target = "/data", volume = data }, { target = "/bed", source = "/tmp/bed/image", read_only = true }, { target = "/scratch" }]
  restart    = "unless-stopped"
  user       = "1000:1000"
  workdir    = "/data"
  hostname   = "box"
  memory     = @MEMORY@
  cpus       = 0.5
  pids_limit = 50
  read_only  = true
  init       = false
  cap_drop   = ["ALL"]
  cap_add    = ["NET_BIND_SERVICE", "CHOWN"]
  security_opt = ["no-new-privileges"]
  devices    = ["/dev/null"]
  shm_size   = 16MiB
  sysctls    = { "net.core.somaxconn": "256" }
  ulimits    = { nofile = "100:200" }
  dns        = [10.213.7.1]
  hosts      = { elsewhere = "10.213.7.77" }
  log_opts   = { "max-size": "1m" }
  health     = { command = "true", interval = 30s, timeout = 1500ms, retries = 2, start_period = 1m }
  stop_timeout = 1s
  labels     = { use = "a test, of this" }
}

docker.compose stack {
  name = "stack"
  dir  = "/tmp/bed/stack"
  file = {
    version  = "3.7"
    services = {
      web  = { image = "box:1", command = ["sleep", "1000"], env_file = ".env", network_mode = "none", volumes = ["kept:/kept"], stop_grace_period = 1s }
      side = { image = "$\{SIDE}", command = "sleep 1000", network_mode = "none", stop_grace_period = 1s }
      job  = { image = "box:1", command = "true", network_mode = "none" }
    }
    volumes = { kept = { driver = "local" } }
  }
  env  = { SIDE = "box:1", WORD = "it is # two words", SUM = "a$b" }
  jobs = ["job"]
}
END
}

# ---- the main road ----

whole
mkdir plain && printf 'site "suite" edition 1\n' >plain/site.phx
plan 2 'first plan'
says '5 to create' 'first plan'
apply 0 'first apply'
plan 0 'plan after apply'
says '^Nothing to do: 5 resources are as written\.$' 'plan after apply'
run 0 'recorded' "$phxc" inspect --host local
cp "$bed/out" facts.json
! grep -qE 'hush|it is # two' facts.json
verdict $? 'what is recorded holds a secret'
run 0 'plan by what is recorded' "$phxc" plan --facts facts.json
says '^Nothing to do' 'plan by what is recorded'
same 'docker exec box cat /proc/1/environ | tr "\0" "\n" | grep -E "^(SAID|COUNT|TOKEN)=" | sort' $'COUNT=3\nSAID=one two\nTOKEN=hush' 'the variables of the container'
same 'docker exec stack_web_1 cat /proc/1/environ | tr "\0" "\n" | grep -E "^(WORD|SUM)=" | sort' $'SUM=a$b\nWORD=it is # two words' 'the variables of the stack'
same 'stat -c %a /tmp/bed/stack/.env' 600 'who may read the variables'
same 'ls -A /run/phxc' '' 'what is left of the variables of the container'
same 'docker inspect -f "{{index .Config.Labels \"phx.owner\"}}" box' 'phxc suite docker.container.box box' 'the stamp'

# ---- changed by hand, the container and the stack ----

compose() { docker-compose -p stack --project-directory stack -f stack/docker-compose.yml "$@" >/dev/null 2>&1; }

docker rm -f box >/dev/null
compose stop web
plan 2 'removed and stopped'
says 'stopped: \["web"\] -> \[\]' 'stopped'
mended 'removed and stopped' 'create +docker.container.box'
docker network disconnect -f inner box && docker network rm inner >/dev/null
docker rm -f stack_side_1 >/dev/null
mended 'network and service removed' 'create +docker.network.inner'
docker update --memory 32m --memory-swap 64m box >/dev/null
sed -i 's/two words/three/' stack/.env
mended 'limit and variables' 'memory: 32MiB -> 64MiB'
same 'docker inspect -f "{{.HostConfig.Memory}}" box' '67108864' 'limit'
same 'docker exec stack_web_1 cat /proc/1/environ | tr "\0" "\n" | grep -E "^WORD="' 'WORD=it is # two words' 'variables'
docker network connect other box
chmod 644 stack/.env
echo '# mine' >>stack/docker-compose.yml
plan 2 'joined, open to all, edited'
says 'networks: \["other"\] -> \[\]' 'joined'
says 'env_mode: "644" -> "600"' 'open to all'
says 'content' 'edited'
mended 'joined, open to all, edited' 'set +docker.container.box'
docker stop -t 0 box >/dev/null && docker rename box box.phxc-new
rm stack/docker-compose.yml
mended 'exchange broken off between the two, file removed' 'restart +docker.container.box'
docker create --name box.phxc-new box:1 sleep 1 >/dev/null
plan 0 'exchange broken off before'
docker rm -f box >/dev/null && docker rename box.phxc-new box
plan 2 'a container of somebody else in its place'
says 'exists and carries no stamp of this site' 'a container of somebody else in its place'
touch stack/docker-compose.yml.phxc-pending
mended 'that one adopted, attempt broken off' 'adopt +docker.container.box' --adopt docker.container.box
same 'docker inspect -f "{{.Config.User}} {{.State.Running}}" box' '1000:1000 true' 'that one adopted'

# ---- changed in the text ----

same 'docker exec -u 0 stack_web_1 sh -c "echo here >/kept/file; cat /kept/file"' here 'data in a volume of the stack'
whole other
sed -i '/side *=/d; s/SIDE = "box:1", //' site.phx
mended 'variable, service taken out' 'SAID = "other two"'
same 'docker ps -a --filter label=com.docker.compose.service=side --format "{{.Names}}"' '' 'service taken out'
same 'docker exec -u 0 stack_web_1 cat /kept/file' here 'data in a volume of the stack, afterwards'
whole other 48MiB hush other
plan 2 'limit and network'
says 'docker update --memory=50331648 --memory-swap=100663296 -- box' 'limit'
mended 'limit and network' 'docker network connect -- other box'
whole other 48MiB louder '' box:2
mended 'secret, image and network' 'image: "box:1" -> "box:2"'
! grep -qE "louder|hush" "$bed/out"
verdict $? 'the plan shows a secret'
same 'docker exec box cat /proc/1/environ | tr "\0" "\n" | grep TOKEN' 'TOKEN=louder' 'secret'
whole other 48MiB louder '' box:none
apply 6 'an image that is not there'
same 'docker inspect -f "{{.Config.Image}} {{.State.Running}}" box' 'box:2 true' 'an image that is not there: the old container runs'
sed -i 's/box:none/box:2/; s/subnet = 10.213.7/subnet = 10.213.8/' site.phx
run 1 'a network with other addresses' "$phxc" plan --host local
grep -q "\`subnet\` of docker.network.inner can't change" "$bed/err"
verdict $? 'a network with other addresses: no error'

# ---- taken out of the text ----

cd plain || exit
plan 0 'all taken out'
says 'docker.compose.stack.*--prune' 'all taken out'
apply 4 'removal of data' --prune
apply 0 'removal' --prune --allow docker.volume.data:data_loss
plan 0 'after removal' --prune
same 'docker ps -a --format "{{.Names}}"' '' 'containers left'
same 'docker network ls --format "{{.Name}}" | sort | tr "\n" " "' 'host none ' 'networks left'
same 'docker volume ls --format "{{.Name}}"' 'stack_kept' 'volumes left'
same 'ls -A /tmp/bed/stack 2>/dev/null' '' 'files left'
same 'cat /var/lib/phxc/suite/owned' '' 'names left'

# A stack that is said to be absent may take its volumes along.
cd $bed || exit
whole
echo quiet >token
sed -i 's/^docker.volume/secret token: string from file "token"\n&/; s/TOKEN = "hush"/TOKEN = token/' site.phx
apply 0 'all again'
! grep -q quiet "$bed/out"
verdict $? 'what is told of an apply holds a secret'
same 'docker exec box cat /proc/1/environ | tr "\0" "\n" | grep TOKEN' 'TOKEN=quiet' 'a secret from a file'
plan 0 'all again: plan after apply'
sed -i 's/^docker.compose stack {/absent docker.compose stack {\n  remove_volumes = true/' site.phx
apply 4 'volumes with their stack'
apply 0 'volumes with their stack, allowed' --allow docker.compose.stack:data_loss
plan 0 'plan after that'
same 'docker volume ls --format "{{.Name}}"' 'data' 'the volumes of the stack'

docker rm -f box >/dev/null 2>&1
kill $dockerd
wait $dockerd 2>/dev/null
suite_end
