#!/usr/bin/env python3
"""fail_anywhere.py --cupel BIN --shim LIBRARY [--how ENOSPC,EIO,KILL,…] [--every N]: the n-th change of the disk fails, or kills, for every n of a run.

A small flow with a cached step, a real (tiny) training, a fall back to a registered model, and a registration runs under the preloaded shim, once for
each n: first in a home that is not there yet, then in one that holds an earlier run. Whatever happens, the run must end with status 0 or with a
status and words that name the fault; and once the fault is gone, going on must end well, with the bytes and the registry of an undisturbed run and
nothing left over (check_home.py). `--what allocations` does the same to each allocation of the runner.
"""

import argparse
import collections
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

import check_home
from kill_anywhere import Wrong, await_no_process, models_of

FLOW = """cupel: 1
flow: small
params: {seed: "1"}
steps:
  rows: {run: "head -n 401 data.csv | cat > ${out}/rows.csv", in: [data.csv], out: [rows.csv]}
  train:
    run: cupel train train.yaml --data ${rows.out}/rows.csv --seed ${seed} --threads 1 -o ${out}/model --quiet
    in: [train.yaml, "${rows.out}/rows.csv"]
    out: [model]
  take:
    run: "test ${seed} != 1 && exit 75; cp -r ${train.out}/model ${out}/model"
    in: ["${train.out}/model"]
    out: [model]
    cache: false
    on: {too_little_data: {then: fall_back, to: small@champion}}
  add:
    run: cupel models add ${train.out}/model --name small --alias champion && cupel models list --json ${out}/models.json
    in: ["${train.out}/model"]
    after: [take]
    out: [models.json]
    cache: false
"""
NOOP = """cupel: 1
flow: small
steps:
  a: {run: "echo a > ${out}/a", out: [a]}
  b: {run: "cat ${a.out}/a > ${out}/b", in: ["${a.out}/a"], out: [b], cache: false}
"""
TRAIN = """cupel: 1
train: small
target: y
positive: 1
features: {numeric: [x], text: [words]}
split: {share: 20%, salt: s}
estimator: linear
minimum_rows: 50
minimum_rows_per_class: 10
"""
WORDS = {"ENOSPC": ("no space left on device", "disk full"), "EIO": ("input/output error",), "EROFS": ("read-only file system",),
         "EACCES": ("permission denied",), "EDQUOT": ("disk quota exceeded", "disk full"), "EMFILE": ("too many open files",)}


# SQLite does not say what was wrong with a file of its own, only that something was.
OF_DATABASE = ("disk i/o error", "unable to open database file")


class Shim:
    def __init__(self, library, home, folder):
        self.state = os.path.join(folder, "shim.state")
        self.library, self.home = library, home

    def environment(self, **settings):
        with open(self.state, "wb") as file:
            file.write(bytes(4096))
        return dict(os.environ, CUPEL_HOME=self.home, LD_PRELOAD=self.library, SHIM_STATE=self.state, SHIM_BENEATH=self.home,
                    **{f"SHIM_{name}": str(value) for name, value in settings.items()})

    def seen(self):
        """Calls, hits, the first call that was hit."""
        with open(self.state, "rb") as file:
            calls, hits, what = struct.unpack("qq200s", file.read(216))
        return calls, hits, what.split(b"\0")[0].decode()


