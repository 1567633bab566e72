#!/usr/bin/env bash
# Quality and speed of `cupel train` and `cupel predict` on the clothing reviews: five splits by product, Rating excluded.
#   bench/model_quality.sh [BUILD] [ESTIMATOR...]     default: build/release, linear and text+trees
# Times are CPU seconds (user and system) of the whole process, which a busy machine changes less than the clock; wall seconds beside them.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=${1:-$root/build/release}
[ $# -gt 0 ] && shift
estimators=("$@")
[ ${#estimators[@]} -gt 0 ] || estimators=(linear text+trees)
data=${REVIEWS:-$("$root/tools/find_reviews")}
[ -f "$data" ] || { echo "model_quality: the reviews are not at hand (set REVIEWS or CUPEL_DATA_DIR)" >&2; exit 2; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

config() { # SALT ESTIMATOR
  cat <<END
cupel: 1
train: reviews
target: Recommended IND
positive: 1
features:
  numeric: [Age, Positive Feedback Count]
  categorical: [Division Name, Department Name, Class Name]
  text: [Title, Review Text]
exclude:
  - {column: Rating, because: it restates the target}
  - {column: unnamed_0, because: a number of the row}
split: {group: Clothing ID, salt: $1, share: 20%}
estimator: $2
END
}

printf '%-11s %-12s %8s %9s %9s %12s %7s %7s\n' estimator salt auc accuracy log_loss f1_negative cpu_s wall_s
for estimator in "${estimators[@]}"; do
  for salt in cupel-cid cupel-cid-1 cupel-cid-2 cupel-cid-3 cupel-cid-4; do
    config "$salt" "$estimator" >"$scratch/train.yaml"
    TIMEFORMAT='%U %S %R'
    { time "$build/bin/cupel" train "$scratch/train.yaml" --data "$data" -o "$scratch/model-$estimator" --quiet >"$scratch/out"; } 2>"$scratch/time"
    awk -v estimator="$estimator" -v salt="$salt" -v times="$(tail -1 "$scratch/time")" '
      NF >= 2 { value[$1] = $2 }
      END { split(times, t, " "); printf "%-11s %-12s %8s %9s %9s %12s %7.2f %7.2f\n", estimator, salt, value["auc"], value["accuracy"], value["log_loss"], value["f1_negative"], t[1] + t[2], t[3] }
    ' "$scratch/out" | tee -a "$scratch/$estimator.rows"
  done
  awk '{ a += $3; b += $4; c += $5; d += $6; e += $7; f += $8 } END { printf "%-11s %-12s %8.4f %9.4f %9.4f %12.4f %7.2f %7.2f\n", $1, "mean", a / NR, b / NR, c / NR, d / NR, e / NR, f / NR }' "$scratch/$estimator.rows"
done

for estimator in "${estimators[@]}"; do
  echo
  echo "scoring all rows with $estimator on one thread:"
  "$build/bin/cupel" predict "$scratch/model-$estimator" --data "$data" -o "$scratch/scores.csv" --threads 1
done
