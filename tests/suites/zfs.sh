#!/bin/bash
# ZFS itself: the zfs-fuse of Debian's in a corner of its own, with pools on files, where a pool and file systems are made, changed by hand, found
# to differ, mended, and removed again. What the model host says of ZFS is held against this.
#
# This engine is of 2010, and phxc speaks to today's. What it lacks stands before its two programs and is told in terms of what it has; all else
# goes through as it is. Lacking are: `-t` of `zfs get`, and its properties acltype, dnodesize, encryption, keyformat, keylocation,
# redundant_metadata, relatime, special_small_blocks and sync; several settings in one `zfs set`; `-v` and `-P` of `zpool list`; `-H`, `-p`, `-o`
# and all pools at once of `zpool get`, and its properties autotrim and comment. So these are not tried, nor are lz4, zstd, volumes and encryption.
. "$(dirname "$0")/../suite.sh"
need engines zfs-fuse zfs zpool unshare
[ -c /dev/fuse ] || skip 'this machine has no /dev/fuse'
# All that is started in there ends with it.
own -m -p -f --mount-proc --propagation private --kill-child
limit=120

# ---- a ZFS of its own ----

# Where the engine has its socket, its lock and its list of pools, and phxc what it writes down.
mount -t tmpfs none /run && mkdir /run/lock && mount -t tmpfs none /etc/zfs && mount -t tmpfs none /var/lib || exit
# The pool is mounted in a folder of its name below /.
pool=phxc-suite
leave() {
    [ -z "${daemon-}" ] || { kill "$daemon" && wait "$daemon"; } 2>/dev/null
    cd / && rmdir "/$pool" 2>/dev/null
}
cd "$bed" || exit
truncate -s 128M one two three || exit
zfs=$(command -v zfs) zpool=$(command -v zpool)
# Its own start is told by a socket: what is asked before that fails at once.
zfs-fuse -n -p /run/zfs-fuse.pid --no-kstat-mount >daemon.log 2>&1 &
daemon=$!
for ((i = 0; i < 300; i++)); do
    "$zpool" list >/dev/null 2>&1 && break
    if ! kill -0 $daemon 2>/dev/null; then break; fi
    sleep 0.1
done
if ! "$zpool" list >out 2>err; then
    verdict 1 'zfs-fuse does not start'
    suite_end
fi

mkdir bin
cat >bin/zfs <<END
#!/bin/bash
# Today's \`zfs get -t filesystem\` and \`zfs set\` of several settings.
lacking='acltype|dnodesize|encryption|keyformat|keylocation|redundant_metadata|relatime|special_small_blocks|sync'
case "\$1 \$2 \$3 \$4" in
'get -Hp -t filesystem')
    known=\$(tr ',' '\n' <<<"\$7" | grep -vxE "\$lacking" | paste -sd ,)
    set -o pipefail
    exec 3>&1
    "$zfs" get -Hp -o "\$6" "type,\$known" "\${@:8}" | awk -F '\t' '\$2 == "type" { is[\$1] = \$3; next } is[\$1] == "filesystem"' >&3
    ;;
set*)
    for setting in "\${@:2:\$# - 2}"; do "$zfs" set "\$setting" "\${@: -1}" || exit; done
    ;;
*) exec "$zfs" "\$@" ;;
esac
END
cat >bin/zpool <<END
#!/bin/bash
# Today's \`zpool list -HvP\` and \`zpool get\`.
case "\$1 \$2" in
'list -HvP')
    pools=\$("$zpool" list -H -o name "\${@:3}") || exit
    for name in \$pools; do
        [ "\$name" = no ] && exit            # "no pools available"
        "$zpool" list -H "\$name" || exit
        # A disk in a group has no allocation of its own.
        "$zpool" status "\$name" | awk -v pool="\$name" '
            \$1 == "NAME" { at = index(\$0, "NAME"); inside = 1; next }
            !NF || /^errors/ { inside = 0 }
            inside && \$1 != pool { deep = match(\$0, /[^ \t]/) > at + 2; printf "\t%s\t-\t%s\t-\n", \$1, deep ? "-" : "0" }'
    done
    ;;
'get -Hp')
    for name in \${6:-\$("$zpool" list -H -o name)}; do
        [ "\$name" = no ] && exit
        "$zpool" get ashift "\$name" >"$bed/get" || exit
        awk 'NR > 1 { printf "%s\t%s\t%s\t%s\n", \$1, \$2, \$3, \$4 }' "$bed/get"
    done
    ;;
