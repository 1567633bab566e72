#!/usr/bin/env bash
# bench/whole_process.sh RUNS COMMAND…: wall seconds of the whole process: minimum, median and maximum over RUNS runs after one that is not counted. The
# command's exit status must be 0 every time: a benchmark that answers wrongly is no benchmark.
set -euo pipefail
runs=$1
shift
times=()
for ((i = 0; i <= runs; i++)); do
  begin=$(date +%s%N)
  "$@" >/dev/null 2>&1 || { echo "whole_process: '$*' failed" >&2; exit 1; }
  end=$(date +%s%N)
  [ "$i" -eq 0 ] || times+=($((end - begin)))
done
printf '%s\n' "${times[@]}" | sort -n | awk -v name="$*" '{ t[NR] = $1 / 1e9 } END { printf "%.3f s (%.3f to %.3f, %d runs)\n", t[int((NR + 1) / 2)], t[1], t[NR], NR }'
