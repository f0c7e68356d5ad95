#!/bin/bash
# Every block of code in every document is what it says: texts in phx are planned, commands are run or at least understood, what is
# shown of their output is what they print. What stands behind a block's fence says how it is checked; tests/README.md has the list.
# A block that says nothing, or something else, is a failure. With documents as arguments only these are looked at.
. "$(dirname "$0")/../suite.sh"
declare -A seen=()

count() { seen[$1]=$((${seen[$1]-0} + 1)); }

# ---- phx ----

# planned WHERE FILE WANTED AMONG OPTION...: the plan of the file for an empty host, and its tests. It gives the findings WANTED and no others,
# or AMONG others the finding of that name.
planned() {
    local where=$1 file=$2 wanted=$3 among=$4 failing=0 code
    shift 4
    case $among in
        # What only tests give.
        E0614 | E0615)
            failing=1
            timeout 60 phxc test "$file" >"$bed/out" 2>&1 </dev/null
            ;;
        *) timeout 60 phxc plan "$file" --facts none "$@" >"$bed/out" 2>&1 </dev/null ;;
    esac
    code=$?
    sed -En 's/^(error|warning)\[([^]]*)\]: .*/\2/p' "$bed/out" | sort -u | tr '\n' ' ' >"$bed/found"
    if [ -n "$among" ]; then
        grep -qw "$among" "$bed/found"
    else
        [ "$(cat "$bed/found")" = "$wanted" ]
    fi || { grep -A 3 -E '^(error|warning|note)' "$bed/out" >"$bed/err"; false; }
    verdict $? "$where gives not ${wanted:-${among:-nothing} }but: $(cat "$bed/found")"
    # What only warns is planned.
    [ $code -eq 0 ] || grep -q '^error' "$bed/out"
    verdict $? "$where: no plan, and no error: exit $code"
    if grep -q '^test "' "$file"; then
        timeout 60 phxc test "$file" >"$bed/err" 2>&1 </dev/null
        [ $? -eq $failing ]
        verdict $? "$where: a test fails"
        count 'tests run'
    fi
}

