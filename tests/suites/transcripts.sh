#!/bin/bash
# The sandbox prints and refuses what real hosts were recorded to print and refuse: tests/transcripts, as a suite.
. "$(dirname "$0")/../suite.sh"
[ -n "${PHX_FACTS_DIR-}" ] || skip 'PHX_FACTS_DIR names no folder of recorded commands'
tests/transcripts "$PHX_FACTS_DIR/pve/transcripts.jsonl" >"$bed/report" 2>&1
code=$?
read -r commands _ differences _ < <(sed -n '/^[0-9]* commands, [0-9]* differences$/p' "$bed/report")
[ -n "${differences-}" ]
verdict $? "tests/transcripts ended with $code and no count"
[ "${differences:-1}" -eq 0 ] || cat "$bed/report"
passed=$((passed + ${commands:-0} - ${differences:-0})) failed=$((failed + ${differences:-0}))
suite_end
