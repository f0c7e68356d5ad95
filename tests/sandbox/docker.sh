# Part of tests/sandbox/run: Docker in guests, one place further in.

guests
d() { "$bin/pct" exec 200 -- docker "$@" 2>&1; }
want() { # NAME WANT ARGUMENTS of docker in guest 200
    want_name=$1 want_text=$2
    shift 2
    expect "$want_name" "$want_text" pct exec 200 -- docker "$@"
}
expect 'no docker' 'lxc-attach: 200: ../src/lxc/attach.c: lxc_attach_run_command: 1841 No such file or directory - Failed to exec "docker"
[127]' pct exec 200 -- docker info
run pct exec 200 -- apt-get update
run pct exec 200 -- apt-get install -y docker.io
expect 'its daemon runs' 'active' pct exec 200 -- systemctl is-active docker
want 'what it is' "overlay2${tab}/var/lib/docker" info --format '{{.Driver}}\t{{.DockerRootDir}}'
want 'an unknown command' "docker: 'nosuch' is not a docker command.
See 'docker --help'
[1]" nosuch
want 'an unknown flag' "unknown flag: --nosuch
See 'docker run --help'.
[125]" run --nosuch alpine
want 'a template that is none' 'template parsing error: template: :1: function "nosuch" not defined
[1]' info --format '{{nosuch}}'

# -- networks and volumes --
same 'a network has an id' 64 "$(d network create --subnet 10.5.0.0/24 --label owner=me net | tr -d '\n' | wc -c | tr -d ' ')"
want 'its name is taken' 'Error response from daemon: network with name net already exists
[1]' network create net
want 'its addresses too' 'Error response from daemon: Pool overlaps with other one on this address space
[1]' network create --subnet 10.5.0.0/24 other
want 'a part of them too' 'Error response from daemon: Pool overlaps with other one on this address space
[1]' network create --subnet 10.5.0.128/25 other
want 'a gateway outside' 'no matching subnet for gateway 10.7.0.1
[1]' network create --subnet 10.6.0.0/24 --gateway 10.7.0.1 other
want 'a gateway of nothing' 'every ip-range or gateway must have a corresponding subnet
[1]' network create --gateway 10.7.0.1 other
want 'a range outside' 'no matching subnet for range 10.7.0.0/25
[1]' network create --subnet 10.6.0.0/24 --ip-range 10.7.0.0/25 other
want 'a driver that is none' 'Error response from daemon: could not find plugin nosuch in v1 plugin registry: plugin not found
[1]' network create --driver nosuch other
want 'a network by its label' "net${tab}me" network ls --filter label=owner --format '{{.Name}}\t{{.Label "owner"}}'
want 'a volume' data volume create data
want 'it stands in the guest' '/var/lib/docker/volumes/data/_data' volume inspect -f '{{.Mountpoint}}' data
want 'no such volume' '[]
Error response from daemon: get nosuch: no such volume
[1]' volume inspect nosuch
want 'built in' 'Error response from daemon: bridge is a pre-defined network and cannot be removed
[1]' network rm bridge

