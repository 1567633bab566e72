#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "suite/suite.h"
#include "suite/verdict.h"
#include "table/table.h"

namespace cupel::prove {

/// What counts of an outcome when thousands are compared.
struct Judgement {
  suite::Verdict verdict = suite::Verdict::error;
  std::optional<double> observed{};            ///< where it is a number
  std::optional<std::int64_t> rows_tested{};
  std::optional<std::int64_t> unexpected{};    ///< count
  bool alarms() const { return verdict == suite::Verdict::fail || verdict == suite::Verdict::error; }
  bool operator==(const Judgement&) const = default;
};
Judgement judgement_of(const suite::Outcome& outcome);

/// Judges the same expectations on thousands of small tables. It runs them as `cupel check` does (expectations::judge_all, one thread): the same
/// rows give the same outcomes, bit for bit. What it saves: of a batch with a fault in some columns only those expectations are judged
/// again that read one of these columns (in their subject, limit or filter); all others keep the outcome of the clean batch.
/// Threads may share an evaluator.
class Evaluator {
 public:
  struct Options {
    std::optional<table::Expression> where{};  ///< of the whole suite
    std::uint64_t seed = 1;                    ///< of simulated p-values
    std::optional<std::int64_t> now_micros{};  ///< the instant that ages count to; the clock if nothing is stated
  };
  /// `schema` is the baseline's; all tables must have its column names unless they come from a fault that changes them. `reference` may be
  /// null. Errors: what a subject refuses of an expectation (a mistake of the suite), and no reference where one is needed.
  static Result<Evaluator> make(std::span<const suite::Expectation> expectations, const table::Schema& schema, const table::Table* reference, Options options);
  static Result<Evaluator> make(std::span<const suite::Expectation> expectations, const table::Schema& schema, const table::Table* reference = nullptr) {
    return make(expectations, schema, reference, Options{});
  }

  std::size_t size() const { return expectations_->size(); }
  std::span<const suite::Expectation> expectations() const { return *expectations_; }
  /// Fields that an expectation reads; empty if it reads none (`rows`) or cannot be planned.
  const std::vector<int>& fields_of(std::size_t expectation) const { return fields_[expectation]; }

  /// All expectations on a table, as `cupel check` would judge them.
  std::vector<suite::Outcome> outcomes(const table::Table& rows) const;
  std::vector<Judgement> judge(const table::Table& rows) const;
  /// On a faulty table, given the clean one that it came from and its judgements.
  std::vector<Judgement> judge_changed(const table::Table& faulty, const table::Table& clean, std::span<const Judgement> clean_judgements) const;
  /// The same for one expectation only.
  Judgement judge_one(std::size_t expectation, const table::Table& rows) const;

 private:
  struct Subset {
    std::vector<std::size_t> indices;
    std::vector<suite::Expectation> expectations;
    bool needs_reference = false;
  };
  struct Cache {
    std::mutex mutex;
    std::map<std::vector<std::size_t>, std::shared_ptr<const Subset>> subsets;
  };

  std::shared_ptr<const Subset> subset(std::vector<std::size_t> indices) const;
  std::vector<suite::Outcome> run(const Subset& subset, const table::Table& rows) const;

  std::shared_ptr<const std::vector<suite::Expectation>> expectations_;
  std::vector<std::vector<int>> fields_;
  std::vector<bool> wants_reference_;
  std::vector<std::string> names_;  // of the schema
  const table::Table* reference_ = nullptr;
  Options options_;
  std::shared_ptr<Cache> cache_;
};

}  // namespace cupel::prove
