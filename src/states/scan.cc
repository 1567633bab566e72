#include "states/scan.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/invariant.h"
#include "base/memory_budget.h"
#include "table/row_sample.h"

namespace cupel::states {

int Plan::slot(table::ColumnRequest request) {
  const std::int64_t key = std::int64_t{request.field} * 2 + (request.as == table::ColumnRequest::As::text ? 1 : 0);
  const auto [known, fresh] = slot_of_.emplace(key, static_cast<int>(requests_.size()));
  if (fresh) requests_.push_back(request);
  return known->second;
}

int Plan::filter(const table::Expression& where) {
  const auto [known, fresh] = filter_of_.emplace(where.text(), static_cast<int>(filters_.size()));
  if (!fresh) return known->second;
  Filter filter{where, {}};
  for (const std::string& name : where.columns()) {
    const std::optional<int> field = schema_->find(name);
    CHECK(field.has_value(), "filter '{}' was not bound: no column '{}'", where.text(), name);
    filter.slots.push_back(slot({*field, table::ColumnRequest::As::native}));
  }
  filters_.push_back(std::move(filter));
  return known->second;
}

int Plan::need(std::string key, std::vector<table::ColumnRequest> columns, const std::optional<table::Expression>& where, Make make) {
  Need wanted{{}, where ? filter(*where) : -1, std::move(make)};
  for (const table::ColumnRequest& column : columns) wanted.slots.push_back(slot(column));
  std::string identity = std::to_string(wanted.filter);
  for (const int slot : wanted.slots) identity += ' ' + std::to_string(slot);
  identity += '\n' + key;  // last, since a key may hold anything
  const auto [known, fresh] = need_of_.emplace(std::move(identity), static_cast<int>(needs_.size()));
  if (fresh) needs_.push_back(std::move(wanted));
  return known->second;
}

/// Gathers the states of each chunk and merges them in order.
class ScanRun : public table::ChunkVisitor {
 public:
  using States = std::vector<std::unique_ptr<State>>;

  ScanRun(const Plan& plan, const table::RowSample* sample) : plan_(&plan), sample_(sample) { restart(); }

  std::unique_ptr<table::ChunkVisitor::Chunk> make_chunk(std::int64_t index) override { return std::make_unique<Gathered>(*plan_, sample_, index); }

  void merge(std::unique_ptr<table::ChunkVisitor::Chunk> chunk, std::int64_t num_rows) override {
    auto& gathered = static_cast<Gathered&>(*chunk);
    gathered.complete(num_rows);
    answers_.rows_before.resize(static_cast<std::size_t>(gathered.index) + 1, answers_.num_rows);
    for (std::size_t i = 0; i < answers_.states_.size(); ++i) {
      answers_.states_[i]->merge(*gathered.states[i]);
      gathered.states[i].reset();
    }
    answers_.num_rows += num_rows;
  }

  void restart() override {
    answers_.num_rows = 0;
    answers_.rows_before.clear();
    answers_.states_ = make_states(*plan_);
  }

  Answers take_answers() {
    if (MemoryBudget::of_process().is_tight()) {
      for (const auto& state : answers_.states_) state->put_away();
    }
    return std::move(answers_);
  }

 private:
  static States make_states(const Plan& plan) {
    States states;
    states.reserve(plan.needs_.size());
    for (const Plan::Need& need : plan.needs_) states.push_back(need.make(need.slots));
    return states;
  }

  struct Gathered : table::ChunkVisitor::Chunk {
    Gathered(const Plan& of, const table::RowSample* rows_drawn, std::int64_t number)
        : index(number), plan(&of), sample(rows_drawn), states(make_states(of)), kept(of.filters_.size()) {}

