#!/usr/bin/env bash
# bench/registry_speed.sh [BUILD] [VERSIONS_EACH]: 8 processes add VERSIONS_EACH versions each (default 200), none lost and no number skipped or given twice;
# `list` of 10,000 versions; `load` of a model of 2 MB by id. Prints wall and processor time, the median of 15; answers are asserted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cupel=$(realpath "${1:-build/release}/bin/cupel")
exec python3 - "$cupel" "${2:-200}" <<'END'
import json, os, resource, shutil, sqlite3, statistics, subprocess, sys, tempfile, time

cupel, each = sys.argv[1], int(sys.argv[2])
scratch = tempfile.mkdtemp(prefix="cupel-registry-speed")
os.chdir(scratch)


def model(folder, content):
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/model.onnx", "wb") as file:
        file.write(content)
    metrics = {"held_out": {"auc": {"value": 0.95, "low": 0.94, "high": 0.96}, "accuracy": 0.9}, "training": {"auc": 0.98}}
    with open(f"{folder}/model.json", "w") as file:
        json.dump({"format": 1, "name": "m", "kind": "classifier", "files": {"model": "model.onnx"}, "metrics": metrics}, file)


def run(home, *words):
    return subprocess.run([cupel, "models", *words], env={**os.environ, "CUPEL_HOME": home}, capture_output=True, text=True, check=True).stdout


def measure(name, home, words, prepare=lambda: None):
    walls, cpus = [], []
    for _ in range(15):
        prepare()
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        answer = run(home, *words)
        walls.append(time.perf_counter() - begin)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    print(f"{name}: {statistics.median(walls) * 1000:.1f} ms wall, {statistics.median(cpus) * 1000:.1f} ms processor (least {min(walls) * 1000:.1f} and {min(cpus) * 1000:.1f})")
    return answer


try:
    begin = time.perf_counter()
    children = []
    for process in range(8):
        if os.fork() == 0:
            for i in range(each):
                model(f"p{process}", f"{process} {i}".encode())
                run("many", "add", f"p{process}")
                if i % 10 == 0:
                    run("many", "list")
            os._exit(0)
    for _ in range(8):
        assert os.wait()[1] == 0
    database = sqlite3.connect("many/registry.db")
    numbers = [row[0] for row in database.execute("SELECT number FROM version ORDER BY number")]
    assert numbers == list(range(1, 8 * each + 1)), "a number is missing or there twice"
    assert database.execute("SELECT count(DISTINCT digest) FROM version").fetchone()[0] == 8 * each
    print(f"8 processes, {each} versions each: {8 * each} there, numbers without gap, {time.perf_counter() - begin:.1f} s, with a reader beside each tenth; ", end="")
    print(run("many", "verify", "--quiet").strip())

    model("big", os.urandom(2_000_000))
    run("home", "add", "big")
    database = sqlite3.connect("home/registry.db")
    with database:
        for number in range(2, 10_001):
            database.execute("INSERT INTO version SELECT ?1, model, ?1, digest, fingerprint, kind, estimator, injected, because, created, removed, purged FROM version WHERE id = 1", (number,))
            for table, columns in (("file", "role, path, digest, bytes"), ("metric", "place, part, name, value, low, high, confidence, rows"), ("metadata", "digest, text")):
                database.execute(f"INSERT INTO {table} (version, {columns}) SELECT ?1, {columns} FROM {table} WHERE version = 1", (number,))
        database.execute("UPDATE model SET next_number = 10001")
    database.close()
    assert measure("list of 10,000 versions", "home", ["list"]).count("\n") == 10_001
    assert measure("the same, filtered and sorted", "home", ["list", "--filter", "auc > 0.9 and version <= 5000", "--sort", "version desc"]).count("\n") == 5_001
    measure("load of a model of 2 MB by id", "home", ["load", "m/7000", "-o", "copy"], lambda: shutil.rmtree("copy", ignore_errors=True))
    assert open("copy/model.onnx", "rb").read() == open("big/model.onnx", "rb").read()
    measure("path of the same, verified", "home", ["path", "m/7000"])
finally:
    shutil.rmtree(scratch)
END
