// cupel ab: A/B tests.

#include <array>
#include <cmath>
#include <vector>

#include "base/text.h"
#include "cli/ab_words.h"
#include "cli/command_table.h"
#include "cli/commands.h"

namespace cupel::cli {
namespace {

constexpr std::array<Command, 4> k_parts = {{
    {"analyze", "is there a difference between two arms or two models, and does it matter?", ab_analyze},
    {"assign", "put each unit into an arm by the hash of its name", ab_assign},
    {"plan", "how many units find which difference", ab_plan},
    {"simulate", "rehearse the experiment: its false alarms and its power", ab_simulate},
}};

void print_help() {
  fmt::print("A/B tests: plan, assign, analyze, simulate\n\nUsage: cupel ab PART [options]\n\nParts:\n");
  for (const Command& part : k_parts) fmt::print("  {:<10} {}\n", part.name, part.summary);
  fmt::print("\n'cupel ab PART --help' explains each.\n");
}

}  // namespace

Result<double> amount_of(std::string_view option, std::string_view text) {
  const bool percent = text.ends_with('%');
  std::string_view number = trim(percent ? text.substr(0, text.size() - 1) : text);
  if (number.starts_with('+')) number.remove_prefix(1);
  const auto value = parse_number(number);
  if (!value || !std::isfinite(*value)) return fail("{} is '{}', expected a number or a share such as 5%", option, shorten(text, 40));
  return percent ? *value / 100 : *value;
}

Result<double> amount_between(std::string_view option, std::string_view text, double low, double high) {
  ASSIGN_OR_RETURN(const double value, amount_of(option, text));
  if (!(value > low && value < high))
    return fail("{} is '{}', expected more than {} and less than {}", option, shorten(text, 40), percent_text(low), percent_text(high));
  return value;
}

Result<int> ab_command(std::span<const std::string> words) {
  if (!words.empty() && (words[0] == "--help" || words[0] == "-h")) {
    print_help();
    return 0;
  }
  std::vector<std::string> known;
  for (const Command& part : k_parts) {
    if (!words.empty() && words[0] == part.name) return part.run(words.subspan(1));
    known.emplace_back(part.name);
  }
  if (words.empty()) return fail("no part named, expected {}", join(known, ", "));
  return fail("unknown part '{}'{}", shorten(words[0], 40), nearest_note(words[0], known));
}

}  // namespace cupel::cli
