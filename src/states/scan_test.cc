#include "states/scan.h"

#include <gtest/gtest.h>

#include "states/moments.h"
#include "states/row_count.h"
#include "states/sample_tables_internal.h"
#include "states/state_table.h"
#include "states/value_counts.h"

namespace cupel::states {
namespace {

using table::ColumnRequest;
using table::Type;

table::Table reviews() {
  table::Schema schema;
  std::vector<table::ColumnBuilder> columns;
  const std::pair<const char*, Type> k_fields[] = {
      {"rating", Type::integer}, {"price", Type::number}, {"title", Type::text}, {"at", Type::timestamp}};
  for (const auto& [name, type] : k_fields) {
    Random random(1, name);
    schema.fields.push_back({name, type});
    table::ColumnBuilder& column = columns.emplace_back(type);
    for (int row = 0; row < 5000; ++row) random.uniform() < 0.1 ? column.append_null() : append_sample(column, random, 50);
  }
  return {std::move(schema), std::move(columns)};
}

constexpr const char* k_filter = "rating > 0 and title like 'a%'";

// Every state over every column that it takes, with and without a filter, or only with it.
Plan everything(const table::Schema& schema, bool filtered_only = false) {
  Plan plan(schema);
  const table::Expression where = *table::Expression::parse(k_filter, "test");
  std::vector<std::optional<table::Expression>> filters = {where};
  if (!filtered_only) filters.insert(filters.begin(), std::nullopt);
  for (const std::optional<table::Expression>& filter : filters) {
    for (const StateKind& kind : state_table()) {
      for (int field = 0; field < static_cast<int>(schema.fields.size()); ++field) {
        const Type type = schema.fields[static_cast<std::size_t>(field)].type;
        if (kind.num_slots > 0 && std::find(kind.accepts.begin(), kind.accepts.end(), type) == kind.accepts.end()) continue;
        // The table's states read the slots 0 …, so each gets a view of the batch that begins with its columns.
        plan.need(std::string(kind.name), std::vector<ColumnRequest>(static_cast<std::size_t>(kind.num_slots), ColumnRequest{field}),
                  filter, [&kind](std::span<const int> slots) -> std::unique_ptr<State> {
                    struct Moved : State {
                      Moved(std::unique_ptr<State> of, std::vector<int> at) : state(std::move(of)), slots(std::move(at)) {}
                      void update(const table::Batch& batch, Selection rows) override {
                        table::Batch view{batch.first_row, batch.num_rows, {}};
                        for (const int slot : slots) view.columns.push_back(batch.columns[static_cast<std::size_t>(slot)]);
                        state->update(view, rows);
                      }
                      void merge(const State& later) override { state->merge(*dynamic_cast<const Moved&>(later).state); }
                      std::string_view format() const override { return state->format(); }
                      void write(std::string& out) const override { state->write(out); }
                      Result<void> read(std::string_view bytes) override { return state->read(bytes); }
                      std::unique_ptr<State> state;
                      std::vector<int> slots;
                    };
                    return std::make_unique<Moved>(kind.make(), std::vector<int>(slots.begin(), slots.end()));
                  });
      }
    }
  }
  return plan;
}

std::vector<std::string> bytes_of_all(table::BatchSource& table, const Plan& plan, int num_needs, const table::ScanOptions& options,
                                      bool also_cut_dependent) {
  const Result<Answers> answers = run_scan(table, plan, options);
  EXPECT_TRUE(answers);
  EXPECT_EQ(answers->num_rows, 5000);
  std::vector<std::string> all;
  for (int i = 0; i < num_needs; ++i) {
    const State& state = answers->get<State>(i);
    // The last digits of moments, and what a sketch keeps, depend on where the rows were cut.
    const std::string_view name = state.format();
    if (!also_cut_dependent && (name == "moments/1" || name == "co_moments/1" || name == "kll/1")) continue;
    state.write(all.emplace_back());
  }
  return all;
}

int count_needs(Plan plan) {  // the next number is the count
  return plan.need("one more", {}, std::nullopt, [](std::span<const int>) { return std::make_unique<RowCount>(); });
}

TEST(Scan, AnyNumberOfThreadsGivesTheSameBytes) {
  table::Table table = reviews();
  const Plan plan = everything(table.schema());
  const int needs = count_needs(plan);
  for (const std::int64_t chunk_bytes : {64 * 7, 64 * 100, 1 << 20}) {
    SCOPED_TRACE(chunk_bytes);
    const auto one = bytes_of_all(table, plan, needs, {1, chunk_bytes, 4096, {}}, true);
    EXPECT_EQ(bytes_of_all(table, plan, needs, {2, chunk_bytes, 4096, {}}, true), one);
    EXPECT_EQ(bytes_of_all(table, plan, needs, {5, chunk_bytes, 4096, {}}, true), one);
  }
}

TEST(Scan, AnyCutIntoChunksAndBatchesGivesTheSameAnswers) {
  table::Table table = reviews();
  const Plan plan = everything(table.schema());
  const int needs = count_needs(plan);
  const auto whole = bytes_of_all(table, plan, needs, {1, 1 << 30, 1 << 20, {}}, false);
  for (const std::int64_t chunk_bytes : {1, 64 * 13, 64 * 999}) {
    for (const std::int64_t batch_rows : {1, 11, 4096}) {
      SCOPED_TRACE(fmt::format("{} bytes, {} rows", chunk_bytes, batch_rows));
      EXPECT_EQ(bytes_of_all(table, plan, needs, {2, chunk_bytes, batch_rows, {}}, false), whole);
    }
  }
}

TEST(Scan, AStateIsMadeOnceHoweverOftenItIsAskedFor) {
  const table::Table table = reviews();
  Plan plan(table.schema());
  const auto where = *table::Expression::parse("rating > 0", "test");
  const auto make = [](std::span<const int> slots) { return std::make_unique<ValueCounts>(slots[0]); };
  const int a = plan.need("value_counts", {{2}}, std::nullopt, make);
  const int b = plan.need("value_counts", {{2}}, where, make);
  EXPECT_NE(a, b);
  EXPECT_EQ(plan.need("value_counts", {{2}}, std::nullopt, make), a);
  EXPECT_EQ(plan.need("value_counts", {{2}}, *table::Expression::parse("rating > 0", "elsewhere"), make), b);
  EXPECT_NE(plan.need("value_counts", {{2, ColumnRequest::As::text}}, std::nullopt, make), a);
  EXPECT_NE(plan.need("other", {{2}}, std::nullopt, make), a);
  EXPECT_EQ(plan.requests().size(), 3u);  // title, title as text, and the filter's rating
}

TEST(Scan, AFilterKeepsRowsThatAreTrueAndNotThoseUnknown) {
  table::ColumnBuilder column(Type::integer);
  for (const int value : {1, 2, 3}) column.append(value);
  column.append_null();
  table::Table table(table::Schema{{{"x", Type::integer}}}, {column});
  Plan plan(table.schema());
  const auto make = [](std::span<const int>) { return std::make_unique<RowCount>(); };
  const int positive = plan.need("row_count", {}, *table::Expression::parse("x >= 2", ""), make);
  const int inverted = plan.need("row_count", {}, *table::Expression::parse("not x >= 2", ""), make);
  const Result<Answers> answers = run_scan(table, plan, {});
  EXPECT_EQ(answers->get<RowCount>(positive).rows(), 2);
  EXPECT_EQ(answers->get<RowCount>(inverted).rows(), 1);
}

TEST(Scan, RowsCountWithoutAnyColumn) {
  table::Table table = reviews();
  Plan plan(table.schema());
  const int need = plan.need("row_count", {}, std::nullopt, [](std::span<const int>) { return std::make_unique<RowCount>(); });
  const Result<Answers> answers = run_scan(table, plan, {2, 64 * 10, 3, {}});
  EXPECT_EQ(answers->get<RowCount>(need).rows(), 5000);
  EXPECT_EQ(answers->num_rows, 5000);
}

// A source whose column turns out to be wider after its first chunk, and that shows no batch when nothing is wanted.
class Widening : public table::BatchSource {
 public:
  const table::Schema& schema() const override { return table_.schema(); }
  Result<Origin> origin() override { return Origin{}; }
  Result<std::int64_t> scan(std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor,
                            const table::ScanOptions& options) override {
    if (requests.empty()) {
      visitor.merge(visitor.make_chunk(0), table_.num_rows());
      return table_.num_rows();
    }
    TRY(table_.scan(requests, visitor, options));
    visitor.restart();
    return table_.scan(requests, visitor, options);
  }

