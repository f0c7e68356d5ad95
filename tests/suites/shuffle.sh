#!/bin/bash
# The order of declarations means nothing: the examples with their declarations shuffled give the same plans, byte for byte,
# but for the places in the files.
. "$(dirname "$0")/../suite.sh"

# shuffle SEED <FILE: the declarations of the outermost level in another order; `site` stays the first. A declaration begins at
# the first column with a letter, and the comments above it go with it.
shuffle() {
    awk -v seed="$1" '
        BEGIN { srand(seed) }
        /^\/\// { above = above $0 "\n"; next }
        /^[a-z]/ && !/^(with|where)/ { count++ }
        { body[count + 0] = body[count + 0] above $0 "\n"; above = "" }
        END {
            first = body[1] ~ /(^|\n)site / ? 2 : 1
            for (i = count; i > first; i--) { k = first + int(rand() * (i - first + 1)); t = body[i]; body[i] = body[k]; body[k] = t }
            for (i = 0; i <= count; i++) printf "%s", body[i]
            printf "%s", above
        }'
}

# The text of a plan without its `file:line` column, whose width follows what stands in it.
without_places() {
    sed -E 's/ +[^ ]+\.(phx|json):[0-9]+( |$)/ PLACE\2/; s/ +$//; s/  +/  /g'
}

# A plan's JSON without what tells of files: identities, lines, columns.
without_sources() {
    jq -S 'del(.id, .sources, .diagnostics) | (.steps[] | .source) |= (if . == null then . else del(.line, .column) end)
        | walk(if type == "object" then del(.line, .column, .end_line, .end_column) else . end)'
}

plan() {
    phxc plan "$1" --facts none "${@:2}" 2>"$bed/err" </dev/null
}

mapfile -t examples < <(examples)
[ ${#examples[@]} -gt 0 ]
verdict $? 'there is no example'

moved=0
for example in "${examples[@]}"; do
    plan "$example" | without_places >"$bed/text"
    plan "$example" --format json | without_sources >"$bed/json"
    [ -s "$bed/text" ] && [ -s "$bed/json" ]
    verdict $? "$example has no plan: $(head -n 3 "$bed/err")"
    for seed in 1 2 3 4; do
        rm -rf "$bed/copy"
        mkdir "$bed/copy"
        cp -R examples "$bed/copy/"
        while read -r file; do
            shuffle $seed <"$file" >"$bed/copy/$file"
            [ "$(sort "$file" | sha256sum)" = "$(sort "$bed/copy/$file" | sha256sum)" ]
            verdict $? "the shuffler lost lines of $file"
            cmp -s "$file" "$bed/copy/$file" || moved=$((moved + 1))
        done < <(find examples -name '*.phx')
        cd "$bed/copy" || exit
        plan "$example" | without_places >"$bed/text.$seed"
        plan "$example" --format json | without_sources >"$bed/json.$seed"
        cd - >/dev/null || exit
        difference=$(diff "$bed/text" "$bed/text.$seed")
        verdict $? "$example, shuffled with seed $seed, has another plan"$'\n'"$difference"
        difference=$(diff "$bed/json" "$bed/json.$seed")
        verdict $? "$example, shuffled with seed $seed, has another plan as JSON"$'\n'"$difference"
    done
done
[ $moved -ge 10 ]
verdict $? "only $moved files came out of the shuffler otherwise than they went in"

suite_end
