#!/usr/bin/env bash
# Bar: 1,000 suite runs of 12 expectations on batches of 5,000 rows of the reviews in at most 5 s on 2 cores. Runs `cupel prove` with 1,000 clean
# batches and no more than one fault, and asserts that it judged them. Usage: bench/prove_speed.sh [BUILD_FOLDER]; $REVIEWS names the file.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
build=${1:-$here/build/release}
reviews=${REVIEWS:-$here/../shared/data/womens_clothing_reviews.csv}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/twelve.yaml" <<'SUITE'
cupel: 1
suite: twelve expectations
expect:
  - {rows: table, at_least: 1000, because: bench}
  - {nulls: Review Text, at_most: 6%, because: bench}
  - {nulls: Title, at_most: 20%, because: bench}
  - {values: Rating, in: [1, 2, 3, 4, 5], because: bench}
  - {values: Age, between: [18, 99], because: bench}
  - {mean: Age, between: [41, 45], because: bench}
  - {quantile: Age, at: 0.9, between: [55, 66], because: bench}
  - {share: Recommended IND, of: 1, between: [78%, 86%], because: bench}
  - {values: Department Name, in: [Tops, Dresses, Bottoms, Intimate, Jackets, Trend], because: bench}
  - {lengths: Review Text, at_most: 600, because: bench}
  - {duplicates: unnamed_0, equals: 0, because: bench}
  - {every_row: "\"Positive Feedback Count\" >= 0", because: bench}
SUITE
"$build/bin/cupel" prove "$folder/twelve.yaml" --baseline "$reviews" --batch-rows 5000 --batches 1000 --faults columns_reordered --repetitions 1 --threads 2 --quiet \
  --json "$folder/proof.json"
python3 - "$folder/proof.json" <<'CHECK'
import json, sys
proof = json.load(open(sys.argv[1]))
assert proof["suite_runs"] == 1001, proof["suite_runs"]
assert proof["false_alarms"]["batches"] == 1000
print(f'{proof["suite_runs"]:,} suite runs of {len(proof["expectations"])} expectations on {proof["batches"]["rows"]:,} rows: {proof["seconds"]:.2f} s, bar 5 s')
CHECK
if [ -x /usr/bin/time ]; then
  /usr/bin/time -f 'CPU %U s user, %S s system, %M KiB' "$build/bin/cupel" prove "$folder/twelve.yaml" --baseline "$reviews" --batch-rows 5000 --batches 1000 \
    --faults columns_reordered --repetitions 1 --threads 2 --quiet
fi
