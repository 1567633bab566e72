#!/usr/bin/env bash
# `cupel ab` from the outside: what it prints, its exit statuses, and that a refused command leaves nothing behind.
set -u
program=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0

# expect STATUS TEXT WORDS...: the command answers with STATUS and its output, line breaks as spaces, holds TEXT.
expect() {
  local status=$1 text=$2
  shift 2
  local output answered
  output=$("$program" ab "$@" 2>&1)
  answered=$?
  if [ "$answered" != "$status" ] || [[ "$(tr -s ' \n' '  ' <<<"$output")" != *"$text"* ]]; then
    printf 'ab %s\n  expected status %s and: %s\n  got status %s and: %s\n' "$*" "$status" "$text" "$answered" "$output"
    failures=$((failures + 1))
  fi
}

check() {
  if ! "$@"; then
    printf 'does not hold: %s\n' "$*"
    failures=$((failures + 1))
  fi
}

# predictions MODEL WRONG FROM: 400 rows of 40 products; WRONG rows from row FROM on are wrong, the other predictions right.
predictions() {
  awk -v wrong="$2" -v from="$3" 'BEGIN {
    print "row,prediction,probability,liked,product"
    for (row = 0; row < 400; ++row) {
      label = row % 3 ? 1 : 0
      right = !(row >= from && row < from + wrong)
      prediction = right ? label : 1 - label
      printf "%d,%d,%.3f,%d,p%d\n", row, prediction, prediction ? 0.8 : 0.2, label, row % 40
    }
  }' >"$1"
}
predictions a.csv 80 0
predictions b.csv 20 0
predictions c.csv 80 5

# Two models: one pair differs, one does not.
expect 0 "'better' is shown" analyze --a a.csv --b b.csv --label liked --split-by product --salt s1 --expect better
expect 0 "only A is right on 0, only B on 60" analyze --a a.csv --b b.csv --label liked --expect better
expect 0 "'the same within 5.00 %' is shown" analyze --a a.csv --b c.csv --label liked --expect same --margin 5%
expect 1 "'better by more than 2.00 %' is refuted" analyze --a a.csv --b c.csv --label liked --expect better --margin 2%
expect 0 "not decided, the interval straddles the limit" analyze --a a.csv --b c.csv --label liked --expect better
expect 1 "not decided, the interval straddles the limit" analyze --a a.csv --b c.csv --label liked --expect better --strict
expect 0 "B 0.0700 against A 0.1600" analyze --a a.csv --b b.csv --label liked --metric brier --expect better

# A suite of claims, each with its reason.
cat >ab.yaml <<'SUITE'
cupel: 1
suite: b against a
experiment: {label: liked, split_by: product}
expect:
  - paired_difference: accuracy
    claim: better
    margin: 1%
    because: A point pays for the change.
  - paired_difference: brier
    claim: better
    because: Scores are shown to people.
SUITE
expect 0 "2 passed" analyze ab.yaml --a a.csv --b b.csv
sed 's/margin: 1%/margn: 1%/' ab.yaml >misspelt.yaml
expect 2 "misspelt.yaml:7:5: unknown predicate or parameter 'margn'" analyze misspelt.yaml --a a.csv --b b.csv
sed '/because: A/d' ab.yaml >unreasoned.yaml
expect 2 "because" analyze unreasoned.yaml --a a.csv --b b.csv

# The record: format 1, the same bytes for any number of threads but for the time.
SOURCE_DATE_EPOCH=0 "$program" ab analyze --a a.csv --b b.csv --label liked --split-by product --salt s1 --threads 1 --json one.json --quiet
SOURCE_DATE_EPOCH=0 "$program" ab analyze --a a.csv --b b.csv --label liked --split-by product --salt s1 --threads 2 --json two.json --quiet
check grep -q '"kind": "ab"' one.json
check grep -q '"p_exact": ' one.json
check test "$(grep -v '"seconds"' one.json)" = "$(grep -v '"seconds"' two.json)"

