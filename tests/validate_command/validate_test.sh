#!/usr/bin/env bash
# `cupel validate` from the outside: verdicts on held-out rows, exit statuses, messages of bad input.
set -u
program=$(realpath "$1")
trainer=$(realpath "$2")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
unset CUPEL_HOME CUPEL_INJECTED
failures=0

# expect STATUS TEXT WORDS...: the command answers with STATUS and its output holds TEXT.
expect() {
  local status=$1 text=$2
  shift 2
  local output answered
  output=$("$program" validate "$@" 2>&1)
  answered=$?
  if [ "$answered" != "$status" ] || [[ "$(tr '\n' ' ' <<< "$output" | tr -s ' ')" != *"$text"* ]]; then
    printf 'validate %s\n  expected status %s and: %s\n  got status %s and: %s\n' "$*" "$status" "$text" "$answered" "$output"
    failures=$((failures + 1))
  fi
}
check() {
  if ! "$@"; then
    printf 'does not hold: %s\n' "$*"
    failures=$((failures + 1))
  fi
}

awk 'BEGIN { srand(4); print "product,age,shop,text,liked"
  split("soft lovely perfect great itchy cheap awful returned dress color size fit", words, " ")
  for (i = 0; i < 3000; i++) {
    tone = 0.8; line = ""
    for (k = 0; k < 8; k++) { w = int(rand() * 12) + 1; line = line words[w] " "; tone += (w <= 4 ? 1.2 : (w <= 8 ? -1.2 : 0)) }
    liked = rand() < 1 / (1 + exp(-2 * tone)) ? 1 : 0
    printf "%d,%d,%s,%s,%d\n", i / 6, 20 + int(rand() * 50), (rand() < 0.5 ? "south" : "north"), line, liked } }' > reviews.csv
config() {
  printf 'cupel: 1\ntrain: %s\ntarget: liked\npositive: 1\nfeatures: {numeric: [age], categorical: [shop], text: [text]}\n' "$1"
  printf 'exclude:\n  - {column: product, because: an id}\nsplit: {%sshare: 30%%}\nestimator: linear\nseed: 7\nminimum_rows: 100\nminimum_rows_per_class: 10\n' "$2"
}
config grouped "group: product, " > grouped.yaml
config by_row "" > by_row.yaml
"$trainer" train grouped.yaml --data reviews.csv -o grouped > train.log 2>&1 || { cat train.log; exit 1; }
"$trainer" train by_row.yaml --data reviews.csv -o by_row >> train.log 2>&1 || { cat train.log; exit 1; }
cat > suite.yaml <<'SUITE'
cupel: 1
suite: the model
expect:
  - metric: auc
    at_least: 0.8
    because: less is no use
  - gain: accuracy
    over: majority
    at_least: 2%
    because: it must beat no model
  - flips: decisions
    under: case_upper
    equals: 0
    because: capitals carry no meaning
  - drop: auc
    under: {typos: 2%}
    at_most: 20%
    because: customers write on phones
  - worst_slice: accuracy
    by: [shop, age]
    at_least: 60%
    because: nobody is served worse
  - calibration: ece
    at_most: 15%
    because: the shop shows it
SUITE

expect 0 "6 passed" suite.yaml --model grouped --data reviews.csv
expect 0 "rows that training never saw; rows of one 'product' come and go together" suite.yaml --model grouped --data reviews.csv
expect 0 "3,000 rows" suite.yaml --model grouped --data reviews.csv --part all
expect 0 "6 passed" suite.yaml --model by_row/model.json --data reviews.csv
sed 's/at_least: 0.8/at_least: 99.9%/' suite.yaml > strict.yaml
expect 1 "1 failed" strict.yaml --model grouped --data reviews.csv
sed 's/at_least: 0.8/at_least: 99.9%\n    severity: warn/' suite.yaml > warn.yaml
expect 0 "1 warned" warn.yaml --model grouped --data reviews.csv
expect 1 "1 warned" warn.yaml --model grouped --data reviews.csv --strict
sed 's/over: majority/over: against/; s/at_least: 2%/at_least: -1%/' suite.yaml > against.yaml
expect 0 "gain of accuracy over against" against.yaml --model grouped --against grouped --data reviews.csv
expect 2 "'over: against' without a second model (pass --against)" against.yaml --model grouped --data reviews.csv
for threads in 1 3; do
  "$program" validate suite.yaml --model grouped --data reviews.csv --threads $threads --quiet --json - | grep -v -e '"seconds"' -e '"started"' > "json.$threads"
