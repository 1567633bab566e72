#include "model/predictor.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>

#include "base/invariant.h"
#include "base/json.h"
#include "base/text.h"
#include "model/column_tensor.h"
#include "model/row_batches.h"
#include "outline/onnx_outline.h"

namespace cupel::model {
namespace {

using outline::OnnxOutline;

constexpr std::size_t k_largest_bytes = 2ull << 30;
constexpr std::size_t k_none = static_cast<std::size_t>(-1);

/// Which outputs are read, found once when the model is loaded.
struct Answers {
  std::size_t probabilities = k_none;
  std::size_t label = k_none;
  std::size_t value = k_none;
  std::int64_t num_classes = -1;  // -1: only the run tells
};

bool is_matrix(const Port& port) { return port.element == Element::number && port.shape.size() == 2 && (port.shape[1] < 0 || port.shape[1] >= 2); }
bool is_vector(const Port& port) { return port.shape.size() == 1 || (port.shape.size() == 2 && port.shape[1] == 1); }

Result<Answers> find_answers(const std::vector<Port>& outputs, std::string_view name) {
  Answers found;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Port& port = outputs[i];
    const bool named = port.name.find("prob") != std::string::npos;
    if (is_matrix(port) && (found.probabilities == k_none || named)) found.probabilities = i;
    if (port.element != Element::number && is_vector(port) && found.label == k_none) found.label = i;
    if (port.element == Element::number && is_vector(port) && found.value == k_none) found.value = i;
  }
  if (found.probabilities != k_none) {
    found.num_classes = outputs[found.probabilities].shape[1];
    found.value = k_none;
    return found;
  }
  if (found.label != k_none) {
    return fail("{}: the model answers with the class '{}' alone, expected probabilities [rows, classes] beside it", name, outputs[found.label].name);
  }
  if (found.value == k_none) return fail("{}: no output is a number for each row or probabilities [rows, classes]", name);
  return found;
}

Result<std::vector<std::string>> find_classes(const Answers& answers, const OnnxOutline& outline, const ModelCard& card, std::string_view name) {
  std::vector<std::string> classes = card.classes;
  for (const auto& [key, text] : outline.metadata) {
    if (!classes.empty() || key != "cupel.classes") continue;
    ASSIGN_OR_RETURN(const Json list, parse_json(text, fmt::format("{}: metadata 'cupel.classes'", name)));
    if (!list.is_array()) return fail("{}: metadata 'cupel.classes' is not a list", name);
    for (const Json& item : list) classes.push_back(item.is_string() ? item.get<std::string>() : item.dump());
  }
  if (classes.empty() && (answers.num_classes < 0 || static_cast<std::size_t>(answers.num_classes) == outline.class_labels.size())) {
    classes = outline.class_labels;
  }
  if (classes.empty()) {
    if (answers.num_classes < 0) return fail_with_hint(fmt::format("{}: the number of classes is unknown", name), "state them in model.json: outputs, classes");
    for (std::int64_t i = 0; i < answers.num_classes; ++i) classes.push_back(std::to_string(i));
  }
  if (answers.num_classes >= 0 && classes.size() != static_cast<std::size_t>(answers.num_classes)) {
    return fail("{}: probabilities of {} classes, but {} are named", name, answers.num_classes, classes.size());
  }
  return classes;
}

Result<void> check_inputs(const std::vector<Port>& inputs, std::string_view name) {
  for (const Port& port : inputs) {
    if (port.shape.size() == 1 || (port.shape.size() == 2 && port.shape[1] <= 1)) continue;
    return fail_with_hint(fmt::format("{}: input '{}' takes {}, expected one named input a column, of shape [rows, 1]", name, port.name,
                                      port.shape.size() == 2 ? fmt::format("{} columns at once", port.shape[1])
                                                             : fmt::format("a tensor of {} dimensions", port.shape.size())),
                          "export the model with its preparation of columns");
  }
  return {};
}

/// Every tensor that is kept elsewhere lies inside a file that was given: ONNX Runtime has no reason to look for one.
Result<void> check_outside(const OnnxOutline& outline, const std::vector<TensorFile>& files, std::string_view name) {
  for (const outline::OutsideTensor& tensor : outline.outside) {
    const auto file = std::ranges::find(files, tensor.location, &TensorFile::location);
    if (file == files.end()) {
      return fail("{}: tensor '{}' is kept in the file '{}', which was not loaded with the model", name, shorten(tensor.name, 80), shorten(tensor.location, 80));
    }
    TRY(outline::check_range(tensor, file->bytes.size(), name));
  }
  return {};
}

std::size_t longest_text(const std::vector<table::Column>& columns, std::size_t row) {
  std::size_t longest = 0;
  const auto i = static_cast<std::int64_t>(row);
  for (const table::Column& column : columns) {
    if (column.type == table::Type::text && !column.is_null(i)) longest = std::max(longest, column.text(i).size());
  }
  return longest;
}

}  // namespace

