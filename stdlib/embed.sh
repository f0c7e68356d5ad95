#!/bin/sh
# Turns the files named into the C source of the tables in runtime/stdlib.h: every file as an array of its bytes, named by
# its path. The first is the layout, the second the JSON Schema of plans, the others are the library. Bytes, not string literals: no C compiler need accept a literal of 100 KB.
set -eu

printf '/* Made by stdlib/embed.sh. */\n#include "runtime/stdlib.h"\n\n'
number=0
for file; do
    printf 'static const unsigned char file_%d[] = {' "$number"
    od -An -v -tx1 "$file" | sed 's/ \(..\)/0x\1,/g'
    printf '0};\n'                      # one NUL behind each text, not counted
    number=$((number + 1))
done

printf '\nconst EmbeddedFile phx_stdlib[] = {\n'
layout=$1 schema=$2
shift 2
number=2
for file; do
    printf '    {"%s", (const char *)file_%d, sizeof file_%d - 1},\n' "$file" "$number" "$number"
    number=$((number + 1))
done
printf '    {0, 0, 0}\n};\nconst size_t phx_stdlib_count = %d;\n' $((number - 2))
printf 'const EmbeddedFile phx_layout = {"%s", (const char *)file_0, sizeof file_0 - 1};\n' "$layout"
printf 'const EmbeddedFile phx_plan_schema = {"%s", (const char *)file_1, sizeof file_1 - 1};\n' "$schema"
