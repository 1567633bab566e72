#!/usr/bin/env python3
"""behaviour_test.py CUPEL SHIM: what happens around real runs: two runners, stopped processes, signals, daemons, endless logs, no memory, a reboot, a
full disk, a read-only folder, an input that goes, a clock that goes back. Each has its class and its words, and leaves no process."""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

from kill_anywhere import await_no_process, descendants

cupel, shim = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
PATIENCE_SECONDS = 60


class Case:
    def __init__(self, folder, steps):
        self.folder, self.home = folder, os.path.join(folder, "home")
        with open(os.path.join(folder, "case.yaml"), "w", encoding="utf-8") as file:
            file.write("cupel: 1\nflow: case\nsteps:\n" + steps)
        self.environment = dict(os.environ, CUPEL_HOME=self.home)

    def start(self, *words, **settings):
        words = words or (os.path.join(self.folder, "case.yaml"),)
        return subprocess.Popen([cupel, "run", *words, "--quiet"], env=dict(self.environment, **settings.pop("variables", {})), cwd=self.folder, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **settings)

    def end(self, process):
        """Status and words."""
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
        await_no_process(self.home, "the end")
        return process.returncode, said

    def run(self, *words, **settings):
        return self.end(self.start(*words, **settings))

    def resume(self):
        return self.run("--resume", "last")

    def step(self, name="a"):
        with open(os.path.join(self.home, "runs", "case-1", "run.json"), encoding="utf-8") as file:
            return next(step for step in json.load(file)["steps"] if step["name"] == name)

    def path(self, *parts):
        return os.path.join(self.home, "runs", "case-1", "steps", *parts)

    def await_file(self, path):
        until = time.monotonic() + PATIENCE_SECONDS
        while not os.path.exists(path):
            assert time.monotonic() < until, f"{path} did not appear"
            time.sleep(0.01)

    def await_step(self):
        """Until the step's command has said that it runs."""
        self.await_file(os.path.join(self.folder, "runs"))


def equal(got, wanted, what):
    assert got == wanted, f"{what}: {got!r}, expected {wanted!r}"


def says(text, *words):
    for word in words:
        assert word.lower() in text.lower(), f"'{word}' is not said in:\n{text}"


def a_second_runner_of_the_same_run_is_refused_by_name_of_the_first(folder):
    case = Case(folder, "  a: {run: touch runs; sleep 3}\n")
    first = case.start()
    case.await_step()
    second = case.start("--resume", "last")
    said, _ = second.communicate(timeout=PATIENCE_SECONDS)
    status = second.returncode
    equal(status, 2, "status of the second")
    says(said, "case-1", "is being run by process", str(first.pid))
    equal(case.end(first)[0], 0, "status of the first")


def a_stopped_step_meets_its_timeout(folder):
    case = Case(folder, '  a: {run: "touch runs; kill -STOP $$; sleep 60", timeout: 1s}\n')
    status, said = case.run("case.yaml", "--grace", "0.3")
    equal((status, case.step()["fault"]), (2, "timed_out"), "end")
    says(said, "longer than its timeout of 1")


def a_stopped_keeper_does_not_keep_a_run_from_being_stopped(folder):
    case = Case(folder, '  a: {run: "touch runs; sleep 60"}\n')
    process = case.start()
    case.await_step()
    keeper = next(pid for pid, name in descendants(process.pid).items() if name == "cupel-keeper")
    os.kill(keeper, signal.SIGSTOP)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    equal(case.end(process)[0], 143, "status")


def a_stopped_keeper_does_not_outlive_a_killed_runner(folder):
    case = Case(folder, '  a: {run: "touch runs; test -e go || sleep 60"}\n')
    process = case.start()
    case.await_step()
    keeper = next(pid for pid, name in descendants(process.pid).items() if name == "cupel-keeper")
    os.kill(keeper, signal.SIGSTOP)
    process.kill()
    process.wait()
    await_no_process(case.home, "the death of the runner")
    open(os.path.join(folder, "go"), "w").close()
    equal(case.resume()[0], 0, "status when resumed")


