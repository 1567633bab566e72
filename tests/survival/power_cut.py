#!/usr/bin/env python3
"""power_cut.py --cupel BIN --shim LIBRARY [--every N] [--seed S]: the disk loses what was not synced, after any change of a run, then --resume.

A run of the small flow of fail_anywhere.py is recorded by the shim: every write, creation, rename, removal and sync below its home, with the bytes. Then,
after each of these operations (or every N-th), the worst that a loss of power may leave is worked out and set up as a home of its own:

  strict    POSIX to the letter: a file has the bytes of its last fsync, a folder the names of its last fsync; syncfs keeps everything
  names     all names are there, but no byte that was not synced: new files are empty, grown ones have their old length
  ordered   as a journaling file system may leave it: names up to some operation after the last sync; of each file's bytes that were not synced all, none or half

Going on must end well each time, with the models and the registry of an undisturbed run, and check_home.py must find nothing. A run that had said that it was
done must be whole without going on. The idea is that of ALICE (Pillai et al., OSDI 2014) and CrashMonkey (Mohan et al., OSDI 2018).
"""

import argparse
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import check_home
from fail_anywhere import scenes
from kill_anywhere import Wrong, models_of

MODELS = ("strict", "names", "ordered")
O_CREAT, O_TRUNC = os.O_CREAT, os.O_TRUNC
SYNCS = ("fsync", "syncfs")


class File:
    def __init__(self, number, content=b""):
        self.number, self.content, self.durable = number, content, b""


class Folder:
    def __init__(self):
        self.names, self.durable = {}, {}


class Disk:
    """What stands below the home, live and durable, after some operations. Files and folders are numbered by the operation that made them."""

    def __init__(self, home, base):
        self.home, self.root = home, Folder()
        self.missing = set()
        if base:
            for folder, folders, files in os.walk(base):
                for name in folders:
                    self.put(os.path.join(folder, name).replace(base, home, 1), Folder())
                for name in files:
                    with open(os.path.join(folder, name), "rb") as file:
                        self.put(os.path.join(folder, name).replace(base, home, 1), File(-1, file.read()))
            self.sync_all(self.root)

    def find(self, path):
        node = self.root
        for part in os.path.relpath(path, self.home).split("/"):
            if part != ".":
                node = node.names.get(part) if isinstance(node, Folder) else None
        return node

    def put(self, path, node):
        parent = self.find(os.path.dirname(path)) if path != self.home else None
        if isinstance(parent, Folder):
            parent.names[os.path.basename(path)] = node
        elif path != self.home:
            self.missing.add(path)

    def take(self, path):
        parent = self.find(os.path.dirname(path))
        return parent.names.pop(os.path.basename(path), None) if isinstance(parent, Folder) else None

    def sync_all(self, node):
        if isinstance(node, File):
            node.durable = node.content
            return
        node.durable = dict(node.names)
        for child in node.names.values():
            self.sync_all(child)

    def apply(self, number, operation):
        name, path, path2, offset, data = operation
        node = self.find(path)
        if name == "created" or (name == "open" and offset >= 0 and node is None and offset & O_CREAT):
            self.put(path, File(number))
        elif name == "open" and offset >= 0 and offset & O_TRUNC and isinstance(node, File):
            node.content = b""
        elif name == "mkdir" and node is None:
            self.put(path, Folder())
        elif name == "write" and isinstance(node, File):
            node.content = node.content[:offset].ljust(offset, b"\0") + data + node.content[offset + len(data):]
        elif name == "truncate" and isinstance(node, File):
            node.content = node.content[:offset].ljust(offset, b"\0")
        elif name == "fsync" and node is not None:
            node.durable = node.content if isinstance(node, File) else dict(node.names)
        elif name == "syncfs":
            self.sync_all(self.root)
        elif name == "rename" and node is not None:
            self.put(path2, self.take(path))
        elif name == "exchange":
            other = self.find(path2)
            self.put(path, other)
            self.put(path2, node)
        elif name == "link" and node is not None:
            self.put(path2, node)
        elif name in ("unlink", "rmdir"):
            self.take(path)

    def files(self):
        found, todo = {}, [self.root]
        while todo:
            for child in todo.pop().names.values():
                if isinstance(child, File):
                    found[child.number] = child
                else:
                    todo.append(child)
        return found


def write_out(node, path, names_of, content_of):
    os.makedirs(path, exist_ok=True)
    for name, child in names_of(node).items():
        where = os.path.join(path, name)
        if isinstance(child, Folder):
            write_out(child, where, names_of, content_of)
        else:
            with open(where, "wb") as file:
                file.write(content_of(child))


def read_log(path):
    with open(path, "rb") as file:
        text = file.read()
    operations, at = [], 0
    while at < len(text):
        end = text.index(b"\n", at)
        _, name, path1, path2, offset, size = text[at:end].decode().split("\t")
        at = end + 1 + int(size)
        operations.append((name, path1, path2, int(offset), text[end + 1:at]))
    return operations


def disk_after(scene, operations, count):
    disk = Disk(scene.home, scene.base)
    for number, operation in enumerate(operations[:count]):
        disk.apply(number, operation)
    return disk


