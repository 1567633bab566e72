#include "model/train_checkpoint.h"

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "base/hash.h"
#include "base/text.h"

namespace cupel::model {
namespace {

constexpr std::string_view k_magic = "cupel training 1\n";
constexpr std::uintmax_t k_largest_bytes = 1u << 30;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

void put_text(std::string& to, std::string_view text) {
  const std::uint64_t size = text.size();
  to.append(reinterpret_cast<const char*>(&size), sizeof size);
  to.append(text);
}

bool take_text(std::string_view& from, std::string& text) {
  std::uint64_t size = 0;
  if (from.size() < sizeof size) return false;
  std::memcpy(&size, from.data(), sizeof size);
  from.remove_prefix(sizeof size);
  if (size > from.size()) return false;
  text = std::string(from.substr(0, size));
  from.remove_prefix(size);
  return true;
}

/// The file is whole and belongs to `key`.
bool parse(std::string_view bytes, std::string_view key, double& percent, std::map<std::string, std::string, std::less<>>& entries) {
  constexpr std::size_t k_digest = 64;
  if (bytes.size() < k_magic.size() + k_digest || !bytes.starts_with(k_magic)) return false;
  const std::string_view body = bytes.substr(0, bytes.size() - k_digest);
  if (sha256_hex(body) != bytes.substr(body.size())) return false;
  std::string_view rest = body.substr(k_magic.size());
  std::string text, name;
  if (!take_text(rest, text) || text != key) return false;
  if (!take_text(rest, text)) return false;
  percent = parse_number(text).value_or(0);
  while (!rest.empty()) {
    if (!take_text(rest, name) || !take_text(rest, text)) return false;
    entries[name] = text;
  }
  return true;
}

}  // namespace

Result<CheckpointInterval> parse_checkpoint_interval(std::string_view text) {
  using Unit = CheckpointInterval::Unit;
  struct Form {
    std::string_view ending;
    Unit unit;
    double factor;
  };
  constexpr Form k_forms[] = {{"%", Unit::percent, 1}, {"s", Unit::seconds, 1}, {"m", Unit::seconds, 60}, {"h", Unit::seconds, 3600}, {"", Unit::steps, 1}};
  for (const Form& form : k_forms) {
    if (!text.ends_with(form.ending)) continue;
    const auto amount = parse_number(text.substr(0, text.size() - form.ending.size()));
    if (amount && std::isfinite(*amount) && *amount > 0 && (form.unit != Unit::percent || *amount <= 100)) return CheckpointInterval{form.unit, *amount * form.factor};
    break;
  }
  return fail("'{}' is no interval, expected a share of the training such as 4%, a time such as 30s or 2m, or a number of steps such as 10", shorten(text, 60));
}

Result<TrainingOrders> read_orders() {
  TrainingOrders orders;
  orders.checkpoint_folder = variable("CUPEL_CHECKPOINT_DIR");
  orders.injected = variable("CUPEL_INJECTED");
  orders.run = variable("CUPEL_RUN");
  if (const std::string text = variable("CUPEL_INJECT_KILL_AT"); !text.empty()) {
    orders.kill_at = parse_number(text.ends_with('%') ? std::string_view(text).substr(0, text.size() - 1) : std::string_view(text));
    if (!orders.kill_at || !(*orders.kill_at >= 0 && *orders.kill_at <= 100)) return fail("CUPEL_INJECT_KILL_AT is '{}', expected a percentage", shorten(text, 60));
  }
  if (const std::string text = variable("CUPEL_INJECT_ROWS"); !text.empty()) {
    orders.first_rows = parse_integer(text);
    if (!orders.first_rows || *orders.first_rows < 0) return fail("CUPEL_INJECT_ROWS is '{}', expected a number of rows", shorten(text, 60));
  }
  return orders;
}

Result<Checkpoint> Checkpoint::open(const TrainingOrders& orders, std::string key, Told told) {
  Checkpoint checkpoint;
  checkpoint.key_ = std::move(key);
  checkpoint.told_ = std::move(told);
  checkpoint.kill_at_ = orders.kill_at;
  checkpoint.every_ = orders.every;
  if (orders.checkpoint_folder.empty()) return checkpoint;
  checkpoint.path_ = orders.checkpoint_folder / "training.checkpoint";
  const auto bytes = read_file(checkpoint.path_, k_largest_bytes);
  if (!bytes && bytes.error().kind == ErrorKind::not_found) return checkpoint;
  if (!bytes) return tl::unexpected<Error>(bytes.error());
  if (!parse(*bytes, checkpoint.key_, checkpoint.resumed_at_, checkpoint.entries_)) {
    // Of another training, or damaged: beginning anew costs time, going on from it would cost the truth.
    checkpoint.entries_.clear();
    checkpoint.resumed_at_ = 0;
  }
  checkpoint.percent_ = checkpoint.saved_percent_ = checkpoint.resumed_at_;
  return checkpoint;
}

std::optional<std::string_view> Checkpoint::find(std::string_view name) const {
  const auto found = entries_.find(name);
  return found != entries_.end() ? std::optional<std::string_view>(found->second) : std::nullopt;
}

void Checkpoint::put(std::string_view name, std::string bytes) { entries_.insert_or_assign(std::string(name), std::move(bytes)); }

void Checkpoint::erase(std::string_view name) {
  const auto found = entries_.find(name);
  if (found != entries_.end()) entries_.erase(found);
}

Result<void> Checkpoint::reached(double percent, std::string_view stage) {
  percent_ = std::max(percent_, percent);
  if (told_) told_(percent_, stage);
  ++steps_;
  if (!path_.empty() && is_due()) TRY(save());
  if (kill_at_ && percent_ >= *kill_at_) std::raise(SIGKILL);
  return {};
}

bool Checkpoint::is_due() const {
  switch (every_.unit) {
    case CheckpointInterval::Unit::percent: return percent_ >= saved_percent_ + every_.amount;
    case CheckpointInterval::Unit::seconds: return since_saved_.seconds() >= every_.amount;
    case CheckpointInterval::Unit::steps: return steps_ >= every_.amount;
  }
  return false;
}

Result<void> Checkpoint::save() {
  std::string bytes(k_magic);
  put_text(bytes, key_);
  put_text(bytes, exact_text(percent_));
  for (const auto& [name, entry] : entries_) {
    put_text(bytes, name);
    put_text(bytes, entry);
  }
  bytes += sha256_hex(bytes);
  saved_percent_ = percent_;
  since_saved_ = Stopwatch();
  steps_ = 0;
  return write_file(path_, bytes, Durable::yes);
}

void Checkpoint::remove() {
  std::error_code ignored;  // a checkpoint that stays is recognized as finished work of the same key: it does no harm
  if (!path_.empty()) fs::remove(path_, ignored);
}

}  // namespace cupel::model
