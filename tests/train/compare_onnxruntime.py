#!/usr/bin/env python3
"""Scores rows with plain ONNX Runtime and compares them with what `cupel predict` wrote.

    compare_onnxruntime.py MODEL.onnx DATA.csv SCORES.csv

Needs onnxruntime and numpy, nothing of Cupel and no custom operators. All rows go through the model in one call, with the default session
options: other batches and threads than Cupel's. Exit status 1 when a probability differs by more than 1e-6 or a decision differs.
"""
import csv
import sys

import numpy
import onnxruntime

LARGEST_DIFFERENCE = 1e-6


def column(rows, name, kind):
    values = [row[name] for row in rows]
    if kind == "tensor(string)":
        return numpy.array(values, dtype=object).reshape(-1, 1)
    return numpy.array([float(value) if value else float("nan") for value in values], dtype=numpy.float32).reshape(-1, 1)


def main(model, data, scores):
    csv.field_size_limit(1 << 30)
    with open(data, newline="", encoding="utf-8") as file:
        all_rows = list(csv.DictReader(file))
    with open(scores, newline="", encoding="utf-8") as file:
        expected = list(csv.DictReader(file))
    rows = [all_rows[int(line["row"])] for line in expected]
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    feed = {port.name: column(rows, port.name, port.type) for port in session.get_inputs()}
    label, probabilities = session.run(["label", "probabilities"], feed)
    theirs = probabilities[:, 1].astype(numpy.float64)
    ours = numpy.array([float(line["probability"]) for line in expected])
    difference = numpy.abs(theirs - ours)
    decisions = sum(str(a) != line["prediction"] for a, line in zip(label, expected))
    print(f"onnxruntime {onnxruntime.__version__}: {len(rows)} rows, largest difference {difference.max():.3g}, {decisions} decisions differ")
    return 0 if difference.max() <= LARGEST_DIFFERENCE and decisions == 0 and len(rows) > 0 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
