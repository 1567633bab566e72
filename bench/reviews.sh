#!/usr/bin/env bash
# bench/reviews.sh: the example's bars on a release build: the data tests, scoring and the whole flow, as whole processes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
REVIEWS=$(tools/find_reviews)
export REVIEWS
bin=$PWD/build/release/bin/cupel
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export CUPEL_HOME=$scratch/home

printf 'cupel check, 22 expectations on 23,486 rows:  '
bench/whole_process.sh 15 "$bin" check examples/reviews/suites/data.yaml --quiet
printf 'the same with one thread:                     '
bench/whole_process.sh 15 "$bin" check examples/reviews/suites/data.yaml --quiet --threads 1
printf 'cupel train:                                  '
bench/whole_process.sh 3 "$bin" train examples/reviews/train.yaml --data "$REVIEWS" -o "$scratch/model" --quiet
printf 'cupel predict, 23,486 rows, one thread:       '
bench/whole_process.sh 5 "$bin" predict "$scratch/model" --data "$REVIEWS" --part all --threads 1 -o "$scratch/scores.csv"
[ "$(wc -l <"$scratch/scores.csv")" -eq 23487 ]
printf 'cupel run flow.yaml, nothing cached:          '
undisturbed() { rm -rf "$CUPEL_HOME"; "$bin" run examples/reviews/flow.yaml --quiet; }
export -f undisturbed
export bin
bench/whole_process.sh 3 bash -c undisturbed
printf 'the same again, all reused but register:      '
bench/whole_process.sh 5 "$bin" run examples/reviews/flow.yaml --quiet
