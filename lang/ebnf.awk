# grammar.y as a reader wants it: the rules as EBNF without what the parser does about them, how tight operators bind, the words that are
# reserved. `awk -f lang/ebnf.awk lang/grammar.y` prints what stands under "Grammar" in README.md; a test compares the two.
#
#   { x }  none or any number of x        [ x ]  x or nothing        "x"  as it is written        CAPITALS  what the scanner reads

# ---- declarations of tokens: their aliases, what binds how tight, the reserved words ----

FNR == 1 { section = 0 }
/^%%/ { section++; next }

section == 0 && /^\/\* Reserved words/ { reserved = 1 }
section == 0 && reserved && /^$/ { reserved = 0 }
section == 0 && /^%token/ {
    line = $0
    sub(/\/\*.*/, "", line)
    sub(/^%token( <[a-z]+>)?/, "", line)
    while (match(line, /[A-Z_]+ "[^"]*"/)) {
        pair = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        token = pair
        sub(/ .*/, "", token)
        sub(/^[A-Z_]+ /, "", pair)
        # An alias of several words is one for messages.
        if (pair ~ / /) continue
        alias[token] = pair
        if (reserved) words = words (words == "" ? "" : " ") pair
    }
}
section == 0 && /^%(left|precedence|nonassoc)/ {
    level[++levels] = $0
    sub(/^%[a-z]+ /, "", level[levels])
    sub(/SIGN/, "- of a sign", level[levels])
}

# ---- rules ----

section == 1 { text = text $0 "\n" }

# The next token of the rules, or "" at the end. Actions and comments are no tokens.
function token_next(    depth, t) {
    for (;;) {
        sub(/^[ \n]+/, "", text)
        if (text ~ /^\/\*/) {
            t = substr(text, 1, index(text, "*/") - 1)
            if (t ~ /^\/\* ---- .* ---- $/) heading = substr(t, 9, length(t) - 14)
            text = substr(text, index(text, "*/") + 2)
            continue
        }
        if (text ~ /^\{/) {
            # Quotes in actions hold no braces.
            depth = 0
            do {
                t = substr(text, 1, 1)
                text = substr(text, 2)
                depth += t == "{" ? 1 : t == "}" ? -1 : 0
            } while (depth > 0)
            continue
        }
        break
    }
    if (!match(text, /^("[^"]*"|%?[A-Za-z_]+|\[[a-z]+\]|[:|])/)) return ""
    t = substr(text, 1, RLENGTH)
    text = substr(text, RLENGTH + 1)
    return t
}

# An alternative is over. Those for mistakes are no part of the language.
function alternative_end() {
    if (name != "" && !skip) alternatives[name, ++count[name]] = alternative
    alternative = ""
    skip = 0
}

function join(list, n,    i, result) {
    for (i = 1; i <= n; i++) result = result (i > 1 ? " | " : "") list[i]
    return result
}

# A rule that begins with itself repeats; one that may be nothing is optional.
function rule_print(name,    i, a, bases, rests, base, rest, empty, result) {
    for (i = 1; i <= count[name]; i++) {
        a = alternatives[name, i]
        if (a == name) continue
        if (index(a, name " ") == 1) rest[++rests] = substr(a, length(name) + 2)
        else if (a == "") empty = 1
        else base[++bases] = a
    }
    result = bases ? join(base, bases) : ""
    if (empty && bases) result = "[ " result " ]"
    else if (rests && bases > 1) result = "( " result " )"
    if (rests) result = result (result == "" ? "" : " ") "{ " join(rest, rests) " }"
    wrap(name, result)
}

# One line where that is enough; else a line for each alternative. Single words and what repeats fill lines of 110 columns.
function wrap(name, body,    n, part, i, line, lead, room) {
    n = split(body, part, / \| /)
    line = sprintf("%-14s = %s", name, part[1])
    room = 110
    if (body !~ /\{ / && length(body) + 17 > room)
        for (i = 1; i <= n; i++) if (part[i] ~ / /) room = 0
    lead = sprintf("%14s ", "")
    for (i = 2; i <= n; i++) {
        if (length(line) + length(part[i]) + 3 > room) {
            print line
            line = lead "| " part[i]
        } else {
            line = line " | " part[i]
        }
    }
    print line
}

END {
    token = token_next()
    while (token != "") {
        if (text ~ /^:/ && token ~ /^[a-z_]+$/) {
            alternative_end()
            name = token
            order[++rules] = name
            if (heading != "") head[rules] = heading
            heading = ""
            token_next()
        } else if (token == "|") {
            alternative_end()
        } else if (token == "%prec") {
            token_next()
        } else if (token == "%empty" || token ~ /^\[/) {
        } else {
            if (token == "error" || token == "resync" || token == "BAD_VALUE") skip = 1
            if (token in alias) token = alias[token]
            # The two ways to begin are the parser's, not the reader's.
            if (token !~ /_START$/ && token != "FINISH") alternative = alternative (alternative == "" ? "" : " ") token
        }
        token = token_next()
    }
    alternative_end()
    for (i = 1; i <= rules; i++) {
        if (i in head) print (i > 1 ? "\n" : "") "(* " head[i] " *)"
        if (count[order[i]]) rule_print(order[i])
    }
    print ""
    print "Operators, from loose to tight:"
    for (i = 1; i <= levels; i++) print "  " level[i]
    print ""
    print "Reserved words:"
    print "  " words
}
