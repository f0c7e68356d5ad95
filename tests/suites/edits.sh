#!/bin/bash
# The examples with one token in them changed, again and again, by a generator with a fixed start: the same plan, an error with its place, or a plan
# whose new steps come from there, and say so. PHX_MUTATION_ROUNDS=2000 changes more, PHX_MUTATION_SEED others.
set -u
cd "$(dirname "$0")/../.." || exit
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
bed=$(mktemp -d) || exit
trap 'rm -rf "$bed"' EXIT
NO_COLOR=1 HOME=$bed LC_ALL=C.UTF-8 PATH=$build:$PATH python3 tests/edits/edit.py "${PHX_MUTATION_ROUNDS:-120}" "${PHX_MUTATION_SEED:-20240229}"
