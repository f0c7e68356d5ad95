#!/bin/bash
# Requests: a real nginx on loopback that answers, is slow, breaks off, points elsewhere, and shows and asks for certificates.
. "$(dirname "$0")/../suite.sh"
need check nginx openssl
# This machine is the host here, and its books are not to be written in.
own -m --propagation private
number=0 nginx=
leave() {
    [ -z "$nginx" ] || kill "$nginx" 2>/dev/null
    wait 2>/dev/null
}
cd "$bed" || exit
chmod 755 "$bed"
mkdir -p /var/lib/phxc
mount -t tmpfs none /var/lib/phxc || exit

# ---- certificates and the server ----

# certificate NAME SUBJECT DAYS: signed by the authority `ours`.
certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -subj "/CN=$2" -addext "subjectAltName=DNS:$2" 2>/dev/null |
        openssl x509 -req -CA ours.pem -CAkey ours.key -CAcreateserial -days "$3" -copy_extensions copy -out "$1.pem" 2>/dev/null
}
for authority in ours other; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $authority.key -out $authority.pem -days 2 -subj "/CN=$authority" 2>/dev/null
done
certificate server localhost 2
certificate elsewhere elsewhere.example 2
certificate client somebody 2
port=$((40000 + $$ % 20000))
mkdir files && echo 'all is well' >files/ok && head -c 100000 /dev/zero >files/much
cat >nginx.conf <<END
daemon off;
worker_processes 1;
pid $bed/nginx.pid;
error_log $bed/nginx.log;
events { worker_connections 64; }
http {
    access_log $bed/access.log;
    client_body_temp_path $bed/a; proxy_temp_path $bed/b; fastcgi_temp_path $bed/c; uwsgi_temp_path $bed/d; scgi_temp_path $bed/e;
    root $bed/files;
    server {
        listen 127.0.0.1:$port;
        location = /moved { return 302 http://127.0.0.1:$port/ok; }
        location = /broken { return 444; }
        location = /failing { return 503 "not yet"; }
        location = /slow { alias $bed/files/much; limit_rate 100; }
    }
    server {
        listen 127.0.0.1:$((port + 1)) ssl;
        ssl_certificate $bed/server.pem; ssl_certificate_key $bed/server.key;
    }
    server {
        listen 127.0.0.1:$((port + 2)) ssl;
        ssl_certificate $bed/elsewhere.pem; ssl_certificate_key $bed/elsewhere.key;
    }
    server {
        listen 127.0.0.1:$((port + 3)) ssl;
        ssl_certificate $bed/server.pem; ssl_certificate_key $bed/server.key;
        ssl_client_certificate $bed/ours.pem; ssl_verify_client on;
    }
}
END
chmod 644 ./*.key
nginx -c "$bed/nginx.conf" 2>nginx.err &
nginx=$!
for ((tries = 0; tries < 200; tries++)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    sleep 0.05
done
[ $tries -lt 200 ]
verdict $? 'nginx does not answer'

# ---- what is asked, and how it ends ----

# The text of a certificate, as phx writes it.
pem() {
    printf "'''\n%s\n'''" "$(cat "$1.pem")"
}

# ask CODE WHAT CHECK [PATTERN]: a check with these attributes, behind a folder that is new; the pattern is in what apply complains about.
ask() {
    number=$((number + 1))
    cat >site.phx <<END
site "requests" edition 1
secret client_key: string from file "client.key"
fs.dir trigger { path = "$bed/made/$number"  mode = "755" }
check.http asked { after = [trigger]  within = 1s  $3 }
END
    timeout 60 "$build/phxc" apply --host local --yes >out 2>err </dev/null
    local code=$?
    [ $code -eq "$1" ]
    verdict $? "$2: exit $code, not $1"
    [ $# -lt 4 ] || grep -qE -- "$4" err
    verdict $? "$2: no /${4-}/ in what it says"
}
plain=http://localhost:$port tls=https://localhost:$((port + 1)) wrong=https://localhost:$((port + 2)) mutual=https://localhost:$((port + 3))

ask 0 'HTTP' "url = \"$plain/ok\"  body = \"^all is well\$\""
ask 6 'another body' "url = \"$plain/ok\"  body = \"^all is lost\$\"" 'did not print what was expected'
ask 6 'a status' "url = \"$plain/none\"" 'HTTP status 404'
ask 0 'a status that is wanted' "url = \"$plain/none\"  status = [404]"
ask 6 'a service that fails' "url = \"$plain/failing\"" 'not so within 1s; at the last look: HTTP status 503'
ask 6 'a redirection' "url = \"$plain/moved\"" "HTTP status 302, which points to http://127.0.0.1:$port/ok"
[ "$(grep -c 'GET /moved' access.log)" -gt 0 ] && ! tail -n 1 access.log | grep -q 'GET /ok'
verdict $? 'a redirection was followed'
ask 6 'a connection that breaks' "url = \"$plain/broken\"" 'Empty reply'
ask 6 'a slow answer' "url = \"$plain/slow\"  answer_within = 300ms" 'timed out after 3[0-9][0-9] milliseconds'
ask 6 'nobody' "url = \"http://localhost:1/\"" 'connect'
ask 6 'an unknown authority' "url = \"$tls/ok\"" 'certificate|issuer'
ask 0 'TLS' "url = \"$tls/ok\"  ca = $(pem ours)"
ask 6 'another authority' "url = \"$tls/ok\"  ca = $(pem other)" 'certificate|issuer'
ask 6 'a certificate of somebody else' "url = \"$wrong/ok\"  ca = $(pem ours)" 'no alternative certificate subject name matches'
ask 6 'TLS where none is spoken' "url = \"https://localhost:$port/ok\"" 'wrong version number|SSL'
ask 6 'no certificate of ours' "url = \"$mutual/ok\"  ca = $(pem ours)" 'HTTP status 400'
ask 0 'mutual TLS' "url = \"$mutual/ok\"  ca = $(pem ours)  certificate = $(pem client)  key = client_key"
grep -q 'a client certificate' out && ! grep -rqF "$(sed -n 2p client.key)" out err /var/lib/phxc
verdict $? 'the plan or the journal tells of the key, or not of the certificate'
ask 6 'a key that is none' "url = \"$mutual/ok\"  ca = $(pem ours)  certificate = $(pem client)  key = $(pem ours)" 'key|certificate'

# A request that is no look of a check: it is asked again where the connection broke, if asking twice does the same as once.
cat >call.phx <<END
site "requests" edition 1
schema call {
  identity = "{name}"
  name: string { change = create }
  method: string { change = create }
  read   = { there = file("$bed/none") }
  found  = {}
  create = http(method, "$plain/broken", body: "x")
  delete = []
}
param method: string
call it { name = "it"  method = method }
END
for method in PUT POST; do
    : >access.log
    "$build/phxc" apply call.phx --host local --yes --set method=$method >out 2>err </dev/null
    echo "$(grep -c "$method /broken" access.log)" >>tries
done
[ "$(tr '\n' ' ' <tries)" = '3 1 ' ]
verdict $? "tries of a PUT and a POST over a connection that breaks: $(tr '\n' ' ' <tries), not 3 1"

suite_end
