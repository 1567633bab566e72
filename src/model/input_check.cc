#include "model/input_check.h"

#include <algorithm>
#include <functional>
#include <unordered_set>

#include "base/text.h"
#include "model/column_tensor.h"

namespace cupel::model {
namespace {

constexpr std::size_t k_examples = 3;

std::string share_text(std::int64_t count, std::int64_t rows) {
  return fmt::format("{} of {} row{}", with_thousands(count), with_thousands(rows), rows == 1 ? "" : "s");
}

class Check {
 public:
  Check(const table::Table& table, std::span<const std::int64_t> rows) : table_(table), rows_(rows) {}

  void missing(const Port& port) {
    findings_.push_back({InputLevel::refused, port.name, "missing_column",
                         fmt::format("the data has no column '{}', which the model reads{}", shorten(port.name, 80), nearest_note(port.name, table_.schema().names()))});
  }
  void extra(const std::string& name) { findings_.push_back({InputLevel::accepted, name, "extra_column", fmt::format("the model does not read column '{}'", shorten(name, 80))}); }

  void column(const Port& port, int place, const InputColumn* schema) {
    const table::Column column = table_.column(place);
    if (const auto fits = check_column(port, table_.schema().fields[static_cast<std::size_t>(place)], column); !fits) {
      findings_.push_back({InputLevel::refused, port.name, "wrong_type", fits.error().text()});
      return;
    }
    const bool no_null = port.element == Element::integer || (schema != nullptr && !schema->null_allowed);
    const auto is_null = [&](std::int64_t row) { return column.is_null(row); };
    if (no_null) {
      rows_where(InputLevel::refused, port.name, "null", column, is_null, "without a value in column '{}', which the model needs");
    } else if (schema != nullptr && schema->nulls_seen == 0) {
      rows_where(InputLevel::warned, port.name, "unseen_null", column, is_null, "without a value in column '{}'; training had none such");
    }
    if (schema == nullptr) return;
    if (schema->categories) categories(port, column, *schema);
    if (schema->range && port.element != Element::text) {
      const auto [low, high] = *schema->range;
      const auto outside = [&](std::int64_t row) { return !column.is_null(row) && (float_number(column, row) < low || float_number(column, row) > high); };
      rows_where(InputLevel::warned, port.name, "outside_range", column, outside, fmt::format("with '{{}}' outside of {} to {}, the range of training", number_text(low), number_text(high)));
    }
  }

  std::vector<InputFinding> finish() {
    std::ranges::stable_sort(findings_, [](const InputFinding& a, const InputFinding& b) { return a.level > b.level; });
    return std::move(findings_);
  }

 private:
  void categories(const Port& port, const table::Column& column, const InputColumn& schema) {
    const std::unordered_set<std::string_view> known(schema.categories->begin(), schema.categories->end());
    const auto unknown = [&](std::int64_t row) {
      if (column.is_null(row)) return false;
      return column.type == table::Type::text ? !known.contains(column.text(row)) : !known.contains(table::value_text(column, row));
    };
    rows_where(schema.other_allowed ? InputLevel::warned : InputLevel::refused, port.name, "unknown_category", column, unknown,
               schema.other_allowed ? "with a category in '{}' that the model does not know; it takes them as 'other'" : "with a category in '{}' that the model does not know and has no answer for");
  }

  void rows_where(InputLevel level, const std::string& name, std::string_view kind, const table::Column& column, const std::function<bool(std::int64_t)>& holds, const std::string& sentence) {
    InputFinding finding{level, name, kind, {}};
    for (std::int64_t row = 0; row < column.num_rows; ++row) {
      if (!holds(row)) continue;
      ++finding.count;
      if (finding.examples.size() < k_examples) finding.examples.emplace_back(rows_[static_cast<std::size_t>(row)], column.is_null(row) ? "" : table::value_text(column, row));
    }
    if (finding.count == 0) return;
    finding.text = share_text(finding.count, column.num_rows) + " " + fmt::format(fmt::runtime(sentence), shorten(name, 80));
    std::string shown;
    for (const auto& [row, value] : finding.examples) shown += fmt::format("{}{}row {}", shown.empty() ? "" : ", ", value.empty() ? "" : "'" + shorten(value, 40) + "' in ", row);
    finding.text += " (" + shown + (finding.count > static_cast<std::int64_t>(k_examples) ? ", …)" : ")");
    findings_.push_back(std::move(finding));
  }

  const table::Table& table_;
  std::span<const std::int64_t> rows_;
  std::vector<InputFinding> findings_;
};

}  // namespace

std::string_view level_name(InputLevel level) {
  switch (level) {
    case InputLevel::accepted: return "accepted";
    case InputLevel::warned: return "warned";
    case InputLevel::refused: break;
  }
  return "refused";
}

std::vector<InputFinding> check_input(std::span<const Port> ports, const ModelCard& card, const table::Table& table, std::span<const std::int64_t> rows) {
  Check check(table, rows);
  for (const Port& port : ports) {
    const std::optional<int> place = table.schema().find(port.name);
    if (!place) {
      check.missing(port);
      continue;
    }
    const auto schema = std::ranges::find(card.inputs, port.name, &InputColumn::name);
    check.column(port, *place, schema == card.inputs.end() ? nullptr : &*schema);
  }
  for (const std::string& name : table.schema().names()) {
    if (std::ranges::find(ports, name, &Port::name) == ports.end()) check.extra(name);
  }
  return check.finish();
}

}  // namespace cupel::model
