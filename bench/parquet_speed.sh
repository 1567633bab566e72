#!/usr/bin/env bash
# bench/parquet_speed.sh FILE.parquet [RUNS]: the suite bench/suites/hotel.yaml on the hotel bookings 84 times over (10,028,760 rows, Parquet with zstd)
# beside the same checks written by hand for Polars and DuckDB, one after another in each run: wall and CPU seconds and memory, medians of whole
# processes. The bar: at least twice as fast as the faster of both. Each program asserts its answers; one that fails ends the benchmark.
# $CUPEL_PEERS is the folder of suite_polars.py and suite_duckdb.py, $CUPEL_PEERS_PYTHON a Python that has both; without them Cupel runs alone.
set -euo pipefail
file=$(realpath "${1:?the Parquet file}")
runs=${2:-5}
. "$(dirname "${BASH_SOURCE[0]}")/side_by_side.sh"

peers=()
if [ -n "${CUPEL_PEERS:-}" ] && [ -n "${CUPEL_PEERS_PYTHON:-}" ]; then
  peers=(polars duckdb)
else
  echo "parquet_speed: SKIPPED the peers: set CUPEL_PEERS and CUPEL_PEERS_PYTHON" >&2
fi
for ((run = 0; run < runs; run++)); do
  once cupel build/release/bin/cupel check bench/suites/hotel.yaml --data "$file" --quiet
  for peer in "${peers[@]}"; do (cd "$CUPEL_PEERS" && once "$peer" "$CUPEL_PEERS_PYTHON" "suite_$peer.py" hotel "$file"); done
done
tell_medians 2 cupel "${peers[@]}"