struct Predictor::State {
  std::string name;
  ModelCard card;
  OnnxOutline outline;
  OnnxSession session;
  Answers answers;
  std::vector<std::string> classes;
  std::vector<std::size_t> wanted;

  Result<void> score_batch(const std::vector<table::Column>& columns, std::int64_t begin, std::int64_t end, Scores& scores) const;
  Result<void> read_probabilities(const OutputTensor& out, std::int64_t begin, std::int64_t end, Scores& scores) const;
  Result<void> read_labels(const OutputTensor& out, std::int64_t begin, std::int64_t end, Scores& scores) const;
  Result<void> read_values(const OutputTensor& out, std::int64_t begin, std::int64_t end, Scores& scores) const;
};

Predictor::Predictor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;
Predictor::~Predictor() = default;

const std::vector<Port>& Predictor::inputs() const { return state_->session.inputs(); }
const std::vector<Port>& Predictor::outputs() const { return state_->session.outputs(); }
bool Predictor::is_classifier() const { return !state_->classes.empty(); }
const std::vector<std::string>& Predictor::classes() const { return state_->classes; }
const ModelCard& Predictor::card() const { return state_->card; }
const std::vector<std::pair<std::string, std::int64_t>>& Predictor::opsets() const { return state_->outline.opsets; }

Result<Predictor> Predictor::load(std::string_view onnx_bytes, std::string_view name, const ModelCard& card, const SessionOptions& options) {
  if (onnx_bytes.size() > k_largest_bytes) return fail("{}: {} bytes, more than the 2 GiB that a model may have", name, onnx_bytes.size());
  const auto custom = options.custom_operators.empty() ? outline::CustomOperators::refuse : outline::CustomOperators::allow;
  ASSIGN_OR_RETURN(OnnxOutline outline, outline::read_outline(onnx_bytes, name, custom));
  TRY(check_outside(outline, options.files, name));
  ASSIGN_OR_RETURN(OnnxSession session, OnnxSession::make(onnx_bytes, name, options));
  TRY(check_inputs(session.inputs(), name));
  ASSIGN_OR_RETURN(const Answers answers, find_answers(session.outputs(), name));
  std::vector<std::string> classes;
  std::vector<std::size_t> wanted;
  if (answers.probabilities == k_none) {
    wanted = {answers.value};
  } else {
    ASSIGN_OR_RETURN(classes, find_classes(answers, outline, card, name));
    wanted = {answers.probabilities};
    if (answers.label != k_none) wanted.push_back(answers.label);
  }
  return Predictor(std::make_unique<State>(
      State{std::string(name), card, std::move(outline), std::move(session), answers, std::move(classes), std::move(wanted)}));
}

Result<void> Predictor::check_columns(const table::Table& table) const {
  for (const Port& port : inputs()) {
    const std::optional<int> field = table.schema().find(port.name);
    if (!field) {
      const std::vector<std::string> names = table.schema().names();
      return fail("the data has no column '{}', which the model reads{}", port.name, nearest_note(port.name, names));
    }
    TRY(check_column(port, table.schema().fields[static_cast<std::size_t>(*field)], table.column(*field)));
  }
  return {};
}

Result<Scores> Predictor::score(const table::Table& table, const ScoreOptions& options) const {
  TRY(check_columns(table));
  CHECK(options.batch_rows > 0);
  std::vector<table::Column> columns;
  for (const Port& port : inputs()) columns.push_back(table.column(*table.schema().find(port.name)));
  const auto rows = static_cast<std::size_t>(table.num_rows());
  Scores scores;
  scores.num_rows = table.num_rows();
  scores.classes = state_->classes;
  if (is_classifier()) {
    scores.probabilities.resize(rows * scores.classes.size());
    scores.labels.resize(rows);
  } else {
    scores.values.resize(rows);
  }

  const std::vector<std::size_t> ends = cut_batches(rows, static_cast<std::size_t>(options.batch_rows), [&](std::size_t row) { return longest_text(columns, row); });
  const auto num_batches = static_cast<std::int64_t>(ends.size());
  std::atomic<std::int64_t> next{0};
  std::atomic<std::uint64_t> done{0};
  std::mutex mutex;
  std::int64_t first_failed = num_batches;
  Error error;
  const auto work = [&](bool tells) {
    for (std::int64_t batch = next++; batch < num_batches; batch = next++) {
      const auto begin = static_cast<std::int64_t>(batch == 0 ? 0 : ends[static_cast<std::size_t>(batch) - 1]);
      const auto end = static_cast<std::int64_t>(ends[static_cast<std::size_t>(batch)]);
      if (auto result = state_->score_batch(columns, begin, end, scores); !result) {
        const std::scoped_lock lock(mutex);
        if (batch < first_failed) {
          first_failed = batch;
          error = std::move(result.error());
        }
        next = num_batches;  // batches are handed out in order, so every earlier one is under way and can still be the first to fail
        return;
      }
      done += static_cast<std::uint64_t>(end - begin);
      if (tells && options.progress) options.progress(done, rows);
    }
  };
  int threads = options.threads > 0 ? options.threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  threads = static_cast<int>(std::min<std::int64_t>(threads, std::max<std::int64_t>(num_batches, 1)));
  {
    std::vector<std::jthread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back(work, false);
    work(true);
  }
  if (first_failed < num_batches) return tl::unexpected<Error>(std::move(error));
  return scores;
}

