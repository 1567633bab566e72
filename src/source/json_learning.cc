#include "source/json_learning.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/result.h"
#include "source/json_record_internal.h"
#include "table/ordered_chunks.h"

namespace cupel::source {
namespace {

constexpr std::int64_t k_part_bytes = 1 << 20;

// Says where and why a text is no JSON; what simdjson refuses and this one takes are numbers beyond 64 bits.
class StrictParser : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::optional<JsonFault> fault;
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& exception) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 5: syntax error while parsing value - invalid literal; last read:
    // 'nux'"
    std::string_view what = exception.what();
    if (const std::size_t id = what.find("] "); id != std::string_view::npos) what.remove_prefix(id + 2);
    if (const std::size_t reason = what.find(": "); reason != std::string_view::npos && what.starts_with("parse error"))
      what.remove_prefix(reason + 2);
    // Bytes read, the one that does not fit included.
    fault = JsonFault{position > 0 ? position - 1 : 0, shorten(what.substr(0, what.find("; last read")), 160)};
    return false;
  }
};

std::optional<JsonFault> check_record(std::string_view record, simdjson::dom::parser& parser) {
  simdjson::dom::element element;
  if (parser.parse(record.data(), record.size(), /*realloc_if_needed=*/true).get(element) == simdjson::SUCCESS) return std::nullopt;
  StrictParser strict;
  nlohmann::json::sax_parse(record.begin(), record.end(), &strict);
  return strict.fault;
}

// The columns of one part of the text.
class Learner {
 public:
  JsonFacts facts;

  void start_row() {
    ++facts.num_rows;
    next_ = 0;
    repeated_.reset();
  }
  int slot(std::string_view path, std::size_t at) {
    const int slot = find(path);
    std::int64_t& last_row = last_rows_[static_cast<std::size_t>(slot)];
    if (last_row == facts.num_rows && !repeated_)
      repeated_ = JsonFault{at, fmt::format("the key '{}' stands twice in one object", shorten(path, 60))};
    last_row = facts.num_rows;
    return slot;
  }
  static bool enters(std::string_view) { return true; }
  bool take(int slot, JsonKind kind, std::string_view text) {
    JsonColumnFacts& column = facts.columns[static_cast<std::size_t>(slot)];
    const std::uint8_t value = kind == JsonKind::null      ? k_no_kind
                               : kind == JsonKind::boolean ? k_boolean
                               : kind == JsonKind::integer ? k_integer
                               : kind == JsonKind::number  ? k_number
                                                           : k_other;
    column.kinds |= value;
    if ((value & (k_boolean | k_other)) != 0 && column.first_other_row < 0) {
      column.first_other_row = facts.num_rows - 1;
      column.first_other = shorten(text, 200);
    }
    return true;
  }
  const std::optional<JsonFault>& repeated() const { return repeated_; }

  void add(const JsonFacts& later) {
    for (const JsonColumnFacts& column : later.columns) {
      JsonColumnFacts& own = facts.columns[static_cast<std::size_t>(find(column.name))];
      own.kinds |= column.kinds;
      if (own.first_other_row < 0 && column.first_other_row >= 0) {
        own.first_other_row = facts.num_rows + column.first_other_row;
        own.first_other = column.first_other;
      }
    }
    facts.num_rows += later.num_rows;
  }

 private:
  // Rows tend to have the same keys in the same order.
  int find(std::string_view path) {
    if (next_ < facts.columns.size() && facts.columns[next_].name == path) return static_cast<int>(next_++);
    const auto [known, is_new] = slots_.try_emplace(std::string(path), static_cast<int>(facts.columns.size()));
    if (is_new) {
      facts.columns.push_back({std::string(path)});
      last_rows_.push_back(0);
    }
    next_ = static_cast<std::size_t>(known->second) + 1;
    return known->second;
  }

  std::unordered_map<std::string, int> slots_;
  std::vector<std::int64_t> last_rows_;
  std::size_t next_ = 0;
  std::optional<JsonFault> repeated_;
};

struct Parsers {
  JsonRecordReader reader;
  simdjson::dom::parser dom;
};

JsonFacts learn_part(std::string_view text, const JsonRecords& records, const JsonRecords::Part& part, Parsers& parsers) {
  Learner learner;
  std::size_t at = part.begin;
  while (const auto record = records.next(at, part)) {
    const auto begin = static_cast<std::size_t>(record->data() - text.data());
    learner.start_row();
    std::optional<JsonFault> fault = check_record(*record, parsers.dom);
    if (!fault && !record->starts_with('{')) fault = JsonFault{0, "not an object, expected one"};
    if (!fault) fault = parsers.reader.read(*record, text.size() - begin - record->size(), learner);
    if (!fault) fault = learner.repeated();
    if (fault) {
      learner.facts.fault = JsonFault{begin + fault->at, std::move(fault->what)};
      break;
    }
  }
  return std::move(learner.facts);
}

}  // namespace

JsonFacts learn_json(std::string_view text, const JsonRecords& records, const std::function<void(std::string_view)>& done) {
  const std::int64_t num_parts = records.num_parts(k_part_bytes);
  std::vector<JsonFacts> parts(static_cast<std::size_t>(num_parts));
  Learner all;
  std::mutex mutex;
  std::vector<std::unique_ptr<Parsers>> free;
  std::exception_ptr thrown;
  table::ordered_chunks(
      num_parts, 0,
      [&](std::int64_t i) {
        try {
          std::unique_ptr<Parsers> parsers;
          {
            const std::lock_guard lock(mutex);
            if (!free.empty()) {
              parsers = std::move(free.back());
              free.pop_back();
            }
          }
          if (parsers == nullptr) parsers = std::make_unique<Parsers>();
          parts[static_cast<std::size_t>(i)] = learn_part(text, records, records.part(i, k_part_bytes), *parsers);
          const std::lock_guard lock(mutex);
          free.push_back(std::move(parsers));
        } catch (...) {
          const std::lock_guard lock(mutex);
          thrown = std::current_exception();
        }
      },
      [&](std::int64_t i) {
        {
          const std::lock_guard lock(mutex);
          if (thrown) return false;
        }
        JsonFacts part = std::move(parts[static_cast<std::size_t>(i)]);
        if (part.fault) {
          all.facts.fault = std::move(part.fault);
          return false;
        }
        all.add(part);
        const JsonRecords::Part bytes = records.part(i, k_part_bytes);
        done(text.substr(bytes.begin, bytes.end - bytes.begin));
        return true;
      });
  if (thrown) std::rethrow_exception(thrown);
  return std::move(all.facts);
}

}  // namespace cupel::source
