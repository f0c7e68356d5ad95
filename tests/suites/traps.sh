#!/bin/bash
# The traps of Proxmox that a command of phxc can fall into: for each a script in tests/traps that ends well, and does not where phxc's
# answer is switched off. The list of them all is tests/traps/README.md: it names each script, and each script is in it.
. "$(dirname "$0")/../suite.sh"

list=tests/traps/README.md
for script in tests/traps/*.sh; do
    [ "$script" = tests/traps/lib.sh ] && continue
    grep -qF "\`$(basename "$script" .sh)\`" $list
    verdict $? "$script: $list does not name it"
done
# the backquotes are those of the list
# shellcheck disable=SC2016
named=$(sed -n '/^|/s/.*| *\(`[a-z_` ,]*`\) *|$/\1/p' $list | tr -d '` ' | tr , '\n' | sort -u)
for name in $named; do
    [ -e "tests/traps/$name.sh" ]
    verdict $? "$list names $name, and there is no such script"
done

# Two at a time; each says all that it has to say at once.
reports=0
# the inner shell fills it in
# shellcheck disable=SC2016
play='said=$(tests/traps/run "$1" 2>&1); printf "%s\n" "$said"'
while IFS= read -r line; do
    if [[ $line =~ ^([0-9]+)' passed, '([0-9]+)' failed'$ ]]; then
        passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) reports=$((reports + 1))
    else
        printf '%s\n' "$line"
    fi
done < <(find tests/traps -name '*.sh' ! -name lib.sh | sort | xargs -P 2 -I {} sh -c "$play" sh {})
[ "$reports" -eq "$(find tests/traps -name '*.sh' ! -name lib.sh | wc -l)" ]
verdict $? "$reports scripts have told how they ended: some have not"

suite_end
