#!/usr/bin/env bash
# bench/json_speed.sh FILE.jsonl [RUNS]: six checks of the suite bench/suites/hotel.yaml on hotel bookings as JSON Lines (the first million rows of the
# 10,028,760: `COPY (SELECT * FROM 'big.parquet' LIMIT 1000000) TO 'big.jsonl' (FORMAT json)` in DuckDB) beside the same by hand with Polars'
# scan_ndjson and DuckDB's read_json, one after another in each run: wall and CPU seconds and memory, medians of whole processes. Each asserts its answers.
# $CUPEL_PEERS_PYTHON is a Python that has both ($CUPEL_PEERS/venv_eng/bin/python where that folder is given); without it Cupel runs alone.
set -euo pipefail
file=$(realpath "${1:?the JSON Lines file}")
runs=${2:-3}
. "$(dirname "${BASH_SOURCE[0]}")/side_by_side.sh"

cat >"$scratch/suite.yaml" <<'END'
cupel: 1
suite: hotel bookings as JSON Lines
expect:
  - {rows: table, equals: 1000000}
  - {nulls: hotel, equals: 0}
  - {values: lead_time, between: [0, 800]}
  - {values: hotel, in: [Resort Hotel, City Hotel]}
  - {mean: adr, between: [90, 115]}
  - {distinct: arrival_date_month, equals: 12}
END
cat >"$scratch/polars_json.py" <<'END'
import sys, polars as pl
month = pl.col("arrival_date_month")
hotels = ["Resort Hotel", "City Hotel"]
told = pl.scan_ndjson(sys.argv[1]).select(
    pl.len().alias("rows"), pl.col("hotel").null_count().alias("nulls"), (pl.col("lead_time").is_between(0, 800)).all().alias("lead"),
    pl.col("hotel").is_in(hotels).all().alias("in"), pl.col("adr").mean().alias("mean"), month.n_unique().alias("months")).collect(engine="streaming").row(0, named=True)
assert told["rows"] == 1000000 and told["nulls"] == 0 and told["lead"] and told["in"] and 90 < told["mean"] < 115 and told["months"] == 12, told
END
cat >"$scratch/duckdb_json.py" <<'END'
import sys, duckdb
told = duckdb.connect().execute(f"""select count(*), count(*) filter (hotel is null), bool_and(lead_time between 0 and 800),
    bool_and(hotel in ('Resort Hotel', 'City Hotel')), avg(adr), count(distinct arrival_date_month) from read_json('{sys.argv[1]}')""").fetchone()
assert told[0] == 1000000 and told[1] == 0 and told[2] and told[3] and 90 < told[4] < 115 and told[5] == 12, told
END
names=(cupel)
for ((run = 0; run < runs; run++)); do
  once cupel build/release/bin/cupel check "$scratch/suite.yaml" --data "$file" --no-reasons --quiet
  if [ -n "${CUPEL_PEERS_PYTHON:-}" ]; then
    once polars "$CUPEL_PEERS_PYTHON" "$scratch/polars_json.py" "$file"
    once duckdb "$CUPEL_PEERS_PYTHON" "$scratch/duckdb_json.py" "$file"
  fi
done
if [ -n "${CUPEL_PEERS_PYTHON:-}" ]; then names+=(polars duckdb); else echo "json_speed: SKIPPED the peers: set CUPEL_PEERS_PYTHON or CUPEL_PEERS" >&2; fi
tell_medians none "${names[@]}"