# Assignment and a table of arms.
expect 0 "400 rows, arm by sha256 of 'product' with salt 'ab'" assign --data a.csv --unit product -o arms.csv
check test "$(head -1 arms.csv)" = "row,prediction,probability,liked,product,arm"
expect 0 "sample_ratio" analyze --data arms.csv --unit product --arm arm --outcome liked --expect same --margin 30%
expect 0 "error over 40 values of 'product'" analyze --data arms.csv --unit product --arm arm --outcome liked --margin 30%
expect 1 "not judged, because the sample ratio check failed" analyze --data arms.csv --arm arm --outcome liked --weights a:99%,b:1%
bucket=$(printf 'ab:p7' | sha256sum | cut -c1-8)
check test "$(awk -F, '$5 == "p7" {print $6; exit}' arms.csv)" = "$([ $((16#$bucket)) -lt $((16#80000000)) ] && echo a || echo b)"

# Plan and rehearsal.
expect 0 "7,682 units (3,841 control, 3,841 treatment) find a change from 10.00 % to 12.00 %" plan --baseline 10% --detect 2%
expect 0 "power 80" plan --disagree 6% --units 4698
expect 0 "found a difference that is not there" simulate --baseline 10% --units 2000 --runs 4000
expect 1 "false_alarms" simulate --stddev 1 --units 2000 --looks 14 --runs 1000

# Mistakes: status 2, what was found and what was expected, and nothing half-written.
expect 2 "no part named, expected analyze, assign, plan, simulate"
expect 2 "unknown part 'analyse' (nearest: 'analyze')" analyse
expect 2 "nothing to analyze" analyze
expect 2 "two predictions need --a, --b and --label" analyze --a a.csv --b b.csv
expect 2 "unknown metric 'acuracy' (nearest: 'accuracy')" analyze --a a.csv --b b.csv --label liked --metric acuracy
expect 2 "--expect is 'beter', which is unknown (nearest: 'better')" analyze --a a.csv --b b.csv --label liked --expect beter
expect 2 "--expect same without a margin" analyze --a a.csv --b b.csv --label liked --expect same
expect 2 "--margin is 'x', expected a number or a share such as 5%" analyze --a a.csv --b b.csv --label liked --margin x
expect 2 "--confidence is '150%', expected more than 50.00 % and less than 100.00 %" analyze --a a.csv --b b.csv --label liked --confidence 150%
expect 2 "unknown column 'likd' (nearest: 'liked')" analyze --a a.csv --b b.csv --label likd
expect 2 "missing file 'none.csv'" analyze --a none.csv --b b.csv --label liked
head -300 b.csv >short.csv
expect 2 "is in file A and not in file B" analyze --a a.csv --b short.csv --label liked
head -1 a.csv >header.csv
expect 2 "no row with a label in both files" analyze --a header.csv --b header.csv --label liked
expect 2 "unknown column 'amr' (nearest: 'arm')" analyze --data arms.csv --arm amr --outcome liked
expect 2 "look '6/5', expected K/N" analyze --a a.csv --b b.csv --label liked --look 6/5
expect 2 "weights of the arms add up to 90.00 %, expected 100 %" assign --data a.csv --unit product --weights a:50%,b:40% -o x.csv
expect 2 "unknown column 'prodct' (nearest: 'product')" assign --data a.csv --unit prodct -o x.csv
expect 2 "unknown hash 'md5'" assign --data a.csv --unit product --hash md5 -o x.csv
check test ! -e x.csv
expect 2 "cannot" assign --data a.csv --unit product -o /proc/none/x.csv
expect 2 "0 of --baseline, --stddev and --disagree are given, expected one" plan --detect 2%
expect 2 "1 of --detect, --units and --power are given" plan --baseline 10% --power 80%
expect 2 "--lift 5% from 98% leaves the range of shares" simulate --baseline 98% --lift 5% --units 100
expect 2 "--unts" plan --unts 4

if [ "$failures" -gt 0 ]; then
  printf '%d failed\n' "$failures"
  exit 1
fi
echo "all held"
