"""What bench/check_speed.sh measures; see there."""

import csv
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = sys.argv[1]
BARS = sys.argv[2:] or ["reviews", "hotel", "threads", "memory", "added", "planning"]
CUPEL = os.environ.get("CUPEL", os.path.join(ROOT, "build/release/bin/cupel"))
RUNS = int(os.environ.get("RUNS", "5"))
PEERS = os.environ.get("CUPEL_PEERS", "")
SUITES = os.environ.get("CUPEL_PEER_SUITES", "")
DATA = os.environ.get("CUPEL_BENCH_DATA") or os.environ.get("CUPEL_DATA_DIR", "")
SCRATCH = tempfile.mkdtemp(prefix="cupel_bench_")


def run(command, limit=None, cwd=None):
    """Wall seconds, CPU seconds and MiB of a whole process that must end with status 0."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment.update(GX_ANALYTICS_ENABLED="false", DO_NOT_TRACK="1")
    before = (lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))) if limit else None
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, preexec_fn=before, cwd=cwd)
    out = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    if status != 0:
        sys.exit(f"check_speed: {' '.join(command)} failed: {out.decode(errors='replace')[-2000:]}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def rounds(commands, runs=RUNS, warm=1):
    """Name -> runs, the commands one after another in each round; the first round is not counted."""
    times = {name: [] for name in commands}
    for number in range(runs + warm):
        for name, command in commands.items():
            measured = run(command, cwd=SUITES if name != "cupel" and SUITES else None)
            if number >= warm:
                times[name].append(measured)
    return times


def median(runs, part):
    return statistics.median(one[part] for one in runs)


def line(bar, figure, wanted, holds):
    print(f"{bar:<58} {figure:>34}   bar: {wanted:<22} {'' if holds else 'MISSED'}", flush=True)


def skipped(bar, why):
    print(f"{bar:<58} SKIPPED: {why}", flush=True)


def check(suite, data, *more):
    return [CUPEL, "check", suite, "--data", data, "--quiet", *more]


def suite_of(name):
    return os.path.join(ROOT, "bench/suites", name + ".yaml")


def peers(kind, data):
    """The hand-written queries and tools that are at hand, and why others are not."""
    commands = {}
    for name, folder in (("polars", "venv_eng"), ("duckdb", "venv_eng"), ("gx", "venv_gx"), ("pandera", "venv_pandera")):
        python = os.path.join(PEERS, folder, "bin/python")
        script = os.path.join(SUITES, f"suite_{name}.py")
        if kind == "hotel" and name in ("gx", "pandera"):
            continue  # minutes of CPU and 12 GB
        if PEERS and SUITES and os.path.exists(python) and os.path.exists(script):
            commands[name] = [python, script, kind, data]
        else:
            print(f"check_speed: SKIPPED {name}: needs $CUPEL_PEERS/{folder} and $CUPEL_PEER_SUITES/suite_{name}.py", file=sys.stderr)
    return commands


def show(times):
    for name, runs in times.items():
        print(f"  {name:<8} wall {median(runs, 0):8.3f} s   CPU {median(runs, 1):8.3f} s   {median(runs, 2):7.0f} MiB")


def ratio(times, names, part):
    """Median over the rounds of the fastest of the named against Cupel."""
    return statistics.median(min(times[name][i][part] for name in names) / times["cupel"][i][part] for i in range(len(times["cupel"])))


def reviews():
    data = os.path.join(DATA, "womens_clothing_reviews.csv")
    if not os.path.exists(data):
        return skipped("reviews", "no womens_clothing_reviews.csv in CUPEL_BENCH_DATA")
    times = rounds({"cupel": check(suite_of("reviews"), data), **peers("reviews", data)}, max(RUNS, 5))
    show(times)
    wall = median(times["cupel"], 0)
    line("reviews, 16 expectations, whole process", f"{wall:.3f} s, CPU {median(times['cupel'], 1):.3f} s", "0.05 s", wall <= 0.05)
    for name, wanted in (("gx", 80), ("pandera", None), ("polars", None), ("duckdb", None)):
        if name in times:
            factor = ratio(times, [name], 0)
            line(f"  against {name}", f"{factor:.1f} times as fast", f"{wanted} times" if wanted else "none", wanted is None or factor >= wanted)


def big_csv():
    folder = os.environ.get("CUPEL_BIG") or SCRATCH
    path = os.path.join(folder, "big.csv")
    if os.path.exists(path):
        return path
    source = os.path.join(DATA, "hotel_bookings.csv")
    if not os.path.exists(source):
        return None
    with open(source, "rb") as file:
        header = file.readline()
        body = file.read()
    with open(path + ".part", "wb") as file:
        file.write(header)
        for _ in range(84):
            file.write(body)
    os.rename(path + ".part", path)
    return path


def hotel():
    data = big_csv()
    if data is None:
        return skipped("hotel", "no hotel_bookings.csv in CUPEL_BENCH_DATA and no big.csv in CUPEL_BIG")
    times = rounds({"cupel": check(suite_of("hotel"), data), **peers("hotel", data)})
    show(times)
    names = [name for name in ("polars", "duckdb") if name in times]
    if names:
        factor = ratio(times, names, 0)
        line("10 million bookings, 19 expectations, wall", f"{factor:.1f} times the faster peer", "4 times", factor >= 4)
        factor = ratio(times, names, 1)
        line("  the same in CPU seconds", f"{factor:.1f} times the faster peer", "none", True)
    memory = median(times["cupel"], 2)
    line("  resident memory", f"{memory:.0f} MiB", "300 MiB", memory <= 300)


def threads():
    data = big_csv()
    if data is None:
        return skipped("threads", "no hotel_bookings.csv")
    one, two = os.path.join(SCRATCH, "one.json"), os.path.join(SCRATCH, "two.json")
    ratios = []
    for _ in range(RUNS):
        ratios.append(run(check(suite_of("hotel"), data, "--threads", "1"))[0] / run(check(suite_of("hotel"), data, "--threads", "2"))[0])
    factor = statistics.median(ratios)
    line("two threads against one", f"{factor:.2f} times as fast", "1.8 times", factor >= 1.8)
    run(check(suite_of("hotel"), data, "--threads", "1", "--json", one))
    run(check(suite_of("hotel"), data, "--threads", "2", "--json", two))
    texts = [[row for row in open(path) if '"started"' not in row and '"seconds"' not in row] for path in (one, two)]
    line("  results of one and two threads", "the same bytes" if texts[0] == texts[1] else "DIFFERENT", "the same bytes", texts[0] == texts[1])


def memory():
    data = big_csv()
    if data is None:
        return skipped("memory", "no hotel_bookings.csv")
    if shutil.disk_usage(SCRATCH).free < 12 << 30:
        return skipped("memory", "less than 12 GB free in " + SCRATCH)
    large = os.path.join(SCRATCH, "large.csv")
    with open(large, "wb") as file:
        for number in range(4):
            with open(data, "rb") as part:
                header = part.readline()
                if number == 0:
                    file.write(header)
                shutil.copyfileobj(part, file, 1 << 24)
    suite = os.path.join(SCRATCH, "large.yaml")
    with open(suite_of("hotel")) as file:
        text = file.read().replace("between: [9000000, 11000000]", "equals: 40115040")
    with open(suite, "w") as file:
        file.write(text)
    wall, cpu, resident = run(check(suite, large), limit=1 << 30)
    size = os.path.getsize(large) / 1e9
    os.remove(large)
    line(f"{size:.1f} GB within 1 GiB of address space (ulimit -v)", f"{wall:.1f} s, {resident:.0f} MiB", "finishes", True)


def added():
    """Cost of one more expectation on a column that is scanned anyway: 1 against 101 different limits."""
    data = os.path.join(SCRATCH, "million.csv")
    with open(data, "w") as file:
        file.write("number,word\n")
        for row in range(1_000_000):
            file.write(f"{row % 1000},{'abcdefgh'[row % 8]}\n")
    for column, predicate in (("number", "at_most: {}"), ("word", "not_in: [{}]")):
        paths = []
        for count in (1, 101):
            path = os.path.join(SCRATCH, f"added_{column}_{count}.yaml")
            with open(path, "w") as file:
                file.write("cupel: 1\nsuite: added\nexpect:\n")
                for i in range(count):
                    limit = 1000 + i if column == "number" else f"w{i}"
                    file.write(f"  - values: {column}\n    {predicate.format(limit)}\n    because: measured\n")
            paths.append(path)
        costs = [(run(check(paths[1], data, "--threads", "1"))[1] - run(check(paths[0], data, "--threads", "1"))[1]) / 100 for _ in range(RUNS)]
        cost = statistics.median(costs) * 1000
        line(f"one more expectation on a column of {column}s, 1 million rows", f"{cost:.2f} ms of CPU", "1 ms", cost <= 1)


def planning():
    """1,000 expectations on 1,000 columns: what the suite costs before and after the scan, by a table of one row; and 100,000 rows."""
    names = [f"column_{i}" for i in range(1000)]
    suite = os.path.join(SCRATCH, "wide.yaml")
    with open(suite, "w") as file:
        file.write("cupel: 1\nsuite: wide\nexpect:\n")
        for name in names:
            file.write(f"  - values: {name}\n    between: [0, 100]\n    because: measured\n")
    one = os.path.join(SCRATCH, "one_expectation.yaml")
    with open(one, "w") as file:
        file.write("cupel: 1\nsuite: wide\nexpect:\n  - values: column_0\n    between: [0, 100]\n    because: measured\n")
    short, long = os.path.join(SCRATCH, "wide_1.csv"), os.path.join(SCRATCH, "wide_100000.csv")
    row = ",".join(str(i % 100) for i in range(1000)) + "\n"
    for path, count in ((short, 1), (long, 100_000)):
        with open(path, "w") as file:
            csv.writer(file, lineterminator="\n").writerow(names)
            for _ in range(count):
                file.write(row)
    costs = [run(check(suite, short))[1] - run(check(one, short))[1] for _ in range(RUNS)]
    cost = statistics.median(costs) * 1000
    line("1,000 expectations on 1,000 columns, reading and planning", f"{cost:.0f} ms of CPU", "50 ms", cost <= 50)
    wall, cpu, resident = run(check(suite, long))
    line("  the same on 100,000 rows", f"{wall:.2f} s, CPU {cpu:.2f} s, {resident:.0f} MiB", "none", True)


try:
    for name in BARS:
        {"reviews": reviews, "hotel": hotel, "threads": threads, "memory": memory, "added": added, "planning": planning}[name]()
finally:
    shutil.rmtree(SCRATCH, ignore_errors=True)