*) exec "$zpool" "\$@" ;;
esac
END
chmod 755 bin/*
PATH=$bed/bin:$PATH

# ---- what is expected ----

# same COMMAND PRINTED WHAT
same() {
    local printed
    printed=$(eval "$1" 2>&1)
    [ "$printed" = "$2" ]
    verdict $? "$3: '$1' prints '$printed', not '$2'"
}

plan() { run "$1" "$2" "$phxc" plan site.phx --host local --detailed-exitcode "${@:3}"; }
apply() { run "$1" "$2" "$phxc" apply site.phx --host local --yes "${@:3}"; }

# mended WHAT PATTERN [OPTION...]: the plan has a line like this one, is carried out, and then there is nothing to do.
mended() {
    run 2 "$1: drift" "$phxc" drift site.phx --host local
    plan 2 "$1: plan" "${@:3}"
    says out "$2" "$1: plan"
    apply 0 "$1: apply" "${@:3}"
    plan 0 "$1: plan after apply"
    says out '^Nothing to do' "$1: plan after apply"
}

value() { same "'$zfs' get -Hp -o value,source $1 $pool/$2" "$3" "$4"; }

# ---- the main road ----

cat >site.phx <<END
site "suite" edition 1
zfs.pool pool { name = "$pool"  vdevs = [mirror(["$bed/one", "$bed/two"])]  ashift = 12  compression = "gzip-1"  atime = false }
zfs.dataset guests { pool = pool  path = "guests"  recordsize = 16KiB  quota = 64MiB  exec = false }
zfs.dataset disks { pool = guests  path = "disks"  compression = "zle"  refquota = 8MiB  reservation = 4MiB  copies = 2  mountpoint = "none" }
zfs.dataset media { pool = pool  path = "media"  checksum = "sha256"  snapdir = "visible"  readonly = true  canmount = "noauto" }
END
plan 2 'first plan'
says out '4 to create' 'first plan'
apply 0 'first apply'
plan 0 'plan after apply'
says out '^Nothing to do: 4 resources are as written\.$' 'plan after apply'
run 0 'recorded' "$phxc" inspect site.phx --host local -o facts.json
run 0 'plan by what is recorded' "$phxc" plan site.phx --facts facts.json --detailed-exitcode
value quota,recordsize,exec,compression guests $'67108864\tlocal\n16384\tlocal\noff\tlocal\ngzip-1\tinherited from '$pool 'what was made'
value phx:owner guests/disks $'phxc suite zfs.dataset.disks '$pool$'/guests/disks\tlocal' 'the stamp'
same "'$zpool' status $pool | grep -c '$bed/'" 2 'the disks of the pool'

# ---- changed by hand ----

"$zfs" set quota=32M $pool/guests && "$zfs" set exec=on $pool/guests && "$zfs" inherit compression $pool/guests/disks
plan 2 'changed by hand'
says out 'exec: true -> false' 'changed by hand'
says out 'compression: "gzip-1" -> "zle"' 'changed by hand'
mended 'changed by hand' 'quota: 32MiB -> 64MiB'
value quota,exec guests $'67108864\tlocal\noff\tlocal' 'mended'
"$zfs" destroy $pool/media
mended 'destroyed by hand' 'create +zfs.dataset.media'
"$zfs" set phx:owner=somebody $pool/media
plan 2 'a stamp of somebody else'
says out 'zfs.dataset.media' 'a stamp of somebody else'
"$zfs" inherit phx:owner $pool/media
mended 'a stamp taken off' 'adopt +zfs.dataset.media' --adopt zfs.dataset.media
"$zfs" snapshot $pool/guests@here
plan 0 'a snapshot of somebody else'
"$zfs" destroy $pool/guests@here
"$zfs" set atime=on $pool
mended 'the file system of the pool' 'atime: true -> false'

# ---- changed in the text ----

sed -i 's/64MiB/48MiB/; s/reservation = 4MiB/reservation = unset/; s/ copies = 2//; s/exec = false/exec = unset/' site.phx
mended 'changed in the text' 'quota: 64MiB -> 48MiB'
value quota,exec guests $'50331648\tlocal\non\tdefault' 'changed in the text'
value reservation,copies guests/disks $'0\tlocal\n2\tlocal' 'what is cleared, and what is written no more'
sed -i 's/48MiB/1KiB/' site.phx
echo data >/$pool/guests/file && sync
apply 6 'a quota under what is used'
says err 'size is less than current used|out of space|less than' 'a quota under what is used'
sed -i 's/1KiB/48MiB/' site.phx
plan 0 'plan after a failure'
sed -i 's|"zle"|"lz4"|' site.phx
apply 6 'what this engine does not know'
value compression guests/disks $'zle\tlocal' 'what this engine does not know'
sed -i 's|"lz4"|"zle"|' site.phx
run 0 'taken back' "$phxc" undo last site.phx --host local --yes

# ---- taken out of the text ----

sed -i '/zfs.dataset.*media/d' site.phx
plan 0 'taken out'
says out 'zfs.dataset.media.*--prune' 'taken out'
apply 4 'removal of data' --prune
apply 0 'removal' --prune --allow zfs.dataset.media:data_loss
same "'$zfs' list -H -o name -r $pool" "$pool"$'\n'"$pool/guests"$'\n'"$pool/guests/disks" 'what is left'
"$zfs" inherit phx:owner $pool/guests/disks
run 0 'written as text' "$phxc" adopt --host local -o adopted.phx
says adopted.phx '^ *refquota += 8MiB' 'written as text'

"$zpool" destroy $pool
suite_end
