#!/usr/bin/env python3
"""The cost of a flow's steps that do nothing, as whole processes: chains of 1, 3 and 1,000 steps, the rerun of a chain, and three steps beside Metaflow,
Prefect and ZenML in the same minutes. Wall time on a busy machine measures the others too, so processor time (with that of all children) stands beside it."""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

METAFLOW = """
from metaflow import FlowSpec, step
class ThreeFlow(FlowSpec):
    @step
    def start(self): self.next(self.middle)
    @step
    def middle(self): self.next(self.end)
    @step
    def end(self): pass
if __name__ == '__main__': ThreeFlow()
"""
PREFECT = """
from prefect import flow, task
@task
def one(): pass
@task
def two(): pass
@task
def three(): pass
@flow
def three_flow():
    one(); two(); three()
if __name__ == '__main__': three_flow()
"""
ZENML = """
from zenml import pipeline, step
@step(enable_cache=False)
def one() -> int: return 1
@step(enable_cache=False)
def two(x: int) -> int: return x
@step(enable_cache=False)
def three(x: int) -> int: return x
@pipeline(enable_cache=False)
def three_flow(): three(two(one()))
if __name__ == '__main__': three_flow()
"""


def timed(argv, environment, folder):
    """Wall and processor seconds of a whole process tree; the programs must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(argv, env=environment, cwd=folder, capture_output=True, text=True, errors="replace")
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise RuntimeError(f"{argv[:2]} ended with {done.returncode}: {(done.stdout + done.stderr)[-1500:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def chain(name, steps, outputs):
    """Steps that do nothing, each after the one before; with outputs, each reads what the one before has made."""
    lines = [f"cupel: 1\nflow: {name}\nsteps:"]
    for i in range(steps):
        if outputs:
            reads = f', in: ["${{s{i - 1}.out}}/v"]' if i else ""
            lines.append(f"  s{i}: {{run: \"echo {i} > ${{out}}/v\"{reads}, out: [v]}}")
        else:
            lines.append(f'  s{i}: {{run: [/bin/true, "{i}"]{f", after: [s{i - 1}]" if i else ""}}}')
    return "\n".join(lines) + "\n"


def line(what, measured, bar=None):
    walls, cpus = [m[0] for m in measured], [m[1] for m in measured]
    text = f"{what:<58} {statistics.median(walls):8.4f} s ({min(walls):.4f} to {max(walls):.4f}), CPU {statistics.median(cpus):.4f} s"
    print(text + (f"   bar: {bar}" if bar else ""), flush=True)


def main():
    cupel, rounds = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    peers = os.environ.get("CUPEL_PEERS", "")
    scratch = tempfile.mkdtemp(prefix="cupel-flow-speed.", dir=os.environ.get("CUPEL_BENCH_SCRATCH"))
    environment = dict(os.environ, CUPEL_HOME=os.path.join(scratch, "home"), HOME=scratch, USER=os.environ.get("USER", "bench"))
    homes = []
    flows = {"one": chain("one", 1, False), "three": chain("three", 3, False), "chain": chain("chain", 1000, False), "files": chain("files", 1000, True)}
    for name, text in flows.items():
        with open(os.path.join(scratch, f"{name}.yaml"), "w", encoding="utf-8") as file:
            file.write(text)

    def run(name, *words, fresh=False):
        if fresh:  # not by removing the old one: for some seconds after, ext4 looks in vain at each inode that was just given back
            homes.append(None)
            environment["CUPEL_HOME"] = os.path.join(scratch, f"home{len(homes)}")
        wall, cpu, said = timed([cupel, "run", f"{name}.yaml", "--quiet", *words], environment, scratch)
        if "all ok" not in said:
            raise RuntimeError(said)
        return wall, cpu

    try:
        ones, threes, chains, reruns, files, file_reruns = [], [], [], [], [], []
        for _ in range(rounds):
            ones.append(run("one", fresh=True))
            threes.append(run("three", fresh=True))
            chains.append(run("chain", fresh=True))
            reruns.append(run("chain"))
            files.append(run("files"))
            file_reruns.append(run("files"))
        line("a flow of one step", ones)
        line("a flow of three steps", threes)
        line("1,000 steps, one after the other", chains, "5 s")
        line("the same again, nothing to do", reruns, "0.3 s")
        line("1,000 steps, each reading the file of the one before", files, "5 s")
        line("the same again, nothing to do", file_reruns, "0.3 s")
        steps = [((c[0] - o[0]) / 999 * 1000, (c[1] - o[1]) / 999 * 1000) for c, o in zip(chains, ones)]
        print(f"{'one more durable step that does nothing':<58} {statistics.median(s[0] for s in steps):8.2f} ms ({min(s[0] for s in steps):.2f} to "
              f"{max(s[0] for s in steps):.2f}), CPU {statistics.median(s[1] for s in steps):.2f} ms   bar: 5 ms", flush=True)
        own = run_overheads(run, rounds)
        for name, environment_name, text, words in (("Metaflow", "venv_flow", METAFLOW, ["--quiet", "run"]), ("Prefect", "venv_flow", PREFECT, []), ("ZenML", "venv_zenml", ZENML, [])):
            python = os.path.join(peers, environment_name, "bin", "python")
            if not peers or not os.path.exists(python):
                print(f"{name}: not at hand ($CUPEL_PEERS/{environment_name})")
                continue
            program = os.path.join(scratch, f"{name.lower()}_flow.py")
            with open(program, "w", encoding="utf-8") as file:
                file.write(text)
            quiet = dict(environment, METAFLOW_HOME=scratch, PREFECT_HOME=os.path.join(scratch, "prefect"), PREFECT_LOGGING_LEVEL="ERROR", PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS="300", ZENML_CONFIG_PATH=os.path.join(scratch, "zenml"),
                         ZENML_ANALYTICS_OPT_IN="false", DO_NOT_TRACK="1", PYTHONWARNINGS="ignore", PREFECT_SERVER_ANALYTICS_ENABLED="false")
            try:
                timed([python, program, *words], quiet, scratch)  # the first one makes databases and byte code
                theirs, ratios, cpu_ratios = [], [], []
                for _ in range(max(2, rounds // 2)):
                    mine = run("three", "--no-cache")
                    theirs.append(timed([python, program, *words], quiet, scratch)[:2])
                    ratios.append(theirs[-1][0] / mine[0])
                    cpu_ratios.append(theirs[-1][1] / mine[1])
                line(f"{name}, three steps that do nothing", theirs)
                print(f"  against cupel in the same minute: {statistics.median(ratios):.0f} times the wall time ({min(ratios):.0f} to {max(ratios):.0f}), "
                      f"{statistics.median(cpu_ratios):.0f} times the CPU time   bar: 50 times", flush=True)
            except RuntimeError as error:
                print(f"{name}: {error}")
        line("cupel, the same three steps, in a home with runs", own)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def run_overheads(run, rounds):
    return [run("three", "--no-cache") for _ in range(rounds)]


if __name__ == "__main__":
    main()
