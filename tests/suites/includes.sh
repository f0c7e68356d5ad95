#!/bin/bash
# Includes point one way, runtime -> compiler -> lang, and every third-party header stands behind its fence.
. "$(dirname "$0")/../suite.sh"

# rule WHAT PATTERN FILES...: no file has a line that the extended regular expression matches.
rule() {
    local what=$1 pattern=$2 hits
    shift 2
    if [ $# -eq 0 ]; then
        verdict 1 "$what: there is no file to look at"
    else
        ! hits=$(grep -nE "$pattern" "$@" /dev/null)
        verdict $? "$what
$hits"
    fi
}

# files FOLDER... -- NAME...: the C, flex and bison files below the folders but for those named.
files() {
    local folders=() except=()
    while [ $# -gt 0 ] && [ "$1" != -- ]; do folders+=("$1"); shift; done
    [ $# -eq 0 ] || shift
    for name; do except+=(! -path "$name"); done
    find "${folders[@]}" \( -name '*.[chly]' -o -name '*.def' \) "${except[@]}" | sort
}

include='^[[:space:]]*#[[:space:]]*include[[:space:]]*'
mapfile -t lang < <(files lang)
mapfile -t compiler < <(files compiler)
mapfile -t pure < <(files lang compiler)
rule 'lang/ includes nothing above it' "$include\"(\\.\\./)*(compiler|runtime)/" "${lang[@]}"
rule 'compiler/ includes nothing of runtime/' "$include\"(\\.\\./)*runtime/" "${compiler[@]}"
rule 'quoted includes are paths from the root' "$include\"(\\./|\\.\\./|[^/\"]*\")" $(files lang compiler runtime -- 'runtime/sandbox/*')
rule 'the sandbox shares no code with what it tests' "$include\"(lang|compiler|runtime/[^s])" $(files runtime/sandbox)
# Memory is not the world: the arena may map it.
rule 'lang/ and compiler/ use no header of the system: no file, process, clock or socket' \
    "$include<(sys/([^m]|m[^m]).*|unistd|fcntl|spawn|signal|time|poll|pthread|netdb|dirent|glob|stdatomic|threads|arpa/.*|netinet/.*)\\.h>" "${pure[@]}"
rule 'lang/ and compiler/ call nothing of the world: no file, environment, clock, process' \
    '(^|[^[:alnum:]_])(fopen|fdopen|popen|system|getenv|time|clock|clock_gettime|fork|execv[pe]*|posix_spawnp?|rand|srand|random)\(' "${pure[@]}"

mapfile -t no_jansson < <(files lang compiler -- lang/json_write.c)
mapfile -t no_crypto < <(files lang compiler runtime -- compiler/hash.c 'runtime/sandbox/*')
mapfile -t no_curl < <(files lang compiler runtime -- runtime/http.c 'runtime/sandbox/*')
rule 'in lang/ and compiler/, jansson is for lang/json_write.c alone' "$include<jansson" "${no_jansson[@]}"
rule 'libcrypto is for compiler/hash.c alone' "$include<openssl/" "${no_crypto[@]}"
rule 'libcurl is for runtime/http.c alone' "$include<curl/" "${no_curl[@]}"

# What a container or a pool is stands in stdlib/. Comments may give examples.
words='pve|lxc|qemu|qm|pct|pvesm|pvesh|zfs|zpool|docker|proxmox|nginx|guests?|vms?|datasets?'
domain=$(for file in $(files lang compiler -- lang/codes.def); do
    awk -v file="$file" '
        {
            line = $0
            if (inside) { if (!sub(/^.*\*\//, "", line)) next; inside = 0 }
            gsub(/\/\*([^*]|\*[^\/])*\*\//, " ", line)
            if (match(line, /\/\*/)) { inside = 1; line = substr(line, 1, RSTART - 1) }
            sub(/(^|[^:])\/\/.*/, "", line)
            print file ":" NR ":" line
        }' "$file"
done | grep -E "^[^:]*:[0-9]*:(.*[^[:alnum:]])?($words)([^[:alnum:]]|\$)")
[ -z "$domain" ]
verdict $? "lang/ and compiler/ hold a word of the domain:
$domain"

suite_end