# block_phx WHERE BODY [adds|in] [NAME] [gives CODE... | shows CODE]
block_phx() {
    local where=$1 body=$2 how='' name='' wanted='' among='' file options=()
    shift 2
    case ${1-} in adds | in) how=$1; shift ;; esac
    case ${1-} in *.phx) name=$1; shift ;; esac
    if [ "${1-}" = gives ]; then
        shift
        [ $# -gt 0 ]
        verdict $? "$where: gives what?"
        wanted=$(printf '%s\n' "$@" | sort -u | tr '\n' ' ')
        count 'that show a mistake'
    elif [ "${1-}" = shows ] && [ $# -eq 2 ]; then
        among=$2
        count 'that show a mistake'
    elif [ $# -gt 0 ] || { [ -n "$how" ] && [ -z "$name" ]; }; then
        verdict 1 "$where: what is \`${*:-$how}\`?"
        return
    fi
    case $name in
        */*)
            diff "$root/$name" "$body" >"$bed/err"
            verdict $? "$where is not $name"
            count 'that are a file of the project'
            ;;
    esac
    file=${name:-alone.phx}
    case $how in
        adds) cat "$body" >>"$file" ;;
        in)
            cat "$file" "$body" >beside.phx
            file=beside.phx
            ;;
        *)
            mkdir -p "$(dirname "$file")"
            cp "$body" "$file"
            ;;
    esac
    if ! grep -q '^site ' "$file"; then
        if [ -n "$name" ]; then
            # A module: who imports it stands further down.
            timeout 60 phxc fmt - <"$file" >"$bed/err" 2>&1
            verdict $? "$where can't be read"
            count 'modules'
            modules+=("$name")
            return
        fi
        { echo 'site "example" edition 1'; cat "$body"; } >"$file"
    fi
    if [ "$how" = in ] || ! grep -q '^site ' "$body"; then
        # Parts of a site: what is unused here may be used by what is not shown.
        options=(-A unused_declaration -A unused_parameter)
        count 'parts of a site'
    else
        count 'whole sites'
    fi
    planned "$where" "$file" "$wanted" "$among" "${options[@]}"
    for module in "${modules[@]}"; do
        grep -q "import \"$module\"" "$file" && imported+=" $module "
    done
}

# block_expressions WHERE BODY [NAME]: a line each, `EXPRESSION  // VALUE`.
block_expressions() {
    local where=$1 body=$2 site=${3-} line value
    if [ -z "$site" ]; then
        site=nothing.phx
        echo 'site "nothing" edition 1' >$site
    fi
    while IFS= read -r line; do
        [ -n "$line" ] || continue
        value=${line##*// }
        line=$(sed -E 's| +// .*||' <<<"$line")
        [ "$(timeout 60 phxc eval "$line" "$site" 2>"$bed/err")" = "$value" ]
        verdict $? "$where: $line is no $value but: $(phxc eval "$line" "$site" 2>&1 | head -n 2)"
        count 'expressions'
    done <"$body"
}

# ---- commands ----

# understood WHERE COMMAND: there is such a command of phxc, and it takes these options. Words that are no options may be anything.
understood() {
    local where=$1 command words
    # What the shell would do with it, and the marks of a usage line: alternatives, and what may be left out.
    command=$(sed -E 's/ +#( .*)?$//; s/ [>|] .*//; s/\\?\|[^] ]*//g; s/[][]//g; s/\.\.\.//g' <<<"$2")
    mapfile -t words < <(xargs -n 1 printf '%s\n' <<<"$command" 2>"$bed/err")
    timeout 60 "${words[@]}" --help >"$bed/out" 2>"$bed/err" </dev/null
    verdict $? "$where: $2"
    count 'command lines understood'
}

# block_sh WHERE BODY: commands that are not run here: they want a host, or are somebody's own.
block_sh() {
    local where=$1 line
    while IFS= read -r line; do
        case $line in
            'phxc '*) understood "$where" "$line" ;;
            'make '* | make)
                for target in $(sed -E 's/ +#( .*)?$//; s/^make//; s/[A-Z]+=[^ ]*//g' <<<"$line"); do
                    grep -qE "^\.PHONY:.* $target( |\$)" "$root/Makefile"
                    verdict $? "$where: make has no target $target"
                done
                count 'command lines understood'
                ;;
            '' | '#'*) ;;
            *)
                [ -x "$root/${line%% *}" ]
                verdict $? "$where: what is ${line%% *}?"
                count 'command lines understood'
                ;;
        esac
    done <"$2"
}

# console_end WHERE: compares what the last command printed with what was shown of it.
console_end() {
    [ -n "$command" ] || return
    awk -f "$root/tests/manual/match.awk" "$bed/shown" "$bed/out" >"$bed/err"
    verdict $? "$1: $command prints something else"
    command=''
}

# block_console WHERE BODY: commands that are run, each followed by what it prints. One that does not end with 0 says so: `# exit 4`.
block_console() {
    local where=$1 line command='' wanted code
    while IFS= read -r line; do
        case $line in
            '$ phxc '* | '$ '[A-Z]*=*' phxc '*)
                console_end "$where"
                command=${line#'$ '}
                wanted=$(sed -En 's/.* # exit ([0-9]+)$/\1/p' <<<"$line")
                : >"$bed/shown"
                timeout 60 bash -c "$command" >"$bed/out" 2>&1 </dev/null
                code=$?
                [ $code -eq "${wanted:-0}" ] || cp "$bed/out" "$bed/err"
                [ $code -eq "${wanted:-0}" ]
                verdict $? "$where: $command ends with $code"
                count 'commands run'
                ;;
            '$ '*)
                console_end "$where"
                verdict 1 "$where: only commands of phxc are run: $line"
                ;;
            *)
                [ -n "$command" ] || verdict 1 "$where: output without a command"
                printf '%s\n' "$line" >>"$bed/shown"
                ;;
        esac
    done <"$2"
    console_end "$where"
}

