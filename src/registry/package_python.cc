// The files of an exported version by which Python loads it.

#include "base/json.h"
#include "base/text.h"
#include "registry/metadata_facts_internal.h"
#include "registry/package.h"

namespace cupel::registry {
namespace {

std::string model_path(const Version& version) {
  for (const StoredFile& file : version.files) {
    if (file.role == "model") return file.path;
  }
  return "model.onnx";
}

/// Version of the ONNX Runtime that the model was made for.
std::string onnxruntime_of(const Json& model) {
  const Json* libraries = fact_list(model, "dependencies");
  if (libraries == nullptr) return {};
  for (const Json& library : *libraries) {
    if (fact_text(library, "name") == "onnxruntime") return fact_text(library, "version");
  }
  return {};
}

/// Columns as MLflow's schema. Numbers are `any`: whole numbers of a table are welcome too, which MLflow would refuse where it says `double`;
/// the loader checks them.
std::string inputs_text(const Json& model) {
  Json columns = Json::array();
  if (const Json* inputs = fact_list(model, "inputs")) {
    for (const Json& input : *inputs) {
      const std::string type = fact_text(input, "type");
      columns.push_back({{"type", type == "text" || type == "category" ? "string" : "any"}, {"name", fact_text(input, "name")}, {"required", true}});
    }
  }
  return columns.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string outputs_text(const Version& version, const Json& model) {
  Json columns = Json::array();
  const bool classifier = version.kind != "regressor";
  columns.push_back({{"type", classifier ? "string" : "double"}, {"name", "prediction"}, {"required", true}});
  std::vector<std::string> classes;
  if (const auto target = model.find("target"); target != model.end()) {
    if (const Json* list = fact_list(*target, "classes")) {
      for (const Json& item : *list) classes.push_back(item.is_string() ? item.get<std::string>() : item.dump(-1, ' ', false, Json::error_handler_t::replace));
    }
  }
  if (classifier && classes.size() == 2) columns.push_back({{"type", "double"}, {"name", "probability"}, {"required", true}});
  if (classifier && classes.size() > 2) {
    for (const std::string& name : classes) columns.push_back({{"type", "double"}, {"name", "probability_" + name}, {"required", true}});
  }
  return columns.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// A text of JSON is one of YAML.
std::string quoted(const std::string& text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string mlmodel_file(const Version& version) {
  const Json model = metadata_json(version);
  const std::string path = model_path(version);
  std::string text;
  text += fmt::format("artifact_path: {}\n", quoted(version.name));
  text += "flavors:\n";
  text += fmt::format("  onnx:\n    code: code\n    data: {}\n    providers:\n    - CPUExecutionProvider\n", quoted(path));
  text += "  python_function:\n    code: code\n    data: model.json\n    env:\n      virtualenv: python_env.yaml\n    loader_module: cupel_model\n    python_version: 3.11.0\n";
  text += "metadata:\n";
  text += fmt::format("  cupel_id: {}\n  cupel_digest: {}\n", quoted(version.id()), quoted("sha256:" + version.digest));
  if (version.injected) text += fmt::format("  cupel_injected: {}\n", quoted(*version.injected));
  text += fmt::format("model_size_bytes: {}\n", version.bytes());
  text += fmt::format("model_uuid: {}\n", version.digest.substr(0, 32));
  if (fact_list(model, "inputs") != nullptr) {
    text += fmt::format("signature:\n  inputs: {}\n  outputs: {}\n  params: null\n", quoted(inputs_text(model)), quoted(outputs_text(version, model)));
  }
  std::string created = version.created;
  if (created.ends_with('Z')) created.pop_back();
  return text + fmt::format("utc_time_created: {}\n", quoted(replace_all(created, "T", " ")));
}

std::string requirements_file(const Version& version) {
  const std::string runtime = onnxruntime_of(metadata_json(version));
  const bool sound = !runtime.empty() && runtime.find_first_not_of("0123456789.") == std::string::npos;
  return fmt::format("onnxruntime{}\nnumpy\n", sound ? "==" + runtime : "");
}

std::string_view python_environment_file() {
  return "python: \"3.11\"\nbuild_dependencies:\n- pip\ndependencies:\n- mlflow>=2.19\n- pandas\n- -r requirements.txt\n";
}

std::string_view scoring_dockerfile() {
  return R"(# Scores rows: CSV in, CSV out. Nothing but Python, ONNX Runtime and this folder.
#   docker build -t model . && docker run --rm -i model < rows.csv > scores.csv
FROM debian:bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt /model/requirements.txt
RUN python3 -m venv /opt/scoring && /opt/scoring/bin/pip install --no-cache-dir --disable-pip-version-check -r /model/requirements.txt
COPY . /model/
USER nobody
ENTRYPOINT ["/opt/scoring/bin/python", "/model/code/cupel_model.py"]
)";
}

std::string_view python_loader() {
  return R"py("""Loads a model that `cupel models export` wrote: for MLflow (python_function) and, run as a program, CSV in and CSV out.

The model has one named input a column. A text or category that is missing is the empty text, a number that is missing is NaN. The answer has the
columns of `cupel predict`: prediction, and probability (of the positive class) or probability_<class>.
"""
import csv
import hashlib
import json
import math
import os
import sys

import numpy as np
import onnxruntime


def _is_null(value):
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value)) or type(value).__name__ in ("NAType", "NaTType")


def _text(value):
    if _is_null(value):
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)) and float(value).is_integer() and abs(value) < 2**53:
        return str(int(value))  # a whole number that a table with gaps holds as a float
    return str(value)


def _number(name, row, value):
    if _is_null(value):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"column '{name}' holds {value!r} in row {row}, the model takes numbers there") from None


class Model:
    def __init__(self, folder):
        with open(os.path.join(folder, "model.json"), encoding="utf-8") as file:
            self.card = json.load(file)
        with open(os.path.join(folder, self.card["files"]["model"]), "rb") as file:
            data = file.read()
        stated = self.card.get("digests", {}).get("model")
        if stated is not None and stated != "sha256:" + hashlib.sha256(data).hexdigest():
            raise ValueError("the model's file was altered: its digest is not the one that model.json states")
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        self.inputs = self.session.get_inputs()
        self.schema = {column["name"]: column for column in self.card.get("inputs", [])}
        target = self.card.get("target", {})
        self.classes = [str(name) for name in target.get("classes", [])]
        self.positive = str(target.get("positive", ""))
        for output in self.card.get("outputs", []):
            self.classes = self.classes or [str(name) for name in output.get("classes", [])]

    def _check(self, name, values):
        column = self.schema.get(name, {})
        if column.get("null_allowed") is False:
            for row, value in enumerate(values):
                if _is_null(value):
                    raise ValueError(f"column '{name}' is null in row {row}, the model allows no nulls there")
        if column.get("type") == "category" and column.get("other_allowed") is False:
            known = {str(value) for value in column.get("categories", [])}
            for row, value in enumerate(values):
                if not _is_null(value) and _text(value) not in known:
                    raise ValueError(f"column '{name}' holds {value!r} in row {row}, none of the categories that the model knows")

    def _tensor(self, port, values):
        if port.type == "tensor(string)":
            tensor = np.array([_text(value) for value in values], dtype=object)
        else:
            kind = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64, "tensor(int32)": np.int32}[port.type]
            tensor = np.array([_number(port.name, row, value) for row, value in enumerate(values)], dtype=np.float64).astype(kind)
        return tensor.reshape(-1, 1) if len(port.shape) == 2 else tensor

    def score(self, columns):
        """columns: name -> list of values. The answer's columns in the same form."""
        feed = {}
        for port in self.inputs:
            if port.name not in columns:
                raise ValueError(f"the data has no column '{port.name}', which the model reads")
            values = list(columns[port.name])
            self._check(port.name, values)
            feed[port.name] = self._tensor(port, values)
        outputs = dict(zip([port.name for port in self.session.get_outputs()], self.session.run(None, feed)))
        tables = {name: value for name, value in outputs.items() if isinstance(value, np.ndarray)}
        matrices = [name for name, value in tables.items() if value.ndim == 2 and value.shape[1] >= 2 and value.dtype.kind == "f"]
        if not matrices:
            number = next(value for value in tables.values() if value.dtype.kind == "f")
            return {"prediction": [float(value) for value in number.reshape(-1)]}
        probabilities = tables[next((name for name in matrices if "prob" in name), matrices[0])]
        classes = self.classes or [str(k) for k in range(probabilities.shape[1])]
        label = next((value for value in tables.values() if value.dtype.kind in "OUSiu" and value.size == len(probabilities)), None)
        if label is None:
            answer = {"prediction": [classes[k] for k in probabilities.argmax(axis=1)]}
        else:
            answer = {"prediction": [str(value) for value in label.reshape(-1)]}
        if len(classes) == 2:
            column = classes.index(self.positive) if self.positive in classes else 1
            answer["probability"] = [float(value) for value in probabilities[:, column]]
        else:
            for k, name in enumerate(classes):
                answer[f"probability_{name}"] = [float(value) for value in probabilities[:, k]]
        return answer

    def predict(self, model_input, params=None):
        """MLflow's door: a pandas DataFrame, or a mapping of columns."""
        if isinstance(model_input, dict):
            return self.score(model_input)
        import pandas

        columns = {str(name): model_input[name].tolist() for name in model_input.columns}
        return pandas.DataFrame(self.score(columns), index=model_input.index)


def _load_pyfunc(path):
    return Model(os.path.dirname(path) if os.path.isfile(path) else path)


def main():
    model = Model(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with open(sys.argv[1], newline="", encoding="utf-8") if len(sys.argv) > 1 else sys.stdin as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        columns = {name: [row[name] for row in rows] for name in reader.fieldnames or []}
    try:
        answer = model.score(columns)
    except ValueError as error:
        sys.exit(f"cupel_model: {error}")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["row", *answer])
    for row, values in enumerate(zip(*answer.values())):
        writer.writerow([row, *values])


if __name__ == "__main__":
    main()
)py";
}

}  // namespace cupel::registry