done
check cmp -s json.1 json.3
check grep -q '"kind": "model"' json.1

# The held-out rows must be known, unless all are asked for by name.
mkdir bare && cp grouped/model.onnx bare/
expect 2 "the model does not record which rows it was trained on (--part all" suite.yaml --model bare/model.onnx --data reviews.csv
expect 2 "the model does not record its target (pass --target COLUMN)" suite.yaml --model bare/model.onnx --data reviews.csv --part all
expect 0 "all rows, whatever training saw" suite.yaml --model bare/model.onnx --data reviews.csv --part all --target liked --positive 1
(cat reviews.csv; echo "9999,30,south,soft,1") > longer.csv
expect 2 "not the bytes that it was trained on" suite.yaml --model by_row --data longer.csv
expect 0 "6 passed" suite.yaml --model grouped --data longer.csv

# Bad input: what, where, and status 2.
expect 2 "missing file 'nowhere.yaml'" nowhere.yaml --model grouped --data reviews.csv
expect 2 "missing file 'nowhere.csv'" suite.yaml --model grouped --data nowhere.csv
expect 2 "nowhere" suite.yaml --model nowhere --data reviews.csv
expect 2 "no data" suite.yaml --model grouped
expect 2 "helt_out" suite.yaml --model grouped --data reviews.csv --part helt_out
expect 2 "unknown option '--aganst' (nearest: '--against')" suite.yaml --model grouped --data reviews.csv --aganst grouped
expect 2 "no rows to test" suite.yaml --model grouped --data reviews.csv --where "age > 900"
cp -r grouped broken && head -c 2000 grouped/model.onnx > broken/model.onnx
expect 2 "broken" suite.yaml --model broken --data reviews.csv
head -c 2000 grouped/model.onnx > bare/cut.onnx
expect 2 "cut.onnx" suite.yaml --model bare/cut.onnx --data reviews.csv --part all --target liked
cut -d, -f1,2,4,5 reviews.csv > narrow.csv
expect 2 "'shop'" suite.yaml --model grouped --data narrow.csv
cut -d, -f1-4 reviews.csv > blind.csv
expect 2 "'liked'" suite.yaml --model grouped --data blind.csv
head -1 reviews.csv > empty.csv
expect 2 "no rows to test" suite.yaml --model grouped --data empty.csv
sed 's/metric: auc/metric: auk/' suite.yaml > metric.yaml
expect 2 "metric.yaml:4:13: unknown metric 'auk' (nearest: 'auc')" metric.yaml --model grouped --data reviews.csv
sed 's/{typos: 2%}/{typo: 2%}/' suite.yaml > perturbation.yaml
expect 2 "unknown perturbation 'typo' (nearest: 'typos')" perturbation.yaml --model grouped --data reviews.csv
sed 's/at_least: 0.8/at_lest: 0.8/' suite.yaml > predicate.yaml
expect 2 "unknown predicate or parameter 'at_lest' of 'metric' (nearest: 'at_least')" predicate.yaml --model grouped --data reviews.csv
expect 2 "has no reason" <(sed '/because/d' suite.yaml) --model grouped --data reviews.csv

if [ "$failures" != 0 ]; then
  printf '%s failed\n' "$failures"
  exit 1
fi
echo "validate: all as expected"