# -- containers --
run pct exec 200 -- docker run -d --name=db --network net -p 5432:5432 -v data:/var/lib/db -e A=1 --restart unless-stopped --label owner=me --memory 512m --health-cmd true postgres:16
want 'it runs' 'running 536870912 unless-stopped A=1' inspect --format '{{.State.Status}} {{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}} {{index .Config.Labels "none"}}A=1' db 
want 'it is healthy by now' 'Up 1 minute (healthy)' ps --format '{{.Status}}'
want 'as JSON' '{"Name":"unless-stopped","MaximumRetryCount":0}' inspect -f '{{json .HostConfig.RestartPolicy}}' db
want 'a field that is none' 'template: :1:2: executing "" at <.Nosuch>: map has no entry for key "Nosuch"
[1]' inspect -f '{{.Nosuch}}' db
want 'several, one missing' '/db
Error response from daemon: No such container: nosuch
[1]' container inspect --format '{{.Name}}' -- db nosuch
mkdir -p "$PHX_SANDBOX/guests/200/var/lib/docker/overlay2/of-one-that-was-killed/merged"
want 'a layer of nothing is not kept' 1 ps --format '1'
same 'but that of a container is' 1 "$(ls "$PHX_SANDBOX/guests/200/var/lib/docker/overlay2" | wc -l)"
feed 'a program in it' 'x' x pct exec 200 -- docker exec -i db tee /var/lib/db/file
expect 'what it wrote stands in the volume' 'x' pct exec 200 -- cat /var/lib/docker/volumes/data/_data/file
feed 'without -i there is no input' '' x pct exec 200 -- docker exec db cat
want 'its exit code' '[7]' exec db sh -c 'exit 7'
want 'no such program' 'OCI runtime exec failed: exec failed: unable to start container process: exec: "systemctl": executable file not found in $PATH: unknown
[127]' exec db systemctl
want 'no such user' 'OCI runtime exec failed: exec failed: unable to find user nosuch: no matching entries in passwd file
[126]' exec -u nosuch db true
same 'its name is taken' 1 "$(d create --name db postgres:16 | grep -c 'The container name "/db" is already in use')"
same 'its port too' 1 "$(d run -d --name db2 -p 5432:5432 postgres:16 | grep -c 'Bind for 0.0.0.0:5432 failed: port is already allocated')"
want 'but that one was made' 'created' inspect -f '{{.State.Status}}' db2
want 'renamed' '' rename db2 db3
want 'no longer there' 'Error response from daemon: No such container: db2
[1]' stop db2
want 'it runs, so it stays' 'Error response from daemon: cannot remove container "/db": container is running: stop the container before removing or force remove
[1]' rm db
want 'more than it may have on disk' "Error response from daemon: Cannot update container $(d inspect -f '{{.Id}}' db): Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time
[1]" update --memory 2g db
want 'changed' 'db' update --memory 1g --restart always db
want 'so it is' '1073741824 always' inspect -f '{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}' db
want 'and nothing else was made' 'db
db3' ps -a --format '{{.Names}}'
run pct exec 200 -- docker create --name away --network net --ip 10.9.0.9 postgres:16
same 'an address of another network' 1 "$(d start away | grep -c "Invalid address 10.9.0.9: It does not belong to any of this network's subnets")"
run pct exec 200 -- docker create --name beside --network net --ip "$(d inspect -f '{{.NetworkSettings.Networks.net.IPAddress}}' db)" postgres:16
same 'an address that is taken' 1 "$(d start beside | grep -c 'Address already in use')"
want 'the address that was asked for' '10.9.0.9' inspect -f '{{.NetworkSettings.Networks.net.IPAMConfig.IPv4Address}}' away
run pct exec 200 -- docker network create own
run pct exec 200 -- docker create --name free --network own --ip 172.18.0.9 postgres:16
same 'an address where none was chosen' 1 "$(d start free | grep -c 'only when connecting to networks with user configured subnets')"
run pct exec 200 -- docker rm away beside free
run pct exec 200 -- docker network rm own
want 'a volume of one letter' 'Error response from daemon: create v: volume name is too short, names should be at least two alphanumeric characters
[1]' volume create v
want 'too little memory' 'docker: Error response from daemon: Minimum memory limit allowed is 6MB
[125]' create -m 1m postgres:16
want 'a bad policy' "docker: Error response from daemon: invalid restart policy: unknown policy 'sometimes'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'
[125]" create --restart sometimes postgres:16
want 'a bad port' "docker: invalid containerPort: 99999.
See 'docker run --help'.
[125]" create -p 80:99999 postgres:16
want 'a bad image' "docker: invalid reference format: repository name (library/Postgres) must be lowercase.
See 'docker run --help'.
[125]" create Postgres
want 'a directory that must be there' 'docker: Error response from daemon: invalid mount config for type "bind": bind source path does not exist: /none
[125]' create --mount type=bind,source=/none,target=/x postgres:16
want 'a network that is none' 'docker: Error response from daemon: network nosuch not found
[125]' create --network nosuch postgres:16
want 'in use' "Error response from daemon: remove data: volume is in use
[1]" volume rm data
want 'removed with force' 'db3' rm --force -- db3

