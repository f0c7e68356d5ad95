#!/bin/bash
# Types that stand beside a site are worth as much as those of the library: what examples/dns describes with schemas of its own is planned, made,
# found as it is, changed by hand, found to differ, repaired, and taken away; on the model host, and over a real network with a server of its own.
. "$(dirname "$0")/../suite.sh"
site=$PWD/examples/dns/site.phx
server=
leave() { [ -z "$server" ] || kill "$server" 2>/dev/null; }
export DNS_TOKEN=of-the-example

# steps WHAT HOST SITE EXPECTED: the verbs and addresses of the plan, a line each.
steps() {
    phxc plan "$3" --host "$2" --format json >"$bed/plan" 2>"$bed/err"
    [ "$(jq -r '.steps[] | "\(.verb) \(.address)"' "$bed/plan")" = "$4" ]
    verdict $? "$1: the plan is $(jq -c '[.steps[] | [.verb, .address]]' "$bed/plan")"
}

# changes ADDRESS EXPECTED: what a step of the last plan changes.
changes() {
    [ "$(jq -c --arg a "$1" '[.steps[] | select(.address == $a) | .changes[] | [.attribute, .have, .want]]' "$bed/plan")" = "$2" ]
    verdict $? "$1: it changes $(jq -c --arg a "$1" '[.steps[] | select(.address == $a) | .changes[]]' "$bed/plan")"
}

# ---- the model host ----

