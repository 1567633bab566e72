"""hostile_models_test.py CUPEL: model files that want to break the one who loads them. Each is refused by `cupel predict` with the file, a reason and
exit status 2, within bounded memory and time; those that are ONNX by `cupel models add` too, unless only a run can tell. Sound ones next to them are accepted,
so that no refusal is a matter of the writer."""
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

from onnx_wire import *

CUPEL = os.path.realpath(sys.argv[1])
MEMORY_BYTES = 3 << 30  # address space of a whole process, ONNX Runtime included
failures = []
W = floats("w", [1], [2.0])
MUL = node("Mul", ["x", "w"], ["y"])


def cupel(*words, home="home"):
    begin = time.monotonic()
    done = subprocess.run([CUPEL, *words], capture_output=True, text=True, timeout=100, env={**os.environ, "CUPEL_HOME": home},
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES)))
    return done.returncode, done.stdout + done.stderr, time.monotonic() - begin


def check(holds, *what):
    if not holds:
        failures.append(" ".join(map(str, what)))


def made_big(op, shape, **more):
    """y = x * sum of what `op` makes of a constant shape."""
    return scorer([node(op, ["s"] if op == "ConstantOfShape" else ["w", "s"], ["big"], **more), node("ReduceSum", ["big"], ["sum"], [attribute("keepdims", i=0)]), node("Mul", ["x", "sum"], ["y"])], [int64s("s", shape), W])


def nest(depth):
    inner = graph([node("Identity", ["x"], ["out"])], outputs=[value("out", FLOAT, ["rows", 1])])
    for _ in range(depth):
        inner = graph([node("If", ["c"], ["out"], [attribute("then_branch", g=inner), attribute("else_branch", g=inner if _ == 0 else graph([node("Identity", ["x"], ["out"])], outputs=[value("out", FLOAT, ["rows", 1])]))])], outputs=[value("out", FLOAT, ["rows", 1])])
    return inner


def loop(turns, condition_from="c"):
    body = graph([node("Identity", ["cond_in"], ["cond_out"]), node("Mul", ["v_in", "one"], ["v_out"])], [floats("one", [1], [1.0])],
                 [value("i", INT64, []), value("cond_in", 9, []), value("v_in", FLOAT, ["rows", 1])], [value("cond_out", 9, []), value("v_out", FLOAT, ["rows", 1])], "body")
    return scorer([node("Loop", ["n", "c", "x"], ["y"], [attribute("body", g=body)])], [scalar_int64("n", turns), tensor("c", [], 9, b"\1")])


def outside(location, **more):
    return scorer([MUL], [tensor("w", [1], outside={"location": location, **{key: str(v) for key, v in more.items()}})])