class Scene:
    """A flow, the home that it begins with (or none), and what an undisturbed run makes of it."""

    def __init__(self, given, folder, name, base, words):
        self.given, self.folder, self.base, self.words = given, folder, base, words
        self.name = name
        self.home = os.path.join(folder, "home")
        self.shim = Shim(given.shim, self.home, folder)
        self.environment = dict(os.environ, CUPEL_HOME=self.home)
        self.reset()
        self.first_number = len(self.numbers()) + 1
        done = self.run(self.environment)
        if done.returncode != 0:
            sys.exit(f"{name}: the undisturbed run ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
        self.wanted = self.outcome()

    def reset(self):
        shutil.rmtree(self.home, ignore_errors=True)
        if self.base:
            subprocess.run(["cp", "-a", self.base, self.home], check=True)

    def numbers(self):
        runs = os.path.join(self.home, "runs")
        names = os.listdir(runs) if os.path.isdir(runs) else []
        return sorted(int(name.split("-")[1]) for name in names if re.fullmatch(r"small-\d+", name) and os.path.exists(os.path.join(runs, name, "run.json")))

    def run(self, environment, *words):
        words = words or (os.path.join(self.folder, "small.yaml"), *self.words)
        return subprocess.run([self.given.cupel, "run", *words, "--jobs", "1", "--quiet"], env=environment, capture_output=True, text=True, errors="replace", timeout=300)

    def command(self, *words):
        subprocess.run([self.given.cupel, *words], env=self.environment, capture_output=True, timeout=300)

    def forget_what_could_not_be_removed(self, what):
        path = self.home + what.split(" ", 1)[1]
        if what.startswith(("unlink", "rmdir")) and ("/attempt-" in path or path.endswith("checkpoint")):
            shutil.rmtree(path, ignore_errors=True)

    def go_on(self):
        newer = [number for number in self.numbers() if number >= self.first_number]
        return self.run(self.environment, "--resume", str(newer[-1])) if newer else self.run(self.environment)

    def outcome(self):
        problems, registry = check_home.check(self.home)
        if problems:
            raise Wrong("; ".join(problems[:4]))
        return [models_of(os.path.join(self.home, "runs", f"small-{number}", "steps")) for number in self.numbers()], registry

    def trial(self, number, how, sticky=False):
        """False: the run has no n-th call. Raises Wrong."""
        self.reset()
        settings = {"AT": number, "HOW": how, "STICKY": int(sticky)}
        if self.given.what == "allocations":
            settings |= {"ALLOCATIONS": 1, "PROGRAM": "cupel-run"}
        done = self.run(self.shim.environment(**settings))
        await_no_process(self.home, f"call {number} failed")
        _, hits, what = self.shim.seen()
        said = (done.stdout + done.stderr).strip()
        try:
            # The libraries' globals are made before main, where nobody can catch anything; nothing has been done then.
            unborn = self.given.what == "allocations" and "bad_alloc" in said and not self.numbers()[self.first_number - 1:]
            if done.returncode < 0 and how != "KILL" and not unborn:
                raise Wrong(f"died of signal {-done.returncode}")
            if done.returncode != 0 and how in WORDS and not any(words in said.lower() for words in WORDS[how] + (OF_DATABASE if "/registry.db" in what else ())):
                raise Wrong(f"status {done.returncode} without words for {how}")
            if done.returncode != 0 and not said and how != "KILL":
                raise Wrong(f"status {done.returncode} without a word")
            if done.returncode != 0:
                again = self.go_on()
                await_no_process(self.home, "the fault was gone")
                if again.returncode != 0:
                    raise Wrong(f"status {again.returncode} when the fault was gone: {(again.stdout + again.stderr)[-600:]}")
            elif what.startswith(("unlink", "rmdir")) or "/registry.db-" in what:
                # What a full disk did not let go, or a reader left to the next one. The next command takes the latter along.
                self.command("models", "list")
                self.forget_what_could_not_be_removed(what)
            now = self.outcome()
            if now != self.wanted:
                raise Wrong(f"not what an undisturbed run makes: {now} instead of {self.wanted}")
        except Wrong as wrong:
            raise Wrong(f"{wrong} [{what or 'an allocation'}; status {done.returncode}: {said[-300:]}]") from None
        return hits > 0, done.returncode


def scenes(given, folder):
    draw = random.Random(7)
    with open(os.path.join(folder, "data.csv"), "w", encoding="utf-8") as file:
        file.write("x,words,y\n")
        for _ in range(500):
            y = draw.random() < 0.5
            file.write(f"{draw.gauss(1 if y else 0, 1):.4f},{' '.join(draw.choice(('good fine great' if y else 'bad poor worse').split()) for _ in range(3))},{int(y)}\n")
    for name, text in (("small.yaml", NOOP if given.what == "allocations" else FLOW), ("train.yaml", TRAIN)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    fresh = Scene(given, folder, "a home that is not there yet", None, [])
    yield fresh
    base = os.path.join(folder, "base")
    fresh.reset()
    fresh.run(fresh.environment)
    os.rename(fresh.home, base)
    yield Scene(given, folder, "a home with an earlier run", base, [] if given.what == "allocations" else ["--param", "seed=2"])


def sweep(scene, how, every, sticky=False):
    """Every n until the run has no n-th call. Returns the failures."""
    failures, statuses, number = [], collections.Counter(), scene.given.first
    before = time.monotonic()
    while True:
        try:
            there, status = scene.trial(number, how, sticky)
            if not there:
                break
            statuses[status] += 1
        except Wrong as wrong:
            failures.append(f"{scene.name}, call {number}, {how}{' from then on' if sticky else ''}: {wrong}")
            print(failures[-1], flush=True)
            if len(failures) >= scene.given.most_failures:
                break
        number += every
        if scene.given.last and number > scene.given.last:
            break
    told = ", ".join(f"{count} with status {status}" for status, count in sorted(statuses.items()))
    print(f"{scene.name}, {how}{' from then on' if sticky else ''}: {number - scene.given.first} calls{'' if every == 1 else f', every {every}th'}, {told}; {len(failures)} failures, {time.monotonic() - before:.0f} s", flush=True)
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cupel", required=True)
    parser.add_argument("--shim", required=True)
    parser.add_argument("--what", choices=("disk", "allocations"), default="disk")
    parser.add_argument("--how", default="ENOSPC,ENOSPC+,EIO,KILL", help="with a plus: from the n-th call on")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--last", type=int, default=0)
    parser.add_argument("--scene", type=int, default=0, help="1 or 2: only that one")
    parser.add_argument("--most-failures", type=int, default=20)
    given = parser.parse_args()
    given.cupel, given.shim = os.path.abspath(given.cupel), os.path.abspath(given.shim)
    failures = []
    with tempfile.TemporaryDirectory(prefix="cupel-fail.") as folder:
        for number, scene in enumerate(scenes(given, folder), 1):
            if given.scene not in (0, number):
                continue
            for how in given.how.split(",") if given.what == "disk" else ["ENOMEM"]:
                failures += sweep(scene, how.rstrip("+"), given.every, how.endswith("+"))
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
