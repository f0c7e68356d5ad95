# shellcheck shell=bash
# What the scripts of suites/ share. Each begins with: . "$(dirname "$0")/../suite.sh"
#
# From then on the root of the project is the working folder and $root, $build the folder of the built programs, which come first in PATH, and
# $phxc one of them. $bed is an empty folder, HOME until the suite ends, then gone. A function `leave` is called first, if the suite has one.
#
#   skip WHY                  this machine can't run the suite
#   need SETUP PROGRAM...     nor can it without these programs, which `.ci/setup SETUP` installs
#   own OPTION...             goes on in namespaces of its own, those of the options of unshare
#   verdict CODE WHAT         counts; if CODE is not 0, WHAT has failed: said with the end of $bed/out and $bed/err
#   run CODE WHAT COMMAND...  the command, its outputs in $bed/out and $bed/err, must end with CODE
#   says FILE PATTERN WHAT    a line of this file of $bed is like that
#   examples                  the sites among the examples, a line each
#   examples_environment      what these take from their environment
#   examples_host SITE DIR    what the host of one must have before
#   suite_end                 the last line of a suite: how many passed and failed
#
# A suite may set $limit, the seconds that a command may take. Where PHX_TEST_UNDER is `valgrind`, $phxc is a script that starts phxc under it, which
# takes a second or two (tests/valgrind/run).
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
root=$PWD
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
phxc=$build/phxc
PATH=$build:$PATH:/usr/sbin:/sbin
limit=300
passed=0 failed=0 skipped=0
bed=$(mktemp -d) || exit
trap '! declare -F leave >/dev/null || leave; rm -rf --one-file-system "$bed"' EXIT
export NO_COLOR=1 HOME=$bed LC_ALL=C

skip() {
    echo "skipped: $1"
    exit 77
}

need() {
    local program
    for program in "${@:2}"; do
        command -v "$program" >/dev/null || skip "there is no $program: .ci/setup $1"
    done
}

own() {
    if [ -n "${PHX_SUITE_OWN-}" ]; then
        unset PHX_SUITE_OWN
        return
    fi
    [ "$(id -u)" -eq 0 ] || skip 'namespaces of its own need root'
    unshare "$@" true 2>/dev/null || skip "this machine has no namespaces for it: unshare $*"
    rm -rf "$bed"
    # Half an hour is many times what a suite takes: servers that it started do not outlive it, whatever hangs.
    PHX_SUITE_OWN=1 exec timeout -k 5 1800 unshare "$@" "$BASH" "$root/tests/suites/${0##*/}"
}

verdict() {
    local said
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
        return
    fi
    echo "FAIL $2"
    for said in out err; do
        [ ! -s "$bed/$said" ] || tail -n 12 "$bed/$said" | cut -c 1-300 | sed "s/^/    $said: /"
    done
    failed=$((failed + 1))
}

run() {
    local wanted=$1 what=$2 code
    shift 2
    timeout "$limit" "$@" >"$bed/out" 2>"$bed/err" </dev/null
    code=$?
    [ $code -eq "$wanted" ]
    verdict $? "$what: exit $code, not $wanted"
}

says() {
    grep -qE -- "$2" "$bed/$1"
    verdict $? "$3: no /$2/ in $1"
}

examples() { grep -rlE --include='*.phx' '^site "' "$root/examples" | sed "s|^$root/||" | sort; }

examples_environment() {
    local variable
    while read -r variable; do
        export "$variable=nobody knows this"
    done < <(grep -rhoE --include='*.phx' 'from env "[A-Z_]+"' "$root/examples" | cut -d '"' -f 2 | sort -u)
    # The one that the server of examples/dns/sandbox.json takes.
    export DNS_TOKEN=of-the-example
}

# It is told beside the site. A template that is named by its volume is there already.
examples_host() {
    local template
    mkdir -p "$2/var/lib/vz/template/cache"
    [ ! -e "${1%/*}/sandbox.json" ] || cp "${1%/*}/sandbox.json" "$2/"
    while read -r template; do
        : >"$2/var/lib/vz/template/cache/$template"
    done < <(grep -rhoE --include='*.phx' 'local:vztmpl/[^"]+' "${1%/*}" | sed 's|.*/||')
}

suite_end() {
    [ $((passed + failed + skipped)) -gt 0 ] || verdict 1 'it tried nothing'
    if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
    [ "$failed" -eq 0 ]
    exit
}
