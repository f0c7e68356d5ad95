# Part of tests/sandbox/run: compose, and the YAML that it reads.

fresh
run apt-get install -y docker.io docker-compose
mkdir -p "$PHX_SANDBOX/opt/app"
# stack NAME WANT YAML: what `config --format json` makes of the services, or what it says.
stack() {
    printf '%s' "$3" > "$PHX_SANDBOX/opt/app/compose.yaml"
    same "$1" "$2" "$("$bin/docker" compose -f /opt/app/compose.yaml config --format json 2>&1 | { jq -cS .services 2> /dev/null || cat; })"
}
broken() {
    printf '%s' "$3" > "$PHX_SANDBOX/opt/app/compose.yaml"
    expect "$1" "$2
[15]" docker compose -f /opt/app/compose.yaml config -q
}
stack 'scalars' '{"a":{"command":["x: y","it'"'"'s","tab\t","1","two words"],"environment":{"EMPTY":null,"NUMBER":1.5,"OFF":false,"TEXT":"yes"},"image":"i:1"}}' 'services:
  a:
    image: i:1   # a comment
    command: ["x: y", '"'it''s'"', "tab\t", "1", two words]
    environment:
      EMPTY:
      OFF: false
      TEXT: yes
      NUMBER: 1.5
'
stack 'blocks' '{"a":{"command":"one\ntwo\n","entrypoint":"one two\nthree","image":"i","labels":["a=b # no comment","c=d"]}}' 'services:
  a:
    image: i
    command: |
      one
      two
    entrypoint: >-
      one
      two

      three
    labels:
    - "a=b # no comment"
    - c=d
'
stack 'anchors' '{"a":{"image":"i","restart":"always"},"b":{"image":"j","restart":"always"}}' 'x-common: &common
  restart: always
  image: i
services:
  a:
    <<: *common
  b: { <<: *common, image: j }
' 2> /dev/null
stack 'variables' '{"a":{"command":"$HOME d e","image":"i:1"}}' 'services:
  a:
    image: i:${TAG:-1}
    command: $$HOME ${NONE-d} ${NONE:-e}
'
broken 'a tab' 'parsing /opt/app/compose.yaml: yaml: line 2: found character that cannot start any token' 'services:
	a: 1
'
broken 'a key twice' 'parsing /opt/app/compose.yaml: yaml: line 4: mapping key "image" already defined' 'services:
  a:
    image: i
    image: j
'
broken 'a mapping in a text' 'parsing /opt/app/compose.yaml: yaml: line 3: mapping values are not allowed in this context' 'services:
  a:
    image: i: j
