#include "flow/summary.h"

#include <algorithm>
#include <span>

#include "base/text.h"
#include "base/time.h"

namespace cupel::flow {
namespace {

std::string with_spaces(std::string_view name) { return replace_all(std::string(name), "_", " "); }

std::size_t width_of(const std::string& text) { return static_cast<std::size_t>(count_code_points(text)); }

/// Columns as wide as their widest cell; the last is ragged.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += "  " + row[i] + (i + 1 < row.size() ? std::string(widths[i] - width_of(row[i]), ' ') : "");
    text += std::string(line.substr(0, line.find_last_not_of(' ') + 1)) + "\n";
  }
  return text;
}

std::string_view mark_of(const StepRecord& step) {
  switch (step.state) {
    case StepState::faulted: return "✗";
    case StepState::skipped:
    case StepState::not_run: return "–";
    case StepState::fell_back:
    case StepState::continued: return "!";
    default: return "✓";
  }
}

std::string headline(const RunRecord& run) {
  std::string text = fmt::format("run {}", run.id);
  if (run.resumed > 0) text += fmt::format(", resumed {}", run.resumed == 1 ? "once" : fmt::format("{} times", run.resumed));
  if (!run.injected.empty()) text += fmt::format("  [INDUCED FAULT: {}; not a real run]", join(run.injected, ", "));
  return text + "\n";
}

std::vector<std::string> row_of(const StepRecord& step) {
  return {std::string(mark_of(step)), step.name, state_word(step), step.seconds > 0 ? duration_text(step.seconds) : "", why_text(step)};
}

/// Steps of a `foreach` with so many instances are shown together: each kind of unremarkable end in one row.
constexpr std::size_t k_instances_shown = 6;

/// Nothing of it calls for a row of its own.
bool is_unremarkable(const StepRecord& step) { return step.fault == Fault::none; }

/// Rows of the instances from `begin` to `end`.
void add_instances(std::span<const StepRecord> instances, std::vector<std::vector<std::string>>& rows) {
  struct Kind {
    const StepRecord* first = nullptr;
    std::size_t count = 0;
    double seconds = 0;
    bool one_reason = true;
  };
  std::vector<std::pair<std::string, Kind>> kinds;
  for (const StepRecord& step : instances) {
    if (!is_unremarkable(step)) continue;
    const std::string word = state_word(step);
    auto found = std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.first == word; });
    if (found == kinds.end()) found = kinds.insert(kinds.end(), {word, Kind{&step, 0, 0, true}});
    ++found->second.count;
    found->second.seconds += step.seconds;
    found->second.one_reason = found->second.one_reason && why_text(step) == why_text(*found->second.first);
  }
  for (const auto& [word, kind] : kinds) {
    rows.push_back({std::string(mark_of(*kind.first)), fmt::format("{}[{} of {}]", declared_name(kind.first->name), kind.count, instances.size()), word,
                    kind.seconds > 0 ? duration_text(kind.seconds) : "", kind.one_reason ? why_text(*kind.first) : ""});
  }
  constexpr std::size_t k_faults_shown = 10;
  std::size_t faults = 0;
  for (const StepRecord& step : instances) {
    if (!is_unremarkable(step) && ++faults <= k_faults_shown) rows.push_back(row_of(step));
  }
  if (faults > k_faults_shown) rows.push_back({" ", fmt::format("and {} more", faults - k_faults_shown)});
}

std::string steps_table(const RunRecord& run) {
  std::vector<std::vector<std::string>> rows{{" ", "STEP", "STATE", "TIME", "WHY"}};
  for (std::size_t i = 0; i < run.steps.size();) {
    const StepRecord& step = run.steps[i];
    std::size_t end = i + 1;
    while (!step.each.empty() && end < run.steps.size() && declared_name(run.steps[end].name) == declared_name(step.name)) ++end;
    const bool left_out = step.state == StepState::not_run && step.why.starts_with("not asked for");
    if (end - i > k_instances_shown) {
      add_instances(std::span(run.steps).subspan(i, end - i), rows);
      i = end;
      continue;
    }
    if (!left_out) rows.push_back(row_of(step));
    ++i;
  }
  return table(rows);
}

std::string ending(const RunRecord& run) {
  std::string_view said;
  switch (run.state) {
    case RunState::running: said = "is running"; break;
    case RunState::ok: said = "all ok"; break;
    case RunState::handled: said = "ok, after faults that were handled"; break;
    case RunState::gate_failed: said = "stopped: tests did not pass"; break;
    case RunState::failed: said = "failed"; break;
    case RunState::too_little_data: said = "stopped: too little data"; break;
    case RunState::interrupted: said = "interrupted"; break;
  }
  std::string text = fmt::format("{}", said);
  if (run.seconds > 0) text += fmt::format(", {}", duration_text(run.seconds));
  return text + fmt::format("; records in {}\n", run.folder);
}