def signals_cancel_and_a_second_one_kills(folder):
    for number, (kind, status) in enumerate(((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 130))):
        for twice in (False, True):
            below = os.path.join(folder, f"{number}{twice}")
            os.mkdir(below)
            # Without the second signal the command ends by itself at the first; with it, it hears nothing but SIGKILL.
            case = Case(below, f"""  a: {{run: "trap {"''" if twice else "'exit 3'"} INT TERM HUP; touch runs; while :; do sleep 0.05; done"}}\n""")
            process = case.start()
            case.await_step()
            process.send_signal(kind)
            if twice:
                time.sleep(0.3)
                process.send_signal(kind)
            began = time.monotonic()
            equal(case.end(process)[0], status, f"status after {kind.name}")
            assert time.monotonic() - began < 8, "the second signal did not cut the grace period of 10 s short"
            equal(case.step()["fault"], "cancelled", "class")


def a_run_goes_on_when_nobody_reads_what_it_says(folder):
    case = Case(folder, '  a: {run: "touch runs; sleep 0.5"}\n  b: {run: "true", after: [a]}\n')
    process = subprocess.Popen([cupel, "run", os.path.join(folder, "case.yaml")], env=case.environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    case.await_step()
    process.stdout.close()
    process.stderr.close()
    process.wait(timeout=PATIENCE_SECONDS)
    equal((case.step()["state"], case.step("b")["state"]), ("ok", "ok"), "steps")


def daemons_of_a_step_do_not_outlive_it(folder):
    case = Case(folder, """  a: {run: "setsid sh -c 'sleep 300 & setsid sleep 300 & sleep 300' >/dev/null 2>&1 & (sleep 300 &) ; touch runs; sleep 0.3"}\n""")
    equal(case.run()[0], 0, "status")  # `end` has seen that no process is left
    assert case.step()["attempts"][0]["leftovers"] >= 3, case.step()


def a_step_that_ignores_sigterm_is_killed_after_its_grace(folder):
    case = Case(folder, """  a: {run: "trap '' TERM; touch runs; while :; do sleep 0.05; done", timeout: 1s}\n""")
    began = time.monotonic()
    status, _ = case.run("case.yaml", "--grace", "0.5")
    equal((status, case.step()["fault"]), (2, "timed_out"), "end")
    assert time.monotonic() - began < 20


def a_log_without_end_is_kept_by_its_head_and_tail(folder):
    megabytes = int(os.environ.get("CUPEL_LOG_MEGABYTES", "300"))
    case = Case(folder, f'  a: {{run: "yes 0123456789012345678901234567890 | head -c {megabytes}M; echo the end"}}\n')
    equal(case.run()[0], 0, "status")
    log = case.path("a", "attempt-1", "stdout.log")
    assert os.path.getsize(log) < 9 << 20, os.path.getsize(log)
    with open(log, "rb") as file:
        text = file.read()
    assert text.endswith(b"the end\n") and b" bytes left out]" in text


def memory_that_runs_out_is_told_from_a_kill(folder):
    python = "python3 -c 'x = [bytes(1 << 20) for _ in range(4000)]'"
    case = Case(folder, f"""  a: {{run: "{python}", limits: {{memory: 200M}}}}\n""")
    status, said = case.run()
    equal((status, case.step()["fault"]), (2, "out_of_memory"), "a limit")
    below = os.path.join(folder, "kill")
    os.mkdir(below)
    case = Case(below, '  a: {run: "kill -9 $$", on: {interrupted: {then: stop}}}\n')
    case.run()
    equal(case.step()["fault"], "interrupted", "a kill")


def a_run_of_before_the_reboot_is_interrupted_and_goes_on(folder):
    case = Case(folder, '  a: {run: "touch runs; test -e go || sleep 60"}\n')
    process = case.start()
    case.await_step()
    process.kill()
    process.wait()
    await_no_process(case.home, "the death of the runner")
    lease = os.path.join(case.home, "runs", "case-1", "lease.json")
    with open(lease, encoding="utf-8") as file:
        old = json.load(file)
    # The number now belongs to a living process of this boot, this very one.
    with open("/proc/self/stat", encoding="utf-8") as file:
        ticks = int(file.read().rsplit(")", 1)[1].split()[19])
    with open(lease, "w", encoding="utf-8") as file:
        json.dump(dict(old, pid=os.getpid(), start_ticks=ticks, boot_id="00000000-0000-0000-0000-000000000000"), file)
    shown = subprocess.run([cupel, "runs", "list"], env=case.environment, capture_output=True, text=True).stdout
    says(shown, "interrupted")
    open(os.path.join(folder, "go"), "w").close()
    equal(case.resume()[0], 0, "status")
    equal([attempt["result"] for attempt in case.step()["attempts"]], ["interrupted", "ok"], "attempts")


def a_full_disk_is_named_and_the_run_goes_on_when_there_is_space(folder):
    case = Case(folder, '  a: {run: "head -c 3000000 /dev/zero > ${out}/big", out: [big]}\n')
    os.mkdir(case.home)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", case.home], capture_output=True).returncode != 0:
        return "cannot mount a small disk here"
    try:
        status, said = case.run()
        equal((status, case.step()["fault"]), (2, "disk_full"), "end")
        says(said, "no space left on device")
        subprocess.run(["mount", "-o", "remount,size=20m", case.home], check=True)
        equal(case.resume()[0], 0, "status with space")
    finally:
        subprocess.run(["umount", "-l", case.home], check=True)


def a_limit_of_file_size_is_a_full_disk(folder):
    case = Case(folder, '  a: {run: "head -c 3000000 /dev/zero > ${out}/big", out: [big], limits: {file_size: 1M}}\n')
    equal(case.run()[0], 2, "status")
    equal(case.step()["fault"], "disk_full", "class")


def a_read_only_home_is_named(folder):
    case = Case(folder, '  a: {run: "true"}\n')
    equal(case.run()[0], 0, "status")
    if os.geteuid() == 0:
        os.chmod(folder, 0o755)
        status, said = case.run(user=65534)
        equal(status, 2, "status of a user who may not write")
        says(said, "permission denied", case.home)
        subprocess.run(["mount", "--bind", case.home, case.home], check=True)
        try:
            subprocess.run(["mount", "-o", "remount,bind,ro", case.home], check=True)
            status, said = case.run()
            equal(status, 2, "status on a read-only disk")
            says(said, "read-only file system", case.home)
            equal(subprocess.run([cupel, "runs", "list"], env=case.environment, capture_output=True).returncode, 0, "reading is possible")
        finally:
            subprocess.run(["umount", "-l", case.home], check=True)
        return None
    os.chmod(os.path.join(case.home, "runs"), 0o555)
    says(case.run()[1], "permission denied")
    return None


def an_input_that_goes_between_steps_is_named(folder):
    case = Case(folder, '  a: {run: "rm data.csv"}\n  b: {run: "cat data.csv", in: [data.csv], after: [a]}\n')
    open(os.path.join(folder, "data.csv"), "w").close()
    status, said = case.run()
    equal((status, case.step("b")["fault"]), (2, "missing_input"), "end")
    says(said, "data.csv")


def a_clock_that_goes_back_changes_nothing(folder):
    case = Case(folder, '  a: {run: "sleep 0.2", timeout: 20s}\n  b: {run: "test -e tried || { touch tried; exit 3; }", after: [a], on: {failed: {then: retry, tries: 1, delay: 100ms}}}\n')
    state = os.path.join(folder, "state")
    with open(state, "wb") as file:
        file.write(bytes(4096))
    began = time.monotonic()
    status, _ = case.run(variables={"LD_PRELOAD": shim, "SHIM_STATE": state, "SHIM_BENEATH": case.home, "SHIM_AT": "20", "SHIM_CLOCK": "-86400"})
    equal(status, 0, "status")
    assert time.monotonic() - began < 30
    with open(os.path.join(case.home, "runs", "case-1", "run.json"), encoding="utf-8") as file:
        run = json.load(file)
    assert 0.2 <= run["seconds"] < 30 and all(step["seconds"] >= 0 for step in run["steps"]), run["seconds"]
    assert run["ended"] < run["started"], "the clock was put back a day: the test itself works"
    equal(case.resume()[0], 0, "status when resumed by the right clock")


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    wanted = sys.argv[3:]
    failed = 0
    for name, case in list(globals().items()):
        if not callable(case) or getattr(case, "__module__", None) != "__main__" or not hasattr(case, "__code__") or case.__code__.co_varnames[:1] != ("folder",) or wanted and name not in wanted:
            continue
        began = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="cupel-behaviour.") as folder:
                skipped = case(folder)
            print(f"{'skipped: ' + skipped if skipped else 'ok'}: {name} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception as error:  # each case is told, whatever was wrong with another
            failed += 1
            print(f"FAILED: {name}: {type(error).__name__}: {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
