#!/bin/bash
# No file of the project names a folder of the machine it was written on.
. "$(dirname "$0")/../suite.sh"

# In a checkout the files that git knows or would add, elsewhere all that are there.
if files=$(git ls-files --cached --others --exclude-standard 2>/dev/null) && [ -n "$files" ]; then
    mapfile -t files <<<"$files"
else
    mapfile -t files < <(find . -path ./.git -prune -o -path ./build -prune -o -type f -print)
fi

# absent WHAT PATH FILES...: a path that no file may hold. It begins there: /phxc/ does not stand in /var/lib/phxc/.
absent() {
    local what=$1 path hits
    path=$(sed 's/[][\\.*^$+?(){}|]/\\&/g' <<<"$2")
    shift 2
    ! hits=$(grep -nIE -e "(^|[^A-Za-z0-9_./-])$path" -- "$@" /dev/null 2>/dev/null)
    verdict $? "$what
$hits"
}

absent 'a path of this checkout' "$PWD/" "${files[@]}"
# What lies beside the checkout is this machine's too, unless it lies in a folder that every machine has.
beside=${PWD%/*}
case $beside in
    '' | /home | /mnt | /opt | /root | /srv | /tmp | /usr | /usr/src | /usr/local/src | /var | /var/tmp) ;;
    *) absent 'a path beside this checkout' "$beside/" "${files[@]}" ;;
esac

mapfile -t goldens < <(printf '%s\n' "${files[@]}" | grep '\.out$')
[ ${#goldens[@]} -eq 0 ] || absent 'a golden with the path of a temporary folder' "/tmp/tmp." "${goldens[@]}"

suite_end
