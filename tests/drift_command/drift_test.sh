#!/usr/bin/env bash
# `cupel drift` from the outside: verdicts, exit statuses, messages of bad input, the same bytes on any number of threads.
set -u
program=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0

# expect STATUS TEXT WORDS...: the command answers with STATUS and its output holds TEXT.
expect() {
  local status=$1 text=$2
  shift 2
  local output answered
  output=$("$program" drift "$@" 2>&1)
  answered=$?
  if [ "$answered" != "$status" ] || [[ "$(tr '\n' ' ' <<< "$output" | tr -s ' ')" != *"$text"* ]]; then
    printf 'drift %s\n  expected status %s and: %s\n  got status %s and: %s\n' "$*" "$status" "$text" "$answered" "$output"
    failures=$((failures + 1))
  fi
}
check() {
  if ! "$@"; then
    printf 'does not hold: %s\n' "$*"
    failures=$((failures + 1))
  fi
}

# rows SEED: 4,000 rows from one source; 5 rows a product.
rows() {
  awk -v seed="$1" 'BEGIN { srand(seed); print "product,age,shop,text"
    split("soft lovely itchy cheap dress color size fit wear nice", words, " ")
    for (i = 0; i < 4000; i++) {
      line = ""; for (k = 0; k < 8; k++) line = line words[int(rand() * 10) + 1] " "
      shop = rand() < 0.5 ? "south" : (rand() < 0.6 ? "east" : "west")
      printf "%d,%d,%s,%s\n", i / 5, 20 + int(rand() * 50), shop, line } }'
}
rows 1 > reference.csv
rows 2 > current.csv
printf 'product,age,shop,text\n' > empty.csv
printf 'product,age,shop,text\n1,2,3\n' > ragged.csv
sed '2s/,[0-9]*,/,old,/' current.csv > words.csv
cut -d, -f1,2,4 current.csv > narrow.csv
cat > suite.yaml <<'SUITE'
cupel: 1
suite: shop drift
unit: product
alpha: 1%
expect:
  - dataset_drift: table
    because: the summary
  - drift: age
    less_than: 10%
    because: prices depend on it
  - drift: shop
    because: the plan of deliveries does
SUITE

# Without drift, and with one of known size.
expect 0 "none of 4 drifted" --reference reference.csv --current current.csv --exclude product
expect 1 "induced drift: age:+8 (100.00 % of rows)" --reference reference.csv --current current.csv --exclude product --induce "age:+8"
expect 1 "drifted: age (values)" --reference reference.csv --current current.csv --unit product --induce "age:+8"
expect 1 "(nulls)" --reference reference.csv --current current.csv --exclude product --induce "shop:null:30%"
expect 0 "rows of one 'product' count as one unit" --reference reference.csv --split "group=product,share=30%" --unit product
expect 0 "3 passed" suite.yaml --reference reference.csv --current current.csv
expect 1 "2 failed" suite.yaml --reference reference.csv --current current.csv --induce "age:+8"
expect 0 "can only show" --reference reference.csv --current current.csv --where "age < 21" --columns shop
expect 1 "can only show" --reference reference.csv --current current.csv --where "age < 21" --columns shop --strict

# The machine form: same bytes on any number of threads, apart from times.
for threads in 1 3; do
  "$program" drift --reference reference.csv --current current.csv --unit product --threads $threads --quiet --json - | grep -v -e '"seconds"' -e '"started"' > "json.$threads"
done
check cmp -s json.1 json.3
check grep -q '"kind": "drift"' json.1
check grep -q '"interval"' json.1
"$program" drift --reference reference.csv --current current.csv --quiet --junit junit.xml
check grep -q '<testsuite' junit.xml

# Bad input: what, where, and status 2.
expect 2 "no reference data" --current current.csv
expect 2 "no current data" --reference reference.csv
expect 2 "missing file 'nowhere.csv'" --reference nowhere.csv --current current.csv
expect 2 "missing file 'nowhere.yaml'" nowhere.yaml --reference reference.csv --current current.csv
expect 2 "the current data has no rows" --reference reference.csv --current empty.csv
expect 2 "ragged.csv:2: the row has 3 fields, expected 4" --reference reference.csv --current ragged.csv
expect 2 "integer in the reference and text in the current data" --reference reference.csv --current words.csv
expect 2 "column 'shop' is not in the current data" --reference reference.csv --current narrow.csv
expect 2 "unknown column 'agee' (nearest: 'age')" --reference reference.csv --current current.csv --columns agee
expect 2 "unknown column 'prod' " --reference reference.csv --current current.csv --unit prod
expect 2 "--margin is '150%'" --reference reference.csv --current current.csv --margin 150%
expect 2 "--alpha is 'often'" --reference reference.csv --current current.csv --alpha often
expect 2 "unknown correction 'hulm'" --reference reference.csv --current current.csv --correction hulm
expect 2 "unknown option '--unti' (nearest: '--unit')" --reference reference.csv --current current.csv --unti product
expect 2 "--split cuts one file" --reference reference.csv --current current.csv --split group=product
expect 2 "--split has 'gruop=product'" --reference reference.csv --split gruop=product
expect 2 "--split model without a model" --reference reference.csv --split model
expect 2 "unknown column 'aeg' (nearest: 'age')" --reference reference.csv --current current.csv --induce "aeg:+5"
expect 2 "cupel drift: --where: 'age <' ends after '<'" --reference reference.csv --current current.csv --where "age <"
expect 2 "cannot write" --reference reference.csv --current current.csv --quiet --json /proc/nowhere/drift.json
sed 's/less_than: 10%/less_then: 10%/' suite.yaml > misspelt.yaml
expect 2 "misspelt.yaml:9:5: unknown predicate or parameter 'less_then' of 'drift' (nearest: 'less_than')" misspelt.yaml --reference reference.csv --current current.csv
sed 's/drift: shop/score_drift: model/' suite.yaml > scores.yaml
expect 2 "'score_drift' without a model (pass --model)" scores.yaml --reference reference.csv --current current.csv
sed 's/unit: product/unti: product/' suite.yaml > key.yaml
expect 2 "key.yaml:3:1: unknown key 'unti'" key.yaml --reference reference.csv --current current.csv

if [ "$failures" != 0 ]; then
  printf '%s failed\n' "$failures"
  exit 1
fi
echo "drift: all as expected"
