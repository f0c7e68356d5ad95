#!/bin/bash
# Whatever bytes stand in a file: phxc tells of mistakes or finds none, soon, and never falls.
#
# The examples and their data are damaged at random places, by a generator with a fixed seed: what failed once fails again.
. "$(dirname "$0")/../suite.sh"
rounds=${PHX_ROBUST_ROUNDS:-300}

# Rounds of one line each: which file, where in thousandths, what is done there, with which bytes.
awk -v rounds="$rounds" 'BEGIN {
    srand(20240229)
    words = split("{ } [ ] ( ) \" \x27 , = : . .. ... ?? ?. \\ \\u{ / // /* ${ {} \x22\x22\x22 \x27\x27\x27 0 -1 99999999999999999999 1e999 16G 1.5GiB none unset for if with in is site absent \x01 \x7f \xff \xc3 \xed\xa0\x80 \xef\xbb\xbf", word, " ")
    for (i = 0; i < rounds; i++)
        printf "%d %d %s %s %d\n", rand() * 1000, rand() * 1000000, substr("idrcx", int(rand() * 5) + 1, 1), word[int(rand() * words) + 1], rand() * 40 + 1
}' >"$bed/rounds"
[ "$(wc -l <"$bed/rounds")" -eq "$rounds" ] || { echo 'FAIL the generator'; echo '0 passed, 1 failed'; exit 1; }

# damage FILE PLACE KIND WORD LENGTH: inserts the word, deletes bytes, replaces them by the word, copies some, or ends the file there.
damage() {
    local file=$1 size at
    size=$(stat -c %s "$file")
    at=$((size * $2 / 1000000))
    head -c $at "$file"
    case $3 in
        i) printf '%s' "$4"; tail -c +$((at + 1)) "$file" ;;
        d) tail -c +$((at + 1 + $5)) "$file" ;;
        r) printf '%s' "$4"; tail -c +$((at + 1 + $5)) "$file" ;;
        c) tail -c +$((at + 1)) "$file" | head -c "$5"; tail -c +$((at + 1)) "$file" ;;
        x) printf '%s' "$4" ;;
    esac
}

mapfile -t files < <(find examples \( -name '*.phx' -o -name '*.json' \) | sort)
cp -R examples "$bed/examples"
cd "$bed" || exit
refused=0
while read -r which place kind word length; do
    file=${files[which % ${#files[@]}]}
    damage "$root/$file" "$place" "$kind" "$word" "$length" >"$file"
    # What reads the damaged file, if it is no site itself.
    case $file in
        examples/phoenix/legacy*) site=examples/phoenix/legacy.phx ;;
        examples/phoenix/*) site=examples/phoenix/site.phx ;;
        *) site=$file ;;
    esac
    timeout -s KILL 5 phxc check "$site" >out 2>err </dev/null
    code=$?
    if [ $code -eq 0 ] || { [ $code -eq 1 ] && [ -s err ]; }; then
        passed=$((passed + 1))
        refused=$((refused + code))
    else
        echo "FAIL exit $code: $file damaged by: $place $kind $word $length"
        tail -n 4 err
        failed=$((failed + 1))
    fi
    cp "$root/$file" "$file"
done <rounds

# A generator that breaks nothing would test nothing.
if [ $((refused * 2)) -lt "$rounds" ]; then
    echo "FAIL only $refused of $rounds damaged sites were refused"
    failed=$((failed + 1))
fi
suite_end
