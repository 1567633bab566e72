#!/usr/bin/env bash
# bench/flow_crash.sh [CHEAP] [FULL]: SIGKILL at random moments of the example flow, then --resume until it ends: CHEAP trials (default 240) on 5,000 rows of
# the reviews, FULL trials (default 60) on all of them; then the n-th change of the disk fails or kills for every n of a small flow, and every
# allocation of its runner fails; then the power is lost after any of its operations. Takes an hour of a quiet machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
REVIEWS=$(tools/find_reviews)
export REVIEWS
if [ -z "$REVIEWS" ]; then
  echo "flow_crash: the real reviews are not at hand: this runs on GENERATED reviews"
  REVIEWS=$PWD/build/release/generated_reviews.csv
  [ -f "$REVIEWS" ] || build/release/bin/cupel generate reviews -o "$REVIEWS"
fi
cupel=build/release/bin/cupel
shim=build/release/tests/survival/libcupel_disk_shim.so
status=0
python3 tests/survival/kill_anywhere.py --cupel "$cupel" --flow examples/reviews/flow.yaml --rows 5000 --trials "${1:-240}" --seed 7 || status=1
python3 tests/survival/kill_anywhere.py --cupel "$cupel" --flow examples/reviews/flow.yaml --trials "${2:-60}" --seed 8 || status=1
python3 tests/survival/fail_anywhere.py --cupel "$cupel" --shim "$shim" || status=1
python3 tests/survival/fail_anywhere.py --cupel "$cupel" --shim "$shim" --what allocations || status=1
python3 tests/survival/power_cut.py --cupel "$cupel" --shim "$shim" || status=1
exit $status
