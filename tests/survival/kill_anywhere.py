#!/usr/bin/env python3
"""kill_anywhere.py --cupel BIN --flow FILE --data FILE [--trials N] [--seed S]: SIGKILL at random moments of a flow, then --resume until it ends.

Each trial runs the flow in a home of its own, kills its runner, its keeper, a process of its step's command, or all of them at one moment, and goes on
(with further kills, now and then) until the run has ended. Then: status 0, the models' bytes are those of an undisturbed run, the registry
holds just the versions of an undisturbed run, no process is left, and check_home.py finds nothing. One line a failure; the last line counts.
"""

import argparse
import collections
import csv
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import check_home

VICTIMS = ("runner", "command", "keeper", "guard", "all", "runner and command", "runner and keeper", "runner and guard", "keeper and guard")
PATIENCE_SECONDS = 30  # for what must happen at once, on a machine that others keep busy
FROZEN_TICKS = 20  # processor time, in hundredths, that a process may still use after its death was due


class Wrong(Exception):
    pass


def processes():
    """pid -> (parent, name) of all that live; zombies are dead."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                text = file.read()
        except OSError:
            continue
        name, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
        if rest[0] != "Z":
            found[int(entry)] = (int(rest[1]), name)
    return found


def descendants(root):
    alive = processes()
    found, todo = {}, [root]
    while todo:
        parent = todo.pop()
        for pid, (own_parent, name) in alive.items():
            if own_parent == parent and pid not in found:
                found[pid] = name
                todo.append(pid)
    return found


def belonging_to(home):
    """Every living process that was started for this home, wherever it has gone since: its environment says so."""
    mark = f"CUPEL_HOME={home}\0".encode()
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as file:
                if mark not in file.read():
                    continue
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                if file.read().rsplit(")", 1)[1].split()[0] != "Z":
                    found.append(int(entry))
        except OSError:
            continue
    return found


def end_of(process):
    try:
        return process.wait(timeout=600)
    except subprocess.TimeoutExpired:
        process.kill()
        raise Wrong("it did not end within 600 s") from None


def used_ticks(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])
    except OSError:
        return 0


def await_no_process(home, after):
    until = time.monotonic() + PATIENCE_SECONDS
    first = {pid: used_ticks(pid) for pid in belonging_to(home)}
    while left := belonging_to(home):
        # One that goes on working is an orphan, even if it comes to its own end in time.
        working = [pid for pid in left if used_ticks(pid) - first.setdefault(pid, used_ticks(pid)) > FROZEN_TICKS]
        if working or time.monotonic() > until:
            words = []
            for pid in left:
                try:
                    with open(f"/proc/{pid}/cmdline", "rb") as file:
                        words.append(file.read().replace(b"\0", b" ").decode(errors="replace")[:120])
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
            raise Wrong(f"orphans after {after}: {words}")
        time.sleep(0.01)


def models_of(steps):
    """The digest of every model that the steps made."""
    models = {}
    for folder, _, files in os.walk(steps):
        for name in files:
            if name == "model.onnx":
                with open(os.path.join(folder, name), "rb") as file:
                    models[os.path.relpath(os.path.join(folder, name), steps)] = hashlib.sha256(file.read()).hexdigest()
    return models


class Flow:
    def __init__(self, given, home):
        self.given = given
        self.home = home
        self.log = os.path.join(os.path.dirname(home), "log")
        self.environment = dict(os.environ, CUPEL_HOME=home)
        self.environment.pop("CUPEL_RUN", None)

    def start(self, *words):
        if words and words[0] == "--resume":
            words = ("run", *words)
        else:
            words = ("run", self.given.flow, "--param", f"data={self.given.data}")
        with open(self.log, "ab") as log:
            log.write(f"--- {words}\n".encode())
            log.flush()
            return subprocess.Popen([self.given.cupel, *words, "--quiet"], env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def runs(self):
        folder = os.path.join(self.home, "runs")
        if not os.path.isdir(folder):
            return []
        return [name for name in os.listdir(folder) if re.fullmatch(r".*-\d+", name) and os.path.exists(os.path.join(folder, name, "run.json"))]

    def go_on(self):
        return self.start("--resume", "last") if self.runs() else self.start()

    def outcome(self):
        """What must be equal to the undisturbed run: bytes of models, versions, aliases, number of verdicts."""
        runs = self.runs()
        if len(runs) != 1:
            raise Wrong(f"there are the runs {runs}")
        models = models_of(os.path.join(self.home, "runs", runs[0], "steps"))
        problems, registry = check_home.check(self.home)
        if problems:
            raise Wrong("; ".join(problems[:5]) + (f" and {len(problems) - 5} more" if len(problems) > 5 else ""))
        return models, registry


def kill(flow, process, victim, draw):
    """Kills at this moment; the names of what was hit, or nothing when there is no such victim now."""
    below = descendants(process.pid)
    keepers = [pid for pid, name in below.items() if name == "cupel-keeper"]
    guards = [pid for pid, name in below.items() if name == "cupel-guard"]
    commands = [pid for pid in below if pid not in keepers + guards]
    runner = [process.pid] if process.poll() is None else []
    one_of = lambda pids: draw.sample(pids, min(1, len(pids)))
    chosen = {"runner": runner, "command": one_of(commands), "keeper": one_of(keepers), "guard": one_of(guards), "all": runner + keepers + guards + commands,
              "runner and command": runner + commands if commands else [], "runner and keeper": runner + keepers if keepers else [],
              "runner and guard": runner + guards if guards else [], "keeper and guard": keepers + guards if keepers and guards else []}[victim]
    draw.shuffle(chosen)
    hit = []
    for pid in chosen:
        try:
            os.kill(pid, signal.SIGKILL)
            hit.append(below.get(pid, "runner"))
        except ProcessLookupError:
            pass
    return hit


def trial(given, number, undisturbed, seconds):
    draw = random.Random(f"{given.seed} {number}")
    scratch = tempfile.mkdtemp(prefix=f"cupel-kill-{number}.", dir=given.scratch)
    flow = Flow(given, os.path.join(scratch, "home"))
    kills, told = 0, []
    try:
        most_kills = draw.choice((1, 1, 1, 2, 3))
        undisturbed_resumes = 0
        process = flow.start()
        while True:
            if kills < most_kills:
                victim = draw.choice(VICTIMS)
                until = time.monotonic() + draw.uniform(0, seconds * (1.0 if kills == 0 else 0.7))
                while time.monotonic() < until and process.poll() is None:
                    time.sleep(0.0005)
                while process.poll() is None:
                    if hit := kill(flow, process, victim, draw):
                        kills += 1
                        told.append(f"{victim} ({', '.join(sorted(hit))})")
                        break
                    time.sleep(0.001)
            else:
                undisturbed_resumes += 1
            status = end_of(process)
            await_no_process(flow.home, "the end of the runner")
            if status == 0 and kills > 0:
                break
            if status == 0:  # it had ended before the moment came: once more, from the beginning
                shutil.rmtree(flow.home)
            elif undisturbed_resumes > 2:
                raise Wrong(f"status {status} after {undisturbed_resumes} resumptions that nobody disturbed")
            process = flow.go_on()
        if (now := flow.outcome()) != undisturbed:
            raise Wrong(f"not what an undisturbed run makes: {now}")
        shutil.rmtree(scratch)
        return kills, told, None
    except Wrong as wrong:
        return kills, told, f"{wrong} (killed: {'; '.join(told)}; kept in {scratch})"


def sample_rows(path, rows, seed, into):
    """A cheaper file: so many rows of it, drawn by the seed."""
    with open(path, newline="", encoding="utf-8") as file:
        header, *all_rows = csv.reader(file)
    kept = sorted(random.Random(seed).sample(range(len(all_rows)), min(rows, len(all_rows))))
    with open(into, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header] + [all_rows[i] for i in kept])


def undisturbed_run(given):
    scratch = tempfile.mkdtemp(prefix="cupel-kill-0.", dir=given.scratch)
    flow = Flow(given, os.path.join(scratch, "home"))
    before = time.monotonic()
    status = end_of(flow.start())
    seconds = time.monotonic() - before
    if status != 0:
        with open(flow.log, encoding="utf-8") as log:
            sys.exit(f"the undisturbed run ended with status {status}:\n{log.read()}")
    try:
        outcome = flow.outcome()
    except Wrong as wrong:
        sys.exit(f"the undisturbed run: {wrong}")
    shutil.rmtree(scratch)
    return outcome, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cupel", required=True)
    parser.add_argument("--flow", required=True)
    parser.add_argument("--data", default=os.environ.get("REVIEWS"), help="default: $REVIEWS")
    parser.add_argument("--rows", type=int, default=0, help="only so many rows of the data, drawn by the seed")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--first", type=int, default=1, help="number of the first trial, to repeat one")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--scratch", default=None)
    given = parser.parse_args()
    if not given.data:
        parser.error("expected --data FILE or $REVIEWS")
    given.cupel, given.flow, given.data = (os.path.abspath(path) for path in (given.cupel, given.flow, given.data))
    with tempfile.TemporaryDirectory(prefix="cupel-kill-data.", dir=given.scratch) as folder:
        if given.rows > 0:
            sample_rows(given.data, given.rows, given.seed, os.path.join(folder, "rows.csv"))
            given.data = os.path.join(folder, "rows.csv")
        return run_trials(given)


def run_trials(given):
    undisturbed, seconds = undisturbed_run(given)
    print(f"undisturbed: {seconds:.2f} s, models {sorted(undisturbed[0])}, registry {undisturbed[1]}", flush=True)
    failures, kills, victims = 0, 0, collections.Counter()
    for number in range(given.first, given.first + given.trials):
        own, told, wrong = trial(given, number, undisturbed, seconds)
        kills += own
        victims.update(text.split(" (")[0] for text in told)
        if wrong:
            failures += 1
            print(f"trial {number}: {wrong}", flush=True)
    print(f"seed {given.seed}: {given.trials} trials, {kills} kills ({', '.join(f'{name} {count}' for name, count in sorted(victims.items()))}), {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
