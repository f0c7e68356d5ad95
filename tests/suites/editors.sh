#!/bin/bash
# What editors show of every .phx file is what the scanner reads: token by token, in a TextMate grammar and in vim.
. "$(dirname "$0")/../suite.sh"
need editors vim node npm

# ---- what is committed is what would be made ----

vim=lang/editors/vim vscode=lang/editors/vscode
"$build/lang/editors/fill" json <lang/editors/phx.tmLanguage.json.in | cmp - $vscode/syntaxes/phx.tmLanguage.json
verdict $? 'the TextMate grammar is not what the tables make: make editors'
"$build/lang/editors/fill" vim <lang/editors/phx.vim.in | cmp - $vim/syntax/phx.vim
verdict $? 'the syntax file for vim is not what the tables make: make editors'

# ---- the extension and the plugin hold together ----

while read -r path; do
    jq -e . "$vscode/$path" >"$bed/out"
    verdict $? "the extension names $path, which is no JSON file in it"
done < <(jq -r '.contributes | .languages[].configuration, .grammars[].path' $vscode/package.json)
[ "$(jq -r '.contributes.grammars[].scopeName' $vscode/package.json)" = "$(jq -r .scopeName $vscode/syntaxes/phx.tmLanguage.json)" ]
verdict $? 'extension and grammar name different scopes'

# vim_run FOLDER ARGUMENT...: vim with nothing but that plugin.
vim_run() {
    local folder=$1
    shift
    command vim -u NONE -i NONE -N -n -es --cmd "set runtimepath^=$folder" "$@" </dev/null
}
vim_run $vim -c 'filetype plugin on' -c 'edit examples/homelab.phx' \
    -c "call writefile([&filetype, &commentstring, &shiftwidth], '$bed/plugin')" -c 'quitall!'
[ "$(tr '\n' ' ' <"$bed/plugin")" = 'phx // %s 2 ' ]
verdict $? "vim does not take a .phx file for one: $(cat "$bed/plugin")"

# ---- every token ----

# Here go the packages that VS Code itself reads TextMate grammars with.
mkdir -p "$build/tests/editors" && cp tests/editors/package.json "$build/tests/editors/"
if ! cmp -s tests/editors/package-lock.json "$build/tests/editors/package-lock.json" || ! [ -d "$build/tests/editors/node_modules" ]; then
    cp tests/editors/package-lock.json "$build/tests/editors/"
    # npm finds no lock file behind a link.
    if ! npm ci --prefix "$(cd "$build/tests/editors" && pwd -P)" --ignore-scripts --no-audit --no-fund >"$bed/npm" 2>&1; then
        rm -rf "$build/tests/editors/node_modules"
        echo "skipped: npm can't install vscode-textmate: $(head -n 3 "$bed/npm")"
        exit 77
    fi
fi

# show_textmate GRAMMAR LIST OUT, show_vim FOLDER LIST OUT: what the editors show of the files in the list.
show_textmate() { node tests/editors/textmate.js "$build/tests/editors/node_modules" "$1" <"$2" >"$3"; }
show_vim() { PHX_FILES=$2 PHX_CLASSES=$3 vim_run "$1" -S tests/editors/vim.vim; }

find lang stdlib examples tests -name '*.phx' | sort >"$bed/files"
show_textmate $vscode/syntaxes/phx.tmLanguage.json "$bed/files" "$bed/textmate" &
show_vim $vim "$bed/files" "$bed/vim" &
xargs "$build/tests/editors/tokens" <"$bed/files" >"$bed/tokens" 2>"$bed/left_out"
verdict $? "the scanner's tokens can't be told: $(cat "$bed/left_out")"
wait
# Those that hold no text: not UTF-8, NUL in it, with a byte order mark.
[ "$(grep -c 'left out$' "$bed/left_out")" -eq 3 ]
verdict $? "other files are left out than those three: $(cat "$bed/left_out")"
! grep -q '^tests/editors/words.phx .* word$' "$bed/tokens"
verdict $? 'tests/editors/words.phx can not be parsed: nothing is proven of words'
for editor in textmate vim; do
    sed 's/ is no text .*/ /' "$bed/left_out" | grep -vFf - "$bed/$editor" >"$bed/$editor.read"
    awk -v editor=$editor -f tests/editors/compare.awk "$bed/$editor.read" "$bed/tokens" >"$bed/report"
    grep '^FAIL' "$bed/report" | head -n 20
    read -r tokens right wrong < <(tail -n 1 "$bed/report")
    echo "$editor: $tokens tokens of $((right + wrong)) files"
    passed=$((passed + right)) failed=$((failed + wrong))
    [ "$tokens" -ge 100000 ] && [ $((right + wrong)) -eq $(($(wc -l <"$bed/files") - 3)) ]
    verdict $? "$editor: that is not all of them"
done

# ---- a grammar that lacks something is found out ----

# mutant WORD CLASS: without the word, both editors show it as something else than its class.
echo tests/editors/words.phx >"$bed/files"
echo tests/editors/literals.phx >>"$bed/files"
mutant() {
    rm -rf "$bed/mutant"
    cp -R $vim "$bed/mutant"
    sed "s/|$1|/|/g" $vim/syntax/phx.vim >"$bed/mutant/syntax/phx.vim"
    sed "s/|$1|/|/g" $vscode/syntaxes/phx.tmLanguage.json >"$bed/mutant.json"
    show_textmate "$bed/mutant.json" "$bed/files" "$bed/textmate"
    show_vim "$bed/mutant" "$bed/files" "$bed/vim"
    for editor in textmate vim; do
        grep '^tests/editors/' "$bed/tokens" | awk -v editor=$editor -f tests/editors/compare.awk "$bed/$editor" - >"$bed/report"
        grep -qE "^FAIL tests/editors/[a-z]+\.phx:[0-9]+:[0-9]+: the scanner says $2, $editor says " "$bed/report"
        verdict $? "$editor: without \`$1\` nothing is found"
    done
}
mutant schema keyword
mutant not keyword
mutant false value
mutant GiB number
mutant h number
mutant '[\\]*+' operator

suite_end
