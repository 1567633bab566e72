"""served_input_test.py CUPEL FOLDER_OF_ONNX_WIRE: rows are refused, warned of or accepted by the schema of the model that is to score them: in words, in JSON and
by the exit status, for a folder and for a version of the registry."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

CUPEL = os.path.realpath(sys.argv[1])
sys.path.insert(0, os.path.realpath(sys.argv[2]))
from onnx_wire import *  # noqa: E402

failures = []
# y = 2 x; the other two are asked for and change nothing.
MODEL = model(graph([node("Mul", ["x", "w"], ["y"])], [floats("w", [1], [2.0])], [X, value("shop", STRING, ["rows", 1]), value("size", STRING, ["rows", 1])], [Y]))
CARD = {"format": 1, "name": "served", "kind": "regressor", "files": {"model": "model.onnx"},
        "inputs": [{"name": "x", "type": "number", "null_allowed": True, "nulls_seen": 0, "range": [0, 10]},
                   {"name": "shop", "type": "category", "null_allowed": True, "nulls_seen": 3, "categories": ["Berlin", "Wien"], "other_allowed": True},
                   {"name": "size", "type": "category", "null_allowed": False, "categories": ["S", "L"], "other_allowed": False}]}
# name: (rows of the data, status, with --strict, level, {kind: (column, level, count)}, words)
CASES = {
    "as_in_training": ("x,shop,size\n1,Berlin,S\n2,,L\n", 0, 0, "accepted", {}, []),
    "extra_column": ("x,shop,size,note\n1,Berlin,S,a\n", 0, 0, "accepted", {"extra_column": ("note", "accepted", None)}, []),
    "missing_columns": ("x,Shop\n1,Berlin\n", 2, 2, "refused", {"missing_column": ("shop", "refused", None), "extra_column": ("Shop", "accepted", None)}, ["no column 'shop', which the model reads (nearest: 'Shop')", "no column 'size'"]),
    "wrong_type": ("x,shop,size\none,Berlin,S\n2,Wien,S\n", 2, 2, "refused", {"wrong_type": ("x", "refused", None)}, ["column 'x' holds the text 'one' (row 0), the model takes numbers there"]),
    "number_for_text": ("x,shop,size\n1,7,S\n", 0, 2, "warned", {"unknown_category": ("shop", "warned", 1)}, ["1 of 1 row with a category in 'shop' that the model does not know; it takes them as 'other' ('7' in row 0)"]),
    "unknown_category": ("x,shop,size\n1,Berlin,S\n2,Graz,S\n3,Linz,S\n", 0, 2, "warned", {"unknown_category": ("shop", "warned", 2)}, ["2 of 3 rows with a category in 'shop'", "'Graz' in row 1, 'Linz' in row 2"]),
    "unknown_without_other": ("x,shop,size\n1,Berlin,S\n2,Wien,XL\n", 2, 2, "refused", {"unknown_category": ("size", "refused", 1)}, ["has no answer for ('XL' in row 1)"]),
    "null_never_seen": ("x,shop,size\n,Berlin,S\n2,Wien,S\n", None, 2, "warned", {"unseen_null": ("x", "warned", 1)}, ["without a value in column 'x'; training had none such (row 0)"]),
    "null_not_allowed": ("x,shop,size\n1,Berlin,\n", 2, 2, "refused", {"null": ("size", "refused", 1)}, ["without a value in column 'size', which the model needs (row 0)"]),
    "outside_range": ("x,shop,size\n1,Berlin,S\n11,Berlin,S\n", 0, 2, "warned", {"outside_range": ("x", "warned", 1)}, ["with 'x' outside of 0 to 10, the range of training ('11' in row 1)"]),
    "all_at_once": ("x,shop,note\n11,Graz,a\n", 2, 2, "refused", {"missing_column": ("size", "refused", None), "outside_range": ("x", "warned", 1), "unknown_category": ("shop", "warned", 1), "extra_column": ("note", "accepted", None)}, ["no column 'size'"]),
}


def cupel(*words):
    done = subprocess.run([CUPEL, *words], capture_output=True, text=True, timeout=60, env={**os.environ, "CUPEL_HOME": "home"})
    return done.returncode, done.stdout, done.stderr


def check(holds, *what):
    if not holds:
        failures.append(" ".join(map(str, what)))


def main():
    os.makedirs("model")
    pathlib.Path("model/model.onnx").write_bytes(MODEL)
    pathlib.Path("model/model.json").write_text(json.dumps(CARD))
    check(cupel("models", "add", "model")[0] == 0, "add")
    for name, (data, status, strict_status, level, kinds, words) in CASES.items():
        pathlib.Path("data.csv").write_text(data)
        for subject in ("model", "served/1"):
            out = pathlib.Path("out.csv")
            out.unlink(missing_ok=True)
            answered, _, said = cupel("predict", subject, "--data", "data.csv", "-o", "out.csv", "--json", "findings.json", "--quiet")
            place = f"{name} by {subject}: {answered} {said!r}"
            if status is not None:  # None: what the model makes of a missing number is not a matter of the check
                check(answered == status and out.exists() == (status == 0), place)
            for word in words:
                check(word in said, f"{place}: expected {word!r}")
            check(words or not said, f"{place}: expected no word")
            found = json.loads(pathlib.Path("findings.json").read_text())
            check(found["verdict"] == level and found["rows"] == data.count("\n") - 1, f"{place}: {found}")
            for kind, (column, its_level, count) in kinds.items():
                of_kind = [finding for finding in found["findings"] if finding["kind"] == kind]
                check(of_kind and (of_kind[0]["column"], of_kind[0]["level"], of_kind[0].get("count")) == (column, its_level, count), f"{place}: {kind} {of_kind}")
            check({finding["kind"] for finding in found["findings"]} == set(kinds), f"{place}: {found['findings']}")
            out.unlink(missing_ok=True)
            answered, _, said = cupel("predict", subject, "--data", "data.csv", "-o", "out.csv", "--strict", "--quiet")
            check(answered == strict_status and out.exists() == (strict_status == 0), f"{name} by {subject} --strict: {answered} {said!r}")
    # Only rows that are scored count, and rows keep their position in the data.
    pathlib.Path("data.csv").write_text("x,shop,size\n1,Berlin,XL\n2,Graz,S\n")
    answered, _, said = cupel("predict", "model", "--data", "data.csv", "--where", "x > 1", "-o", "out.csv", "--quiet")
    check(answered == 0 and "'Graz' in row 1" in said and "XL" not in said, f"--where: {answered} {said!r}")
    answered, printed, _ = cupel("predict", "model", "--data", "data.csv", "--where", "x > 1", "-o", "out.csv", "--json", "-", "--quiet")
    check(answered == 0 and json.loads(printed)["verdict"] == "warned", "--json -")
    for failure in failures:
        print(failure)
    print(f"{len(CASES)} cases, {len(failures)} failures")
    return 1 if failures else 0


with tempfile.TemporaryDirectory(prefix="cupel-served") as scratch:
    os.chdir(scratch)
    sys.exit(main())
