# Takes a Markdown document apart: block N goes to the file OUT/N, its first line is `LINE INFO`, what stands behind the opening fence.
# What is no fenced block but would be shown as code, and a fence without an end, are said on standard output. Run with -v out=DIR.

function fence(text) { return match(text, /^ *```/) }

{ sub(/\r$/, "") }

open && fence($0) {
    close(file)
    open = 0
    next
}
open {
    # A block in a list is indented with it.
    line = $0
    for (i = 0; i < indent && substr(line, 1, 1) == " "; i++) line = substr(line, 2)
    print line > file
    next
}
fence($0) {
    open = NR
    indent = RLENGTH - 3
    info = substr($0, RLENGTH + 1)
    file = sprintf("%s/%03d", out, ++count)
    printf "%d %s\n", NR, info > file
    next
}
/^(    |\t)/ && before ~ /^ *$/ { printf "%d: code without a fence\n", NR }
{ before = $0 }
END { if (open) printf "%d: a fence without an end\n", open }
