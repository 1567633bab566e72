#include "flow/inject.h"

#include <cmath>
#include <optional>

#include "base/text.h"

namespace cupel::flow {
namespace {

constexpr InducedEntry k_induced[] = {
    {Induced::clock_jump, "clock_jump", "the clock of the first attempt is set back by an hour, its files' times too"},
    {Induced::corrupt_output, "corrupt_output", "alters a byte of the first output after the step has ended"},
    {Induced::disk_full, "disk_full", "no file of the step may grow past 4 KiB"},
    {Induced::exit, "exit:N", "the first attempt ends at once with exit status N"},
    {Induced::hang, "hang", "the first attempt is stopped at its start and never goes on"},
    {Induced::kill_after, "kill:SECONDS", "the first attempt is killed after so many seconds"},
    {Induced::kill_at, "kill@P%", "the first attempt kills itself when P percent of its work is done"},
    {Induced::lost_output, "lost_output", "removes the first output after the step has ended"},
    {Induced::oom, "oom", "the first attempt gets 48 MiB of memory"},
    {Induced::rows, "rows:N", "the step reads the first N rows of its data only"},
};

tl::unexpected<Error> unknown(std::string_view fault) {
  std::vector<std::string> forms;
  for (const InducedEntry& entry : k_induced) forms.emplace_back(entry.form);
  const std::vector<std::string> words = {"clock_jump", "corrupt_output", "disk_full", "exit", "hang", "kill", "lost_output", "oom", "rows"};
  const std::string word(fault.substr(0, fault.find_first_of(":@")));
  const auto near = nearest(word, words);
  return fail_with_hint(fmt::format("unknown fault '{}' to inject{}", shorten(fault, 60), near ? fmt::format(" (nearest: '{}')", *near) : ""),
                        "known: " + join(forms, ", "));
}

/// The number after `prefix`, within [low, high]; nothing when the prefix is another.
std::optional<double> number_after(std::string_view fault, std::string_view prefix, std::string_view suffix = {}) {
  if (!fault.starts_with(prefix) || !fault.ends_with(suffix)) return std::nullopt;
  fault.remove_prefix(prefix.size());
  fault.remove_suffix(suffix.size());
  return parse_number(fault).value_or(std::nan(""));
}

}  // namespace

std::span<const InducedEntry> induced_faults() { return k_induced; }

Result<Injection> parse_injection(std::string_view text) {
  // The name of an instance holds '=' too: train[seed=7]=exit:3.
  const std::size_t bracket = text.find('[');
  const std::size_t close = bracket < text.find('=') ? text.find("]=", bracket) : std::string_view::npos;
  const std::size_t equals = close != std::string_view::npos ? close + 1 : text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size()) {
    return fail("'{}' is not an injection, expected STEP=FAULT such as train=rows:900", shorten(text, 60));
  }
  Injection injection{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)), Induced::exit, 0};
  const std::string_view fault = injection.text;
  const auto wrong_value = [&](std::string_view expected) { return fail("'{}' expects {}", text, expected); };
  for (const InducedEntry& entry : k_induced) {
    if (entry.form != fault) continue;
    injection.induced = entry.induced;
    if (entry.form.find_first_of("N%S") == std::string_view::npos) return injection;
  }
  if (const auto rows = number_after(fault, "rows:")) {
    if (!(*rows >= 0 && *rows < 1e15 && *rows == std::floor(*rows))) return wrong_value("a whole number of rows, such as rows:900");
    injection.induced = Induced::rows;
    injection.value = *rows;
  } else if (const auto percent = number_after(fault, "kill@", "%")) {
    if (!(*percent >= 0 && *percent <= 100)) return wrong_value("a share from 0% to 100%, such as kill@50%");
    injection.induced = Induced::kill_at;
    injection.value = *percent;
  } else if (const auto seconds = number_after(fault, "kill:")) {
    if (!(*seconds >= 0 && *seconds < 1e7)) return wrong_value("seconds, such as kill:2.5");
    injection.induced = Induced::kill_after;
    injection.value = *seconds;
  } else if (const auto status = number_after(fault, "exit:")) {
    if (!(*status >= 0 && *status <= 255 && *status == std::floor(*status))) return wrong_value("an exit status from 0 to 255, such as exit:3");
    injection.induced = Induced::exit;
    injection.value = *status;
  } else {
    return unknown(fault);
  }
  return injection;
}

}  // namespace cupel::flow
