# shellcheck shell=bash
# What the scripts of the traps are written in. A script is run in an empty folder, with PHXC naming the program and the model
# host in `host/`; the first thing that is not so ends it with a line that says what, and exit code 1.
#
#   site <<END          the text of the site; it can import "base.phx", the guests' storage and images
#   on PROGRAM ...      something that happens on the host without phxc: it must succeed
#   apply [OPTION ...]  must carry out all of its plan; what was printed is in out and err
#   attempt [OPTION ..] may fail: what the host is like afterwards is what counts
#   fails [OPTION ...]  an attempt that must not end well; `failed` says the same of the one before
#   wrong KIND CALL ... an attempt whose first call like CALL (`^"qm","resize"`) goes wrong: it fails, lies (exit code 0, nothing
#                       done) or dies (killed between the two halves of what it does)
#   refused CODE ...    there is no plan, but this error
#   plan [OPTION ...]   prints to out; exit code 0
#   settled [OPTION ..] a plan that has nothing to do
#   expect CONDITION    of the following; NOT before one turns it round
#     conf ID REGEX       a line of the guest's settings now in force
#     text FILE REGEX     a line of a file of the host, or of out and err
#     call REGEX          a program was called like that since `forget`
#   mutation FILE WHAT  takes a text, a line `=>` and what stands in its place where phxc has no answer to the trap; the script
#                       then ends with a line that holds WHAT
set -u
host=host

give_up() {
    printf '%s\n' "$1"
    tail -n 8 err out 2>/dev/null | sed 's/^/    /'
    exit 1
}

site() { cat >site.phx; }

on() {
    PHX_SANDBOX=$PWD/$host "$(dirname "$PHXC")/sandbox/$1" "${@:2}" >out 2>err </dev/null || give_up "on the host: $*: exit $?"
}

phxc() { timeout 60 "$PHXC" "$@" >out 2>err </dev/null; }

apply() { attempt "$@" || give_up "apply: exit $?"; }

attempt() {
    phxc apply --host "sandbox:$host" --yes --jobs 1 "$@"
    code=$?
    return $code
}

fails() {
    attempt "$@"
    failed
}

# The attempt before did not end well.
failed() { [ "$code" -eq 6 ] || give_up "apply: exit $code: it was not noticed that something failed"; }

wrong() {
    local number
    forget
    cp -R host trial
    host=trial attempt "${@:3}"
    number=$(grep -nE -m 1 -- "$2" trial/var/lib/phx-sandbox/calls | cut -d: -f1)
    rm -rf trial
    [ -n "$number" ] || give_up "there is no call $2"
    PHX_SANDBOX_FAULT=$number:$1 attempt "${@:3}"
}

refused() {
    phxc plan --host "sandbox:$host" "${@:2}"
    if [ $? -ne 1 ] || ! grep -q "^error\[$1\]" err; then give_up "plan: it is not refused with $1"; fi
}

plan() { phxc plan --host "sandbox:$host" "$@" || give_up "plan: exit $?"; }

settled() { phxc plan --host "sandbox:$host" --detailed-exitcode "$@" || give_up "plan after apply: it is not empty"; }

forget() {
    mkdir -p "$host/var/lib/phx-sandbox"
    : >"$host/var/lib/phx-sandbox/calls"
}

conf() {
    local file
    file=$(echo "$host"/etc/pve/nodes/*/*/"$1.conf")
    sed '/^\[/,$d' "$file" 2>/dev/null | grep -qE -- "$2"
}

text() { grep -qE -- "$2" "$1" 2>/dev/null; }

call() { grep -qE -- "$1" "$host/var/lib/phx-sandbox/calls"; }

expect() { "$@" || give_up "the host: $*"; }
# shellcheck disable=SC2317
not() { ! "$@"; }

mutation() {
    local changed
    changed=$(cat)
    [ -z "${MUTATIONS-}" ] || printf '%s\n' "$1" "$2" "$changed" >"$MUTATIONS/$(find "$MUTATIONS" -type f | wc -l)"
}
