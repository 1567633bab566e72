#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "source/csv_dictionary.h"
#include "source/csv_structure.h"
#include "source/csv_values.h"
#include "table/column.h"

namespace cupel::source {

/// The fields that stand for null, compared as written.
class NullWords {
 public:
  explicit NullWords(const std::vector<std::string>& words, char quote = '"');
  bool contains(std::string_view field) const {
    if (field.empty()) return empty_;
    return field.size() <= longest_ && contains_word(field);
  }
  /// A word such as `-999` could be read as a value and must be looked for first.
  bool may_be_values() const { return may_be_values_; }

 private:
  bool contains_word(std::string_view field) const;
  bool empty_ = false;
  bool may_be_values_ = false;
  std::size_t longest_ = 0;
  std::vector<std::string> words_;
};

/// How the fields of one column become values.
struct CsvColumn {
  int field = 0;
  table::Type type = table::Type::text;
  /// text: the contents and nothing else. written: the same, and only an empty field is null. guessed: values of another kind are noted,
  /// not errors. stated: they are errors.
  enum class Reading { text, written, guessed, stated };
  Reading reading = Reading::text;
  const NullWords* nulls = nullptr;
};

/// What was met in a column that did not fit its type.
struct Misfits {
  std::uint8_t kinds = k_no_kind;
  std::int64_t first_row = -1;         ///< of the first that is no number, counted as the rows that were passed
  std::string first_value;
};

/// The rows of a batch, found by CsvStructure: the first `num_rows` records that it holds.
struct CsvRows {
  const CsvStructure* structure = nullptr;
  std::int64_t num_rows = 0;
  std::int64_t first_row = 0;  ///< for Misfits
};

/// Values of one column of one batch in reused buffers. Text comes as codes while the column shows at most `most_entries` different fields,
/// and few compared with its rows.
class CsvColumnReader {
 public:
  CsvColumnReader(CsvColumn column, std::size_t most_entries);

  /// Reads the values; the view is valid until the next call. `stated` columns answer with the row (within the batch) of the first value
  /// that does not fit.
  std::optional<std::int64_t> read(const CsvRows& rows, Misfits& misfits);
  /// Of the last read of a `stated` column: all rows whose value does not fit.
  const std::vector<std::int64_t>& bad_rows() const { return bad_rows_; }
  /// Only notes kinds, as `read` would.
  void note_kinds(const CsvRows& rows, Misfits& misfits);
  const table::Column& view() const { return view_; }
  const CsvColumn& column() const { return column_; }

 private:
  template <typename Take>
  void for_each_field(const CsvRows& rows, Take take);
  template <typename Value, typename Read>
  std::optional<std::int64_t> read_values(const CsvRows& rows, Misfits& misfits, Read read);
  template <typename Value, typename Read, typename ReadShort>
  std::optional<std::int64_t> read_values(const CsvRows& rows, Misfits& misfits, Read read, ReadShort read_short);
  void read_text(const CsvRows& rows, Misfits& misfits);
  bool read_codes(const CsvRows& rows);
  std::int32_t add_to_dictionary(std::string_view field);
  void begin_rows(std::int64_t num_rows);
  void set_null(std::int64_t row) {
    validity_[static_cast<std::size_t>(row >> 3)] &= static_cast<std::uint8_t>(~(1U << (row & 7)));
    has_nulls_ = true;
  }
  void note(std::string_view content, std::int64_t row, Misfits& misfits) const;

  CsvColumn column_;
  const NullWords* nulls_;
  std::vector<std::int64_t> bad_rows_;
  table::Column view_;
  bool has_nulls_ = false;
  std::vector<std::uint8_t> validity_;
  std::vector<std::uint8_t> booleans_;
  std::vector<std::int64_t> integers_;
  std::vector<double> numbers_;
  std::optional<CsvDictionary> dictionary_;
  std::int64_t rows_looked_up_ = 0;
  std::int64_t entries_added_ = 0;
  std::vector<std::int32_t> codes_;
  std::vector<std::int32_t> offsets_;
  std::unique_ptr<char[]> bytes_;  // not cleared when it grows: most pages of a batch's worth are never touched
  std::size_t bytes_size_ = 0;
  std::string scratch_;
  char quote_ = '"';
};

}  // namespace cupel::source
