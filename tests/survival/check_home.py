#!/usr/bin/env python3
"""check_home.py HOME: is this $CUPEL_HOME whole, after all commands have ended?

Shares no code with Cupel: walks the folder by a list of what may be there, re-hashes every blob, output and cached result, reads registry.db
with sqlite3, and holds records, numbering, aliases and digests against each other. Prints one line a problem; status 1 if there is any.
"""

import argparse
import fcntl
import hashlib
import json
import os
import re
import sqlite3
import sys

DIGEST = r"[0-9a-f]{64}"
NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
# Everything that may exist under a home at rest; folders end in a slash. `**`: whatever a step or a model put there.
ALLOWED = [
    rf"registry\.db", rf"registry\.lock", rf"blobs/", rf"blobs/incoming/", rf"blobs/sha256/", rf"blobs/sha256/[0-9a-f]{{2}}/",
    rf"blobs/sha256/([0-9a-f]{{2}})/\1[0-9a-f]{{62}}",
    rf"cache/", rf"cache/tools\.json", rf"cache/scratch/", rf"cache/last/", rf"cache/last/{NAME}/", rf"cache/last/{NAME}/{NAME}\.json",
    rf"cache/results/", rf"cache/results/[0-9a-f]{{2}}/", rf"cache/results/([0-9a-f]{{2}})/\1[0-9a-f]{{62}}/",
    rf"cache/results/[0-9a-f]{{2}}/{DIGEST}/entry\.json", rf"cache/results/[0-9a-f]{{2}}/{DIGEST}/out/(.*)?",
    rf"runs/", rf"runs/\.numbering", rf"runs/\.last-number", rf"runs/{NAME}-\d+/", rf"runs/{NAME}-\d+/(lease\.json|lock|run\.json|journal\.jsonl)",
    rf"runs/{NAME}-\d+/steps/", rf"runs/{NAME}-\d+/steps/{NAME}/",
    rf"runs/{NAME}-\d+/steps/{NAME}/checkpoint/", rf"runs/{NAME}-\d+/steps/{NAME}/out/(.*)?", rf"runs/{NAME}-\d+/steps/{NAME}/attempt-\d+/",
    rf"runs/{NAME}-\d+/steps/{NAME}/attempt-\d+/(stdout\.log|stderr\.log)",
]
RUN_STATES = {"ok", "handled", "gate_failed", "failed", "too_little_data", "interrupted"}
DONE_STATES = {"ok", "reused", "kept", "fell_back", "continued"}
FAULTS = {"ok", "failed", "gate_failed", "too_little_data", "timed_out", "interrupted", "out_of_memory", "disk_full", "cancelled",
          "missing_input", "lost_output"}

problems = []


def problem(text):
    problems.append(text)


def file_digest(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(1 << 18), b""):
            digest.update(piece)
    return digest.hexdigest()


def tree_digest(path):
    """The content digest of an output as docs/formats.md has it: of a folder, over its sorted relative paths and what stands there."""
    if not os.path.isdir(path):
        return file_digest(path)
    entries = []
    for folder, folders, files in os.walk(path):
        entries += [os.path.join(folder, name) for name in folders + files]
    digest = hashlib.sha256()
    for entry in sorted(entries, key=lambda e: [part.encode() for part in e.split("/")]):
        if os.path.isdir(entry) and not os.path.islink(entry):
            content = "folder"
        elif os.path.islink(entry) and not os.path.isfile(entry):
            content = "link " + os.readlink(entry)
        else:
            content = file_digest(entry)
        digest.update(os.path.relpath(entry, path).encode() + b"\0" + content.encode() + b"\n")
    return digest.hexdigest()


def read_json(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError) as error:
        problem(f"{path}: no sound JSON: {error}")
        return {}


def check_layout(home):
    allowed = [re.compile(pattern) for pattern in ALLOWED]
    for folder, folders, files in os.walk(home):
        for name in folders + files:
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, home) + ("/" if os.path.isdir(path) and not os.path.islink(path) else "")
            if not any(pattern.fullmatch(relative) for pattern in allowed):
                problem(f"{relative}: nothing of this name may be left")
    for empty in ("blobs/incoming", "cache/scratch"):
        if os.path.isdir(os.path.join(home, empty)) and os.listdir(os.path.join(home, empty)):
            problem(f"{empty}: not empty: {os.listdir(os.path.join(home, empty))}")


