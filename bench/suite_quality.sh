#!/usr/bin/env bash
# bench/suite_quality.sh [clean|faults|weeks|harm…]: how often suggested suites alarm on clean batches, which faults they catch, and how they do over real weeks,
# beside limits as people write them by hand (learned extremes, ten percent, three standard deviations) on the same batches. Takes up to an hour in all.
#   CUPEL_DATA_DIR  folder with womens_clothing_reviews.csv, airbnb_nyc_2019.csv, hotel_bookings.csv, ssa_baby_names.csv
#   SIZES, RATES, BATCHES  of `clean` (default: "500 2000 10000", "0.01 0.05", 400)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools/build release suite_quality harm_quality >/dev/null
data=${CUPEL_DATA_DIR:?"the folder of the data sets"}
program=build/release/bench/suite_quality
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
nulls=(--null NA --null NULL --null '')

clean() {
  for rate in ${RATES:-0.01 0.05}; do
    for rows in ${SIZES:-500 2000 10000}; do
      for file in womens_clothing_reviews airbnb_nyc_2019 hotel_bookings ssa_baby_names; do
        extra=()
        if [ $file = hotel_bookings ]; then extra=("${nulls[@]}"); fi
        "$program" clean "$data/$file.csv" --rows "$rows" --batches "${BATCHES:-400}" --false-alarms "$rate" "${extra[@]}"
      done
    done
  done
}

faults() {
  for file in womens_clothing_reviews airbnb_nyc_2019 hotel_bookings ssa_baby_names; do
    extra=()
    if [ $file = hotel_bookings ]; then extra=("${nulls[@]}"); fi
    echo "$file"
    "$program" faults "$data/$file.csv" --rows 2000 --batches 3 "${extra[@]}"
  done
}

# The bookings by the week of their arrival: learned from the first year, then week by week from all before.
weeks() {
  python3 - "$data/hotel_bookings.csv" "$scratch/weeks.csv" <<'END'
import csv, sys
with open(sys.argv[1], newline="") as source, open(sys.argv[2], "w", newline="") as target:
    rows = csv.reader(source)
    head = next(rows)
    year, week = head.index("arrival_date_year"), head.index("arrival_date_week_number")
    out = csv.writer(target)
    # What tells the date says the week again: a new year is no drift.
    keep = [i for i, name in enumerate(head) if not name.startswith("arrival_date") and name != "reservation_status_date"]
    out.writerow(["week"] + [head[i] for i in keep])
    for row in rows:
        out.writerow([f"{row[year]}-W{int(row[week]):02d}"] + [row[i] for i in keep])
END
  "$program" weeks "$scratch/weeks.csv" --by week --train 52 --next 20 "${nulls[@]}"
}

# Do alarms mean harm to a model? SEEDS (default: "2 3"); the rooms are given a target, a price above the median.
harm() {
  python3 - "$data/airbnb_nyc_2019.csv" "$scratch/rooms.csv" <<'END'
import csv, statistics, sys
with open(sys.argv[1], newline="") as source, open(sys.argv[2], "w", newline="") as target:
    rows = list(csv.reader(source))
    price = rows[0].index("price")
    median = statistics.median(float(row[price]) for row in rows[1:])
    out = csv.writer(target)
    out.writerow(rows[0] + ["expensive"])
    out.writerows(row + [str(int(float(row[price]) > median))] for row in rows[1:])
END
  for seed in ${SEEDS:-2 3}; do
    for faults in jenga all; do
      build/release/bench/harm_quality "$data/womens_clothing_reviews.csv" bench/harm/reviews.yaml --seed "$seed" --faults "$faults"
      build/release/bench/harm_quality "$scratch/rooms.csv" bench/harm/airbnb.yaml --seed "$seed" --faults "$faults"
      build/release/bench/harm_quality "$data/hotel_bookings.csv" bench/harm/hotel.yaml --seed "$seed" --faults "$faults" "${nulls[@]}"
    done
  done
}

if [ $# -eq 0 ]; then set -- clean faults weeks harm; fi
for part in "$@"; do
  echo "== $part"
  "$part"
done
