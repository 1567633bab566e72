#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/batch.h"
#include "table/expression.h"
#include "table/table.h"

namespace cupel::source {

/// Whether an address may be asked for, or only what is kept of it be read.
enum class Network { never, allowed };

/// How a file is read. The defaults find out; what they chose is told by Origin::note where it is not plain UTF-8 with commas.
struct ReadOptions {
  /// Fields that stand for null, compared with the field as written; `""` also covers a quoted empty field. Parquet and JSON have their own.
  std::vector<std::string> nulls{""};
  /// Further ones of single columns, by name.
  std::map<std::string, std::vector<std::string>> column_nulls{};
  /// `utf-8`, `latin1` (also `iso-8859-1`), `windows-1252` (also `cp1252`), `utf-16` (by its byte order mark), `utf-16le`, `utf-16be`.
  /// Not given: UTF-8, or UTF-16 where the file begins with its byte order mark.
  std::optional<std::string> encoding{};
  /// Columns whose type is stated, by name. A value that does not fit is an error that names its line.
  std::map<std::string, table::Type> types{};
  /// Not given: the one of `,` `;` tab `|` that cuts the first rows most evenly.
  std::optional<char> delimiter{};
  /// NUL: quotes are text. Not given: `"`, or `'` where the first rows have fields in such quotes and none in `"`.
  std::optional<char> quote{};
  /// The line of the column names, from 1; the lines before are passed over. 0: there is none, columns are called `column_0` ….
  int header_line = 1;
  /// Names in place of those of the header, one for every column.
  std::vector<std::string> names{};
  /// Two columns of one name: an error, or the second is called `name_2`, and told by Origin::note.
  enum class RepeatedNames { refuse, number };
  RepeatedNames repeated_names = RepeatedNames::refuse;
  /// A row with another number of fields, or with a value that does not fit a stated type, of a CSV file: the table is refused, or the row is
  /// left out and told by bad_rows_of. Bytes that are not text and quotes that never close are errors in any case.
  enum class BadRowPolicy { stop, report };
  BadRowPolicy bad_rows = BadRowPolicy::stop;
  /// Whether Origin::digest is wanted: SHA-256 of a large file takes about as long as scanning it does.
  enum class Digest { wanted, left_out };
  Digest digest = Digest::wanted;
  /// What is decompressed or recoded to more bytes than this is read as a stream, again for every scan. 0: everything is, for tests.
  std::size_t in_memory_bytes = 64 << 20;
  /// The rows of a database: a statement that yields rows, or the name of a table (`schema.table`). One of them, and for databases alone.
  std::optional<std::string> query{};
  std::optional<std::string> table{};
  Network network = Network::allowed;
};

/// Opens a table that is scanned from its file: CSV or TSV, never as a whole in memory (also compressed by gzip or zstd), JSON Lines
/// (compressed: decompressed into memory), Parquet or Arrow IPC; `-` is standard input. The format is recognized by the first bytes; a name that ends in `.tsv`
/// prefers tabs. Errors: `missing file 'x'`, `'x' is empty, expected a header line`, a format that
/// is not read, a header with a name twice, an option that names an unknown column or encoding. A CSV file that cannot be what its
/// options say is refused with a hint at the option that may help. A header without rows is a table of no
/// rows.
///
/// CSV: quotes and line breaks in quotes as in RFC 4180; a quote inside an unquoted field is text; lines end with LF or CRLF; a byte
/// order mark is skipped, blank lines at the end are ignored. A column without a name is called `unnamed_0` by its position from 0.
/// Types come from all values of a column, whatever the chunks and threads: integers, else numbers, else text; `true` and `false` (also
/// `True`, `TRUE`) make booleans. `007`, `+5`, `inf`, `nan` and ` 5` are text; integers beyond 64 bits are numbers; a column of nulls is
/// text. Until a scan has settled them, types are those of the first rows; a scan that meets a wider one calls ChunkVisitor::restart.
/// A request As::text does not settle a type. Field::first_text counts rows from 0.
/// Every row is checked, also where only other columns are wanted: number of fields, closed quotes, UTF-8, no NUL byte. Errors name the
/// line, the first in row order: `reviews.csv:17: the row has 3 fields, expected 11`.
///
/// Parquet: a chunk is a row group, or a piece of one where there are few; only the wanted columns are decoded. Integers of any width are integers; floats, decimals and unsigned
/// 64-bit integers are numbers; dates and timestamps are timestamps in microseconds; strings, binary that is UTF-8 and columns of nulls
/// are text (with codes where the file has a dictionary; so are other values that are asked for as text). Dates beyond 64 bits of microseconds are
/// the last that fit. Lists, structs, times of day and the like stay in the schema as text, and asking
/// for one is an error that names its type. ReadOptions::types may make a column text, or an integer one a number.
///
/// `https://…`, `http://…`, `hf://…` and `kaggle://…` are fetched into a cache, verified and then read like any file (see fetch.h); the digest
/// is that of the content. `postgresql://…` and SQLite files are read by ReadOptions::query or ::table (see open_elsewhere.h).
///
/// A row group is not read where its statistics (least, most, number of nulls) show that no filter of ScanOptions::pruning is true in it; its
/// rows count all the same, and damage in it goes unnoticed. In a folder of Parquet files the values of the partitions decide, too, so whole
/// files are passed over. Files of other formats are read in any case: their rows are counted and their types settled by reading.
///
/// Arrow IPC (a file, as Feather version 2 is, or a stream, with plain or compressed buffers): a chunk is a record batch; types as for Parquet.
///
/// A folder, or a pattern (`data/*.parquet`), is one table: its files (of a folder all below it, none that begins with a dot or underscore) in
/// the order of their names, all of one format. Columns join by name; one that a file lacks is null there. Integers and numbers join to
/// numbers, other types of CSV and JSON to text; in Parquet and Arrow IPC they are an error that names both files. Folders such as `year=2017`
/// make columns behind the others, typed by their values, which win over columns of that name in the files. The digest is that of the list of
/// names and digests. Files are read one after another, threads within each.
///
/// JSON Lines: one object a line, blank lines passed over; or one array of objects. The columns are the keys in order of first appearance in
/// the file; a missing key is null. Objects inside are flattened (`address.city`), arrays are text, as written. All is checked and types are
/// settled when it is opened, which reads the file once more: booleans, integers within 64 bits, else numbers, else text, in which numbers
/// and booleans stand as written; what stands in quotes is text. Errors name line and byte: what is no JSON, no object, not UTF-8, half a
/// surrogate pair, a key twice in one object, a number beyond the largest double.
///
/// The first line of a file beside it, `x.csv.origin`, is told by Origin::note: so generated data say that they are (`cupel generate`).
Result<std::unique_ptr<table::BatchSource>> open_source(const std::string& path, const ReadOptions& options = {});

/// The rows of a source where the expression is true, as a source: rows count anew from 0. The digest of its origin is that of the whole
/// file; the note names the expression. Errors: unknown columns and types that clash, as Expression::bind gives them.
Result<std::unique_ptr<table::BatchSource>> open_filtered(std::unique_ptr<table::BatchSource> source, table::Expression where);

/// All rows in memory, all columns or those named, in that order (unknown column: nearest named). Types are final.
Result<table::Table> read_table(table::BatchSource& source, const std::optional<std::vector<std::string>>& columns = std::nullopt);
Result<table::Table> read_table(const std::string& path, const ReadOptions& options = {},
                                const std::optional<std::vector<std::string>>& columns = std::nullopt);

/// `boolean`, `integer`, `number`, `text` or `timestamp`, as suites and options write them; else an error with the nearest.
Result<table::Type> parse_type(std::string_view word);

}  // namespace cupel::source
