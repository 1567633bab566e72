# bench/side_by_side.sh, read by the benchmarks that compare programs one after another in each run: a scratch folder, `once` and the table of medians.
# Sets `scratch`; a program that fails (its answers are asserted) ends the benchmark.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [ -z "${CUPEL_PEERS_PYTHON:-}" ] && [ -x "${CUPEL_PEERS:-}/venv_eng/bin/python" ]; then CUPEL_PEERS_PYTHON=$CUPEL_PEERS/venv_eng/bin/python; fi

once() { # NAME COMMAND…: a line of wall, CPU and memory behind those of this name
  local name=$1
  shift
  python3 - "$scratch/$name" "$@" <<'END'
import os, subprocess, sys, time
begin = time.perf_counter()
process = subprocess.Popen(sys.argv[2:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
out = process.stdout.read()
_, status, used = os.wait4(process.pid, 0)
wall = time.perf_counter() - begin
if status != 0:
    sys.exit(f"{sys.argv[2:]} failed: {out.decode(errors='replace')[-2000:]}")
with open(sys.argv[1], "a") as times:
    times.write(f"{wall:.3f} {used.ru_utime + used.ru_stime:.3f} {used.ru_maxrss / 1024:.0f}\n")
END
}

median() { cut -d' ' -f"$2" "$scratch/$1" | sort -n | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)] }'; }

tell_medians() { # BAR NAME…: the table, and how many times as fast as the faster of the others the first is
  local bar=$1 kind peer
  shift
  printf '%-8s %8s %8s %8s\n' '' wall_s cpu_s MiB
  for name in "$@"; do printf '%-8s %8s %8s %8s\n' "$name" "$(median "$name" 1)" "$(median "$name" 2)" "$(median "$name" 3)"; done
  [ $# -gt 1 ] || return 0
  for kind in 1:wall 2:CPU; do
    for peer in "${@:2}"; do median "$peer" "${kind%:*}"; done | sort -n | head -1 |
      awk -v own="$(median "$1" "${kind%:*}")" -v kind="${kind#*:}" -v bar="$bar" '{ printf "%s: %.1f times as fast as the fastest other (bar: %s)\n", kind, $1 / own, bar }'
  done
}
