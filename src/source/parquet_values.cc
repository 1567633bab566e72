#include "source/parquet_values.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "base/text.h"
#include "source/parquet_conversions_internal.h"
#include "source/parquet_pages_internal.h"
#include "table/table.h"

namespace cupel::source {
namespace {

using table::Column;
using table::Type;

// Room for `count` values, whose content does not matter.
template <typename T>
T* room_for(ParquetBuffers& out, std::int64_t count) {
  const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(T);
  if (out.values_bytes < bytes) {
    out.values = std::make_unique_for_overwrite<unsigned char[]>(bytes);
    out.values_bytes = bytes;
  }
  return reinterpret_cast<T*>(out.values.get());
}

// The texts must be UTF-8 one by one, not only together.
bool all_utf8(const std::string& bytes, const std::vector<std::int32_t>& offsets) {
  if (first_invalid_utf8(bytes)) return false;
  for (const std::int32_t at : offsets) {
    const auto begin = static_cast<std::size_t>(at);
    if (begin < bytes.size() && (static_cast<unsigned char>(bytes[begin]) & 0xC0) == 0x80) return false;
  }
  return true;
}

template <typename Conversion>
class TypedValues : public ParquetValues {
 public:
  using Physical = typename Conversion::Physical;
  using Value = typename Conversion::Value;
  using Stored = typename Physical::c_type;

  TypedValues(const parquet::ColumnDescriptor* column, Conversion convert, bool instants, Type wanted,
              std::unique_ptr<parquet::PageReader> pages)
      : convert_(convert), instants_(instants), type_(wanted), pages_(column, std::move(pages)) {}

  Result<void> read(std::int64_t num_rows, ParquetBuffers& out) override {
    num_rows_ = num_rows;
    num_nulls_ = 0;
    bool coded = true;  // of text: all pages so far
    if (type_ == Type::text) start_text(out);
    for (std::int64_t row = 0; row < num_rows;) {
      if (pages_.rows_left() == 0) pages_.next_page();
      const std::int64_t count = std::min(num_rows - row, pages_.rows_left());
      const std::int64_t present = read_levels(row, count, out);
      if (type_ != Type::text) {
        read_values(row, count, present, out);
      } else if (coded && pages_.coded()) {
        TRY(read_codes(row, count, present, out));
      } else {
        if (coded) TRY(spell_out(row, out));
        coded = false;
        TRY(read_text(count, present, out));
      }
      pages_.take_rows(count);
      row += count;
    }
    return show(coded, out);
  }

 private:
  // Fills levels_ and the validity of the rows; answers how many are present.
  std::int64_t read_levels(std::int64_t row, std::int64_t count, ParquetBuffers& out) {
    if (!pages_.has_nulls()) {
      if (num_nulls_ > 0) mark_present(row, count, out);
      return count;
    }
    if (num_nulls_ == 0) {  // the first so far: all rows before are present
      out.validity.assign(static_cast<std::size_t>((num_rows_ + 7) / 8), 0);
      mark_present(0, row, out);
    }
    levels_.resize(static_cast<std::size_t>(count));
    pages_.take_levels(count, levels_.data());
    std::int64_t present = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int16_t level = levels_[static_cast<std::size_t>(i)];
      out.validity[static_cast<std::size_t>((row + i) >> 3)] |= static_cast<std::uint8_t>(level << ((row + i) & 7));
      present += level;
    }
    num_nulls_ += count - present;
    return present;
  }

  static void mark_present(std::int64_t row, std::int64_t count, ParquetBuffers& out) {
    for (std::int64_t i = row; i < row + count; ++i)
      out.validity[static_cast<std::size_t>(i >> 3)] |= static_cast<std::uint8_t>(1U << (i & 7));
  }

  // The present values stand densely at the front; from the back, each goes to its row.
  template <typename T>
  void spread(T* rows, std::int64_t count, std::int64_t present) const {
    for (std::int64_t i = count - 1; i >= 0 && present <= i; --i)
      rows[i] = levels_[static_cast<std::size_t>(i)] != 0 ? rows[--present] : T{};
  }

  void read_values(std::int64_t row, std::int64_t count, std::int64_t present, ParquetBuffers& out) {
    if constexpr (!std::is_same_v<Value, std::string_view>) {
      Value* const rows = room_for<Value>(out, num_rows_) + row;
      if (pages_.coded()) {
        const Value* const entries = entries_of_dictionary();
        codes_.resize(static_cast<std::size_t>(present));
        pages_.take_codes(present, codes_.data());
        for (std::int64_t i = 0; i < present; ++i) rows[i] = entries[codes_[static_cast<std::size_t>(i)]];
      } else {
        const Stored* const stored = take_stored(present);
        for (std::int64_t i = 0; i < present; ++i) rows[i] = convert_(stored[i]);
      }
      if (present < count) spread(rows, count, present);
    }
  }

  const Value* entries_of_dictionary() {
    if (entries_.empty()) {
      for (std::int32_t i = 0; i < pages_.dictionary_size(); ++i) entries_.push_back(convert_(pages_.dictionary()[i]));
    }
    return entries_.data();
  }

  const Stored* take_stored(std::int64_t count) {
    if (stored_size_ < count) {
      stored_ = std::make_unique<Stored[]>(static_cast<std::size_t>(count));
      stored_size_ = count;
    }
    pages_.take_values(count, stored_.get());
    return stored_.get();
  }

  static void start_text(ParquetBuffers& out) {
    out.bytes.clear();
    out.offsets.assign(1, 0);
  }