# block_json WHERE BODY [NAME]
block_json() {
    jq . "$2" >/dev/null 2>"$bed/err"
    verdict $? "$1 is no JSON"
    [ $# -lt 3 ] || cp "$2" "$3"
    count 'JSON texts'
}

block_ebnf() {
    awk -f "$root/lang/ebnf.awk" "$root/lang/grammar.y" | diff - "$2" >"$bed/err"
    verdict $? "$1 is not what lang/ebnf.awk prints of lang/grammar.y"
    count 'grammars'
}

# ---- documents ----

# document FILE NAME: its blocks one after the other, in a folder of their own that has the examples in it.
document() {
    local name=$2 block line info words text
    local modules=() imported=''
    rm -rf "$bed/blocks" "$bed/work"
    mkdir "$bed/blocks" "$bed/work"
    cp -R examples "$bed/work"
    awk -v out="$bed/blocks" -f tests/manual/blocks.awk "$1" >"$bed/err"
    [ ! -s "$bed/err" ]
    verdict $? "$name has blocks that nobody can check"
    awk '/^ *```/ { inside = !inside; next } !inside' "$1" >"$bed/prose"
    while IFS= read -r text; do
        understood "$name" "$text"
    done < <(grep -oE '`phxc [^`]+`' "$bed/prose" | tr -d '`' | sort -u)
    while IFS= read -r text; do
        [ -e "$(dirname "$1")/${text%%#*}" ]
        verdict $? "$name: there is no $text"
        count 'links'
    done < <(sed 's/`[^`]*`//g' "$bed/prose" | grep -oE '\]\([^)#:]+(#[^)]*)?\)' | sed -E 's/^\]\(//; s/\)$//' | sort -u)
    cd "$bed/work" || exit
    for block in "$bed"/blocks/*; do
        [ -e "$block" ] || continue
        read -r line info <"$block"
        sed -i 1d "$block"
        read -ra words <<<"$info"
        count blocks
        case ${words[0]-} in
            phx) if [ "${words[1]-}" = expressions ]; then block_expressions "$name:$line" "$block" "${words[@]:2}"
                 else block_phx "$name:$line" "$block" "${words[@]:1}"; fi ;;
            sh | console | json | ebnf) "block_${words[0]}" "$name:$line" "$block" "${words[@]:1}" ;;
            text) count 'texts that are only shown' ;;
            *) verdict 1 "$name:$line: a block that does not say what it is: \`$info\`" ;;
        esac
    done
    for module in "${modules[@]}"; do
        [[ $imported == *" $module "* ]]
        verdict $? "$name: $module is not imported"
    done
    cd "$root" || exit
    count documents
}

documents=("$@")
[ $# -gt 0 ] || mapfile -t documents < <(find . -name '*.md' -not -path './build*' -not -path './.git/*' | sed 's|^\./||' | sort)
for file in "${documents[@]}"; do
    document "$file" "$file"
done
if [ $# -eq 0 ]; then
    # The one document that is printed. What it tells of is commented.
    phxc explain reference >"$bed/library.md"
    verdict $? 'phxc explain reference fails'
    document "$bed/library.md" 'phxc explain reference'
    # A type that says that it takes another program's own names leaves it to that one to tell what they mean.
    awk '/^### / { foreign = 0 } /own names/ { foreign = 1 } /^\| .*\|  \|$/ && !foreign { print NR ":" $0 }' "$bed/library.md" >"$bed/err"
    [ ! -s "$bed/err" ]
    verdict $? "$(wc -l <"$bed/err") attributes, fields, functions or checks have no comment"
fi

for kind in documents blocks 'whole sites' 'parts of a site' modules 'that are a file of the project' 'that show a mistake' 'tests run' expressions \
    'commands run' 'command lines understood' grammars 'JSON texts' 'texts that are only shown' links; do
    echo "$kind: ${seen[$kind]-0}"
    # A kind of which there is none has lost its way here.
    [ "${seen[$kind]-0}" -gt 0 ] || [ $# -gt 0 ]
    verdict $? "no $kind"
done
suite_end
