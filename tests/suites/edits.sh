#!/bin/bash
# The examples with one token in them changed, again and again, by a generator with a fixed start: the same plan, an error with its place, or a plan
# whose new steps come from there, and say so. PHX_MUTATION_ROUNDS=2000 changes more, PHX_MUTATION_SEED others.
. "$(dirname "$0")/../suite.sh"
export LC_ALL=C.UTF-8
python3 tests/edits/edit.py "${PHX_MUTATION_ROUNDS:-120}" "${PHX_MUTATION_SEED:-20240229}"