  Result<void> read_codes(std::int64_t row, std::int64_t count, std::int64_t present, ParquetBuffers& out) {
    if (dictionary_ == nullptr) TRY(make_dictionary());
    std::int32_t* const codes = room_for<std::int32_t>(out, num_rows_) + row;
    pages_.take_codes(present, codes);
    if (present < count) spread(codes, count, present);
    return {};
  }

  Result<void> make_dictionary() {
    auto made = std::make_shared<TextDictionary>();
    for (std::int32_t i = 0; i < pages_.dictionary_size(); ++i) TRY(append(convert_(pages_.dictionary()[i]), made->bytes, made->offsets));
    if (!all_utf8(made->bytes, made->offsets)) return fail("the dictionary of the text is not UTF-8");
    made->view.num_rows = pages_.dictionary_size();
    made->view.offsets = made->offsets.data();
    made->view.bytes = made->bytes.data();
    dictionary_ = std::move(made);
    return {};
  }

  // Values as text: what value_text gives.
  Result<void> append(Value value, std::string& bytes, std::vector<std::int32_t>& offsets) const {
    if constexpr (std::is_same_v<Value, std::string_view>) {
      bytes += value;
    } else {
      Column one;
      one.type = std::is_same_v<Value, double>         ? Type::number
                 : std::is_same_v<Value, std::uint8_t> ? Type::boolean
                 : instants_                           ? Type::timestamp
                                                       : Type::integer;
      one.num_rows = 1;
      one.values = &value;
      bytes += table::value_text(one, 0);
    }
    if (bytes.size() > INT32_MAX) return fail("more than 2 GiB of text in one batch");
    offsets.push_back(static_cast<std::int32_t>(bytes.size()));
    return {};
  }

  // A page without codes follows pages with them: what was read of the batch becomes plain.
  Result<void> spell_out(std::int64_t num_rows, ParquetBuffers& out) const {
    const auto* const codes = reinterpret_cast<const std::int32_t*>(out.values.get());
    for (std::int64_t row = 0; row < num_rows; ++row) {
      const bool present = num_nulls_ == 0 || ((out.validity[static_cast<std::size_t>(row >> 3)] >> (row & 7)) & 1) != 0;
      if (present) out.bytes += dictionary_->view.text(codes[row]);
      if (out.bytes.size() > INT32_MAX) return fail("more than 2 GiB of text in one batch");
      out.offsets.push_back(static_cast<std::int32_t>(out.bytes.size()));
    }
    return {};
  }

  Result<void> read_text(std::int64_t count, std::int64_t present, ParquetBuffers& out) {
    if (pages_.coded()) {
      if (dictionary_ == nullptr) TRY(make_dictionary());
      codes_.resize(static_cast<std::size_t>(present));
      pages_.take_codes(present, codes_.data());
    } else {
      take_stored(present);
    }
    std::int64_t next = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      if (present < count && levels_[static_cast<std::size_t>(i)] == 0) {
        out.offsets.push_back(out.offsets.back());
      } else if (pages_.coded()) {
        out.bytes += dictionary_->view.text(codes_[static_cast<std::size_t>(next++)]);
        if (out.bytes.size() > INT32_MAX) return fail("more than 2 GiB of text in one batch");
        out.offsets.push_back(static_cast<std::int32_t>(out.bytes.size()));
      } else {
        TRY(append(convert_(stored_[static_cast<std::size_t>(next++)]), out.bytes, out.offsets));
      }
    }
    return {};
  }

  Result<void> show(bool coded, ParquetBuffers& out) {
    out.view = Column{};
    out.view.type = type_;
    out.view.num_rows = num_rows_;
    if (num_nulls_ > 0) out.view.validity = out.validity.data();
    if (type_ != Type::text) {
      out.view.values = room_for<Value>(out, num_rows_);
    } else if (coded && num_rows_ > 0) {
      out.dictionary = dictionary_;
      out.view.codes = room_for<std::int32_t>(out, num_rows_);
      out.view.dictionary = &dictionary_->view;
    } else {
      if (!all_utf8(out.bytes, out.offsets)) return fail("text that is not UTF-8");
      out.view.offsets = out.offsets.data();
      out.view.bytes = out.bytes.data();
    }
    return {};
  }

  Conversion convert_;
  bool instants_;  // 64-bit values are times
  Type type_;
  ParquetPages<Physical> pages_;
  std::int64_t num_rows_ = 0;   // of the batch
  std::int64_t num_nulls_ = 0;  // of the batch, so far
  std::vector<std::int16_t> levels_;
  std::vector<std::int32_t> codes_;
  std::unique_ptr<Stored[]> stored_;
  std::int64_t stored_size_ = 0;
  std::vector<Value> entries_;
  std::shared_ptr<const TextDictionary> dictionary_;
};

}  // namespace

std::unique_ptr<ParquetValues> ParquetValues::make(const parquet::ColumnDescriptor* column, const arrow::DataType& type, Type wanted,
                                                   std::unique_ptr<parquet::PageReader> pages) {
  const bool instants = type.id() == arrow::Type::TIMESTAMP || type.id() == arrow::Type::DATE32 || type.id() == arrow::Type::DATE64;
  return with_conversion(*column, type, wanted == Type::number, [&](auto convert) -> std::unique_ptr<ParquetValues> {
    return std::make_unique<TypedValues<decltype(convert)>>(column, convert, instants, wanted, std::move(pages));
  });
}

}  // namespace cupel::source