# -- the daemon, its guest --
run pct stop 200
run pct start 200
want 'started with its guest' 'db running' container ls --format '{{.Names}} {{.State}}'
run pct exec 200 -- docker stop db
run pct exec 200 -- docker update --restart unless-stopped db
run pct exec 200 -- systemctl restart docker
want 'stopped by hand stays stopped' 'exited' inspect -f '{{.State.Status}}' db
run pct stop 200
run pct snapshot 200 one
run pct start 200
run pct exec 200 -- docker rm db
run pct rollback 200 one --start 1
want 'a rollback brings containers back' 'db' ps -a --format '{{.Names}}'
run pct exec 200 -- systemctl stop docker.socket docker.service
want 'nobody answers' 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?
[1]' ps
printf '{"storage-driver": "fuse-overlayfs"}' | "$bin/pct" exec 200 -- install -D -m 644 /dev/stdin /etc/docker/daemon.json
expect 'a driver without its program' 'Job for docker.service failed because the control process exited with error code.
See "systemctl status docker.service" and "journalctl -xeu docker.service" for details.
[1]' pct exec 200 -- systemctl start docker
expect 'the daemon says why' 'failed to start daemon: error initializing graphdriver: fuse-overlayfs: driver not supported' pct exec 200 -- journalctl -u docker -n 1 --no-pager
run pct exec 200 -- apt-get install -y fuse-overlayfs
expect 'with it' '' pct exec 200 -- systemctl start docker
want 'is used' 'fuse-overlayfs' info -f '{{.Driver}}'
printf '{"storage-drivr": "vfs"}' | "$bin/pct" exec 200 -- install -D -m 644 /dev/stdin /etc/docker/daemon.json
run pct exec 200 -- systemctl restart docker
expect 'a setting that is none' "unable to configure the Docker daemon with file /etc/docker/daemon.json: the following directives don't match any configuration option: storage-drivr" pct exec 200 -- journalctl -u docker -n 1
run pct exec 200 -- rm /etc/docker/daemon.json
run pct stop 200
run pct set 200 --features keyctl=1
run pct start 200
expect 'not without nesting' 'failed' pct exec 200 -- systemctl is-failed docker
run pct stop 200
run pct set 200 --features nesting=1
run pct start 200
same 'without keyctl containers do not start' 1 "$(d start db | grep -c 'unable to join session keyring')"

# -- a machine, the node, killed --
run qm guest exec 300 -- apt-get update
run qm guest exec 300 -- apt-get install -y docker.io
run qm guest exec 300 -- docker run -d --name web nginx
expect 'a container in a machine' '{
   "exitcode" : 0,
   "exited" : 1,
   "out-data" : "web running\n"
}' qm guest exec 300 -- docker ps --format '{{.Names}} {{.State}}'
expect 'the node has none' 'docker: command not found
[127]' docker ps
PHX_SANDBOX_FAULT=$(next):die
export PHX_SANDBOX_FAULT
timeout 20 "$bin/qm" guest exec 300 -- docker network create half > /dev/null 2>&1
same 'killed before it was kept' 137 $?
unset PHX_SANDBOX_FAULT
expect 'so there is none' '{
   "exitcode" : 0,
   "exited" : 1
}' qm guest exec 300 -- docker network ls -q --filter name=half
fresh
echo '{"images": ["redis:7"]}' > "$PHX_SANDBOX/sandbox.json"
run apt-get install -y docker.io
expect 'an image that can not be had' 'Error response from daemon: manifest for redis:8 not found: manifest unknown: manifest unknown
[1]' docker pull redis:8
expect 'one that can' 'docker.io/library/redis:7' docker pull -q redis:7
