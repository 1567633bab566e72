// Registry::promote: gates asked and the alias written in one transaction, so that the holder that was compared is the one that is replaced.

#include "base/text.h"
#include "registry/database.h"
#include "registry/gates.h"
#include "registry/identifier.h"
#include "registry/registry.h"
#include "registry/rows_internal.h"

namespace cupel::registry {
namespace {

/// The decision as the history keeps it: "champion: yes; verdict of check: yes (suite 'reviews': pass); took over from reviews/2".
std::string decision_text(const std::string& alias, const Promotion& promotion) {
  std::string text = alias;
  for (const GateAnswer& answer : promotion.answers) text += fmt::format("; {}: {} ({})", answer.gate, answer_word(answer.kind), answer.words);
  if (promotion.allowed && promotion.holder) text += "; before, it was " + promotion.holder->id();
  return text;
}

}  // namespace

Result<Promotion> Registry::promote(std::string_view id, std::string_view alias, const Gates& gates, const std::optional<std::string>& because, Injected injected) {
  TRY(check_alias(alias));
  TRY(step("begin"));
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(*database_));
  ASSIGN_OR_RETURN(const std::int64_t row, row_of(id, Removed::hide));
  Promotion promotion;
  ASSIGN_OR_RETURN(promotion.version, version_at(row));
  const Version& version = promotion.version;
  ASSIGN_OR_RETURN(const std::int64_t model, model_row(*database_, version.name));
  ASSIGN_OR_RETURN(Statement holder, database_->prepare("SELECT version FROM alias WHERE model = ? AND name = ?"));
  holder.bind(1, model).bind(2, alias);
  ASSIGN_OR_RETURN(const bool held, holder.step());
  if (held) {
    ASSIGN_OR_RETURN(promotion.holder, version_at(holder.integer(0)));
  }
  if (version.injected && injected == Injected::refuse) {
    promotion.answers.push_back({"a real run", GateAnswer::Kind::no, fmt::format("made under the induced fault '{}'", shorten(*version.injected, 100))});
  }
  const auto read_result = [&](const Verdict& verdict) -> Result<Json> {
    const std::string digest = verdict.digest.value_or("");
    if (!is_digest(digest)) return fail(ErrorKind::corrupt, "its digest is damaged");
    std::error_code error;
    const std::uintmax_t bytes = fs::file_size(blobs_.path_of(digest), error);
    if (error) return fail(ErrorKind::not_found, "its file is missing");
    ASSIGN_OR_RETURN(const std::string text, blobs_.read({digest, bytes}));
    return parse_json(text, "the result");
  };
  for (GateAnswer& answer : ask_gates(gates, version, promotion.holder, read_result)) promotion.answers.push_back(std::move(answer));
  // Its files are read whole before an alias leads others to them.
  if (const std::vector<Problem> problems = verify(version); !problems.empty()) {
    promotion.answers.push_back({"its files are whole", GateAnswer::Kind::no, problems[0].text});
  }
  promotion.allowed = all_pass(promotion.answers);
  TRY(step("write the decision"));
  if (promotion.allowed) TRY(write_alias(*database_, model, std::string(alias), row));
  TRY(insert_event(*database_, row, promotion.allowed ? "promoted" : "not promoted", decision_text(std::string(alias), promotion), because));
  ASSIGN_OR_RETURN(promotion.version, version_at(row));
  TRY(step("commit"));
  TRY(transaction.commit());
  TRY(step("done"));
  return promotion;
}

}  // namespace cupel::registry
