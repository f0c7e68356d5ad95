# Part of tests/sandbox/run: nginx, and what answers in the model's network.

guests
run pct exec 200 -- apt-get update
run pct exec 200 -- apt-get install -y nginx curl docker.io netcat-openbsd
run pct set 200 --net0 name=eth0,bridge=vmbr0,ip=10.0.0.20/24
run pct stop 200
run pct start 200
put() { printf '%s' "$2" | "$bin/pct" exec 200 -- install -D -m 644 /dev/stdin "$1"; }
# A site of nginx that is tested: NAME WANT TEXT.
site() {
    put /etc/nginx/conf.d/site.conf "$3"
    site_want=$2
    [ -z "$site_want" ] || site_want="nginx: [emerg] $site_want
"
    if [ -n "$2" ]; then
        expect "nginx: $1" "${site_want}nginx: configuration file /etc/nginx/nginx.conf test failed
[1]" pct exec 200 -- nginx -t
    else
        expect "nginx: $1" 'nginx: the configuration file /etc/nginx/nginx.conf syntax is ok
nginx: configuration file /etc/nginx/nginx.conf test is successful' pct exec 200 -- nginx -t
    fi
}
place=/etc/nginx/conf.d/site.conf
site 'no semicolon' "unexpected \"}\" in $place:3" 'server {
    listen 80
}
'
site 'no brace' "unexpected end of file, expecting \"}\" in $place:3" 'server {
    listen 81;
