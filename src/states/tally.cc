#include "states/tally.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "states/kept_rows.h"
#include "table/timestamp.h"

namespace cupel::states {

using table::Type;

const ValueCounts& Tally::in_memory() const {
  CHECK(is_in_memory(), "counts in memory of {} values that are not", count());
  return exact_;
}

template <typename Take>
void Tally::for_each_in_memory(Take&& take) const {
  const auto type = static_cast<std::uint8_t>(exact_.type().value_or(Type::text));
  exact_.for_each_key([&](KeyDigest digest, std::int64_t count, std::int64_t first_row, std::uint64_t bits, std::size_t text_begin, std::size_t text_size) {
    const bool is_text = static_cast<Type>(type) == Type::text;
    take(Item{digest, first_row, count, is_text ? text_begin : bits, static_cast<std::uint32_t>(text_size), type, is_text});
  });
}

void Tally::spill() {
  const std::uint64_t place = texts_are_ == Texts::kept ? texts_->append(exact_.all_texts()) : 0;
  for_each_in_memory([&](Item item) {
    if (item.in_memory) item.bits += place;
    if (item.in_memory && texts_are_ == Texts::dropped) item.bits = item.text_size = 0;
    item.in_memory = false;
    items_.add(item);
  });
  spilled_count_ += exact_.count();
  spilled_nulls_ += exact_.nulls();
  exact_ = exact_.begun_anew();
  share_.hold(0);
}

void Tally::settle() {
  // Half of the memory is the items' once there are any.
  const std::int64_t bytes = exact_.memory_bytes();
  if (!share_.hold(exact_.allocated_bytes()) || bytes > (is_in_memory() ? limit_bytes_ : limit_bytes_ / 2)) spill();
}

void Tally::put_away() {
  if (exact_.distinct() > 0 && (!is_in_memory() || share_.held() > 0)) spill();
  items_.put_away();
}

void Tally::update(const table::Batch& batch, Selection rows) {
  exact_.update(batch, rows);
  settle();
}

void Tally::merge(const State& later) {
  const auto& other = same_kind<Tally>(later);
  if (!other.is_in_memory()) {
    const std::int64_t rows_before = exact_.rows_passed();
    items_.add_all(other.items_, [&](Item item) {
      if (static_cast<Type>(item.type) == Type::text && texts_are_ == Texts::kept) item.bits = texts_->append(other.text_of(item));
      item.first_row += rows_before;
      return item;
    });
  }
  spilled_count_ += other.spilled_count_;
  spilled_nulls_ += other.spilled_nulls_;
  exact_.merge(other.exact_);
  settle();
}

Tally::Cursor Tally::by_digest() const {
  auto all = std::make_shared<SortedRuns<Item>>(items_);
  for_each_in_memory([&](const Item& item) { all->add(item); });
  Cursor cursor;
  cursor.all_ = all;
  cursor.items_.emplace(all->ascending());
  cursor.more_ = cursor.items_->next(cursor.next_);
  return cursor;
}

std::string Tally::text_of(const Item& item) const {
  if (item.in_memory) return std::string(std::string_view(exact_.all_texts()).substr(item.bits, item.text_size));
  std::string text(item.text_size, '\0');
  texts_->read(item.bits, text);
  return text;
}

std::string Tally::value_text(const Item& item) const {
  switch (static_cast<Type>(item.type)) {
    case Type::boolean: return item.bits != 0 ? "true" : "false";
    case Type::integer: return fmt::format("{}", static_cast<std::int64_t>(item.bits));
    case Type::number: return exact_text(std::bit_cast<double>(item.bits));
    case Type::timestamp: return table::timestamp_text(static_cast<std::int64_t>(item.bits));
    case Type::text: return text_of(item);
  }
  return {};
}

std::int64_t Tally::distinct() const {
  if (is_in_memory()) return exact_.distinct();
  std::int64_t different = 0;
  for_each([&](const Item&) { ++different; });
  return different;
}

std::vector<ValueCounts::Entry> Tally::by_count(std::int64_t at_most) const {
  if (is_in_memory()) return exact_.by_count(at_most);
  const auto before = [](const Item& a, const Item& b) { return a.count != b.count ? a.count > b.count : a.first_row < b.first_row; };
  std::vector<Item> first;
  const auto most = static_cast<std::size_t>(at_most);
  const auto cut = [&] {
    std::sort(first.begin(), first.end(), before);
    if (first.size() > most) first.resize(most);
  };
  for_each([&](const Item& item) {
    first.push_back(item);
    if (first.size() >= 4 * most + 1024) cut();
  });
  cut();
  std::vector<ValueCounts::Entry> entries;
  for (const Item& item : first) entries.push_back({value_text(item), item.count, item.first_row});
  return entries;
}

std::vector<std::int64_t> Tally::counts_of(std::span<const std::string> values) const {
  std::vector<std::int64_t> counts;
  if (is_in_memory()) {
    for (const std::string& value : values) counts.push_back(exact_.count_of(value));
    return counts;
  }
  // What each would be as any type; those that do not occur are 0.
  std::vector<std::pair<KeyDigest, std::size_t>> wanted;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string& value = values[i];
    wanted.emplace_back(digests::of_text(value), i);
    if (const auto number = value == "nan" ? std::optional(std::numeric_limits<double>::quiet_NaN()) : parse_number(value)) wanted.emplace_back(digests::of_number(*number), i);
    if (const auto integer = parse_integer(value)) wanted.emplace_back(digests::of_integer(*integer), i);
    if (const auto micros = table::parse_timestamp(value)) wanted.emplace_back(digests::of_bits(static_cast<std::uint64_t>(*micros), 3), i);
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  counts.assign(values.size(), 0);
  auto next = wanted.begin();
  for_each([&](const Item& item) {
    while (next != wanted.end() && next->first < item.digest) ++next;
    for (; next != wanted.end() && next->first == item.digest; ++next) counts[next->second] += item.count;
  });
  return counts;
}

std::optional<Error> Tally::problem() const {
  auto problem = items_.problem();
  return problem ? problem : texts_->problem();
}

// By first row, as counts in memory are.
void Tally::write(std::string& out) const {
  std::vector<Item> all;
  for_each([&](const Item& item) { all.push_back(item); });
  std::sort(all.begin(), all.end(), [](const Item& a, const Item& b) { return a.first_row < b.first_row; });
  ByteWriter bytes;
  for (const std::int64_t whole : {exact_.rows_passed(), nulls(), static_cast<std::int64_t>(all.size())}) bytes.whole(static_cast<std::uint64_t>(whole));
  for (const Item& item : all) {
    bytes.whole(item.type);
    bytes.whole(static_cast<std::uint64_t>(item.count));
    bytes.whole(static_cast<std::uint64_t>(item.first_row));
    static_cast<Type>(item.type) == Type::text ? bytes.text(text_of(item)) : bytes.fixed(item.bits);
  }
  bytes.seal(format(), out);
}

Result<void> Tally::read(std::string_view bytes) {
  *this = emptied();
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  Tally fresh = emptied();
  const std::int64_t rows_passed = in.count();
  fresh.spilled_nulls_ = in.count();
  const std::int64_t size = in.count_of(4);
  std::int64_t before = -1;
  for (std::int64_t i = 0; i < size && !in.failed(); ++i) {
    const std::uint64_t type = in.whole();
    in.expect(type <= static_cast<std::uint64_t>(Type::timestamp));
    Item item;
    item.count = in.count();
    item.first_row = in.count();
    in.expect(item.count > 0 && item.count <= rows_passed && item.first_row > before && item.first_row < rows_passed);
    if (in.failed()) break;
    before = item.first_row;
    item.type = static_cast<std::uint8_t>(type);
    if (static_cast<Type>(type) == Type::text) {
      const std::string_view text = in.text();
      item.digest = digests::of_text(text);
      item.text_size = static_cast<std::uint32_t>(text.size());
      item.bits = in.failed() ? 0 : fresh.texts_->append(text);
    } else {
      item.bits = in.fixed();
      in.expect(static_cast<Type>(type) != Type::number || number_bits(std::bit_cast<double>(item.bits)) == item.bits);
      in.expect(static_cast<Type>(type) != Type::boolean || item.bits <= 1);
      item.digest = static_cast<Type>(type) == Type::number      ? digests::of_number(std::bit_cast<double>(item.bits))
                    : static_cast<Type>(type) == Type::timestamp ? digests::of_bits(item.bits, 3)
                                                                 : digests::of_integer(static_cast<std::int64_t>(item.bits));
    }
    fresh.items_.add(item);
    fresh.spilled_count_ += item.count;
    in.expect(fresh.spilled_count_ <= rows_passed);
  }
  in.expect(fresh.spilled_count_ + fresh.spilled_nulls_ <= rows_passed);
  TRY(in.finish());
  fresh.exact_.pass_rows(rows_passed);
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
