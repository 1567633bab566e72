#!/usr/bin/env bash
# bench/parquet_speed.sh FILE.parquet [RUNS]: the suite bench/suites/hotel.yaml on the hotel bookings 84 times over (10,028,760 rows, Parquet with zstd)
# beside the same checks written by hand for Polars and DuckDB, one after another in each run: wall and CPU seconds and memory, medians of whole
# processes. The bar: at least twice as fast as the faster of both. Each program asserts its answers; one that fails ends the benchmark.
# $CUPEL_PEERS is the folder of suite_polars.py and suite_duckdb.py, $CUPEL_PEERS_PYTHON a Python that has both; without them Cupel runs alone.
set -euo pipefail
file=$(realpath "${1:?the Parquet file}")
runs=${2:-5}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

once() { # NAME COMMAND…: a line of wall, CPU and memory behind those of this name
  local name=$1
  shift
  /usr/bin/env python3 - "$scratch/$name" "$@" <<'END'
import os, subprocess, sys, time
begin = time.perf_counter()
process = subprocess.Popen(sys.argv[2:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
out = process.stdout.read()
_, status, used = os.wait4(process.pid, 0)
wall = time.perf_counter() - begin
if status != 0:
    sys.exit(f"parquet_speed: {sys.argv[2:]} failed: {out.decode(errors='replace')[-2000:]}")
with open(sys.argv[1], "a") as times:
    times.write(f"{wall:.3f} {used.ru_utime + used.ru_stime:.3f} {used.ru_maxrss / 1024:.0f}\n")
END
}
median() { cut -d' ' -f"$2" "$scratch/$1" | sort -n | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)] }'; }

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
printf '%-8s %8s %8s %8s\n' '' wall_s cpu_s MiB
for name in cupel "${peers[@]}"; do printf '%-8s %8s %8s %8s\n' "$name" "$(median "$name" 1)" "$(median "$name" 2)" "$(median "$name" 3)"; done
if [ ${#peers[@]} -gt 0 ]; then
  for kind in 1:wall 2:CPU; do
    awk -v own="$(median cupel "${kind%:*}")" -v polars="$(median polars "${kind%:*}")" -v duckdb="$(median duckdb "${kind%:*}")" -v kind="${kind#*:}" \
      'BEGIN { best = polars < duckdb ? polars : duckdb; printf "%s: %.1f times as fast as the faster peer (bar: 2)\n", kind, best / own }'
  done
fi
