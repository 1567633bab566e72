#!/usr/bin/env bash
# bench/check_speed.sh [BAR...]: the speed of `cupel check` on a release build, side by side with hand-written queries and other tools where they are at
# hand. Whole processes; every run must give the asserted answer. BARs: reviews hotel threads memory added planning (default: all).
#   CUPEL_PEERS        folder of virtual environments: venv_eng (Polars, DuckDB), venv_gx, venv_pandera
#   CUPEL_PEER_SUITES  folder of their suites: suite_polars.py, suite_duckdb.py, suite_gx.py, suite_pandera.py
#   CUPEL_BENCH_DATA   folder with womens_clothing_reviews.csv and hotel_bookings.csv (default: CUPEL_DATA_DIR)
#   CUPEL_BIG          folder for big.csv, the bookings 84 times over, made when missing (default: a temporary folder)
#   RUNS               rounds (default 5)
# Wall seconds are medians; ratios are medians of the ratios within a round, which a busy machine changes less. CPU seconds are user and system.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/.." && pwd)
exec python3 "$here/check_speed.py" "$root" "$@"