std::string parts_text(std::string_view what, const std::map<std::string, std::string>& parts, bool digests) {
  std::string text;
  for (const auto& [name, value] : parts) text += fmt::format("  {:<12} {}  {}\n", what, name, digests ? value.substr(0, 16) : shorten(value, 100));
  return text;
}

std::string attempts_text(const StepRecord& step) {
  std::vector<std::vector<std::string>> rows;
  for (const AttemptRecord& attempt : step.attempts) {
    std::string note = attempt.why;
    if (!attempt.injected.empty()) note += fmt::format("{}induced: {}", note.empty() ? "" : "; ", attempt.injected);
    for (const auto& [name, value] : attempt.with) note += fmt::format("{}with {} = {}", note.empty() ? "" : "; ", name, value);
    if (attempt.leftovers > 0) note += fmt::format("{}{} left running, killed", note.empty() ? "" : "; ", attempt.leftovers);
    rows.push_back({fmt::format("  attempt {}", attempt.number), attempt.how, attempt.ended ? with_spaces(name_of(attempt.fault)) : "no result",
                    attempt.ended ? fmt::format("{}, CPU {}, {} MiB", duration_text(attempt.seconds), duration_text(attempt.cpu_seconds), attempt.peak_memory_bytes >> 20) : "",
                    note});
  }
  return table(rows);
}

std::string outputs_text(const StepRecord& step) {
  std::vector<std::vector<std::string>> rows;
  for (const OutputRecord& output : step.outputs) {
    rows.push_back({fmt::format("  output {}", output.name), output.digest.kind, with_thousands(static_cast<std::int64_t>(output.digest.bytes)) + " bytes",
                    "sha256 " + output.digest.sha256.substr(0, 16)});
  }
  return table(rows);
}

/// A step's name as it is typed, within the quotes of the advice.
std::string typed(const std::string& name) { return shell_word(name) == name ? name : fmt::format("\"{}\"", name); }

std::string advice_for(const RunRecord& run, const StepRecord& step) {
  const std::string logs = fmt::format("'cupel runs logs {} {}'", run.id, typed(step.name));
  const std::string resume = fmt::format("'cupel run --resume {}'", run.id);
  switch (step.fault) {
    case Fault::gate_failed: return fmt::format("{} shows what did not pass; correct the data, or the limit and its reason, and run the flow again", logs);
    case Fault::too_little_data: return fmt::format("give {} more data, or let it fall back: on: {{too_little_data: {{then: fall_back, to: MODEL@champion}}}}", step.name);
    case Fault::interrupted:
    case Fault::cancelled: return fmt::format("{} goes on where it stopped", resume);
    case Fault::timed_out: return fmt::format("{} shows how far {} came; raise its timeout, then {}", logs, step.name, resume);
    case Fault::out_of_memory: return fmt::format("give {} more memory or less work, for instance on: {{out_of_memory: {{then: retry, with: {{…}}}}}}, then {}", step.name, resume);
    case Fault::disk_full: return fmt::format("make space under {}, then {}", run.folder, resume);
    case Fault::missing_input: return fmt::format("put the input there, then {}", resume);
    case Fault::lost_output: return fmt::format("{} shows whether {} wrote it; then {}", logs, step.name, resume);
    case Fault::failed:
    case Fault::none: break;
  }
  return fmt::format("{} shows what {} said; correct it, then {}", logs, step.name, resume);
}

}  // namespace

std::string state_word(const StepRecord& step) {
  if (step.state == StepState::faulted) return with_spaces(name_of(step.fault));
  if (step.state == StepState::ok && step.fault != Fault::none) return step.response == "resume" ? "ok, resumed" : "ok, retried";
  return with_spaces(name_of(step.state));
}

std::string why_text(const StepRecord& step) {
  if (step.state == StepState::reused) return fmt::format("nothing changed since {}", step.reused_from);
  if (step.state == StepState::kept) return "done before the run was resumed";
  std::string text = step.why;
  if (step.fault != Fault::none && step.state != StepState::faulted) text = fmt::format("{}: {}", with_spaces(name_of(step.fault)), step.why);
  if (step.state == StepState::fell_back) text += fmt::format("; took {}", step.took);
  if (step.fault != Fault::none && !step.because.empty()) text += fmt::format(" ({})", shorten(std::string(trim(replace_all(step.because, "\n", " "))), 100));
  return text.empty() ? step.ran_because : text;
}

std::vector<std::string> advice(const RunRecord& run) {
  std::vector<std::string> lines;
  constexpr std::size_t k_most_lines = 5;
  std::size_t faulted = 0;
  for (const StepRecord& step : run.steps) {
    if (step.state == StepState::faulted && ++faulted <= k_most_lines) lines.push_back(advice_for(run, step));
  }
  if (faulted > k_most_lines) lines.push_back(fmt::format("'cupel runs show {}' tells of the other {}", run.id, faulted - k_most_lines));
  if (lines.empty() && run.state == RunState::interrupted) lines.push_back(fmt::format("'cupel run --resume {}' goes on where it stopped", run.id));
  return lines;
}