sound = scorer([MUL], [W])
# name: (bytes, words of the reason, also refused when it is added)
HOSTILE = {
    "huge_sizes": (scorer([MUL], [tensor("w", [1 << 20, 1 << 20, 1 << 20], raw=b"\0" * 4)]), "has the shape [1048576, 1048576, 1048576]", True),
    "sizes_overflow_to_small": (scorer([MUL], [tensor("w", [1 << 32, 1 << 32], raw=b"")]), "has the shape [4294967296, 4294967296]", True),
    "negative_size": (scorer([MUL], [tensor("w", [-1], raw=b"\0" * 4)]), "has the shape [-1]", True),
    "two_negative_sizes": (scorer([MUL], [tensor("w", [-1, -1], raw=b"\0" * 4)]), "has the shape [-1, -1]", True),
    "too_few_bytes": (scorer([MUL], [tensor("w", [1000], raw=b"\0" * 4)]), "needs 4000 bytes, it has 4", True),
    "too_many_bytes": (scorer([MUL], [tensor("w", [1], raw=b"\0" * 400)]), "needs 4 bytes, it has 400", True),
    "no_values_at_all": (scorer([MUL], [tensor("w", [1 << 40])]), "it has 0", True),
    "unknown_type": (scorer([MUL], [tensor("w", [1], 99, raw=b"\0" * 4)]), "of the unknown type 99", True),
    "tensor_twice": (scorer([MUL], [W, floats("w", [1], [3.0])]), "tensor 'w' is there twice", True),
    "two_graphs": (sound + text(7, graph([], [W])), "not an ONNX model", False),
    "deep_subgraphs": (scorer([node("If", ["c"], ["y"], [attribute("then_branch", g=nest(40)), attribute("else_branch", g=nest(1))])], [tensor("c", [], 9, b"\1")]), "nested deeper than 16", True),
    "very_deep_subgraphs": (scorer([node("If", ["c"], ["y"], [attribute("then_branch", g=nest(900)), attribute("else_branch", g=nest(1))])], [tensor("c", [], 9, b"\1")]), "nested deeper than 16", True),
    "operators_of_its_own": (sound + text(25, text(1, "f")), "functions of its own", True),
    "foreign_operator": (scorer([node("Shell", ["x"], ["y"], domain="com.example")], domains=["com.example"]), "operator 'Shell' of the domain 'com.example'", True),
    "opset_from_the_future": (scorer([MUL], [W], opset=5000), "version 5000 of the operator set 'ai.onnx'", True),
    "opset_negative": (scorer([MUL], [W], opset=-3), "version -3", True),
    "opset_nobody_has": (scorer([MUL], [W], opset=900), "not a model that can run", False),
    "constant_of_billions": (made_big("ConstantOfShape", [100_000, 100_000]), "makes a tensor of 10,000,000,000 elements", True),
    "constant_of_overflow": (made_big("ConstantOfShape", [1 << 40, 1 << 40]), "the shape [1099511627776, 1099511627776]", True),
    "constant_of_negative_shape": (made_big("ConstantOfShape", [-5]), "the shape [-5]", True),
    "expanded_to_billions": (made_big("Expand", [5_000_000_000]), "makes a tensor of 5,000,000,000 elements", True),
    "tiled_to_billions": (made_big("Tile", [5_000_000_000]), "makes a tensor of 5,000,000,000 elements", True),
    # The shape is computed, so that only the limits of the run can refuse it.
    "billions_in_two_steps": (scorer([node("Mul", ["s", "s"], ["t"]), node("ConstantOfShape", ["t"], ["big"]), node("ReduceSum", ["big"], ["sum"], [attribute("keepdims", i=0)]), node("Mul", ["x", "sum"], ["y"])], [int64s("s", [200_000])]), "", False),
    "range_of_billions": (scorer([node("Range", ["a", "b", "d"], ["big"]), node("ReduceSum", ["big"], ["sum"], [attribute("keepdims", i=0)]), node("Mul", ["x", "sum"], ["y"])],
                                 [floats("a", [], [0.0]), floats("b", [], [2e10]), floats("d", [], [1.0])]), "", False),
    "endless_loop": (loop(1 << 62), "makes 4,611,686,018,427,387,904 turns", True),
    "cycle": (scorer([node("Add", ["x", "b"], ["a"], name="one"), node("Add", ["a", "w"], ["b"], name="two"), node("Mul", ["a", "w"], ["y"])], [W]), "not a model that can run", False),
    "missing_tensor": (scorer([MUL]), "not a model that can run", False),
    "value_twice": (scorer([MUL, node("Mul", ["x", "w"], ["y"], name="again")], [W]), "not a model that can run", False),
    "no_output": (model(graph([MUL], [W], [X], [])), "", False),
    "empty": (b"", "empty", False),
    "a_table": (b"a,b\n1,2\n", "not an ONNX model", False),
    "cut_off": (sound[:-3], "not an ONNX model", False),
    "outside_nowhere": (outside("nowhere.bin"), "missing file", True),
    "outside_climbs": (outside("../secret.bin"), "stays inside the model's folder", True),
    "outside_climbs_within": (outside("a/../../secret.bin"), "stays inside the model's folder", True),
    "outside_absolute": (outside("/etc/hostname"), "stays inside the model's folder", True),
    "outside_of_the_process": (outside("/proc/self/environ"), "stays inside the model's folder", True),
    "outside_by_symbolic_link": (outside("link.bin"), "symbolic link", True),
    "outside_by_linked_folder": (outside("folder/secret.bin"), "symbolic link", True),
    "outside_by_hard_link": (outside("hard.bin"), "hard links", True),
    "outside_in_a_pipe": (outside("pipe.bin"), "not a regular file", True),
    "outside_in_a_folder": (outside("inner"), "not a regular file", True),
    "outside_without_name": (scorer([MUL], [tensor("w", [1], outside={"offset": "0"})]), "another file that has no name", True),
    "outside_beyond_the_end": (outside("small.bin", offset=4), "takes 4 bytes from 4 on of 'small.bin', which has 4", True),
    "outside_far_beyond": (outside("small.bin", offset=(1 << 63) - 1), "which has 4", True),
    "outside_negative_offset": (outside("small.bin", offset=-4), "offset '-4', expected a whole number", True),
    "outside_wrong_length": (outside("small.bin", length=1 << 40), "needs 4 bytes, its length in another file is 1099511627776", True),
    "outside_and_inside": (scorer([MUL], [tensor("w", [1], raw=b"\0" * 4, outside={"location": "small.bin"})]), "in another file and in this one too", True),
    "outside_control_characters": (outside("a\x1b[31m\n.bin"), "control character", True),
}


