"""A model by scikit-learn, as a folder that cupel validates and registers like its own: model.onnx and model.json (docs/model_json.md).

The split is that of ../../reviews/train.yaml: the held-out products are the same, so both models can be compared on rows that neither has seen.
"""

import argparse
import csv
import hashlib
import json
import os
import sys

import numpy as np
import sklearn
import skl2onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

TARGET = "Recommended IND"
NUMBERS = ["Age"]
CATEGORIES = ["Division Name", "Department Name", "Class Name"]
TEXT = "Review Text"
SALT, SHARE = "cupel-cid", 0.20
MINIMUM_ROWS = 1000
TOO_LITTLE_DATA = 75  # what a flow takes for too_little_data


def is_held_out(group):
    """As `split` of a training configuration."""
    return int(hashlib.sha256(f"{SALT}:{group}".encode()).hexdigest()[:8], 16) / 2**32 < SHARE


def read_rows(path):
    limit = int(os.environ.get("CUPEL_INJECT_ROWS") or sys.maxsize)  # an induced fault: fewer rows
    with open(path, newline="", encoding="utf-8") as file:
        rows = [row for _, row in zip(range(limit), csv.DictReader(file))]
    if len(rows) < MINIMUM_ROWS:
        print(f"{len(rows)} rows, expected at least {MINIMUM_ROWS}", file=sys.stderr)
        sys.exit(TOO_LITTLE_DATA)
    return rows


def columns_of(rows):
    """One object array with a column a feature, in the order of the model's inputs."""
    table = np.empty((len(rows), len(NUMBERS) + len(CATEGORIES) + 1), dtype=object)
    for i, row in enumerate(rows):
        table[i] = [float(row[name]) if row[name] else np.nan for name in NUMBERS] + [row[name] for name in CATEGORIES] + [row[TEXT]]
    return table


def restore_names(graph, names):
    """skl2onnx writes "Division Name" as Division_Name; the inputs of a model are named as the columns are."""
    written = {entry.name: name for entry, name in zip(graph.graph.input, names)}
    for entry in graph.graph.input:
        entry.name = written[entry.name]
    for node in graph.graph.node:
        node.input[:] = [written.get(name, name) for name in node.input]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--data", required=True)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("-o", "--output", required=True)
    options = arguments.parse_args()

    rows = read_rows(options.data)
    training = [row for row in rows if not is_held_out(row["Clothing ID"])]
    labels = np.array([row[TARGET] for row in training])
    first_category, text_column = len(NUMBERS), len(NUMBERS) + len(CATEGORIES)
    features = ColumnTransformer([
        ("numbers", Pipeline([("impute", SimpleImputer()), ("scale", StandardScaler())]), list(range(first_category))),
        ("categories", OneHotEncoder(handle_unknown="ignore"), list(range(first_category, text_column))),
        ("text", TfidfVectorizer(lowercase=True, token_pattern="[a-zA-Z]+", min_df=5), text_column),
    ])
    model = Pipeline([("features", features), ("classify", LogisticRegression(C=2.0, max_iter=1000, random_state=options.seed))])
    model.fit(columns_of(training), labels)

    inputs = [(name, FloatTensorType([None, 1])) for name in NUMBERS] + [(name, StringTensorType([None, 1])) for name in CATEGORIES + [TEXT]]
    # The locale "C" is on every machine; lowering letters needs no other.
    exports = {id(model): {"zipmap": False}, TfidfVectorizer: {"locale": "C"}}
    graph = skl2onnx.to_onnx(model, initial_types=inputs, options=exports, target_opset={"": 17, "ai.onnx.ml": 3})
    restore_names(graph, [name for name, _ in inputs])
    os.makedirs(options.output)
    with open(os.path.join(options.output, "model.onnx"), "wb") as file:
        file.write(graph.SerializeToString())
    with open(options.data, "rb") as file:
        data_digest = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    card = {
        "format": 1,
        "name": "reviews-sklearn",
        "kind": "classifier",
        "estimator": "sklearn.LogisticRegression",
        "files": {"model": "model.onnx"},
        "inputs": [{"name": name, "type": "number", "null_allowed": True} for name in NUMBERS]
        + [{"name": name, "type": "category", "null_allowed": True, "other_allowed": True, "categories": sorted({row[name] for row in training if row[name]})} for name in CATEGORIES]
        + [{"name": TEXT, "type": "text", "null_allowed": True}],
        "target": {"column": TARGET, "classes": [str(name) for name in model.classes_], "positive": "1"},
        "dependencies": [{"name": "scikit-learn", "version": sklearn.__version__, "role": "training"}, {"name": "skl2onnx", "version": skl2onnx.__version__, "role": "training"}],
        "data": {"path": options.data, "digest": data_digest, "rows": len(rows), "split": {"by": "Clothing ID", "salt": SALT, "held_out": SHARE}},
        "seed": options.seed,
    }
    if os.environ.get("CUPEL_INJECTED"):
        card["injected"] = os.environ["CUPEL_INJECTED"]
    with open(os.path.join(options.output, "model.json"), "w", encoding="utf-8") as file:
        json.dump(card, file, indent=2, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main()
