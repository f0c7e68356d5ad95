#!/bin/bash
# What a run did is taken back: on the hosts is then what was there before, but for what has no way back, which is said.
. "$(dirname "$0")/../suite.sh"
examples_environment

# seen SITE HOST FILE: all that phxc reads of the host, without the digests of files (Proxmox and phxc write the same settings in another order) and the
# numbers of sockets, which are others after each start.
seen() {
    phxc inspect "$1" --host "sandbox:$2" -A all 2>/dev/null | jq -S 'walk(if type == "object" then del(.digest, .socket) else . end)' >"$3"
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
        timeout "$limit" phxc undo last "$site" --host "sandbox:$host" --yes "${allows[@]}" "$@" >"$bed/out" 2>"$bed/err" </dev/null
        code=$?
        [ $code -eq 4 ] && [ "$round" -lt 4 ] || break
        while read -r address; do allows+=(--allow "$address"); done < <(grep -oE -- '--allow [^ ]+:data_loss' "$bed/err" | cut -d ' ' -f 2 | sort -u)
    done
    [ $code -eq 0 ]
    verdict $? "$what: undo: exit $code"
}

# ---- all that an example made ----

cp -R examples "$bed/examples"
for example in $(examples); do
    site=$bed/$example host=$bed/$(printf '%s' "${example%.phx}" | tr / _)
    examples_host "$example" "$host"
    seen "$site" "$host" "$bed/before"
    run 0 "$example: apply" phxc apply "$site" --host "sandbox:$host" --yes
    seen "$site" "$host" "$bed/between"
    ! cmp -s "$bed/before" "$bed/between" || grep -q 'Nothing to do' "$bed/out"
    verdict $? "$example: apply changed nothing"
    grep -q 'Nothing to do' "$bed/out" && continue
    # What a policy of the site denies, no option allows.
    if grep -q '^policy ' "$site"; then
        run 4 "$example: undo against its policy" phxc undo last "$site" --host "sandbox:$host" --yes
        seen "$site" "$host" "$bed/after"
        cmp -s "$bed/between" "$bed/after"
        verdict $? "$example: an undo that was refused changed something"
        sed -i '/^policy /,/^}/d' "$site"
    fi
    undo "$example" "$site" "$host"
    seen "$site" "$host" "$bed/after"
    diff "$bed/before" "$bed/after" >"$bed/out"
    verdict $? "$example: what is there after the undo is not what was there before"
    run 0 "$example: apply again" phxc apply "$site" --host "sandbox:$host" --yes
    seen "$site" "$host" "$bed/again"
    unchosen <"$bed/between" >"$bed/between.same"
    unchosen <"$bed/again" | diff "$bed/between.same" - >"$bed/out"
    verdict $? "$example: apply, undo and apply lead elsewhere than apply"
done

# ---- what a change did, of every kind of type ----

# changes FILE: the site as it is first, then as it is second, and back.
changes() {
    local site=$1 host
    host=$bed/$(basename "$1" .phx)
    # A folder of somebody else's that is mounted, where the site does not make it itself.
    grep -q 'fs.dir .*"/srv/shared"' "$site" || mkdir -p "$host/srv/shared"
    examples_host "$site" "$host"
    run 0 "$site: apply" phxc apply "$site" --host "sandbox:$host" --yes
    seen "$site" "$host" "$bed/before"
    run 0 "$site: apply the second" phxc apply "$site" --host "sandbox:$host" --yes --set second=true
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

suite_end
