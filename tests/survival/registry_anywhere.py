#!/usr/bin/env python3
"""registry_anywhere.py --cupel BIN --shim LIBRARY [--how KILL,ENOSPC,…] [--every N]: each command that changes a registry or brings a version out of it is
killed (or its disk fails) at its n-th change of the disk, for every n.

Afterwards the registry opens, every version that is there is whole (`models verify`, and check_home.py, which shares no code with Cupel), the same command
once more ends well, and then registry and folder are those of an undisturbed command: no version twice, none lost, no number skipped by what was seen, no file
left over.
"""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import check_home
from fail_anywhere import Shim

# name: the command; a second `rm` finds the version gone, which is an answer too.
COMMANDS = {
    "add": ("add", "../new", "--alias", "champion", "--verdict", "../result.json"),
    "add_again": ("add", "../first", "--alias", "candidate"),
    "alias": ("alias", "m@champion", "m/1"),
    "alias_remove": ("alias", "m@champion", "--remove"),
    "promote": ("promote", "m/4", "--to", "champion", "--at-least", "auc:0.5"),
    "rm": ("rm", "m/1"),
    "restore": ("rm", "--restore", "m/3"),
    "gc": ("gc",),
    "load": ("load", "m/2", "-o", "out"),
    "export_folder": ("export", "m/2", "-o", "out"),
    "export_tar": ("export", "m/2", "-o", "out.tar.gz"),
    "import_folder": ("import", "../package", "--alias", "candidate"),
    "import_tar": ("import", "../package.tar"),
}
DONE_ALREADY = {"rm": "was removed on", "restore": "was not removed", "alias_remove": "unknown alias", "load": "is not empty", "export_folder": "is not empty"}


class Scene:
    def __init__(self, given, folder):
        self.given, self.folder = given, folder
        self.work = os.path.join(folder, "work")
        self.home = os.path.join(self.work, "home")
        for name, content in (("first", b"1" * 300_000), ("second", b"2"), ("third", b"3"), ("fourth", b"4"), ("new", b"5" * 600_000), ("other", b"6")):
            os.makedirs(os.path.join(folder, name))
            with open(os.path.join(folder, name, "model.onnx"), "wb") as file:
                file.write(content)
            with open(os.path.join(folder, name, "model.json"), "w") as file:
                json.dump({"format": 1, "name": "m", "files": {"model": "model.onnx"}, "metrics": {"held_out": {"auc": {"value": 0.9, "low": 0.88, "high": 0.92}}}}, file)
        with open(os.path.join(folder, "result.json"), "w") as file:
            json.dump({"format": 1, "suite": "s", "verdict": "pass", "counts": {"pass": 1, "fail": 0, "inconclusive": 0, "error": 0}}, file)
        os.makedirs(self.work)
        for name in ("first", "second", "third", "fourth"):
            self.must("add", f"../{name}")
        self.must("alias", "m@champion", "m/2")
        self.must("rm", "m/3")
        elsewhere = os.path.join(folder, "elsewhere")
        self.must("add", "../other", "--name", "other", home=elsewhere)
        self.must("export", "other", "-o", "../package", home=elsewhere)
        self.must("export", "other", "-o", "../package.tar", home=elsewhere)
        self.base = os.path.join(folder, "base")
        shutil.copytree(self.work, self.base)

    def run(self, environment, *words):
        return subprocess.run([self.given.cupel, "models", *words], cwd=self.work, env=environment, capture_output=True, text=True, errors="replace", timeout=120)

    def must(self, *words, home=None):
        done = self.run(dict(os.environ, CUPEL_HOME=home or self.home), *words)
        if done.returncode != 0:
            sys.exit(f"models {' '.join(words)}: status {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def reset(self):
        shutil.rmtree(self.work)
        shutil.copytree(self.base, self.work)

    def outcome(self):
        """All that lasts: rows without times and histories, and every file."""
        problems, _ = check_home.check(self.home)
        if problems:
            raise AssertionError("; ".join(problems[:4]))
        database = sqlite3.connect(os.path.join(self.home, "registry.db"))
        rows = database.execute("SELECT m.name, v.number, v.digest, v.removed IS NULL, v.purged IS NULL, v.injected FROM version v JOIN model m ON m.id = v.model ORDER BY 1, 2").fetchall()
        aliases = database.execute("SELECT m.name, a.name, v.number FROM alias a JOIN version v ON v.id = a.version JOIN model m ON m.id = a.model ORDER BY 1, 2").fetchall()
        verdicts = database.execute("SELECT version, place, verdict FROM verdict ORDER BY 1, 2").fetchall()
        database.close()
        files = sorted(os.path.relpath(os.path.join(where, name), self.work) for where, _, names in os.walk(self.work) for name in names)
        return rows, aliases, verdicts, [name for name in files if not name.endswith(("-wal", "-shm"))]

    def trial(self, name, number, how, wanted):
        """False: the command has no n-th change of the disk."""
        self.reset()
        shim = Shim(self.given.shim, self.home, self.folder)
        environment = shim.environment(AT=number, HOW=how)
        environment["SHIM_BENEATH"] = self.work
        done = self.run(environment, *COMMANDS[name])
        _, hits, what = shim.seen()
        if not hits:
            return False
        said = (done.stdout + done.stderr).strip()
        place = f"{name}: {how} at change {number} ({what}), said '{said[:200]}'"
        if how != "KILL" and done.returncode not in (0, 2):
            raise AssertionError(f"{place}: status {done.returncode}")
        if how != "KILL" and done.returncode == 2 and not said:
            raise AssertionError(f"{place}: no word")
        verified = self.run(dict(os.environ, CUPEL_HOME=self.home), "verify", "--quiet")
        if verified.returncode != 0:
            raise AssertionError(f"{place}: afterwards verify says {verified.stdout}{verified.stderr}")
        again = self.run(dict(os.environ, CUPEL_HOME=self.home), *COMMANDS[name])
        if again.returncode != 0 and not (again.returncode == 2 and DONE_ALREADY.get(name, "\0") in again.stderr):
            raise AssertionError(f"{place}: once more: status {again.returncode}: {again.stdout}{again.stderr}")
        try:
            found = self.outcome()
        except AssertionError as error:
            raise AssertionError(f"{place}: {error}") from None
        if found != wanted:
            raise AssertionError(f"{place}: came to {found}, expected {wanted}")
        return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cupel", required=True, type=os.path.realpath)
    parser.add_argument("--shim", required=True, type=os.path.realpath)
    parser.add_argument("--how", default="KILL,ENOSPC,EIO")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--commands", default=",".join(COMMANDS))
    given = parser.parse_args()
    trials, failures = 0, []
    with tempfile.TemporaryDirectory(prefix="cupel-registry-anywhere") as folder:
        scene = Scene(given, os.path.realpath(folder))
        for name in given.commands.split(","):
            scene.reset()
            scene.must(*COMMANDS[name])
            wanted = scene.outcome()
            for how in given.how.split(","):
                number = 1
                while True:
                    try:
                        if not scene.trial(name, number, how, wanted):
                            break
                    except AssertionError as error:
                        failures.append(str(error))
                        print(error, flush=True)
                    trials += 1
                    number += given.every
    print(f"{trials} trials of {given.commands.count(',') + 1} commands, {len(failures)} failures")
    return 1 if failures or trials == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
