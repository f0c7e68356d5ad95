#!/bin/bash
# Every .phx file of the project is laid out as `phxc fmt` would, and what it laid out it leaves alone.
. "$(dirname "$0")/../suite.sh"

# What users read and imitate is laid out.
while read -r file; do
    phxc fmt --check "$file" >"$bed/out" 2>&1 </dev/null
    verdict $? "$file is not laid out: phxc fmt $file"
done < <(find stdlib examples -name '*.phx' | sort)

# Of what can be read at all, also in the cases: laying out twice is laying out once, and means the same.
laid=0
while read -r file; do
    phxc fmt - <"$file" >"$bed/once" 2>"$bed/err" || continue
    laid=$((laid + 1))
    phxc fmt - <"$bed/once" >"$bed/twice" 2>"$bed/err"
    verdict $? "$file: what was laid out can't be read: $(head -n 3 "$bed/err")"
    cmp -s "$bed/once" "$bed/twice"
    verdict $? "$file: laid out twice it is not as it was after the first time"
    # Nothing but blanks, line ends, commas and the brackets that hold a body on lines of its own may differ.
    [ "$(tr -d ' \t\n,' <"$file" | sha256sum)" = "$(tr -d ' \t\n,' <"$bed/once" | sha256sum)" ]
    verdict $? "$file: laid out it has other words"
done < <(find stdlib examples tests/golden -name '*.phx' | sort)
[ $laid -ge 50 ]
verdict $? "only $laid files could be laid out"

# Plans of laid-out copies are those of the originals.
while read -r site; do
    cp -R examples "$bed/examples"
    find "$bed/examples" -name '*.phx' -exec sh -c 'for f; do tr -s " " <"$f" >"$f.new" && mv "$f.new" "$f" && phxc fmt "$f"; done' - {} + >"$bed/out" 2>&1
    verdict $? "phxc fmt of squeezed examples: $(head -n 3 "$bed/out")"
    phxc plan "$site" --facts none --no-commands 2>/dev/null | sed -E 's/ +[^ ]+\.(phx|json):[0-9]+//' >"$bed/a"
    (cd "$bed" && phxc plan "$site" --facts none --no-commands 2>/dev/null) | sed -E 's/ +[^ ]+\.(phx|json):[0-9]+//' >"$bed/b"
    [ -s "$bed/a" ] && cmp -s "$bed/a" "$bed/b"
    verdict $? "$site has another plan after it was laid out"
    rm -rf "$bed/examples"
done < <(examples)

suite_end