std::string summary_text(const RunRecord& run) {
  std::string text = headline(run) + steps_table(run) + ending(run);
  for (const std::string& line : advice(run)) text += fmt::format("next: {}\n", line);
  return text;
}

std::string full_text(const RunRecord& run) {
  std::string text = headline(run);
  if (!run.about.empty()) text += fmt::format("{}\n", run.about);
  text += fmt::format("flow {} from {}, started {}\n", run.flow, run.file, run.started);
  for (const auto& [name, value] : run.params) text += fmt::format("  {} = {}\n", name, value);
  for (const StepRecord& step : run.steps) {
    text += fmt::format("\n{} {}: {}{}\n", mark_of(step), step.name, state_word(step), why_text(step).empty() ? "" : ", " + why_text(step));
    text += attempts_text(step) + outputs_text(step);
  }
  text += "\n" + ending(run);
  for (const std::string& line : advice(run)) text += fmt::format("next: {}\n", line);
  return text;
}

std::string explanation_text(const RunRecord& run, const StepRecord& step) {
  std::string text = fmt::format("step {} of run {}: {}", step.name, run.id, state_word(step));
  if (!step.ran_because.empty()) text += fmt::format("\nit ran because: {}", step.ran_because);
  if (step.state == StepState::reused) text += fmt::format("\nit was reused because its key is that of run {}, and the outputs still have their digests", step.reused_from);
  if (!step.why.empty()) text += fmt::format("\n{}: {}", step.fault != Fault::none ? with_spaces(name_of(step.fault)) : "why", step.why);
  if (!step.response.empty()) text += fmt::format("\nresponse: {}{}", with_spaces(step.response), step.because.empty() ? "" : ", because " + step.because);
  text += "\n";
  if (step.key_parts) {
    const StepKey& key = *step.key_parts;
    text += fmt::format("\nkey {}\n", step.key.substr(0, 16));
    for (const std::string_view line : split(key.command, '\n')) text += fmt::format("  {:<12} {}\n", "command", line);
    text += parts_text("parameter", key.parameters, false) + parts_text("input", key.inputs, true) + parts_text("environment", key.environment, true) +
            parts_text("variable", key.variables, false) + parts_text("tool", key.tools, true) + fmt::format("  {:<12} {}\n", "runs on", key.place);
  }
  if (!step.attempts.empty()) text += "\n" + attempts_text(step);
  if (!step.outputs.empty()) text += outputs_text(step);
  return text;
}

std::string list_text(const std::vector<RunRecord>& runs) {
  std::vector<std::vector<std::string>> rows{{"RUN", "STATE", "STARTED", "TIME", "STEPS", "NOTE"}};
  for (const RunRecord& run : runs) {
    const auto done = std::count_if(run.steps.begin(), run.steps.end(), [](const StepRecord& step) { return step.done(); });
    rows.push_back({run.id, with_spaces(name_of(run.state)), run.started, run.seconds > 0 ? duration_text(run.seconds) : "", fmt::format("{}/{}", done, run.steps.size()),
                    run.injected.empty() ? "" : "induced: " + join(run.injected, ", ")});
  }
  return table(rows);
}

std::string difference_text(const RunRecord& before, const RunRecord& now) {
  std::string text = fmt::format("{} -> {}\n", before.id, now.id);
  if (before.file_digest != now.file_digest) text += "  the flow file changed\n";
  for (const auto& [name, value] : now.params) {
    const auto old = std::find_if(before.params.begin(), before.params.end(), [&](const auto& entry) { return entry.first == name; });
    if (old == before.params.end()) {
      text += fmt::format("  parameter '{}' is new\n", name);
    } else if (old->second != value) {
      text += fmt::format("  parameter '{}' changed from {} to {}\n", name, old->second, value);
    }
  }
  for (const StepRecord& step : now.steps) {
    const StepRecord* old = before.find(step.name);
    if (old == nullptr) {
      text += fmt::format("  step {} is new\n", step.name);
      continue;
    }
    std::vector<std::string> changes;
    if (state_word(*old) != state_word(step)) changes.push_back(fmt::format("{} -> {}", state_word(*old), state_word(step)));
    if (old->key_parts && step.key_parts) {
      for (std::string& change : differences(*old->key_parts, *step.key_parts)) changes.push_back(std::move(change));
    }
    for (const OutputRecord& output : step.outputs) {
      const auto same = [&](const OutputRecord& other) { return other.name == output.name && other.digest.sha256 == output.digest.sha256; };
      if (std::none_of(old->outputs.begin(), old->outputs.end(), same)) changes.push_back(fmt::format("output '{}' differs", output.name));
    }
    if (!changes.empty()) text += fmt::format("  step {}: {}\n", step.name, join(changes, "; "));
  }
  for (const StepRecord& step : before.steps) {
    if (now.find(step.name) == nullptr) text += fmt::format("  step {} is gone\n", step.name);
  }
  return text;
}

}  // namespace cupel::flow