 private:
  table::Table table_ = reviews();
};

TEST(Scan, ARestartForgetsEverything) {
  Widening source;
  table::Table table = reviews();
  const Plan plan = everything(source.schema());
  const int needs = count_needs(plan);
  const auto truth = bytes_of_all(table, plan, needs, {}, true);
  const Result<Answers> answers = run_scan(source, plan, {});
  EXPECT_EQ(answers->num_rows, 5000);
  for (int i = 0; i < needs; ++i) {
    std::string bytes;
    answers->get<State>(i).write(bytes);
    EXPECT_EQ(bytes, truth[static_cast<std::size_t>(i)]);
  }
}

TEST(Scan, RowsCountWhereTheSourceShowsNoBatch) {
  Widening source;
  Plan plan(source.schema());
  const int need = plan.need("row_count", {}, std::nullopt, [](std::span<const int>) { return std::make_unique<RowCount>(); });
  const Result<Answers> answers = run_scan(source, plan, {});
  EXPECT_EQ(answers->get<RowCount>(need).rows(), 5000);
}

// A source that passes over every batch in which the filter keeps no row.
class Passing : public table::BatchSource {
 public:
  const table::Schema& schema() const override { return table_.schema(); }
  Result<Origin> origin() override { return Origin{}; }
  Result<std::int64_t> scan(std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor, const table::ScanOptions& options) override {
    if (options.pruning == nullptr) return table_.scan(requests, visitor, options);
    Visitor passing(visitor, *this, requests);
    return table_.scan(requests, passing, options);
  }
  std::int64_t passed = 0;

