#include "flow/policy.h"

#include <cmath>

#include "base/random.h"
#include "base/text.h"
#include "flow/quantity.h"

namespace cupel::flow {
namespace {

constexpr double k_longest_delay = 3600;

Result<Response> read_response(const yaml::Node& node) {
  ASSIGN_OR_RETURN(const std::string name, node.text("'then'"));
  if (const auto response = response_of(name)) return *response;
  return node.fail_here(fmt::format("unknown response '{}'{}", shorten(name, 60), nearest_note(name, response_names())));
}

Result<Policy> read_policy(const yaml::Node& node, Fault fault) {
  Policy policy;
  policy.tries = std::max(1, entry_of(fault).tries);
  if (node.is_scalar()) {
    ASSIGN_OR_RETURN(policy.then, read_response(node));
    if (policy.then == Response::fall_back) return node.fail_here("'fall_back' needs a target", "write {then: fall_back, to: model@champion}");
    return policy;
  }
  static const std::vector<std::string> k_keys = {"then", "to", "by", "tries", "delay", "backoff", "with", "because"};
  TRY(node.only_keys(k_keys, "a response"));
  const yaml::Node* then = node.find("then");
  if (then == nullptr) return node.fail_here("'then' is missing, expected what to do about the fault");
  ASSIGN_OR_RETURN(policy.then, read_response(*then));
  const bool repeats = policy.then == Response::retry || policy.then == Response::resume;
  const bool falls_back = policy.then == Response::fall_back;
  for (const auto& member : node.members) {
    const std::string& key = member.key.scalar;
    if ((key == "tries" || key == "delay" || key == "backoff" || key == "with") && !repeats) {
      return member.key.fail_here(fmt::format("'{}' belongs to retry and resume, not to {}", key, name_of(policy.then)));
    }
    if ((key == "to" || key == "by") && !falls_back) {
      return member.key.fail_here(fmt::format("'{}' belongs to fall_back, not to {}", key, name_of(policy.then)));
    }
  }
  if (const auto* tries = node.find("tries")) {
    ASSIGN_OR_RETURN(const std::int64_t count, tries->integer("'tries'"));
    if (count < 1 || count > 1000) return tries->fail_here(fmt::format("'tries' is {}, expected 1 to 1000", count));
    policy.tries = static_cast<int>(count);
  }
  if (const auto* delay = node.find("delay")) {
    ASSIGN_OR_RETURN(policy.delay_seconds, read_delay(*delay, "'delay'"));
  }
  if (const auto* backoff = node.find("backoff")) {
    ASSIGN_OR_RETURN(policy.backoff, backoff->number("'backoff'"));
    if (policy.backoff < 1 || policy.backoff > 100) return backoff->fail_here("'backoff' is a factor from 1 to 100");
  }
  if (const auto* with = node.find("with")) {
    if (!with->is_map()) return with->fail_here(fmt::format("'with' is {}, expected parameters", with->description()));
    for (const auto& member : with->members) {
      ASSIGN_OR_RETURN(Template value, Template::parse(member.value, "a parameter"));
      policy.with.emplace_back(member.key.scalar, std::move(value));
    }
  }
  if (const auto* to = node.find("to")) {
    ASSIGN_OR_RETURN(policy.to, Template::parse(*to, "'to'"));
  }
  if (const auto* by = node.find("by")) {
    ASSIGN_OR_RETURN(policy.by, Template::parse(*by, "'by'"));
  }
  if (falls_back && !policy.to && !policy.by) return node.fail_here("'fall_back' needs 'to': a model such as reviews@champion");
  if (const auto* because = node.find("because")) {
    ASSIGN_OR_RETURN(policy.because, because->text("'because'"));
  }
  return policy;
}

}  // namespace

Result<Policies> read_policies(const yaml::Node& node) {
  TRY(node.only_keys(configurable_faults(), "'on'"));
  Policies policies;
  for (const auto& member : node.members) {
    const Fault fault = *fault_of(member.key.scalar);
    ASSIGN_OR_RETURN(policies[fault], read_policy(member.value, fault));
  }
  return policies;
}

Policy policy_for(const Policies& policies, Fault fault) {
  if (const auto found = policies.find(fault); found != policies.end()) return found->second;
  Policy policy;
  policy.then = entry_of(fault).response;
  policy.tries = entry_of(fault).tries;
  return policy;
}

double delay_before(const Policy& policy, std::uint64_t seed, std::string_view step, Fault fault, int index) {
  const double plain = std::min(k_longest_delay, policy.delay_seconds * std::pow(policy.backoff, index));
  Random random(seed, fmt::format("retry {} {}", step, name_of(fault)), static_cast<std::uint64_t>(index));
  return plain * (0.9 + 0.2 * random.uniform());
}

}  // namespace cupel::flow
