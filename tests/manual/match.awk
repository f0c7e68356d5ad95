# Is a text what a document shows of it? Of the first file, what is shown, a line `...` stands for any lines, `...` in a line for any text.
# Says where the second differs, and ends with 1.

function pattern(line,    parts, n, i, text) {
    n = split(line, parts, /\.\.\./)
    for (i = 1; i <= n; i++) {
        gsub(/[][\\.*^$+?(){}|]/, "\\\\&", parts[i])
        text = text (i > 1 ? ".*" : "") parts[i]
    }
    return "^" text "$"
}

FNR == NR { shown[++lines] = $0; next }
{ got[++count] = $0 }

END {
    for (i = j = 1; i <= lines; i++) {
        if (shown[i] ~ /^ *\.\.\.$/) {
            if (i == lines) exit 0
            while (j <= count && got[j] !~ pattern(shown[i + 1])) j++
            continue
        }
        if (j > count || got[j] !~ pattern(shown[i])) {
            printf "shown:   %s\nprinted: %s\n", shown[i], j > count ? "(nothing more)" : got[j]
            exit 1
        }
        j++
    }
    if (j <= count) {
        printf "shown:   (nothing more)\nprinted: %s\n", got[j]
        exit 1
    }
}
