#include "states/profile_source.h"

#include <algorithm>

#include "base/text.h"
#include "table/ordered_chunks.h"

namespace cupel::states {
namespace {

constexpr std::int64_t k_chunk_rows = 1 << 16;

// The values of one requested column, and where each one's rows end.
struct Told {
  table::ColumnBuilder values;
  std::vector<std::int64_t> ends;
};

Told tell(const Profile::ColumnEntry& column, table::ColumnRequest::As as) {
  Told told{table::ColumnBuilder(as == table::ColumnRequest::As::text ? table::Type::text : column.type), {}};
  std::int64_t end = 0;
  const auto take = [&](const Scalar& value, std::int64_t count, std::int64_t) {
    switch (told.values.type()) {
      case table::Type::text: told.values.append(std::string_view(value.value_text())); break;
      case table::Type::number: told.values.append(value.number); break;
      default: told.values.append(value.integer);
    }
    told.ends.push_back(end += count);
  };
  if (column.facts.is_exact()) {
    column.facts.frequencies().exact().for_each(take);
  } else {
    take(*column.facts.min(), column.facts.count() - 1, 0);
    take(*column.facts.max(), 1, 0);
  }
  return told;
}

// Rows [from, to) of one column, in buffers that are used again.
struct Telling {
  std::vector<std::int32_t> codes;
  std::vector<std::uint8_t> booleans;
  std::vector<std::int64_t> integers;
  std::vector<double> numbers;
  std::vector<std::uint8_t> validity;
  table::Column dictionary;

  template <typename Value>
  static void fill(const Told& told, std::int64_t from, std::int64_t to, std::vector<Value>& out, const Value* values) {
    out.assign(static_cast<std::size_t>(to - from), Value{});
    auto entry = static_cast<std::size_t>(std::upper_bound(told.ends.begin(), told.ends.end(), from) - told.ends.begin());
    for (std::int64_t row = from; row < to && entry < told.ends.size(); ++entry) {
      const std::int64_t end = std::min(to, told.ends[entry]);
      std::fill(out.begin() + (row - from), out.begin() + (end - from), values == nullptr ? static_cast<Value>(entry) : values[entry]);
      row = end;
    }
  }

  table::Column rows(const Told& told, std::int64_t from, std::int64_t to) {
    const table::Column values = told.values.view();
    table::Column column;
    column.type = values.type;
    column.num_rows = to - from;
    const std::int64_t present = told.ends.empty() ? 0 : told.ends.back();
    if (to > present) {
      validity.assign(static_cast<std::size_t>((to - from + 7) / 8), 0);
      for (std::int64_t row = from; row < std::min(to, present); ++row) {
        validity[static_cast<std::size_t>((row - from) >> 3)] |= static_cast<std::uint8_t>(1 << ((row - from) & 7));
      }
      column.validity = validity.data();
    }
    switch (values.type) {
      case table::Type::text:
        fill<std::int32_t>(told, from, to, codes, nullptr);
        dictionary = values;
        column.codes = codes.data();
        column.dictionary = &dictionary;
        break;
      case table::Type::boolean:
        fill(told, from, to, booleans, values.booleans());
        column.values = booleans.data();
        break;
      case table::Type::number:
        fill(told, from, to, numbers, values.numbers());
        column.values = numbers.data();
        break;
      default:
        fill(told, from, to, integers, values.integers());
        column.values = integers.data();
    }
    return column;
  }
};

}  // namespace

Result<std::int64_t> ProfileSource::scan(std::span<const table::ColumnRequest> requests, table::ChunkVisitor& visitor,
                                         const table::ScanOptions& options) {
  std::vector<Told> told;
  for (const table::ColumnRequest& request : requests) {
    const Profile::ColumnEntry& column = profile_.columns[static_cast<std::size_t>(request.field)];
    if (!column.facts.is_exact() && !stands_in_) {
      return fail("the profile keeps column '{}' as sketches: it has about {} different values", column.name,
                  with_thousands(static_cast<std::int64_t>(column.facts.frequencies().distinct().value)));
    }
    told.push_back(tell(column, request.as));
  }
  const std::int64_t chunk_rows = std::max<std::int64_t>(1, std::min(k_chunk_rows, options.chunk_bytes));
  const std::int64_t num_chunks = (profile_.rows + chunk_rows - 1) / chunk_rows;
  std::vector<std::unique_ptr<table::ChunkVisitor::Chunk>> chunks(static_cast<std::size_t>(num_chunks));
  const auto bounds = [&](std::int64_t chunk) { return std::pair(chunk * chunk_rows, std::min(profile_.rows, (chunk + 1) * chunk_rows)); };
  const auto work = [&](std::int64_t chunk) {
    const auto [from, to] = bounds(chunk);
    auto made = visitor.make_chunk(chunk);
    std::vector<Telling> tellings(told.size());
    for (std::int64_t row = from; row < to && !told.empty();) {
      table::Batch batch;
      batch.first_row = row - from;
      batch.num_rows = std::min(options.batch_rows, to - row);
      for (std::size_t i = 0; i < told.size(); ++i) batch.columns.push_back(tellings[i].rows(told[i], row, row + batch.num_rows));
      made->visit(batch);
      row += batch.num_rows;
    }
    chunks[static_cast<std::size_t>(chunk)] = std::move(made);
  };
  const auto merge = [&](std::int64_t chunk) {
    const auto [from, to] = bounds(chunk);
    visitor.merge(std::move(chunks[static_cast<std::size_t>(chunk)]), to - from);
    return true;
  };
  table::ordered_chunks(num_chunks, options.threads, work, merge);
  return profile_.rows;
}

Result<table::BatchSource::Origin> ProfileSource::origin() {
  Origin origin;
  for (const std::string& source : profile_.sources) origin.path += (origin.path.empty() ? "" : ", ") + source;
  origin.note = "checked against a profile" + (profile_.where.empty() ? std::string() : " of the rows where " + profile_.where);
  return origin;
}

}  // namespace cupel::states