'
site 'no end' "unexpected end of file, expecting \";\" or \"}\" in $place:2" 'server { listen 81; }
map'
site 'at the top' "\"worker_processes\" directive is not allowed here in $place:1" 'worker_processes 2;'
site 'in the wrong place' "\"location\" directive is not allowed here in $place:1" 'location / { }'
site 'a certificate that is missing' 'cannot load certificate "/etc/ssl/none.pem": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen(/etc/ssl/none.pem, r) error:10000080:BIO routines::no such file)' 'server { listen 443 ssl; ssl_certificate /etc/ssl/none.pem; }'
site 'no certificate' "no \"ssl_certificate\" is defined for the \"listen ... ssl\" directive in $place:1" 'server { listen 443 ssl; }'
site 'an include that is missing' "open() \"/etc/nginx/none.conf\" failed (2: No such file or directory) in $place:1" 'include none.conf;'
site 'a pattern may name nothing' '' 'include none/*.conf;'
site 'a module that is missing' "\"stream\" directive is not allowed here in $place:1" 'stream { }'
site 'variables, quotes, regular expressions' '' 'map $host $x { default 1; "~^a{2}" 2; }
upstream u { server 10.0.0.1:80; keepalive 2; }
server { listen 8080; location ~ "\.php$" { proxy_pass http://u; return 200 "${host};"; } }'
put /etc/ssl/site.pem x
site 'all is there' '' 'server { listen 10.0.0.20:443 ssl http2; server_name x; ssl_certificate /etc/ssl/site.pem; ssl_certificate_key /etc/ssl/site.pem; }'
expect 'written is not loaded' 'curl: (7) Failed to connect to 10.0.0.20 port 443 after 0 ms: Couldn'"'"'t connect to server
[7]' pct exec 200 -- curl -fsS https://10.0.0.20/
before=$(timeout 20 "$bin/pct" exec 200 -- systemctl show --value -p StateChangeTimestampMonotonic,ActiveState nginx)
expect 'reload' '' pct exec 200 -- systemctl reload nginx
after=$(timeout 20 "$bin/pct" exec 200 -- systemctl show --value -p StateChangeTimestampMonotonic,ActiveState nginx)
same 'a reload is a change' 'active, later' "$([ "${before##*[!0-9]}" -lt "${after##*[!0-9]}" ] && echo "${after%%[!a-z]*}, later")"
expect 'it answers' '200' pct exec 200 -- curl -fsSk -o /dev/null -w '%{http_code}' https://10.0.0.20/
expect 'by its name' '' curl -fsS http://web/
expect 'TLS of what has none' 'curl: (35) error:0A00010B:SSL routines::wrong version number
[35]' curl -sS https://web:80/
expect 'a shut port' '[1]' pct exec 200 -- nc -z 127.0.0.1 81
expect 'sshd' '' nc -z 10.0.0.20 22
expect 'nobody' "curl: (6) Could not resolve host: nosuch
[6]" curl -sS http://nosuch/
expect 'a certificate of authorities that is missing' 'curl: (77) error setting certificate file: /none
[77]' curl --cacert /none https://web/
expect 'an unknown flag' "curl: unrecognized option '--nosuch'
Try 'curl --help' for more information.
[2]" curl --nosuch http://web/
site 'broken again' "unexpected \"}\" in $place:1" 'server { listen 82 }'
expect 'a broken one is not loaded' 'Job for nginx.service failed because the control process exited with error code.
See "systemctl status nginx.service" and "journalctl -xeu nginx.service" for details.
[1]' pct exec 200 -- systemctl reload nginx
expect 'the old one goes on' '' curl -fsSk https://web/
run pct exec 200 -- docker run -d --name app -p 9000:80 app:1
expect 'a port that a container publishes' '' nc -z web 9000
run pct exec 200 -- docker stop app
expect 'no longer' '[1]' nc -z web 9000
run pct stop 200
expect 'a guest that does not run' '[7]' curl -s http://10.0.0.20/

# -- sandbox.json says what answers --
echo '{"address": "10.0.0.13", "endpoints": [{"url": "http://app.lan/health*", "status": 503, "body": "busy"}, {"url": "http://slow.lan/", "after": 2, "body": "ready"}, {"tcp": "db.lan:5432"}]}' > "$PHX_SANDBOX/sandbox.json"
expect 'a body' 'busy' curl -s http://app.lan/healthz
expect 'a status' 'curl: (22) The requested URL returned error: 503
[22]' curl -fsS http://app.lan/healthz
expect 'not yet' '[7]' curl -s http://slow.lan/
expect 'nor now' '[7]' curl -s http://slow.lan/
expect 'now' 'ready' curl -s http://slow.lan/
expect 'a port' '' nc -z db.lan 5432
expect 'the node' '' nc -z 10.0.0.13 8006
expect 'as the program that drives this host asks' '503
busy' phx-endpoint GET http://app.lan/health
expect 'nobody there' 'Failed to connect to 10.9.9.9 port 80: Connection refused
[7]' phx-endpoint GET http://10.9.9.9/
refuse 'endpoints: both' 'sandbox.json: endpoints[0]: an object with url or tcp is needed' '{"endpoints": [{"url": "x", "tcp": "y:1"}]}'
refuse 'endpoints: no status' 'sandbox.json: endpoints[0]: status is none of HTTP' '{"endpoints": [{"url": "x", "status": 9}]}'
refuse 'endpoints: a mistake' 'sandbox.json: endpoints[0].stauts: unknown; known are url, tcp, status, body, after, documents, token' '{"endpoints": [{"url": "x", "stauts": 200}]}'
refuse 'endpoints: documents of a port' 'sandbox.json: endpoints[0]: documents have a url' '{"endpoints": [{"tcp": "x:1", "documents": true}]}'
refuse 'endpoints: a token for nothing' 'sandbox.json: endpoints[0]: a token is for documents' '{"endpoints": [{"url": "x", "token": "t"}]}'

# ---- a server of documents ----
fresh
echo '{"endpoints": [{"url": "http://api.lan/*", "documents": true, "token": "t"}, {"url": "http://open.lan/*", "documents": true}]}' > "$PHX_SANDBOX/sandbox.json"
# document NAME WANT METHOD URL SENT: the status, a blank and the body.
document() {
    same "documents: $1" "$2" "$(printf "$5" | "$bin/phx-endpoint" "$3" "$4" | tr '\n' ' ' | sed 's/ $//')"
}
key='Authorization: Bearer t\n'
document 'nothing there' '404 {"error":"no such document"}' GET http://api.lan/zones/a '\n'
document 'an empty folder' '200 []' GET http://api.lan/zones/ '\n'
document 'no token' '401 {"error":"a token is needed"}' PUT http://api.lan/zones/a '\n{}'
document 'another token' '401 {"error":"a token is needed"}' PUT http://api.lan/zones/a 'Authorization: Bearer tt\n\n{}'
document 'a token in the body' '401 {"error":"a token is needed"}' PUT http://api.lan/zones/a "X: y\\n\\n$key"
document 'made' '201 {"b":[1,{"c":null}],"n":"a"}' PUT http://api.lan/zones/a "X: y\\n$key"'\n{"n": "a", "b": [1, {"c": null}]}'
document 'replaced' '200 {"n":"a","o":{"p":1,"q":2}}' PUT http://api.lan/zones/a "$key"'\n{"n": "a", "o": {"p": 1, "q": 2}}'
document 'merged: null takes away, the rest stays' '200 {"n":"b","o":{"q":2,"r":[3]}}' PATCH http://api.lan/zones/a "$key"'\n{"n": "b", "o": {"p": null, "r": [3]}}'
document 'merged into nothing' '404 {"error":"no such document"}' PATCH http://api.lan/zones/b "$key"'\n{}'
document 'no JSON' '400 {"error":"line 2: not JSON"}' PUT http://api.lan/zones/b "$key"'\n{\n"a": }'
document 'a name twice' '400 {"error":"line 1: not JSON"}' PUT http://api.lan/zones/b "$key"'\n{"a": 1, "a": 2}'
document 'no such method' '405 {"error":"no such method"}' POST http://api.lan/zones/ "$key"'\n{}'
document 'below' '201 1' PUT http://api.lan/zones/a/records/x "$key"'\n1'
document 'another' '201 {}' PUT http://api.lan/zones/0 "$key"'\n{}'
document 'a folder, in order, without what is deeper' '200 [{},{"n":"b","o":{"q":2,"r":[3]}}]' GET http://api.lan/zones/ '\n'
document 'taken away' '204' DELETE http://api.lan/zones/a "$key"'\n'
document 'taken away twice' '404 {"error":"no such document"}' DELETE http://api.lan/zones/a "$key"'\n'
document 'without a token where none is wanted' '201 true' PUT http://open.lan/x '\ntrue'
expect 'documents: curl asks' 'true' curl -s http://open.lan/x
