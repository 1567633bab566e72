#include "suite/verdict.h"

namespace cupel::suite {

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return "pass";
    case Verdict::fail: return "fail";
    case Verdict::inconclusive: return "inconclusive";
    case Verdict::error: break;
  }
  return "error";
}

std::string_view severity_name(Severity severity) { return severity == Severity::error ? "error" : "warn"; }

void Outcome::cannot(std::string why) {
  verdict = Verdict::error;
  message = std::move(why);
}

Counts Report::counts() const {
  Counts counts;
  for (const Outcome& result : results) {
    switch (result.verdict) {
      case Verdict::pass: ++counts.pass; break;
      case Verdict::fail:
        ++counts.fail;
        if (result.severity == Severity::warn) ++counts.warned;
        break;
      case Verdict::inconclusive: ++counts.inconclusive; break;
      case Verdict::error: ++counts.error; break;
    }
  }
  return counts;
}

Verdict Report::verdict() const {
  const Counts c = counts();
  if (c.fail > c.warned) return Verdict::fail;
  if (c.error > 0) return Verdict::error;
  if (c.inconclusive > 0) return Verdict::inconclusive;
  return Verdict::pass;
}

int Report::exit_status(Strict strict) const {
  const Counts c = counts();
  if (c.error > 0) return 2;
  if (c.fail > c.warned) return 1;
  if (strict == Strict::yes && c.fail + c.inconclusive > 0) return 1;
  return 0;
}

}  // namespace cupel::suite