    // The sample, then every filter once, then every state.
    void visit(const table::Batch& batch) override {
      if (sample != nullptr) {
        drawn.resize(static_cast<std::size_t>(batch.num_rows));
        sample->mark(index, rows, batch.num_rows, drawn.data());
      }
      for (std::size_t i = 0; i < kept.size(); ++i) {
        kept[i].resize(static_cast<std::size_t>(batch.num_rows));
        plan->filters_[i].expression.evaluate(batch, plan->filters_[i].slots, kept[i].data());
        for (std::uint8_t& truth : kept[i]) truth = truth == table::Expression::k_true ? 1 : 0;
        if (sample != nullptr) std::transform(kept[i].begin(), kept[i].end(), drawn.begin(), kept[i].begin(), std::bit_and<std::uint8_t>());
      }
      for (std::size_t i = 0; i < states.size(); ++i) {
        const int filter = plan->needs_[i].filter;
        const std::uint8_t* all = sample != nullptr ? drawn.data() : nullptr;
        states[i]->update(batch, Selection{filter < 0 ? all : kept[static_cast<std::size_t>(filter)].data()});
      }
      rows += batch.num_rows;
    }

    // No state keeps one of these rows, but some count the rows that pass: they see nulls of which none is kept.
    void pass_over(std::int64_t num_rows) override {
      static constexpr std::int64_t k_batch_rows = 8192;
      const std::int64_t most = std::min(num_rows, k_batch_rows);
      const std::vector<std::int64_t> zeros(static_cast<std::size_t>(most) + 1, 0);  // of any type, also as validity and offsets
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(zeros.data());
      for (std::int64_t passed = 0; passed < num_rows; passed += most) {
        table::Batch batch{rows, std::min(most, num_rows - passed), {}};
        for (const table::ColumnRequest& request : plan->requests_) {
          const table::Type own = plan->schema_->fields[static_cast<std::size_t>(request.field)].type;
          table::Column& column = batch.columns.emplace_back();
          column.type = request.as == table::ColumnRequest::As::text ? table::Type::text : own;
          column.num_rows = batch.num_rows;
          column.validity = bytes;
          column.values = bytes;
          column.offsets = reinterpret_cast<const std::int32_t*>(bytes);
          column.bytes = "";
        }
        for (const auto& state : states) state->update(batch, Selection{bytes});
        rows += batch.num_rows;
      }
    }

    // A source need not show batches when no column is wanted; the rows count all the same.
    void complete(std::int64_t num_rows) {
      if (plan->requests_.empty() && rows < num_rows) visit(table::Batch{rows, num_rows - rows, {}});
      CHECK(rows == num_rows, "the source showed {} rows of a chunk of {}", rows, num_rows);
    }

    std::int64_t index;
    const Plan* plan;
    const table::RowSample* sample;  // null: all rows
    States states;
    std::vector<std::vector<std::uint8_t>> kept;
    std::vector<std::uint8_t> drawn;
    std::int64_t rows = 0;
  };

  const Plan* plan_;
  const table::RowSample* sample_;
  Answers answers_;
};

// Rows matter only where every state asks for some of them; what is left then are the filters.
std::shared_ptr<const table::Pruning> Plan::pruning() const {
  if (needs_.empty() || std::any_of(needs_.begin(), needs_.end(), [](const Need& need) { return need.filter < 0; })) return nullptr;
  std::vector<table::Pruning::Filter> filters;
  for (const Filter& filter : filters_) {
    std::vector<table::Pruning::Known> fields;
    for (const int slot : filter.slots) fields.emplace_back(requests_[static_cast<std::size_t>(slot)].field);
    filters.push_back({filter.expression, std::move(fields)});
  }
  return std::make_shared<const table::Pruning>(std::move(filters));
}

Result<void> Answers::complete() const {
  for (const auto& state : states_) {
    if (auto problem = state->problem()) return tl::unexpected(std::move(*problem));
  }
  return {};
}

Result<Answers> run_scan(table::BatchSource& source, const Plan& plan, const table::ScanOptions& options) {
  ScanRun run(plan, options.sample.get());
  table::ScanOptions own = options;
  own.pruning = plan.pruning();
  TRY(source.scan(plan.requests(), run, own));
  Answers answers = run.take_answers();
  TRY(answers.complete());
  return answers;
}

}  // namespace cupel::states
