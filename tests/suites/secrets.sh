#!/bin/bash
# A secret that can be recognised is followed through everything phxc does, with strace: where it may go is a pipe, or a file of mode 600
# that the site names; it is in no argument, no environment, no other file, nothing that is printed, no journal and no core file. Nor is a
# digest of it or of a file that is made of it, from which a short secret could be guessed.
. "$(dirname "$0")/../suite.sh"
need check strace openssl
cd "$bed" || exit
# Under its own leak detector a program can't be traced, and AddressSanitizer would take the signal that is to kill it.
export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0:handle_segv=0

# What is looked for: each of the three, and what is made of them, contains it.
marker=Xq7Zmarker
sought=$marker          # and digests, once there are files to take them of
printf '%s-file\n' $marker >secret.txt
chmod 600 secret.txt
cat >tell <<END
#!/bin/sh
env >"$bed/tell.env"
cat "$bed/told"
END
printf '%s-command\n' $marker >told
chmod 700 tell
cat >site.phx <<'END'
site "secret" edition 1
secret one: string from env "PHX_TEST_SECRET"
secret two: string from file "secret.txt"
secret three: string from command ["tell"]

zfs.pool tank { name = "tank"  vdevs = [mirror(["/dev/disk/by-id/nvme-A", "/dev/disk/by-id/nvme-B"])] }
zfs.dataset guests { pool = tank  path = "guests" }
pve.storage disks { id = "guests"  type = "zfspool"  dataset = guests  content = ["images", "rootdir"] }
pve.image debian { storage = "local"  content = "vztmpl"  file = "debian-12-standard_12.7-1_amd64.tar.zst"  url = "http://images.test/debian.tar.zst"  ignore unpinned_image "a model" }
pve.lxc web {
  id     = 120
  from   = template(debian)
  rootfs = { storage = disks, size = 4GiB }
  net0   = { name = "eth0", bridge = "vmbr0", ip = 10.0.0.20/24, gw = 10.0.0.1 }
  inside {
    fs.file inner { path = "/etc/inner.key"  mode = "600"  content = "a={one}\n" }
  }
}
fs.file outer { path = "/srv/outer.key"  mode = "600"  content = json_text({ a = one, b = upper(two), c = three }) }
check.http up { url = "http://web.test/"  headers = { "Authorization": "Bearer {three}" }  after = [web] }
END
mkdir start
echo '{"endpoints": [{"url": "http://web.test/"}]}' >start/sandbox.json
export PHX_TEST_SECRET=$marker-env
export PATH=$bed:$PATH

# Where the host may have it when all is done.
sinks='^host/(srv/outer\.key|guests/120/etc/inner\.key)$'

