#!/bin/bash
# Every code of lang/codes.def is unique, stands, as a diagnostic, in some golden, and is shown by an example that is as good as its word: the wrong
# text gives the code, the right one is planned without a finding. Which codes no text can show is said there, with the reason.
. "$(dirname "$0")/../suite.sh"

# CODE(CONSTANT, "E0101", "slug", ...
codes=$(sed -En 's/^CODE\(([A-Z0-9_]+), *"([^"]*)", *"([^"]*)".*/\1 \2 \3/p' lang/codes.def)
[ "$(printf '%s\n' "$codes" | grep -c .)" -eq "$(grep -c '^CODE(' lang/codes.def)" ]
verdict $? 'lang/codes.def has an entry that this script cannot read: CONSTANT, id and slug belong on its first line'

for column in 1 2 3; do
    twice=$(printf '%s\n' "$codes" | cut -d ' ' -f $column | sort | uniq -d)
    [ -z "$twice" ]
    verdict $? "lang/codes.def has twice:" $twice
done

seen=$(find tests/golden -name '*.out' -exec cat {} + | grep -oE '\[?E[0-9]{4}\]?' | tr -d '[]' | sort -u)
while read -r constant id slug; do
    [ -n "$id" ] || continue
    printf '%s\n' "$seen" | grep -qx "$id"
    verdict $? "no golden shows $id ($slug)"
done <<<"$codes"

definitions=$PWD/lang/codes.def
cd "$bed" || exit

# part WORD: the text under `WORD:` in what explain printed.
part() {
    sed -n "/^$1:\$/,/^[A-Z][a-z]*:\$/p" explained | sed -n 's/^    //p'
}

# findings ID: what there is to say of the text in the file `text`: a site without its first line, or, by its code, JSON that is imported or facts.
findings() {
    local facts=none command=plan
    { grep -q '^site ' text || echo 'site "example" edition 1'; } >site.phx
    case $1 in
        E031?)
            cp text data.json
            echo 'import json "data.json" as data: json' >>site.phx
            echo 'output data = data' >>site.phx
            ;;
        E034?) facts=text ;;
        E061[45])
            cat text >>site.phx
            command=test
            ;;
        *) cat text >>site.phx ;;
    esac
    if [ $command = test ]; then
        phxc test site.phx 2>&1 </dev/null || echo "exit $?"
    else
        phxc plan site.phx --facts $facts 2>&1 >plan </dev/null || echo "exit $?"
    fi
}

shown=0
while read -r constant id slug; do
    [ -n "$id" ] || continue
    phxc explain "$id" >explained
    part Wrong >wrong
    part Right >right
    if grep -q "^UNSHOWN($constant, \"..*\")\$" "$definitions"; then
        [ ! -s wrong ] && [ ! -s right ]
        verdict $? "$id ($slug) is said to be unshown, and has an example"
        continue
    fi
    [ -s wrong ] && [ -s right ]
    verdict $? "explain $id ($slug) shows no example, and lang/codes.def does not say why"
    shown=$((shown + 1))
    cp wrong text
    findings "$id" >found
    grep -qF "[$id]" found
    verdict $? "the wrong example of $id ($slug) does not give it: $(head -n 3 found)"
    cp right text
    findings "$id" >found
    ! grep -qE '^(error|exit)' found && ! grep -qF "[$id]" found
    verdict $? "the right example of $id ($slug) is not right: $(head -n 3 found)"
done <<<"$codes"
[ $shown -ge 80 ]
verdict $? "only $shown codes are shown"

suite_end
