#!/bin/bash
# Files that the library writes are accepted by the programs that read them: unit files by systemd, sites by nginx, stacks by compose.
. "$(dirname "$0")/../suite.sh"
need engines systemd-analyze nginx docker-compose jq

# written SITE FOLDER: every file of the plan for an empty host, under the folder. A secret is some text or other.
written() {
    local number path
    phxc plan "$1" --facts none --format json >"$bed/plan.json" || return 1
    jq -c '[.steps[].commands[] | select(.kind == "write") | {path, content: (if .content | type == "string" then .content else "A='"'x'"'\n" end)}]' \
        "$bed/plan.json" >"$bed/files.json"
    for ((number = 0; number < $(jq length "$bed/files.json"); number++)); do
        path=$2$(jq -r ".[$number].path" "$bed/files.json")
        mkdir -p "${path%/*}"
        jq -j ".[$number].content" "$bed/files.json" >"$path"
    done
}

written tests/golden/stdlib/linux.case/site.phx "$bed/linux" && written tests/golden/stdlib/docker.case/site.phx "$bed/docker"
verdict $? 'the sites are not planned'

# systemd tells of a setting that it does not know, and goes on: it must have nothing to say.
units=("$bed"/linux/etc/systemd/system/*)
[ ${#units[@]} -eq 4 ]
verdict $? "there are ${#units[@]} units, not 4"
systemd-analyze verify --man=no "${units[@]}" >"$bed/out" 2>&1 && ! grep -F "$bed" "$bed/out" >/dev/null
verdict $? 'systemd-analyze verify'
sed -i 's/^Restart=.*/Restart=perhaps/' "$bed/linux/etc/systemd/system/app.service"
systemd-analyze verify --man=no "${units[@]}" >"$bed/out" 2>&1
grep -q 'app.service:.*restart specifier' "$bed/out"
verdict $? 'systemd-analyze verify finds nothing wrong in what is wrong'

cat >"$bed/nginx.conf" <<END
pid $bed/nginx.pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path $bed/a; proxy_temp_path $bed/b; fastcgi_temp_path $bed/c; uwsgi_temp_path $bed/d; scgi_temp_path $bed/e;
    include $bed/linux/etc/nginx/conf.d/*.conf;
    include $bed/linux/etc/nginx/sites-available/*;
}
END
nginx -t -c "$bed/nginx.conf" >"$bed/out" 2>&1
verdict $? 'nginx -t'
grep -q . "$bed"/linux/etc/nginx/conf.d/upgrade.conf "$bed"/linux/etc/nginx/sites-available/gateway
verdict $? 'there are no sites'

docker-compose --project-directory "$bed/docker/opt/web" --file "$bed/docker/opt/web/docker-compose.yml" config -q >"$bed/out" 2>&1
verdict $? 'docker-compose config'

jq -e '[.[] | select(.path == "/etc/docker/daemon.json") | .content | fromjson] | length == 1 and .[0]."log-opts"."max-size" == "10m"' "$bed/files.json" >"$bed/out"
verdict $? 'daemon.json'

suite_end
