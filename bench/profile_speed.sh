#!/usr/bin/env bash
# bench/profile_speed.sh FILE [RUNS]: `cupel profile` of all 32 columns of the hotel bookings 84 times over (10,028,760 rows, CSV or Parquet) beside DuckDB's
# SUMMARIZE of the same file, one after the other in each run: wall and CPU seconds and memory, medians of whole processes. The bar: at least
# twice as fast. Both assert rows, the mean of `adr` and the number of countries: Cupel exactly, DuckDB (whose distinct counts and quantiles are
# estimates) within 5 %. $CUPEL_PEERS_PYTHON is a Python with duckdb ($CUPEL_PEERS/venv_eng/bin/python where
# that folder is given); without it Cupel runs alone.
set -euo pipefail
file=$(realpath "${1:?the CSV or Parquet file}")
runs=${2:-3}
if [ -z "${CUPEL_PEERS_PYTHON:-}" ] && [ -x "${CUPEL_PEERS:-}/venv_eng/bin/python" ]; then CUPEL_PEERS_PYTHON=$CUPEL_PEERS/venv_eng/bin/python; fi
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
    sys.exit(f"profile_speed: {sys.argv[2:]} failed: {out.decode(errors='replace')[-2000:]}")
with open(sys.argv[1], "a") as times:
    times.write(f"{wall:.3f} {used.ru_utime + used.ru_stime:.3f} {used.ru_maxrss / 1024:.0f}\n")
END
}
median() { cut -d' ' -f"$2" "$scratch/$1" | sort -n | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)] }'; }

cat >"$scratch/summarize.py" <<'END'
import sys, duckdb
file = sys.argv[1]
table = f"read_csv('{file}', nullstr=['NA','NULL',''])" if file.endswith("csv") else f"'{file}'"
rows = duckdb.connect().execute(f"summarize select * from {table}").fetchall()
assert len(rows) == 32, len(rows)
by_name = {row[0]: row for row in rows}
assert by_name["adr"][10] == 10028760, by_name["adr"]
assert abs(float(by_name["adr"][5]) - 101.8311215) < 1e-3, by_name["adr"]
assert abs(by_name["country"][4] - 177) < 9, by_name["country"]
END

names=(cupel)
for ((run = 0; run < runs; run++)); do
  once cupel build/release/bin/cupel profile "$file" --null NA --null NULL --null '' -o "$scratch/big.profile" --quiet
  if [ -n "${CUPEL_PEERS_PYTHON:-}" ]; then once duckdb "$CUPEL_PEERS_PYTHON" "$scratch/summarize.py" "$file"; fi
done
build/release/bin/cupel profile show "$scratch/big.profile" --json "$scratch/big.json"
python3 - "$scratch/big.json" <<'END'
import json, sys
profile = json.load(open(sys.argv[1]))
columns = {column["name"]: column for column in profile["columns"]}
assert profile["rows"] == 10028760 and len(columns) == 32
assert all(column["exact"] for column in columns.values())
assert abs(columns["adr"]["mean"] - 101.83112153446453) < 1e-9, columns["adr"]["mean"]
assert columns["country"]["distinct"] == 177 and columns["adr"]["quantiles"][3]["value"] == 94.575
END
if [ -n "${CUPEL_PEERS_PYTHON:-}" ]; then names+=(duckdb); else echo "profile_speed: SKIPPED DuckDB: set CUPEL_PEERS_PYTHON or CUPEL_PEERS" >&2; fi
printf '%-8s %8s %8s %8s\n' '' wall_s cpu_s MiB
for name in "${names[@]}"; do printf '%-8s %8s %8s %8s\n' "$name" "$(median "$name" 1)" "$(median "$name" 2)" "$(median "$name" 3)"; done
if [ ${#names[@]} -gt 1 ]; then
  for kind in 1:wall 2:CPU; do
    awk -v own="$(median cupel "${kind%:*}")" -v duckdb="$(median duckdb "${kind%:*}")" -v kind="${kind#*:}" \
      'BEGIN { printf "%s: %.1f times as fast as SUMMARIZE (bar: 2)\n", kind, duckdb / own }'
  done
fi
