#pragma once

#include <string>
#include <string_view>

#include "report/html_text.h"
#include "report/run_outputs.h"

namespace cupel::report {

/// The parts of the page, each from one JSON record.

/// A verdict or state as a small coloured word.
Html pill(std::string_view style, std::string_view words);

/// A suite's result: counts, data, and every expectation with its reason and derivation.
Html result_section(const Json& result, std::string_view step, std::string_view anchor);
/// What a model is: metrics with intervals, schemas, exclusions, dependencies, lineage.
Html model_section(const Json& model, std::string_view step, std::string_view anchor);
/// The steps of a run: what became of each, faults and what was done about them.
Html steps_section(const PageRun& run, std::string_view anchor);

/// `pass`, `fail`, `open` or `err`: how a run's or step's state is coloured; the words that name it.
struct StateWords {
  std::string_view style;
  std::string words;
};
StateWords run_state_words(const Json& run);
StateWords step_state_words(const Json& step);

/// Two columns of facts; rows with empty values are left out.
class FactList {
 public:
  void add(std::string_view name, std::string_view value);
  Html finish() const;

 private:
  Html rows_;
};

/// The style sheet.
Markup page_style();

}  // namespace cupel::report