def check_outputs(out, outputs, where):
    for output in outputs:
        path = os.path.join(out, output["path"])
        if not os.path.exists(path):
            problem(f"{where}: output '{output['path']}' is gone")
        elif tree_digest(path) != output["digest"]:
            problem(f"{where}: output '{output['path']}' does not have its digest")
    declared = [os.path.join(out, output["path"]) for output in outputs]
    for folder, _, files in os.walk(out):
        for name in files:
            path = os.path.join(folder, name)
            if not any(path == one or path.startswith(one + "/") for one in declared):
                problem(f"{where}: '{path}' belongs to no output")


def read_journal(path):
    """The events; lines that a crash tore are skipped, as every reader must."""
    events = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                events.append(event)
    return events


def check_run(folder, power_was_lost=False):
    name = os.path.basename(folder)
    run = read_json(os.path.join(folder, "run.json"))
    if run.get("run") != name:
        problem(f"{name}: its record says that it is '{run.get('run')}'")
    if run.get("state") not in RUN_STATES:
        problem(f"{name}: state '{run.get('state')}' of a run that nobody runs")
    read_json(os.path.join(folder, "lease.json"))
    with open(os.path.join(folder, "lock"), "rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            problem(f"{name}: somebody holds its lock")
    journal = read_journal(os.path.join(folder, "journal.jsonl"))
    steps = {step["name"]: step for step in run.get("steps", [])}
    on_disk = set(os.listdir(os.path.join(folder, "steps"))) if os.path.isdir(os.path.join(folder, "steps")) else set()
    for step_name in on_disk - set(steps):
        problem(f"{name}: step folder '{step_name}' is in no record")
    for step_name in on_disk & set(steps):
        step, where = steps[step_name], f"{name} {step_name}"
        step_folder = os.path.join(folder, "steps", step_name)
        numbers = sorted(int(entry[8:]) for entry in os.listdir(step_folder) if entry.startswith("attempt-"))
        recorded = [attempt["attempt"] for attempt in step["attempts"]]
        if recorded != list(range(1, len(recorded) + 1)):
            problem(f"{where}: attempts {recorded} have gaps")
        if recorded != numbers and not (power_was_lost and set(numbers) <= set(recorded)):  # their logs are not durable
            problem(f"{where}: the record has attempts {[attempt['attempt'] for attempt in step['attempts']]}, the folder {numbers}")
        own = [event for event in journal if event.get("step", event.get("name")) == step["name"]]
        for attempt in step["attempts"]:
            said = [event for event in own if event.get("attempt") == attempt["attempt"]]
            if not said or said[0]["event"] != "intent" or said[-1]["event"] != "result":
                problem(f"{where}: the journal says {[event['event'] for event in said]} of attempt {attempt['attempt']}")
            elif {key: value for key, value in said[-1].items() if key not in ("event", "step")} != attempt:
                problem(f"{where}: journal and record of attempt {attempt['attempt']} differ")
            if attempt.get("result") not in FAULTS:
                problem(f"{where}: attempt {attempt['attempt']} ended as '{attempt.get('result')}'")
        states = [event for event in own if event["event"] == "state"]
        if step["state"] in DONE_STATES and (not states or states[-1]["state"] != step["state"]):
            problem(f"{where}: the journal ends with {[event['state'] for event in states][-1:]}, run.json with '{step['state']}'")
        if step["state"] in ("ok", "reused", "kept", "fell_back"):
            check_outputs(os.path.join(step_folder, "out"), step["outputs"], where)
        if step["state"] in DONE_STATES and step["attempts"] and step["state"] == "ok" and step["attempts"][-1]["result"] != "ok":
            problem(f"{where}: ok, but its last attempt is '{step['attempts'][-1]['result']}'")
        checkpoint = os.path.join(step_folder, "checkpoint")
        if step["state"] in DONE_STATES and os.path.isdir(checkpoint) and os.listdir(checkpoint):
            problem(f"{where}: done, but checkpoints are left: {os.listdir(checkpoint)}")


def check_cache(home):
    results = os.path.join(home, "cache", "results")
    for prefix in os.listdir(results) if os.path.isdir(results) else []:
        for key in os.listdir(os.path.join(results, prefix)):
            folder = os.path.join(results, prefix, key)
            entry = read_json(os.path.join(folder, "entry.json"))
            check_outputs(os.path.join(folder, "out"), entry.get("outputs", []), f"cache {key[:12]}")
    for folder, _, files in os.walk(os.path.join(home, "cache", "last")):
        for name in files:
            read_json(os.path.join(folder, name))
    if os.path.exists(os.path.join(home, "cache", "tools.json")):
        read_json(os.path.join(home, "cache", "tools.json"))


def check_registry(home):
    file = os.path.join(home, "registry.db")
    if not os.path.exists(file):
        return {}
    database = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
    rows = lambda sql, *values: database.execute(sql, values).fetchall()
    for (line,) in rows("PRAGMA integrity_check"):
        if line != "ok":
            problem(f"registry: {line}")
    for row in rows("PRAGMA foreign_key_check"):
        problem(f"registry: a row of '{row[0]}' belongs to nothing")
    wanted = set()
    found = {}
    for model, name, next_number in rows("SELECT id, name, next_number FROM model"):
        numbers = [number for (number,) in rows("SELECT number FROM version WHERE model = ? ORDER BY number", model)]
        if numbers != list(range(1, next_number)):
            problem(f"registry: model '{name}' has versions {numbers}, its next number is {next_number}")
        if not numbers:
            problem(f"registry: model '{name}' has no version")
        aliases = {}
        for alias, version, owner, removed in rows("SELECT a.name, v.number, v.model, v.removed FROM alias a JOIN version v ON v.id = a.version WHERE a.model = ?", model):
            aliases[alias] = version
            if owner != model or removed is not None:
                problem(f"registry: alias '{name}@{alias}' points at a removed version or at another model")
        found[name] = {"versions": len(numbers), "aliases": aliases}
    for version, name, number, digest, purged in rows("SELECT v.id, m.name, v.number, v.digest, v.purged FROM version v JOIN model m ON m.id = v.model"):
        where = f"registry: {name}/{number}"
        files = rows("SELECT role, path, digest, bytes FROM file WHERE version = ?", version)
        if not files:
            problem(f"{where} has no file")
        lines = sorted(f"{role}\0{path}\0{file_sha}\n".encode() for role, path, file_sha, _ in files)
        if hashlib.sha256(b"".join(lines)).hexdigest() != digest:
            problem(f"{where}: its files do not add up to its digest")
        texts = rows("SELECT digest, text FROM metadata WHERE version = ?", version)
        if len(texts) != 1 or hashlib.sha256(texts[0][1].encode()).hexdigest() != texts[0][0]:
            problem(f"{where}: its model.json is not there once with its digest")
        else:
            json.loads(texts[0][1])
        if not rows("SELECT 1 FROM event WHERE version = ?", version):
            problem(f"{where}: no event tells of it")
        verdicts = [(sha, None) for (sha,) in rows("SELECT digest FROM verdict WHERE version = ? AND digest IS NOT NULL", version)]
        for sha, size in [(sha, size) for _, _, sha, size in files] + verdicts:
            if purged is not None:
                continue
            wanted.add(sha)
            path = os.path.join(home, "blobs", "sha256", sha[:2], sha)
            if not os.path.isfile(path):
                problem(f"{where}: blob {sha[:12]} is missing")
            elif size is not None and os.path.getsize(path) != size:
                problem(f"{where}: blob {sha[:12]} has {os.path.getsize(path)} bytes, not {size}")
        if len(verdicts) != len(set(verdicts)):
            problem(f"{where}: a verdict is there twice")
        found[name].setdefault("verdicts", {})[number] = len(rows("SELECT 1 FROM verdict WHERE version = ?", version))
    for folder, _, files in os.walk(os.path.join(home, "blobs", "sha256")):
        for name in files:
            if file_digest(os.path.join(folder, name)) != name:
                problem(f"registry: blob {name[:12]} does not have its digest")
            if name not in wanted:
                problem(f"registry: blob {name[:12]} belongs to no version")
    return found


def check(home, power_was_lost=False):
    """All problems, and what the registry holds: {model: {versions, aliases, verdicts}}."""
    problems.clear()
    check_layout(home)
    runs = os.path.join(home, "runs")
    numbers = []
    for entry in sorted(os.listdir(runs)) if os.path.isdir(runs) else []:
        if not entry.startswith("."):
            check_run(os.path.join(runs, entry), power_was_lost)
            numbers.append(int(entry.rsplit("-", 1)[1]))
    if numbers:
        with open(os.path.join(runs, ".last-number"), encoding="utf-8") as file:
            text = file.read().strip()
        last = int(text) if text.isdigit() else 0
        if len(set(numbers)) != len(numbers) or max(numbers) > last:
            problem(f"runs have numbers {sorted(numbers)}, the last one given is {last}")
    if not power_was_lost:  # what a loss of power tears in the cache is found out when it is wanted
        check_cache(home)
    found = check_registry(home)
    return list(problems), found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home")
    given = parser.parse_args()
    found, _ = check(given.home)
    for text in found:
        print(text)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