inject=()       # what strace is to do besides
# followed WHAT COMMAND...: runs it under strace and looks at all that it and its children did.
followed() {
    local what=$1
    shift
    rm -f log.* core* tell.env
    : >found
    { (ulimit -c unlimited && exec strace -ff -o log -s 1000000 -v -y -e trace=execve,write,pwrite64,writev,sendto,sendmsg,rename,symlink,link,mkdir,openat,fdatasync \
        "${inject[@]}" "$@") >out 2>err </dev/null; } 2>/dev/null
    code=$?
    # The environment of the first program is what the caller gave it; and of what puts the same process under valgrind.
    first=$(grep -l "^execve(\"$phxc\"" log.* | head -n 1)
    starts=1d
    [ -z "${PHX_TEST_UNDER-}" ] || starts='/^execve("\([^"]*\/valgrind[^"]*\|'${phxc//\//\\/}'\)"/d'
    cat log.* | wc -l >lines
    {
        for log in log.*; do
            if [ "$log" = "$first" ]; then sed "$starts" "$log"; else cat "$log"; fi
        done
    } | grep -iE "$sought" | grep -vE "^(write|writev|sendto)\([0-9]+<(pipe|socket|UNIX)[^>]*>" |
        grep -vE "^(write|pwrite64)\([0-9]+<$bed/host/(srv/\.?outer\.key|guests/120/etc/\.?inner\.key)[^>/]*>" | grep -vE "^write\(1<[^>]*>.*-command" >found
    ! [ -s found ]
    verdict $? "$what: it is in what the programs do ($(cat lines) calls)"
    grep -ilE "$sought" out err plan.json facts.json 2>/dev/null >found
    ! [ -s found ]
    verdict $? "$what: it is printed"
    find . -name 'core*' -exec grep -ilE "$sought" {} + >found
    ! [ -s found ]
    verdict $? "$what: it is in a core file"
    grep -rilE "$sought" host 2>/dev/null | grep -vE "$sinks" >found
    ! [ -s found ]
    verdict $? "$what: it is in a file of the host"
    find host -type f \( -path host/srv/outer.key -o -path host/guests/120/etc/inner.key \) ! -perm 600 >found
    ! [ -s found ]
    verdict $? "$what: others can read it"
    ! grep -iE "$sought" tell.env 2>/dev/null >found
    verdict $? "$what: a program that tells a secret knows another one"
}

rm -rf host && cp -R start host
followed 'a plan' "$phxc" plan site.phx --host sandbox:host
followed 'a plan as JSON' "$phxc" plan site.phx --host sandbox:host --format json -o plan.json
followed 'an apply' "$phxc" apply site.phx --host sandbox:host --yes
[ $code -eq 0 ] && [ "$(grep -rl $marker host | grep -cE "$sinks")" -eq 2 ]
verdict $? "the apply did not do what is looked at: $code: $(tail -n 12 err)"
# The SHA-256 of each secret and of each file, in hexadecimal digits and in base64.
digests() {
    local part
    for part in "$marker-env" "$marker-file" "$marker-command"; do printf %s "$part" | openssl sha256 -binary | tee >(base64 >&3) | od -An -v -tx1 | tr -d ' \n'; echo; done
    for part in host/srv/outer.key host/guests/120/etc/inner.key; do openssl sha256 -binary "$part" | tee >(base64 >&3) | od -An -v -tx1 | tr -d ' \n'; echo; done
}
digests >digests.hex 3>digests.base64
[ "$(sort -u digests.hex digests.base64 | wc -l)" -eq 10 ]
verdict $? 'there are no ten digests to look for'
sought=$marker
while read -r digest; do sought+="|${digest//+/[+]}"; done < <(cat digests.hex digests.base64)
rm digests.hex digests.base64
grep -rilE "$sought" host | grep -vE "$sinks" >found
! [ -s found ]
verdict $? 'a digest is in a file of the host after an apply'

followed 'an apply that finds all done' "$phxc" apply site.phx --host sandbox:host --yes
followed 'an inspection' "$phxc" inspect site.phx --host sandbox:host -o facts.json
echo changed >host/srv/outer.key
chmod 600 host/srv/outer.key
followed 'a difference' "$phxc" drift site.phx --host sandbox:host
followed 'what mends it' "$phxc" apply site.phx --host sandbox:host --yes

for n in 9 12 15 18 21 24; do
    rm -rf host && cp -R start host
    export PHX_SANDBOX_FAULT=$n:fail
    followed "call $n fails" "$phxc" apply site.phx --host sandbox:host --yes
    unset PHX_SANDBOX_FAULT
done

# Killed in the middle, in a way that makes a core file of a program that lets it. Under valgrind it is valgrind that dies there.
for n in 3 6 9; do
    [ -z "${PHX_TEST_UNDER-}" ] || break
    rm -rf host && cp -R start host
    inject=(-e "inject=fdatasync:signal=SEGV:when=$n")
    followed "killed in its ${n}th look after its journal" "$phxc" apply site.phx --host sandbox:host --yes
    [ $code -eq $((128 + 11)) ]
    verdict $? "it was not killed: exit $code"
done
inject=()

# What is looked for is found where it is: the same net with a hole in it.
cat >leak <<END
#!/bin/sh
echo "\$PHX_TEST_SECRET" >host/leak
END
cat >hint <<END
#!/bin/sh
printf %s "\$PHX_TEST_SECRET" | openssl sha256 >host/leak
END
chmod 700 leak hint
for program in leak hint; do
    before=$failed
    followed "a $program" ./$program >/dev/null
    [ "$failed" -gt "$before" ]
    caught=$?
    failed=$before
    verdict $caught "a program that writes the secret, or its digest, to a file is not caught: $program"
done

suite_end
