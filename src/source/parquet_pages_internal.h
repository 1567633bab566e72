#pragma once

#include <parquet/column_page.h>
#include <parquet/column_reader.h>
#include <parquet/encoding.h>
#include <parquet/exception.h>
#include <parquet/schema.h>
#include <parquet/types.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>

namespace cupel::source {

/// The values of one flat column of one row group, page after page, as they are stored: definition levels, then either indices into the
/// dictionary or plain values. What is damaged throws parquet::ParquetException.
template <typename Physical>
class ParquetPages {
 public:
  using Stored = typename Physical::c_type;

  ParquetPages(const parquet::ColumnDescriptor* column, std::unique_ptr<parquet::PageReader> pages)
      : column_(column), pages_(std::move(pages)) {
    if (column_->max_repetition_level() != 0 || column_->max_definition_level() > 1)
      throw parquet::ParquetException("the column is nested");
  }

  /// Rows of the current page that were not taken yet.
  std::int64_t rows_left() const { return rows_left_; }
  /// Goes to the next page that has rows; nothing may be left of the one before. Throws at the end.
  void next_page() {
    while (rows_left_ == 0) {
      page_ = pages_->NextPage();
      if (page_ == nullptr) throw parquet::ParquetException("a column ends before its row group does");
      switch (page_->type()) {
        case parquet::PageType::DICTIONARY_PAGE: read_dictionary(); break;
        case parquet::PageType::DATA_PAGE: open(dynamic_cast<const parquet::DataPageV1&>(*page_)); break;
        case parquet::PageType::DATA_PAGE_V2: open(dynamic_cast<const parquet::DataPageV2&>(*page_)); break;
        default: break;  // an index page; others are to be passed over
      }
    }
  }

  bool has_nulls() const { return has_nulls_; }
  /// Whether the rows of the page are indices into the dictionary.
  bool coded() const { return coded_; }
  /// Of the page last met; it stays until the end of the column.
  const Stored* dictionary() const { return entries_; }
  std::int32_t dictionary_size() const { return num_entries_; }

  /// Takes the next `num_rows` of the page: first their levels (1: present) where the page has nulls, then their present values.
  void take_levels(std::int64_t num_rows, std::int16_t* levels) {
    if (levels_.Decode(static_cast<int>(num_rows), levels) != num_rows) throw parquet::ParquetException("the definition levels end early");
  }
  void take_codes(std::int64_t num_values, std::int32_t* codes) {
    if (dictionary_decoder_->DecodeIndices(static_cast<int>(num_values), codes) != num_values) end_of_values();
    std::uint32_t most = 0;
    for (std::int64_t i = 0; i < num_values; ++i) most = std::max(most, static_cast<std::uint32_t>(codes[i]));
    if (num_values > 0 && most >= static_cast<std::uint32_t>(num_entries_))
      throw parquet::ParquetException("an index lies beyond the dictionary");
  }
  void take_values(std::int64_t num_values, Stored* values) {
    if (plain_->Decode(values, static_cast<int>(num_values)) != num_values) end_of_values();
  }
  void take_rows(std::int64_t num_rows) { rows_left_ -= num_rows; }

 private:
  using Decoder = parquet::TypedDecoder<Physical>;

  [[noreturn]] static void end_of_values() { throw parquet::ParquetException("the values of a page end early"); }

  void read_dictionary() {
    const auto& page = dynamic_cast<const parquet::DictionaryPage&>(*page_);
    if (dictionary_decoder_ != nullptr) throw parquet::ParquetException("a column has two dictionaries");
    if (page.encoding() != parquet::Encoding::PLAIN && page.encoding() != parquet::Encoding::PLAIN_DICTIONARY) {
      throw parquet::ParquetException("the dictionary has an encoding that is not known");
    }
    if (page.num_values() < 0 || page.num_values() > page.size()) throw parquet::ParquetException("the dictionary is larger than its page");
    const auto entries = parquet::MakeTypedDecoder<Physical>(parquet::Encoding::PLAIN, column_);
    entries->SetData(page.num_values(), page.data(), page.size());
    dictionary_decoder_ = parquet::MakeDictDecoder<Physical>(column_);
    dictionary_decoder_->SetDict(entries.get());
    dictionary_decoder_->GetDictionary(&entries_, &num_entries_);
  }

  void open(const parquet::DataPageV1& page) {
    const std::uint8_t* data = page.data();
    std::int32_t size = page.size();
    std::int32_t skipped = 0;
    if (column_->max_definition_level() > 0) {
      const auto set = [&] { return levels_.SetData(page.definition_level_encoding(), 1, page.num_values(), data, size); };
      skipped = set();
      if (find_nulls(page.num_values())) set();
    }
    if (skipped > size) throw parquet::ParquetException("the definition levels are longer than their page");
    open_values(page, data + skipped, size - skipped);
  }

  void open(const parquet::DataPageV2& page) {
    const std::int64_t skipped = std::int64_t{page.repetition_levels_byte_length()} + page.definition_levels_byte_length();
    if (page.repetition_levels_byte_length() < 0 || page.definition_levels_byte_length() < 0 || skipped > page.size()) {
      throw parquet::ParquetException("the levels are longer than their page");
    }
    if (column_->max_definition_level() > 0) {
      const std::uint8_t* const data = page.data() + page.repetition_levels_byte_length();
      const auto set = [&] { levels_.SetDataV2(page.definition_levels_byte_length(), 1, page.num_values(), data); };
      set();
      if (find_nulls(page.num_values())) set();
    }
    open_values(page, page.data() + skipped, static_cast<std::int32_t>(page.size() - skipped));
  }

  // A page without nulls has one run of levels, which is passed over at once.
  bool find_nulls(std::int32_t num_values) {
    has_nulls_ = false;
    for (std::int32_t seen = 0; seen < num_values;) {
      const auto run = levels_.CountUpTo(1, num_values - seen);
      if (run.processed_count <= 0) throw parquet::ParquetException("the definition levels end early");
      if (run.matching_count != run.processed_count) return has_nulls_ = true;
      seen += run.processed_count;
    }
    return false;
  }

  void open_values(const parquet::DataPage& page, const std::uint8_t* data, std::int32_t size) {
    if (page.num_values() < 0) throw parquet::ParquetException("a page has less than no values");
    coded_ = page.encoding() == parquet::Encoding::PLAIN_DICTIONARY || page.encoding() == parquet::Encoding::RLE_DICTIONARY;
    if (coded_) {
      if (dictionary_decoder_ == nullptr) throw parquet::ParquetException("a page refers to a dictionary that is not there");
      dictionary_decoder_->SetData(page.num_values(), data, size);
    } else {
      std::shared_ptr<Decoder>& decoder = decoders_[page.encoding()];
      if (decoder == nullptr) decoder = parquet::MakeTypedDecoder<Physical>(page.encoding(), column_);
      plain_ = decoder.get();
      plain_->SetData(page.num_values(), data, size);
    }
    rows_left_ = page.num_values();
  }

  const parquet::ColumnDescriptor* column_;
  std::unique_ptr<parquet::PageReader> pages_;
  std::shared_ptr<parquet::Page> page_;
  parquet::LevelDecoder levels_;
  std::int64_t rows_left_ = 0;
  bool has_nulls_ = false;
  bool coded_ = false;
  std::unique_ptr<parquet::DictDecoder<Physical>> dictionary_decoder_;
  const Stored* entries_ = nullptr;
  std::int32_t num_entries_ = 0;
  std::map<parquet::Encoding::type, std::shared_ptr<Decoder>> decoders_;
  Decoder* plain_ = nullptr;
};

}  // namespace cupel::source
