#!/usr/bin/env bash
# bench/profile_speed.sh FILE [RUNS]: `cupel profile` of all 32 columns of the hotel bookings 84 times over (10,028,760 rows, CSV or Parquet) beside DuckDB's
# SUMMARIZE of the same file, one after the other in each run: wall and CPU seconds and memory, medians of whole processes. The bar: at least
# twice as fast. Both assert rows, the mean of `adr` and the number of countries: Cupel exactly, DuckDB (whose distinct counts and quantiles are
# estimates) within 5 %. $CUPEL_PEERS_PYTHON is a Python with duckdb ($CUPEL_PEERS/venv_eng/bin/python where
# that folder is given); without it Cupel runs alone.
set -euo pipefail
file=$(realpath "${1:?the CSV or Parquet file}")
runs=${2:-3}
. "$(dirname "${BASH_SOURCE[0]}")/side_by_side.sh"

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
tell_medians 2 "${names[@]}"
