#!/bin/bash
# What a run did is taken back: on the hosts is then what was there before, but for what has no way back, which is said.
set -u
cd "$(dirname "$0")/../.." || exit
root=$PWD
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
phxc=$build/phxc
passed=0 failed=0
bed=$(mktemp -d) || exit
trap 'rm -rf "$bed"' EXIT
export NO_COLOR=1 HOME=$bed LC_ALL=C

verdict() {
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        echo "FAIL $2"
        [ -s "$bed/out" ] && tail -n 12 "$bed/out" | sed 's/^/    out: /'
        [ -s "$bed/err" ] && tail -n 12 "$bed/err" | sed 's/^/    err: /'
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

says() {
    grep -qE -- "$2" "$bed/$1"
    verdict $? "$3: no /$2/ in $1"
}

# seen SITE HOST FILE: all that phxc reads of the host, without the digests of files: Proxmox and phxc write the same settings in another order.
seen() {
    "$phxc" inspect "$1" --host "sandbox:$2" -A all 2>/dev/null | jq -S 'walk(if type == "object" then del(.digest) else . end)' >"$3"
}

# Without what Proxmox chooses by chance.
unchosen() {
    sed -E 's/([0-9A-F]{2}:){5}[0-9A-F]{2}/MAC/g; s/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/UUID/g'
}

# undo WHAT SITE HOST: takes the last run back; what loses data is allowed by name.
undo() {
    local what=$1 site=$2 host=$3 round allows=()
    shift 3
    for round in 1 2 3 4; do
        timeout 120 "$phxc" undo last "$site" --host "sandbox:$host" --yes "${allows[@]}" "$@" >"$bed/out" 2>"$bed/err" </dev/null
        code=$?
        [ $code -eq 4 ] && [ "$round" -lt 4 ] || break
        while read -r address; do allows+=(--allow "$address"); done < <(grep -oE -- '--allow [^ ]+:data_loss' "$bed/err" | cut -d ' ' -f 2 | sort -u)
    done
    [ $code -eq 0 ]
    verdict $? "$what: undo: exit $code"
}

templates() {
    while read -r template; do
        mkdir -p "$2/var/lib/vz/template/cache"
        : >"$2/var/lib/vz/template/cache/$template"
    done < <(grep -rhoE 'local:vztmpl/[^"]+' "$(dirname "$1")" | sed 's|.*/||')
}

# ---- all that an example made ----

mapfile -t examples < <(grep -rlE --include='*.phx' '^site "' examples | sort)
for example in "${examples[@]}"; do
    [ -z "${PHX_UNDO_SKIP-}" ] || break
    host=$bed/$(printf '%s' "${example%.phx}" | tr / _)
    mkdir "$host"
    templates "$example" "$host"
    seen "$example" "$host" "$bed/before"
    run 0 "$example: apply" "$phxc" apply "$example" --host "sandbox:$host" --yes
    seen "$example" "$host" "$bed/between"
    ! cmp -s "$bed/before" "$bed/between" || grep -q 'Nothing to do' "$bed/out"
    verdict $? "$example: apply changed nothing"
    grep -q 'Nothing to do' "$bed/out" && continue
    undo "$example" "$example" "$host"
    seen "$example" "$host" "$bed/after"
    diff "$bed/before" "$bed/after" >"$bed/out"
    verdict $? "$example: what is there after the undo is not what was there before"
    run 0 "$example: apply again" "$phxc" apply "$example" --host "sandbox:$host" --yes
    seen "$example" "$host" "$bed/again"
    unchosen <"$bed/between" >"$bed/between.same"
    unchosen <"$bed/again" | diff "$bed/between.same" - >"$bed/out"
    verdict $? "$example: apply, undo and apply lead elsewhere than apply"
done

# ---- what a change did, of every kind of type ----

# changes FILE: the site as it is first, then as it is second, and back.
changes() {
    local site=$1 host
    host=$bed/$(basename "$1" .phx)
    mkdir -p "$host/srv/shared"
    templates "$site" "$host"
    run 0 "$site: apply" "$phxc" apply "$site" --host "sandbox:$host" --yes
    seen "$site" "$host" "$bed/before"
    run 0 "$site: apply the second" "$phxc" apply "$site" --host "sandbox:$host" --yes --set second=true
    seen "$site" "$host" "$bed/between"
    ! cmp -s "$bed/before" "$bed/between"
    verdict $? "$site: the second changed nothing"
    undo "$site" "$site" "$host"
    cp "$bed/out" "$bed/told"
    seen "$site" "$host" "$bed/after"
    # What has no way back is said: what has grown. A volume that is plugged in nowhere any more stays, as unused.
    grown=$(grep -c 'has grown' "$bed/told")
    for file in before after; do
        sed -E 's/,$//; /^ *"unused[0-9]+":/d' "$bed/$file" | if [ "$grown" -gt 0 ]; then sed '/^ *"size":/d'; else cat; fi >"$bed/$file.same"
    done
    diff "$bed/before.same" "$bed/after.same" >"$bed/out"
    verdict $? "$site: what is there after the undo is not what was there before"
    grep -qE 'no way back:$' "$bed/told" || [ "$grown" -eq 0 ]
    verdict $? "$site: what has no way back is not said"
}
for name in update lxc_whole cleared mount_point cluster_change raw_lines cluster_apply vm_whole stopped unset; do
    changes "tests/golden/pve/$name.phx"
done
changes tests/golden/firewall/change.phx

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
