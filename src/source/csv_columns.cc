#include "source/csv_columns.h"

#include <algorithm>
#include <cstring>

#include "base/invariant.h"
#include "table/timestamp.h"

namespace cupel::source {

using table::Type;

namespace {
constexpr std::size_t k_short_text = 16;
constexpr std::ptrdiff_t k_short_text_read = 16;
// A dictionary of more than a thousand entries that grew by more than every fourth row so far is given up.
constexpr std::int64_t k_rows_on_trial = 4096;
constexpr std::int64_t k_rows_an_entry = 4;
}  // namespace

CsvColumnReader::CsvColumnReader(CsvColumn column, std::size_t most_entries) : column_(column), nulls_(column.nulls) {
  if (column.type == Type::text && column.reading == CsvColumn::Reading::text) dictionary_.emplace(most_entries);
}

NullWords::NullWords(const std::vector<std::string>& words, char quote) {
  for (const std::string& word : words) {
    if (word.empty()) {
      empty_ = true;
      if (quote != '\0') words_.emplace_back(2, quote);
    } else {
      words_.push_back(word);
    }
  }
  for (const std::string& word : words_) {
    longest_ = std::max(longest_, word.size());
    may_be_values_ |= word.find_first_of("0123456789") != std::string::npos || kind_of(word) != k_other;
  }
}

bool NullWords::contains_word(std::string_view field) const {
  return std::any_of(words_.begin(), words_.end(), [&](const std::string& word) { return field == word; });
}

/// Calls `take(row, field as written)` for every row.
template <typename Take>
void CsvColumnReader::for_each_field(const CsvRows& rows, Take take) {
  const std::size_t stride = rows.structure->num_fields();
  const char* const text = rows.structure->text().data();
  const std::uint32_t* end = rows.structure->ends() + column_.field;
  const bool last = static_cast<std::size_t>(column_.field) + 1 == stride;
  for (std::int64_t row = 0; row < rows.num_rows; ++row, end += stride) {
    const std::size_t from = static_cast<std::uint32_t>(end[-1] + 1U);
    std::size_t to = *end;
    if (last && to > from && text[to - 1] == '\r') --to;
    take(row, std::string_view(text + from, to - from));
  }
}

void CsvColumnReader::begin_rows(std::int64_t num_rows) {
  validity_.assign(static_cast<std::size_t>((num_rows + 7) / 8), 0xFF);
  has_nulls_ = false;
  bad_rows_.clear();
  view_ = table::Column{};
  view_.type = column_.type;
  view_.num_rows = num_rows;
}

void CsvColumnReader::note(std::string_view content, std::int64_t row, Misfits& misfits) const {
  const ValueKinds kind = kind_of(content);
  misfits.kinds |= kind;
  if (misfits.first_row < 0 && (kind & (k_other | k_boolean)) != 0) {
    misfits.first_row = row;
    misfits.first_value = content;
  }
}

template <typename Value, typename Read>
std::optional<std::int64_t> CsvColumnReader::read_values(const CsvRows& rows, Misfits& misfits, Read parse) {
  return read_values<Value>(rows, misfits, parse, [](std::uint64_t, std::size_t, Value&) { return false; });
}

/// `read_short` reads a field of at most eight bytes from a word, or leaves it to `parse`.
template <typename Value, typename Read, typename ReadShort>
std::optional<std::int64_t> CsvColumnReader::read_values(const CsvRows& rows, Misfits& misfits, Read parse, ReadShort read_short) {
  auto& values = [this]() -> std::vector<Value>& {
    if constexpr (std::is_same_v<Value, double>) return numbers_;
    else if constexpr (std::is_same_v<Value, std::uint8_t>) return booleans_;
    else return integers_;
  }();
  if (values.size() < static_cast<std::size_t>(rows.num_rows)) values.resize(static_cast<std::size_t>(rows.num_rows));
  Value* const out = values.data();
  view_.values = out;
  const bool nulls_first = nulls_->may_be_values();
  const char quote = rows.structure->dialect().quote;
  std::optional<std::int64_t> bad;
  const char* const text_end = rows.structure->text().data() + rows.structure->text().size();
  for_each_field(rows, [&](std::int64_t row, std::string_view field) {
    if (nulls_first && nulls_->contains(field)) {
      out[row] = Value{};
      return set_null(row);
    }
    if (text_end - field.data() >= 8) [[likely]] {
      std::uint64_t word = 0;
      std::memcpy(&word, field.data(), 8);
      if (read_short(word, field.size(), out[row])) [[likely]] return;
    }
    if (parse(field, out[row])) return;
    out[row] = Value{};
    if (nulls_->contains(field)) return set_null(row);
    const std::string_view content = field_content(field, scratch_, quote);
    if (content.data() != field.data() && parse(content, out[row])) return;
    if (column_.reading == CsvColumn::Reading::stated) {
      if (!bad) bad = row;
      bad_rows_.push_back(row);
    } else {
      note(content, rows.first_row + row, misfits);
    }
  });
  return bad;
}

void CsvColumnReader::read_text(const CsvRows& rows, Misfits& misfits) {
  const CsvStructure& structure = *rows.structure;
  const auto num_rows = static_cast<std::size_t>(rows.num_rows);
  const std::size_t span_begin = static_cast<std::uint32_t>(structure.ends()[-1] + 1U);
  const std::size_t span = structure.ends()[num_rows * structure.num_fields() - 1] - span_begin;
  if (bytes_size_ < span + k_short_text) {
    bytes_size_ = span + k_short_text;
    bytes_ = std::make_unique_for_overwrite<char[]>(bytes_size_);
  }
  if (offsets_.size() < num_rows + 1) offsets_.resize(num_rows + 1);
  // The contents are never longer than the fields, so nothing below can outgrow the buffer.
  char* const bytes = bytes_.get();
  char* out = bytes;
  const char* const text_end = structure.text().data() + structure.text().size();
  const char quote = structure.dialect().quote;
  const bool noting = column_.reading == CsvColumn::Reading::guessed;
  for_each_field(rows, [&](std::int64_t row, std::string_view field) {
    offsets_[static_cast<std::size_t>(row)] = static_cast<std::int32_t>(out - bytes);
    if (nulls_->contains(field)) return set_null(row);
    const std::string_view content = !field.empty() && field[0] == quote ? field_content(field, scratch_, quote) : field;
    if (content.size() <= k_short_text && text_end - field.data() >= k_short_text_read && content.data() == field.data()) {
      std::memcpy(out, content.data(), k_short_text);  // one load and one store where a call would take longer than the copy
    } else if (!content.empty()) {
      std::memcpy(out, content.data(), content.size());
    }
    out += content.size();
    if (noting && (misfits.kinds & k_other) == 0) note(content, rows.first_row + row, misfits);
  });
  offsets_[num_rows] = static_cast<std::int32_t>(out - bytes);
  view_.offsets = offsets_.data();
  view_.bytes = bytes;
}

std::int32_t CsvColumnReader::add_to_dictionary(std::string_view field) {
  if (++entries_added_ * k_rows_an_entry > rows_looked_up_ + k_rows_on_trial) return CsvDictionary::k_unknown;
  if (nulls_->contains(field)) return dictionary_->add_null(field) ? CsvDictionary::k_null : CsvDictionary::k_unknown;
  return dictionary_->add(field, field_content(field, scratch_, quote_));
}

/// False: the column has too many different texts, the dictionary is given up.
bool CsvColumnReader::read_codes(const CsvRows& rows) {
  if (codes_.size() < static_cast<std::size_t>(rows.num_rows)) codes_.resize(static_cast<std::size_t>(rows.num_rows));
  std::int32_t* const out = codes_.data();
  const char* const text_end = rows.structure->text().data() + rows.structure->text().size();
  std::int32_t signs = 0;
  bool complete = true;
  quote_ = rows.structure->dialect().quote;
  for_each_field(rows, [&](std::int64_t row, std::string_view field) {
    std::int32_t code = dictionary_->find(field, static_cast<std::size_t>(text_end - field.data()));
    if (code == CsvDictionary::k_unknown) [[unlikely]] {
      code = complete ? add_to_dictionary(field) : code;
      complete = complete && code != CsvDictionary::k_unknown;
    }
    out[row] = code;
    signs |= code;
  });
  rows_looked_up_ += rows.num_rows;
  if (!complete) {
    dictionary_.reset();
    codes_ = {};
    return false;
  }
  if (signs < 0) {
    for (std::int64_t row = 0; row < rows.num_rows; ++row) {
      if (out[row] >= 0) continue;
      out[row] = 0;
      set_null(row);
    }
  }
  const table::Column& entries = dictionary_->entries();
  view_.codes = out;
  view_.dictionary = &entries;
  view_.dictionary_id = dictionary_->id();
  return true;
}

std::optional<std::int64_t> CsvColumnReader::read(const CsvRows& rows, Misfits& misfits) {
  begin_rows(rows.num_rows);
  std::optional<std::int64_t> bad;
  const bool stated = column_.reading == CsvColumn::Reading::stated;
  if (rows.num_rows == 0) return bad;
  switch (column_.type) {
    case Type::text:
      if (!dictionary_ || !read_codes(rows)) read_text(rows, misfits);
      break;
    case Type::integer:
      bad = read_values<std::int64_t>(
          rows, misfits,
          [stated](std::string_view content, std::int64_t& value) {
            return stated ? read_integer_loosely(content, value) : read_integer(content, value);
          },
          [](std::uint64_t word, std::size_t length, std::int64_t& value) { return read_short_integer(word, length, value); });
      break;
    case Type::number:
      bad = read_values<double>(
          rows, misfits,
          [stated](std::string_view content, double& value) { return stated ? read_number_loosely(content, value) : read_number(content, value); },
          [](std::uint64_t word, std::size_t length, double& value) { return read_short_number(word, length, value); });
      break;
    case Type::boolean:
      bad = read_values<std::uint8_t>(rows, misfits, [stated](std::string_view content, std::uint8_t& value) {
        bool truth = false;
        const bool known = read_boolean(content, truth);
        value = truth ? 1 : 0;
        if (known || !stated || (content != "0" && content != "1")) return known;
        value = content == "1" ? 1 : 0;
        return true;
      });
      break;
    case Type::timestamp:
      bad = read_values<std::int64_t>(rows, misfits, [](std::string_view content, std::int64_t& value) {
        const std::optional<std::int64_t> micros = table::parse_timestamp(content);
        value = micros.value_or(0);
        return micros.has_value();
      });
      break;
  }
  if (has_nulls_) view_.validity = validity_.data();
  return bad;
}

void CsvColumnReader::note_kinds(const CsvRows& rows, Misfits& misfits) {
  if (column_.reading != CsvColumn::Reading::guessed || (misfits.kinds & k_other) != 0) return;
  for_each_field(rows, [&](std::int64_t row, std::string_view field) {
    if ((misfits.kinds & k_other) != 0 || nulls_->contains(field)) return;
    const std::string_view content = field_content(field, scratch_, rows.structure->dialect().quote);
    const ValueKinds kind = kind_of(content);
    if (joined_type(static_cast<std::uint8_t>(kind)) == column_.type && column_.type != Type::text) return;
    if (column_.type == Type::number && kind == k_integer) return;
    note(content, rows.first_row + row, misfits);
  });
}

}  // namespace cupel::source
