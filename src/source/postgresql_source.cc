#include "source/postgresql_source.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "base/invariant.h"
#include "source/database_query.h"
#include "source/postgresql_connection.h"
#include "table/row_chunks.h"

namespace cupel::source {
namespace {

using table::ColumnRequest;
using table::Type;

// src/include/catalog/pg_type.dat of PostgreSQL: numbers that never change.
enum TypeNumber : Oid {
  k_bool = 16,
  k_int8 = 20,
  k_int2 = 21,
  k_int4 = 23,
  k_oid = 26,
  k_float4 = 700,
  k_float8 = 701,
  k_money = 790,
  k_date = 1082,
  k_timestamp = 1114,
  k_timestamptz = 1184,
  k_numeric = 1700,
};

Type type_of(Oid type) {
  switch (type) {
    case k_bool: return Type::boolean;
    case k_int8:
    case k_int2:
    case k_int4:
    case k_oid: return Type::integer;
    case k_float4:
    case k_float8:
    case k_money:
    case k_numeric: return Type::number;
    case k_date:
    case k_timestamp:
    case k_timestamptz: return Type::timestamp;
    default: return Type::text;
  }
}

/// The column as the server shall send it, so that there is one binary form for each of our types.
std::string projection(const std::string& name, Oid from, Type to) {
  const std::string column = quoted_name(name);
  switch (to) {
    case Type::boolean: return column;
    case Type::integer: return column + "::int8";
    case Type::number: return from == k_money ? column + "::numeric::float8" : column + "::float8";
    case Type::timestamp: return from == k_timestamptz ? column : column + "::timestamp";
    case Type::text: return column + "::text";
  }
  return column;
}

std::uint64_t big_endian(const char* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

class PostgresqlSource : public table::BatchSource {
 public:
  PostgresqlSource(PostgresqlConnection connection, std::string shown, const ReadOptions& options)
      : connection_(std::move(connection)), shown_(std::move(shown)), from_(from_clause(options)), note_(query_note(options)) {}

  Result<void> open(const ReadOptions& options) {
    ASSIGN_OR_RETURN(const PostgresqlResult described, connection_.describe("select * from " + from_));
    std::vector<std::string> rounded;
    for (int i = 0; i < ::PQnfields(described.get()); ++i) {
      const Oid type = ::PQftype(described.get(), i);
      schema_.fields.push_back({::PQfname(described.get(), i), type_of(type)});
      types_.push_back(type);
      if (type == k_numeric || type == k_money) rounded.push_back(schema_.fields.back().name);
    }
    TRY(check_names(schema_, shown_));
    TRY(state_types(schema_, options, shown_));
    std::erase_if(rounded, [&](const std::string& name) { return options.types.contains(name) && options.types.at(name) == Type::text; });
    if (!rounded.empty()) note_ += fmt::format("; decimal numbers read as the nearest double: {}", join(rounded, ", "));
    return {};
  }

  const table::Schema& schema() const override { return schema_; }

  Result<std::int64_t> scan(std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor,
                            const table::ScanOptions& options) override {
    const std::vector<int> fields = table::RowChunks::fields_of(requests);
    std::vector<Type> types;
    std::string columns;
    for (const int field : fields) {
      const auto i = static_cast<std::size_t>(field);
      types.push_back(schema_.fields[i].type);
      columns += (columns.empty() ? "" : ", ") + projection(schema_.fields[i].name, types_[i], types.back());
    }
    TRY(connection_.run(fmt::format("declare cupel_cursor no scroll cursor for select {} from {}", columns, from_)));
    table::RowChunks chunks(visitor, options, requests, fields, types);
    TRY(connection_.send(fetch(k_first_rows)));
    std::int64_t num_rows = 0;
    for (int wanted = k_first_rows;;) {
      ASSIGN_OR_RETURN(const PostgresqlResult rows, connection_.receive());
      const int got = ::PQntuples(rows.get());
      const bool ends = got < wanted;
      wanted = next_fetch(*rows);
      if (!ends) TRY(connection_.send(fetch(wanted)));  // the server works while these rows are taken
      for (int row = 0; row < got; ++row) {
        for (std::size_t i = 0; i < fields.size(); ++i) {
          if (Result<void> taken = append(*rows, row, static_cast<int>(i), types[i], chunks.column(i)); !taken) {
            if (!ends) (void)connection_.receive();
            return tl::unexpected(place_of(taken.error(), fields[i], num_rows + row));
          }
        }
        chunks.end_row();
      }
      num_rows += got;
      if (options.progress) options.progress(static_cast<std::uint64_t>(num_rows), 0);
      if (ends) break;
    }
    TRY(connection_.run("close cupel_cursor"));
    return chunks.finish();
  }

  Result<Origin> origin() override { return Origin{shown_, {}, note_}; }

 private:
  static constexpr int k_first_rows = 256;

  static std::string fetch(int rows) { return fmt::format("fetch forward {} from cupel_cursor", rows); }

  // About 4 MiB at a time, however wide the rows are.
  static int next_fetch(const PGresult& rows) {
    constexpr std::size_t k_bytes = 4 << 20;
    const int got = ::PQntuples(&rows);
    if (got == 0) return k_first_rows;
    const std::size_t row_bytes = ::PQresultMemorySize(&rows) / static_cast<std::size_t>(got) + 1;
    return static_cast<int>(std::clamp<std::size_t>(k_bytes / row_bytes, 1, 16384));
  }

  Error place_of(Error error, int field, std::int64_t row) const {
    error.message =
        fmt::format("{}: row {}, column '{}' {}", shown_, row, schema_.fields[static_cast<std::size_t>(field)].name, error.message);
    return error;
  }

  Result<void> append(const PGresult& rows, int row, int column, Type type, table::ColumnBuilder& to) const {
    if (::PQgetisnull(&rows, row, column) != 0) {
      to.append_null();
      return {};
    }
    const char* const bytes = ::PQgetvalue(&rows, row, column);
    const auto size = static_cast<std::size_t>(::PQgetlength(&rows, row, column));
    if (type == Type::text) {
      const std::string_view text(bytes, size);
      if (!connection_.texts_are_utf8() && first_invalid_utf8(text)) return fail("is not UTF-8, expected text");
      to.append(text);
      return {};
    }
    CHECK(size == (type == Type::boolean ? 1 : 8), "{} bytes of a {}", size, table::type_name(type));
    switch (type) {
      case Type::boolean: to.append(static_cast<std::int64_t>(bytes[0] != 0)); break;
      case Type::number: to.append(std::bit_cast<double>(big_endian(bytes))); break;
      case Type::timestamp: {
        constexpr std::int64_t k_year_2000 = 946'684'800'000'000;  // the server counts from there
        const auto since = static_cast<std::int64_t>(big_endian(bytes));
        const bool is_infinite = since == std::numeric_limits<std::int64_t>::max() || since == std::numeric_limits<std::int64_t>::min();
        if (is_infinite || since > std::numeric_limits<std::int64_t>::max() - k_year_2000) {
          return fail("is {}, expected a timestamp before the year 292277", is_infinite ? "infinite" : "too late");
        }
        to.append(since + k_year_2000);
        break;
      }
      default: to.append(static_cast<std::int64_t>(big_endian(bytes)));
    }
    return {};
  }

  PostgresqlConnection connection_;
  std::string shown_;
  std::string from_;
  std::string note_;
  table::Schema schema_;
  std::vector<Oid> types_;
};

}  // namespace

Result<std::unique_ptr<table::BatchSource>> open_postgresql_rows(const std::string& address, const std::string& shown,
                                                                 const ReadOptions& options) {
  ASSIGN_OR_RETURN(PostgresqlConnection connection, PostgresqlConnection::open(address, shown));
  auto source = std::make_unique<PostgresqlSource>(std::move(connection), shown, options);
  TRY(source->open(options));
  return source;
}

}  // namespace cupel::source
