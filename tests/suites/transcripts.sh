#!/bin/bash
# The sandbox prints and refuses what real hosts were recorded to print and refuse: tests/transcripts, as a suite.
set -u
cd "$(dirname "$0")/../.." || exit
recorded=${PHX_FACTS_DIR-}/pve/transcripts.jsonl
if [ -z "${PHX_FACTS_DIR-}" ]; then
    echo 'skipped: PHX_FACTS_DIR names no folder of recorded commands'
    exit 77
fi
if ! [ -r "$recorded" ]; then
    echo "FAIL there is no $recorded"
    echo '0 passed, 1 failed'
    exit 1
fi
report=$(tests/transcripts "$recorded" 2>&1)
code=$?
read -r commands _ differences _ < <(printf '%s\n' "$report" | sed -n '/^[0-9]* commands, [0-9]* differences$/p')
if [ -z "${differences-}" ] || [ "$differences" -gt 0 ]; then printf '%s\n' "$report"; fi
if [ -z "${differences-}" ]; then
    echo "FAIL tests/transcripts ended with $code and no count"
    echo '0 passed, 1 failed'
    exit 1
fi
echo "$((commands - differences)) passed, $differences failed"
[ "$differences" -eq 0 ]
