# Holds what an editor shows against what the scanner sees: awk -v editor=NAME -f compare.awk CLASSES TOKENS
#
# CLASSES are lines `FILE LINE LETTERS`, a letter for each byte; TOKENS those of tokens.c. All bytes of a token must have its class, and
# what is between tokens none. What is not so is told, and at the end how many tokens there were and how many files differ.
BEGIN {
    names = "keyword value number unit address string escape hole comment doc operator identifier bad"
    for (i = split(names, list, " "); i > 0; i--) {
        letter[list[i]] = substr(list[i], 1, 1)
        name[substr(list[i], 1, 1)] = list[i]
    }
    name[" "] = "nothing"
}

FNR == NR {
    shown[$1, $2] = substr($0, length($1) + length($2) + 3)
    if (!($1 in lines)) files[++file_count] = $1
    lines[$1] = $2
    next
}

function differs(file, line, column, seen) {
    printf "FAIL %s:%d:%d: the scanner says %s, %s says %s\n", file, line, column, seen, editor,
        (substr(shown[file, line], column, 1) in name ? name[substr(shown[file, line], column, 1)] : "nothing that has a name")
    wrong[file]++
}

# Nothing may be shown from the end of the last token of a line up to a column.
function expect_blank(file, line, from, to,    gap) {
    gap = substr(shown[file, line], from, to - from)
    if (gap !~ /^ *$/) differs(file, line, from + match(gap, /[^ ]/) - 1, "nothing")
}

# All lines up to this one, but for those after a block without end.
function finish_lines(file, line) {
    for (; at <= line; at++) {
        expect_blank(file, at, end, length(shown[file, at]) + 1)
        end = 1
    }
}

function finish_file() { if (current != "" && !cut) finish_lines(current, lines[current]) }

$1 != current {
    finish_file()
    current = $1
    at = end = 1
    cut = 0
    if (!(current in lines)) differs(current, 1, 1, "something")
}

{
    finish_lines($1, $2 - 1)
    expect_blank($1, $2, end, $3)
    end = $3 + $4
    tokens++
    here = substr(shown[$1, $2], $3, $4)
    if ($5 == "any") {
        cut = $3 + $4 > length(shown[$1, $2]) + 1
    } else if ($5 == "word") {
        if (here !~ /^(k+|i+)$/) differs($1, $2, $3, "keyword or identifier")
    } else {
        expected = here
        gsub(/./, letter[$5], expected)
        if (here != expected || here == "")
            for (i = 1; i <= $4; i++)
                if (substr(here, i, 1) != letter[$5]) {
                    differs($1, $2, $3 + i - 1, $5)
                    break
                }
    }
}

END {
    finish_file()
    for (i = 1; i <= file_count; i++) if (files[i] in wrong) bad++
    printf "%d %d %d\n", tokens, file_count - bad, bad
}