def set_up(scene, operations, count, model, draw):
    """The home as the loss of power after so many operations leaves it."""
    shutil.rmtree(scene.home, ignore_errors=True)
    disk = disk_after(scene, operations, count)
    if model == "strict":
        write_out(disk.root, scene.home, lambda folder: folder.durable, lambda file: file.durable)
    elif model == "names":
        write_out(disk.root, scene.home, lambda folder: folder.names, lambda file: file.durable)
    else:
        synced = max((i + 1 for i in range(count) if operations[i][0] in SYNCS), default=0)
        now = disk.files()
        earlier = disk_after(scene, operations, draw.randint(synced, count))

        def bytes_of(file):
            later = now.get(file.number, file) if file.number >= 0 else file
            kind = draw.choice(("all", "none", "half"))
            if kind == "half":
                return later.durable[:len(later.content)] if len(later.content) < len(later.durable) else later.content[:(len(later.content) + len(later.durable)) // 2]
            return later.content if kind == "all" else later.durable

        write_out(earlier.root, scene.home, lambda folder: folder.names, bytes_of)


def record(scene, folder):
    scene.reset()
    log = os.path.join(folder, "operations")
    open(log, "wb").close()
    done = scene.run(scene.shim.environment(LOG=log))
    if done.returncode != 0:
        sys.exit(f"the recorded run ended with status {done.returncode}: {done.stdout}{done.stderr}")
    operations = read_log(log)
    disk = disk_after(scene, operations, len(operations))
    replayed = os.path.join(folder, "replayed")
    write_out(disk.root, replayed, lambda node: node.names, lambda file: file.content)
    told = subprocess.run(["diff", "-rq", replayed, scene.home], capture_output=True, text=True).stdout.splitlines()
    told = [line for line in told if "registry.db-" not in line]  # shared memory, which no crash of the machine leaves
    shutil.rmtree(replayed)
    if told or disk.missing:
        sys.exit("the record is not what happened:\n" + "\n".join(told[:10] + sorted(disk.missing)[:10]))
    return operations


def outcome(scene):
    problems, registry = check_home.check(scene.home, power_was_lost=True)
    if problems:
        raise Wrong("; ".join(problems[:4]))
    return [models_of(os.path.join(scene.home, "runs", f"small-{number}", "steps")) for number in scene.numbers()], registry


def said_done(scene):
    file = os.path.join(scene.home, "runs", f"small-{scene.first_number}", "run.json")
    try:
        with open(file, encoding="utf-8") as text:
            return json.load(text).get("state") in ("ok", "handled")
    except (OSError, ValueError):
        return False


def check_intents(scene, operations, count):
    """Where a command has made something, its intent is durable, and with it every line of the journal before."""
    runs = disk_after(scene, operations, count).root.names.get("runs")
    for name, run in runs.names.items() if runs else []:
        steps = run.names.get("steps") if isinstance(run, Folder) else None
        for step, folder in steps.names.items() if steps else []:
            for attempt, scratch in folder.names.items():
                out = scratch.names.get("out") if attempt.startswith("attempt-") else None
                if not out or not out.names:
                    continue
                number = int(attempt[8:])
                journal = run.names["journal.jsonl"].durable.decode()
                events = [json.loads(line) for line in journal.splitlines() if line.startswith("{") and line.endswith("}")]
                if not any((event["event"], event.get("step"), event.get("attempt")) == ("intent", step, number) for event in events):
                    raise Wrong(f"{name}: {step} had begun to work, and its intent was not durable")


def trial(scene, operations, count, model, seed):
    if model == "strict":
        check_intents(scene, operations, count)
    set_up(scene, operations, count, model, random.Random(f"{seed} {count}"))
    done = said_done(scene)
    if not done:
        again = scene.go_on()
        if again.returncode != 0:
            raise Wrong(f"status {again.returncode}: {(again.stdout + again.stderr)[-400:]}")
    if (now := outcome(scene)) != scene.wanted:
        raise Wrong(f"not what an undisturbed run makes: {now} instead of {scene.wanted}")
    return done


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cupel", required=True)
    parser.add_argument("--shim", required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--scene", type=int, default=0, help="1 or 2: only that one")
    given = parser.parse_args()
    given.cupel, given.shim, given.what = os.path.abspath(given.cupel), os.path.abspath(given.shim), "disk"
    failures = 0
    with tempfile.TemporaryDirectory(prefix="cupel-power.") as folder:
        for place, scene in enumerate(scenes(given, folder), 1):
            if given.scene not in (0, place):
                continue
            operations = record(scene, folder)
            for model in given.models.split(","):
                began, told = time.monotonic(), collections.Counter()
                for count in range(given.first, len(operations) + 1, given.every):
                    try:
                        told["whole already" if trial(scene, operations, count, model, given.seed) else "went on"] += 1
                    except Wrong as wrong:
                        told["failures"] += 1
                        failures += 1
                        last = operations[count - 1] if count else ("nothing", "", "", 0, b"")
                        print(f"{scene.name}, {model}, after {count} ({last[0]} {last[1].replace(scene.home, '')}): {wrong}", flush=True)
                counted = ", ".join(f"{number} {what}" for what, number in sorted(told.items()))
                print(f"{scene.name}, {model}: {len(operations)} operations, every {given.every}th: {counted}; {time.monotonic() - began:.0f} s", flush=True)
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