'
broken 'a bracket that is not closed' "parsing /opt/app/compose.yaml: yaml: line 3: did not find expected ',' or ']'" 'services:
  a: {image: i, command: [x
'
broken 'an unknown setting' "validating /opt/app/compose.yaml: services.a additional properties 'imgae' not allowed" 'services:
  a: {imgae: i}
'
broken 'a list that is none' 'validating /opt/app/compose.yaml: services.a.ports must be a array' 'services:
  a: {image: i, ports: "80:80"}
'
broken 'no image' 'service "a" has neither an image nor a build context specified: invalid compose project' 'services:
  a: {command: x}
'
broken 'an undefined network' 'service "a" refers to undefined network net: invalid compose project' 'services:
  a: {image: i, networks: [net]}
'
broken 'an undefined volume' 'service "a" refers to undefined volume data: invalid compose project' 'services:
  a: {image: i, volumes: ["data:/x"]}
'
broken 'a circle' 'dependency cycle detected: a -> b -> a' 'services:
  a: {image: i, depends_on: [b]}
  b: {image: i, depends_on: [a]}
'
broken 'a variable that is needed' 'required variable TAG is missing a value: say which' 'services:
  a: {image: "i:${TAG:?say which}"}
'
expect 'no file' 'no configuration file provided: not found
[14]' docker compose config
expect 'another file that is missing' 'open /none.yaml: no such file or directory
[14]' docker-compose -f /none.yaml up -d

cat > "$PHX_SANDBOX/opt/app/compose.yaml" << 'YAML'
services:
  web:
    image: nginx:1.27
    ports: ["8080:80"]
    depends_on:
      db: { condition: service_healthy }
      migrate: { condition: service_completed_successfully }
  db:
    image: postgres:16
    env_file: .env
    volumes: ["data:/var/lib/postgresql/data", "./conf:/conf:ro"]
    healthcheck: { test: ["CMD", "pg_isready"], interval: 5s, retries: 3 }
  migrate:
    image: migrate:1
volumes:
  data:
YAML
same 'an env file that is missing' 'env file /opt/app/.env not found: stat /opt/app/.env: no such file or directory' "$("$bin/docker" compose -f /opt/app/compose.yaml up -d 2>&1 | tail -n 1)"
echo 'A=1' > "$PHX_SANDBOX/opt/app/.env"
expect 'up, each after what it needs' ' Network app_default  Created
 Volume "app_data"  Created
 Container app-db-1  Started
 Container app-migrate-1  Started
 Container app-web-1  Started' docker compose -f /opt/app/compose.yaml up -d
expect 'up again' ' Container app-db-1  Running
 Container app-migrate-1  Started
 Container app-web-1  Running' docker compose -f /opt/app/compose.yaml up -d
same 'who they are' 'app-db-1 db running healthy
app-migrate-1 migrate exited 
app-web-1 web running ' "$("$bin/docker" compose -p app ps -a --format json | jq -r '[.Name, .Service, .State, .Health] | join(" ")')"
expect 'by their labels' "app${tab}web" docker ps --filter label=com.docker.compose.service=web --format '{{.Label "com.docker.compose.project"}}\t{{.Label "com.docker.compose.service"}}'
same 'what is mounted' '/opt/app/conf /conf false' "$("$bin/docker" inspect app-db-1 | jq -r '.[0].Mounts[] | select(.Type == "bind") | "\(.Source) \(.Destination) \(.RW)"')"
same 'what its environment is' 'A=1' "$("$bin/docker" inspect app-db-1 | jq -r '.[0].Config.Env[0]')"
before=$("$bin/docker" ps -q --no-trunc --filter name=app-db)
sed -i 's/nginx:1.27/nginx:1.28/' "$PHX_SANDBOX/opt/app/compose.yaml"
run docker compose -f /opt/app/compose.yaml up -d
expect 'what changed is made anew' 'nginx:1.28' docker inspect -f '{{.Config.Image}}' app-web-1
same 'the rest stays' "$before" "$("$bin/docker" ps -q --no-trunc --filter name=app-db)"
sed -i '/^  migrate:/,/^    image: migrate/d; /migrate/d' "$PHX_SANDBOX/opt/app/compose.yaml"
run docker compose -f /opt/app/compose.yaml up --detach --remove-orphans
expect 'orphans go' 'app-db-1
app-web-1' docker ps -a --format '{{.Names}}'
expect 'a program in a service' 'hello' docker compose -f /opt/app/compose.yaml exec -T web sh -c 'echo hello'
PHX_SANDBOX_FAULT=$(next):die
export PHX_SANDBOX_FAULT
timeout 20 "$bin/docker" compose -f /opt/app/compose.yaml down > /dev/null 2>&1
same 'killed on the way down' 137 $?
unset PHX_SANDBOX_FAULT
run docker compose -f /opt/app/compose.yaml down
expect 'down' '' docker ps -aq
expect 'its network too' '' docker network ls -q --filter name=app_
expect 'the volume stays' 'app_data' docker volume ls -q
run docker compose -f /opt/app/compose.yaml down -v
expect 'unless it is asked for' '' docker volume ls -q

# A unit that brings a stack up, as people write them.
mkdir -p "$PHX_SANDBOX/etc/systemd/system"
printf '[Unit]\nRequires=docker.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\nWorkingDirectory=/opt/app\nExecStart=/usr/bin/docker compose up -d\nExecStop=/usr/bin/docker compose down\n' > "$PHX_SANDBOX/etc/systemd/system/app.service"
expect 'by a unit' '' systemctl start app
expect 'there' 'app-db-1
app-web-1' docker ps --format '{{.Names}}'
run systemctl stop app
expect 'and away' '' docker ps -aq