host=$bed/host documents=$bed/host/var/lib/phx-sandbox/documents
mkdir "$host"
cp examples/dns/sandbox.json "$host/"
run 0 'check' phxc check "$site"
steps 'at first' "sandbox:$host" "$site" "create cron.job.scrub
create cron.job.trim
create dns.zone.lan
create dns.record.host[cloud]
create dns.record.host[nas]
create dns.record.host[web]
create dns.record.www"
# A token that the server does not take: its answer is told at the line of the text, nothing is half made.
run 6 'a wrong token' env DNS_TOKEN=wrong phxc apply "$site" --host "sandbox:$host" --only dns.zone.lan --yes
grep -q 'HTTP status 401' "$bed/out" "$bed/err" && grep -q 'site.phx:10' "$bed/out" "$bed/err"
verdict $? 'a wrong token: the answer and the place are not told'
run 0 'apply' phxc apply "$site" --host "sandbox:$host" --yes
run 0 'plan after apply' phxc plan "$site" --host "sandbox:$host" --detailed-exitcode
[ "$(jq -cS '."http://10.0.0.53:8081/zones/home.lan/records/www.CNAME"' "$documents")" = '{"name":"www","ttl":300,"type":"CNAME","values":["web.home.lan."]}' ]
verdict $? 'the record on the server'
[ "$(tail -n 1 "$host/etc/cron.d/phx-trim")" = '0 4 * * 0 root /usr/sbin/zpool trim tank' ]
verdict $? "cron's file"
grep -rqF of-the-example "$host/var/lib/phxc" "$bed/out" "$bed/err"
[ $? -eq 1 ]
verdict $? 'the token is in a journal or was printed'

# By hand: another address, a field of the server's own, a record less; another time of day.
jq '."http://10.0.0.53:8081/zones/home.lan/records/web.A" |= (.values = ["10.0.0.99"] | .note = "by hand")
    | del(."http://10.0.0.53:8081/zones/home.lan/records/nas.A")' "$documents" >"$bed/new" && cp "$bed/new" "$documents"
sed -i 's/^0 4/0 5/' "$host/etc/cron.d/phx-trim"
run 2 'drift' phxc drift "$site" --host "sandbox:$host"
steps 'changed by hand' "sandbox:$host" "$site" "set cron.job.trim
create dns.record.host[nas]
set dns.record.host[web]"
changes 'dns.record.host[web]' '[["values",["10.0.0.99"],["10.0.0.20"]]]'
changes cron.job.trim '[["when","0 5 * * 0","0 4 * * 0"]]'
run 0 'repair' phxc apply "$site" --host "sandbox:$host" --yes
run 0 'plan after the repair' phxc plan "$site" --host "sandbox:$host" --detailed-exitcode
[ "$(jq -c '."http://10.0.0.53:8081/zones/home.lan/records/web.A" | [.values, .note]' "$documents")" = '[["10.0.0.20"],"by hand"]' ]
verdict $? 'what nobody wrote did not stay'

# A plan of recorded facts is that of the host.
run 0 'inspect' phxc inspect "$site" --host "sandbox:$host"
cp "$bed/out" "$bed/facts"
run 0 'plan of the facts' phxc plan "$site" --facts "$bed/facts" --detailed-exitcode

# What leaves the text: as `absent`, and by --prune where reading shows all there are.
cp -R examples/dns "$bed/dns"
sed -i 's/^names.dns.record www /absent &/; /^jobs.cron.job scrub /d' "$bed/dns/site.phx"
run 0 'apply of what is absent' phxc apply "$bed/dns/site.phx" --host "sandbox:$host" --yes --prune
[ ! -e "$host/etc/cron.d/phx-scrub" ] && jq -e 'has("http://10.0.0.53:8081/zones/home.lan/records/www.CNAME") | not' "$documents" >"$bed/o"
verdict $? 'what is absent is still there'

# ---- the site's own checks ----

sed 's/"10\.0\.0\.5"\?,/"fd00::5",/; s/"nas": [^,]*/"nas": ip("fd00::5")/' examples/dns/site.phx >"$bed/dns/site.phx"
run 1 'a check of the site' phxc check "$bed/dns/site.phx"
grep -q 'record_address' "$bed/err" && grep -q 'no IPv4 address' "$bed/err"
verdict $? "a check of the site's own found nothing"

# ---- a real network ----

# start: a server on the loopback interface; its address is in $api.
start() {
    python3 tests/rest/server.py "$bed/port" "$bed/log" of-the-example 120 &
    server=$!
    for _ in $(seq 100); do
        [ -e "$bed/port" ] && break
        sleep 0.1
    done
    api=http://127.0.0.1:$(cat "$bed/port")
}
start
cp examples/dns/dns.phx "$bed/dns/"
sed "/jobs/d; s|http://10.0.0.53:8081|$api|" examples/dns/site.phx >"$bed/dns/site.phx"
# The machine's own place wants its folders of state: they are those of a mount namespace, so that nothing of this machine is touched.
alone=(unshare --mount)
[ "$(id -u)" -eq 0 ] || alone=(unshare --map-root-user --mount)
mkdir "$bed/state"
# shellcheck disable=SC2016 -- for the inner shell
local_run() {
    local wanted=$1 what=$2
    shift 2
    run "$wanted" "$what" "${alone[@]}" sh -c 'mount --bind "$1" /var/lib && shift && exec "$@"' sh "$bed/state" "$@"
}
if "${alone[@]}" sh -c 'mount --bind "$1" /var/lib' sh "$bed/state" 2>"$bed/o"; then
    local_run 2 'network: plan' phxc plan "$bed/dns/site.phx" --host local --detailed-exitcode
    local_run 0 'network: apply' phxc apply "$bed/dns/site.phx" --host local --yes
    local_run 0 'network: plan after apply' phxc plan "$bed/dns/site.phx" --host local --detailed-exitcode
    [ "$(curl --silent "$api/zones/home.lan/records/nas.A" | jq -c '[.name, .values, .ttl]')" = '["nas",["10.0.0.5"],3600]' ]
    verdict $? 'network: the record on the server'
    curl --silent --request PATCH --header 'Authorization: Bearer of-the-example' --header 'Content-Type: application/json' \
        --data '{"values": ["10.0.0.6"], "note": "by hand"}' "$api/zones/home.lan/records/nas.A" >"$bed/o"
    before=$(wc -l <"$bed/log")
    local_run 2 'network: drift' phxc drift "$bed/dns/site.phx" --host local
    grep -q '10.0.0.6' "$bed/out"
    verdict $? 'network: what was changed by hand is not shown'
    # However many records there are: one request for the zones and one for the records.
    [ $(($(wc -l <"$bed/log") - before)) -eq 2 ]
    verdict $? "network: looking took other requests: $(tail -n 4 "$bed/log" | tr '\n' ' ')"
    local_run 0 'network: repair' phxc apply "$bed/dns/site.phx" --host local --yes
    local_run 0 'network: plan after the repair' phxc plan "$bed/dns/site.phx" --host local --detailed-exitcode
    [ "$(curl --silent "$api/zones/home.lan/records/nas.A" | jq -c '[.values, .note]')" = '[["10.0.0.5"],"by hand"]' ]
    verdict $? 'network: what nobody wrote did not stay'
    kill "$server"
    wait "$server" 2>/dev/null
    server=
    local_run 1 'network: nobody answers' phxc plan "$bed/dns/site.phx" --host local
    grep -q 'could not be read' "$bed/err"
    verdict $? 'network: a server that does not answer is taken for an empty one'
else
    echo "skipped: this machine gives no mount namespace, in which phxc could act on a real network without touching it"
    skipped=1
fi

suite_end