def main():
    pathlib.Path("secret.bin").write_bytes(b"\0\0\0\x40")
    pathlib.Path("data.csv").write_text("x\n1\n2.5\n")
    folder = pathlib.Path("model")
    (folder / "inner").mkdir(parents=True)
    (folder / "small.bin").write_bytes(b"\0\0\0\x40")
    (folder / "link.bin").symlink_to("../secret.bin")
    (folder / "folder").symlink_to("..")
    os.link("secret.bin", folder / "hard.bin")
    os.mkfifo(folder / "pipe.bin")

    for name, (content, reason, added_too) in HOSTILE.items():
        file = folder / f"{name}.onnx"
        file.write_bytes(content)
        status, said, seconds = cupel("predict", str(file), "--data", "data.csv", "-o", "out.csv", "--quiet")
        check(status == 2 and reason in said and file.name in said and len(said) < 1000 and "\x1b" not in said, f"predict {name}: {status} {said!r}")
        check(seconds < 30, f"predict {name}: {seconds:.0f} s")
        check(not os.path.exists("out.csv"), f"predict {name}: left an answer")
        status, said, seconds = cupel("models", "add", str(file), "--name", "hostile")
        if added_too:
            check(status == 2 and reason in said and file.name in said, f"add {name}: {status} {said!r}")
            check(seconds < 10, f"add {name}: {seconds:.0f} s")
        else:
            check(status == 0, f"add {name}: {status} {said!r}")
            status, said, seconds = cupel("predict", "hostile", "--data", "data.csv", "-o", "out.csv", "--quiet")
            check(status == 2 and reason in said, f"predict {name} by id: {status} {said!r}")

    # What is sound is taken, whole: its tensors in files are versioned, verified and exported with it.
    (folder / "sub").mkdir()
    (folder / "sub" / "w.bin").write_bytes(b"\0" * 8 + b"\0\0\0\x40")
    (folder / "sound.onnx").write_bytes(sound)
    (folder / "apart.onnx").write_bytes(outside("sub/w.bin", offset=8, length=4))
    (folder / "turns.onnx").write_bytes(loop(10))
    answers = {}
    for name in ("sound", "apart", "turns"):
        status, said, _ = cupel("predict", f"model/{name}.onnx", "--data", "data.csv", "-o", f"{name}.csv", "--quiet")
        check(status == 0, f"{name}: {status} {said!r}")
        answers[name] = pathlib.Path(f"{name}.csv").read_text() if status == 0 else None
    check(answers["sound"] == "row,prediction\n0,2\n1,5\n", f"sound: {answers['sound']!r}")
    check(answers["apart"] == answers["sound"], f"apart: {answers['apart']!r}")

    status, said, _ = cupel("models", "add", "model/apart.onnx", "--name", "apart")
    check(status == 0, f"add apart: {said!r}")
    _, said, _ = cupel("models", "show", "apart", "--json", "-")
    files = {entry["role"]: entry["path"] for entry in json.loads(said)["files"]}
    check(files == {"model": "apart.onnx", "tensors": "sub/w.bin"}, files)
    (folder / "sub" / "w.bin").unlink()
    status, said, _ = cupel("predict", "apart/1", "--data", "data.csv", "-o", "by_id.csv", "--quiet")
    check(status == 0 and pathlib.Path("by_id.csv").read_text() == answers["sound"], f"by id: {said!r}")
    for target in ("exported", "exported.tar"):
        check(cupel("models", "export", "apart/1", "-o", target)[0] == 0, f"export {target}")
        home = f"home_{target}"
        status, said, _ = cupel("models", "import", target, home=home)
        check(status == 0, f"import {target}: {said!r}")
        status, said, _ = cupel("predict", "apart/1", "--data", "data.csv", "-o", "there.csv", "--quiet", home=home)
        check(status == 0 and pathlib.Path("there.csv").read_text() == answers["sound"], f"predict after import of {target}: {said!r}")
    check(cupel("models", "load", "apart/1", "-o", "loaded")[0] == 0 and pathlib.Path("loaded/sub/w.bin").read_bytes()[8:] == b"\0\0\0\x40", "load")
    check(cupel("predict", "loaded", "--data", "data.csv", "-o", "from_folder.csv", "--quiet")[0] == 0, "predict from the loaded folder")
    # A version whose tensors were altered is refused, whoever reads it.
    digest = next(entry["digest"] for entry in json.loads(cupel("models", "show", "apart", "--json", "-")[1])["files"] if entry["role"] == "tensors")[7:]
    blob = pathlib.Path("home/blobs/sha256") / digest[:2] / digest
    blob.chmod(0o644)
    blob.write_bytes(b"\1" * 12)
    for words in (("predict", "apart/1", "--data", "data.csv", "-o", "no.csv"), ("models", "export", "apart/1", "-o", "no"), ("models", "load", "apart/1", "-o", "no")):
        status, said, _ = cupel(*words)
        check(status == 2 and "altered after it was stored" in said, f"{words}: {status} {said!r}")
    check(cupel("models", "verify", "apart/1")[0] == 1, "verify")
    # Operators of other domains are taken when the caller says so, and then still need their library.
    check(cupel("models", "add", "model/foreign_operator.onnx", "--name", "foreign", "--allow-custom-operators")[0] == 0, "add --allow-custom-operators")
    status, said, _ = cupel("predict", "foreign", "--data", "data.csv", "-o", "no.csv")
    check(status == 2 and "operator 'Shell' of the domain 'com.example'" in said, f"foreign: {said!r}")
    status, said, _ = cupel("predict", "foreign", "--data", "data.csv", "-o", "no.csv", "--custom-operators", "none.so")
    check(status == 2 and "--custom-operators: missing file 'none.so'" in said, f"custom: {said!r}")

    for failure in failures:
        print(failure)
    print(f"{len(HOSTILE)} hostile models, {len(failures)} failures")
    return 1 if failures else 0


with tempfile.TemporaryDirectory(prefix="cupel-hostile") as scratch:
    os.chdir(scratch)
    sys.exit(main())
