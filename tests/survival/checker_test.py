#!/usr/bin/env python3
"""checker_test.py CUPEL: the checker of homes finds each kind of damage, one at a time, and nothing in an undamaged home."""

import glob
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import check_home

FLOW = """cupel: 1
flow: small
steps:
  make: {run: "mkdir ${out}/model && echo {} > ${out}/model/model.onnx && cp model.json ${out}/model", in: [model.json], out: [model]}
  add: {run: "cupel models add ${make.out}/model --name small --alias champion", in: ["${make.out}/model"], cache: false}
"""
MODEL = '{"format": 1, "name": "small", "files": {"model": "model.onnx"}}'


def one(home, pattern):
    return sorted(glob.glob(os.path.join(home, pattern)))[0]


def write(path, text):
    if os.path.exists(path):
        os.chmod(path, 0o644)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def sql(home, *statements):
    database = sqlite3.connect(os.path.join(home, "registry.db"))
    for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        database.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def edit_journal(home, keep):
    file = one(home, "runs/*/journal.jsonl")
    with open(file, encoding="utf-8") as lines:
        kept = [line for line in lines if keep(line)]
    write(file, "".join(kept))


def hold_lock(home):
    # Held by this very process: the checker opens the file anew, so its lock is another one.
    import fcntl
    hold_lock.file = open(one(home, "runs/*/lock"), "rb")
    fcntl.flock(hold_lock.file, fcntl.LOCK_SH)


DAMAGE = {
    "a scratch file of a record": lambda home: write(one(home, "runs/small-1") + "/run.json.a1B2c3", "{}"),
    "a scratch folder of the cache": lambda home: os.makedirs(home + "/cache/scratch/.1-2.abc"),
    "a blob that is coming in": lambda home: write(home + "/blobs/incoming/abcdef", ""),
    "a log of the database": lambda home: write(home + "/registry.db-wal", "x"),
    "an attempt's scratch outputs": lambda home: os.makedirs(one(home, "runs/*/steps/make/attempt-1") + "/out"),
    "an altered output": lambda home: write(one(home, "runs/*/steps/make/out/model/model.onnx"), "y"),
    "an output that nobody declared": lambda home: write(one(home, "runs/*/steps/make/out") + "/extra", "y"),
    "an altered result of the cache": lambda home: write(one(home, "cache/results/*/*/out/model/model.json"), "{ }"),
    "half a record": lambda home: write(one(home, "runs/*/run.json"), '{"run": "sm'),
    "a result that is not there": lambda home: edit_journal(home, lambda line: '"event":"result"' not in line),
    "an intent that is not there": lambda home: edit_journal(home, lambda line: '"event":"intent"' not in line),
    "a state that is not there": lambda home: edit_journal(home, lambda line: '"event":"state"' not in line),
    "an attempt that no record has": lambda home: shutil.copytree(one(home, "runs/*/steps/make/attempt-1"), one(home, "runs/*/steps/make") + "/attempt-2"),
    "a checkpoint of a step that is done": lambda home: (os.makedirs(one(home, "runs/*/steps/make") + "/checkpoint"), write(one(home, "runs/*/steps/make") + "/checkpoint/x", "")),
    "a run that still runs": lambda home: write(one(home, "runs/*/run.json"), open(one(home, "runs/*/run.json"), encoding="utf-8").read().replace('"state": "ok"', '"state": "running"', 1)),
    "a lock that somebody holds": hold_lock,
    "an altered blob": lambda home: write(one(home, "blobs/sha256/*/*"), "y"),
    "a blob of no version": lambda home: (os.makedirs(home + "/blobs/sha256/00", exist_ok=True), write(home + "/blobs/sha256/00/" + "0" * 64, "")),
    "a gap in the numbers": lambda home: sql(home, "UPDATE model SET next_number = 3"),
    "a version without files": lambda home: sql(home, "DELETE FROM file"),
    "an altered model.json": lambda home: sql(home, "UPDATE metadata SET text = '{}'"),
    "an alias to a removed version": lambda home: sql(home, "UPDATE version SET removed = 'now'"),
    "a row that belongs to nothing": lambda home: sql(home, "PRAGMA foreign_keys = OFF", "UPDATE alias SET version = 99"),
    "a verdict that is there twice": lambda home: sql(home, *[f"INSERT INTO verdict SELECT id, {place}, 's', 'pass', 1, 0, 0, 0, 1, 'x', (SELECT digest FROM file LIMIT 1) FROM version" for place in (0, 1)]),
}


def main():
    cupel = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="cupel-checker.") as folder:
        write(os.path.join(folder, "small.yaml"), FLOW)
        write(os.path.join(folder, "model.json"), MODEL)
        home = os.path.join(folder, "home")
        made = subprocess.run([cupel, "run", os.path.join(folder, "small.yaml"), "--quiet"], env=dict(os.environ, CUPEL_HOME=home), capture_output=True, text=True)
        if made.returncode != 0:
            sys.exit(f"the flow did not run:\n{made.stdout}{made.stderr}")
        wrong = [f"an undamaged home: {text}" for text in check_home.check(home)[0]]
        for name, damage in DAMAGE.items():
            copy = os.path.join(folder, "copy")
            shutil.copytree(home, copy, symlinks=True)
            damage(copy)
            if not check_home.check(copy)[0]:
                wrong.append(f"{name} was not found")
            shutil.rmtree(copy)
    print("\n".join(wrong) or f"{len(DAMAGE)} kinds of damage, each found")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