Result<void> Predictor::State::score_batch(const std::vector<table::Column>& columns, std::int64_t begin, std::int64_t end, Scores& scores) const {
  std::vector<ColumnTensor> tensors(columns.size());
  std::vector<InputTensor> inputs;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    TRY(tensors[i].fill(session.inputs()[i], columns[i], begin, end));
    inputs.push_back(tensors[i].tensor());
  }
  ASSIGN_OR_RETURN(const std::vector<OutputTensor> outputs, session.run(inputs, wanted));
  for (const OutputTensor& out : outputs) {
    if (out.shape.empty() || out.shape[0] != end - begin) return fail("{}: the model answered {} rows with {}", name, end - begin, out.shape.empty() ? 1 : out.shape[0]);
  }
  if (classes.empty()) return read_values(outputs[0], begin, end, scores);
  TRY(read_probabilities(outputs[0], begin, end, scores));
  return outputs.size() > 1 ? read_labels(outputs[1], begin, end, scores) : Result<void>{};
}

Result<void> Predictor::State::read_values(const OutputTensor& out, std::int64_t begin, std::int64_t end, Scores& scores) const {
  for (std::int64_t row = begin; row < end; ++row) {
    const double value = out.numbers[static_cast<std::size_t>(row - begin)];
    if (!std::isfinite(value)) return fail("{}: the answer for row {} is not a finite number", name, row);
    scores.values[static_cast<std::size_t>(row)] = value;
  }
  return {};
}

/// Also decides for the likeliest class (of equally likely ones the first), which stands where the model has no label of its own.
Result<void> Predictor::State::read_probabilities(const OutputTensor& out, std::int64_t begin, std::int64_t end, Scores& scores) const {
  const std::size_t width = classes.size();
  if (out.numbers.size() != static_cast<std::size_t>(end - begin) * width) {
    return fail("{}: probabilities of {} classes expected, the model gave {} numbers for {} rows", name, width, out.numbers.size(), end - begin);
  }
  for (std::int64_t row = begin; row < end; ++row) {
    const double* from = out.numbers.data() + static_cast<std::size_t>(row - begin) * width;
    float* to = scores.probabilities.data() + static_cast<std::size_t>(row) * width;
    for (std::size_t k = 0; k < width; ++k) {
      if (!(from[k] >= -1e-6 && from[k] <= 1 + 1e-6)) return fail("{}: the answer for row {} is {}, expected a probability", name, row, from[k]);
      to[k] = std::clamp(static_cast<float>(from[k]), 0.0f, 1.0f);
    }
    scores.labels[static_cast<std::size_t>(row)] = static_cast<std::uint32_t>(std::max_element(to, to + width) - to);
  }
  return {};
}

Result<void> Predictor::State::read_labels(const OutputTensor& out, std::int64_t begin, std::int64_t end, Scores& scores) const {
  for (std::int64_t row = begin; row < end; ++row) {
    const auto i = static_cast<std::size_t>(row - begin);
    const std::string label = out.element == Element::text ? std::string(out.text(i)) : std::to_string(out.integers[i]);
    const auto found = std::ranges::find(classes, label);
    if (found == classes.end()) return fail("{}: the model decided for '{}' in row {}, which is none of its classes", name, shorten(label, 60), row);
    scores.labels[static_cast<std::size_t>(row)] = static_cast<std::uint32_t>(found - classes.begin());
  }
  return {};
}

Result<std::size_t> Scores::class_index(std::string_view name) const {
  const auto found = std::ranges::find(classes, name);
  if (found != classes.end()) return static_cast<std::size_t>(found - classes.begin());
  return fail("unknown class '{}'{}", name, nearest_note(name, classes));
}

}  // namespace cupel::model