 private:
  struct PassingChunk : table::ChunkVisitor::Chunk {
    PassingChunk(std::unique_ptr<table::ChunkVisitor::Chunk> chunk, Passing& of, std::vector<int> at) : behind(std::move(chunk)), source(&of), slots(std::move(at)) {}
    void visit(const table::Batch& batch) override {
      std::vector<std::uint8_t> truth(static_cast<std::size_t>(batch.num_rows));
      source->where_.evaluate(batch, slots, truth.data());
      if (std::find(truth.begin(), truth.end(), table::Expression::k_true) != truth.end()) return behind->visit(batch);
      source->passed += batch.num_rows;
      behind->pass_over(batch.num_rows);
    }
    std::unique_ptr<table::ChunkVisitor::Chunk> behind;
    Passing* source;
    std::vector<int> slots;
  };
  struct Visitor : table::ChunkVisitor {
    Visitor(table::ChunkVisitor& visitor, Passing& of, std::span<const ColumnRequest> requests) : behind(&visitor), source(&of) {
      for (const std::string& name : of.where_.columns()) {
        const ColumnRequest request{*of.schema().find(name)};
        slots.push_back(static_cast<int>(std::find(requests.begin(), requests.end(), request) - requests.begin()));
      }
    }
    std::unique_ptr<table::ChunkVisitor::Chunk> make_chunk(std::int64_t index) override {
      return std::make_unique<PassingChunk>(behind->make_chunk(index), *source, slots);
    }
    void merge(std::unique_ptr<table::ChunkVisitor::Chunk> chunk, std::int64_t num_rows) override {
      behind->merge(std::move(dynamic_cast<PassingChunk&>(*chunk).behind), num_rows);
    }
    void restart() override { behind->restart(); }
    table::ChunkVisitor* behind;
    Passing* source;
    std::vector<int> slots;
  };

  table::Table table_ = reviews();
  table::Expression where_ = *table::Expression::parse(k_filter, "test");
};

TEST(Scan, RowsThatArePassedOverChangeNoState) {
  Passing source;
  table::Table table = reviews();
  const Plan plan = everything(table.schema(), true);
  const int needs = count_needs(plan);
  for (const std::int64_t batch_rows : {1, 5, 11}) {
    SCOPED_TRACE(batch_rows);
    source.passed = 0;
    const table::ScanOptions options{1, 64 * 300, batch_rows, {}};
    EXPECT_EQ(bytes_of_all(source, plan, needs, options, true), bytes_of_all(table, plan, needs, options, true));
    EXPECT_GT(source.passed, 0);
  }
}

TEST(Scan, NothingIsPassedOverWhereOneStateWantsAllRows) {
  Passing source;
  EXPECT_EQ(everything(source.schema()).pruning(), nullptr);
  EXPECT_NE(everything(source.schema(), true).pruning(), nullptr);
  EXPECT_EQ(Plan(source.schema()).pruning(), nullptr);
}

}  // namespace
}  // namespace cupel::states
