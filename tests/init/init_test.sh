#!/usr/bin/env bash
# `cupel init` from the outside: the project runs at once; what it refuses, with what to do about it; nothing is overwritten.
set -u
cupel=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
export CUPEL_HOME="$scratch/home"
failures=0

# expect STATUS TEXT WORDS...: the command answers with STATUS and its output holds TEXT.
expect() {
  local status=$1 text=$2
  shift 2
  local output answered
  output=$("$@" 2>&1)
  answered=$?
  if [ "$answered" != "$status" ] || [[ "$output" != *"$text"* ]]; then
    printf '%s\n  expected status %s and: %s\n  got status %s and: %s\n' "$*" "$status" "$text" "$answered" "$output"
    failures=$((failures + 1))
  fi
}
holds() {
  if ! grep -qF -- "$2" "$1"; then
    printf '%s does not hold: %s\n' "$1" "$2"
    failures=$((failures + 1))
  fi
}

"$cupel" generate reviews -o reviews.csv --rows 3000 > generated.txt
expect 0 'next: cd shop && cupel run flow.yaml' "$cupel" init reviews.csv --target 'Recommended IND' -o shop
holds shop/train.yaml 'positive: 1'
holds shop/train.yaml 'It alone ranks the target with an AUC of'   # the stars restate it
holds shop/train.yaml 'Every value occurs once'                    # the number of the row
holds shop/flow.yaml '../reviews.csv'
holds shop/suites/model.yaml 'under: {truncation: 50%}'
# A column of single words: half of a word is another word, so nothing is expected of it.
awk 'BEGIN {print "name,sex"; for (i = 0; i < 900; ++i) printf "%c%c%c%s,%s\n", 65 + i % 26, 97 + i * 7 % 26, 97 + int(i / 26) % 26, i % 3 ? "a" : "o", i % 3 ? "F" : "M"}' > names.csv
expect 0 'texts       name' "$cupel" init names.csv --target sex -o names
if grep -q -e truncation -e typos names/suites/model.yaml; then
  echo 'a name is expected to hold when half of it is cut off'
  failures=$((failures + 1))
fi
holds shop/README.md '`Rating` is left out'
for step in check train validate; do
  cmp -s "shop/steps/$step/Dockerfile" "$(dirname "${BASH_SOURCE[0]}")/../../examples/reviews/steps/$step/Dockerfile" || {
    echo "the Dockerfile of $step is not that of the example"
    failures=$((failures + 1))
  }
done
(cd shop && expect 0 '' "$cupel" run flow.yaml --quiet && exit "$failures") || failures=$((failures + $?))
# The tests can fail: data of another kind do not pass.
sed 's/,Tops,/,Hats,/' reviews.csv > other.csv
(cd shop && DATA=../other.csv expect 1 '' "$cupel" run flow.yaml --quiet && exit "$failures") || failures=$((failures + $?))

expect 2 "'shop' is there already, nothing was written" "$cupel" init reviews.csv --target 'Recommended IND' -o shop
expect 2 "unknown column 'Recommended' (nearest: 'Recommended IND')" "$cupel" init reviews.csv --target Recommended -o new
expect 2 "make a column of two classes first" "$cupel" init reviews.csv --target Age -o new
expect 2 "keep two classes with --where" "$cupel" init reviews.csv --target 'Department Name' --where '"Department Name" is not null' -o new
expect 2 "leave them out: --where" "$cupel" init reviews.csv --target 'Title' -o new
printf 'x,y\n1,a\n2,b\n' > few.csv
expect 2 'too few for a model that could be tested' "$cupel" init few.csv --target y -o new
if [ -e new ]; then
  echo 'a refused project was written'
  failures=$((failures + 1))
fi
exit "$failures"
