#include "states/table_profile.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "states/byte_form.h"
#include "states/scan.h"
#include "table/table.h"

namespace cupel::states {
namespace {

constexpr std::string_view k_magic = "cupel profile 1\n";
constexpr std::string_view k_format = "profile/1";
constexpr std::int64_t k_most_rows = std::int64_t{1} << 50;  // in bytes of anybody's: merging them still counts rightly

std::vector<int> slots_of(std::size_t size) {
  std::vector<int> slots(size);
  std::iota(slots.begin(), slots.end(), 0);
  return slots;
}

std::string written(const State& state) {
  std::string bytes;
  state.write(bytes);
  return bytes;
}

table::Type wider(table::Type a, table::Type b) {
  if (a == b) return a;
  const bool numeric = a != table::Type::text && b != table::Type::text && a != table::Type::timestamp && b != table::Type::timestamp;
  return numeric && a != table::Type::boolean && b != table::Type::boolean ? table::Type::number : table::Type::text;
}

}  // namespace

const Profile::ColumnEntry* Profile::find(std::string_view name) const {
  const auto at = std::find_if(columns.begin(), columns.end(), [&](const ColumnEntry& entry) { return entry.name == name; });
  return at == columns.end() ? nullptr : &*at;
}

table::Schema Profile::schema() const {
  table::Schema schema;
  for (const ColumnEntry& column : columns) {
    table::Field field;
    field.name = column.name;
    field.type = column.type;
    field.no_values = column.facts.count() == 0;
    schema.fields.push_back(std::move(field));
  }
  return schema;
}

Result<void> Profile::merge(const Profile& later) {
  if (later.columns.size() != columns.size()) {
    return fail("profiles of {} and of {} columns cannot be merged", columns.size(), later.columns.size());
  }
  if (where != later.where) return fail("a profile of the rows where '{}' and one where '{}' cannot be merged", where, later.where);
  bool same_order = true;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const ColumnEntry* other = later.find(columns[i].name);
    if (other == nullptr) return fail("column '{}' is missing in one of the profiles", columns[i].name);
    same_order = same_order && other == &later.columns[i];
  }
  // Null masks speak of positions.
  if (!same_order) return fail("profiles whose columns stand in different order cannot be merged");
  for (ColumnEntry& column : columns) {
    const ColumnEntry& other = *later.find(column.name);
    column.type = column.facts.count() == 0 ? other.type : other.facts.count() == 0 ? column.type : wider(column.type, other.type);
    column.facts.merge(other.facts);
  }
  null_masks.merge(later.null_masks);
  rows += later.rows;
  sources.insert(sources.end(), later.sources.begin(), later.sources.end());
  return {};
}

std::string Profile::bytes() const {
  ByteWriter out;
  out.whole(sources.size());
  for (const std::string& source : sources) out.text(source);
  out.text(where);
  out.whole(static_cast<std::uint64_t>(rows));
  out.whole(columns.size());
  for (const ColumnEntry& column : columns) {
    out.text(column.name);
    out.text(table::type_name(column.type));
    out.text(written(column.facts));
  }
  out.text(written(null_masks));
  std::string all(k_magic);
  out.seal(k_format, all);
  return all;
}

Result<Profile> Profile::parse(std::string_view bytes, std::string_view name) {
  const auto refuse = [&](std::string_view why) { return fail(ErrorKind::corrupt, "'{}' is not a sound profile: {}", name, why); };
  if (!is_profile(bytes)) return refuse("it does not begin with 'cupel profile 1'");
  auto opened = ByteReader::open(k_format, bytes.substr(k_magic.size()));
  if (!opened) return refuse("its bytes do not match their checksum");
  ByteReader& in = *opened;
  Profile profile;
  const std::int64_t num_sources = in.count_of(1);
  for (std::int64_t i = 0; i < num_sources && !in.failed(); ++i) profile.sources.emplace_back(in.text());
  profile.where = in.text();
  profile.rows = in.count();
  in.expect(profile.rows < k_most_rows);
  const std::int64_t num_columns = in.count_of(3);
  for (std::int64_t i = 0; i < num_columns && !in.failed(); ++i) {
    ColumnEntry& column = profile.columns.emplace_back();
    column.name = in.text();
    const std::string_view type = in.text();
    bool known = false;
    for (const table::Type one : {table::Type::boolean, table::Type::integer, table::Type::number, table::Type::text, table::Type::timestamp}) {
      if (table::type_name(one) != type) continue;
      column.type = one;
      known = true;
    }
    in.expect(known);
    if (const auto done = column.facts.read(in.text()); !done) return refuse(done.error().message);
    in.expect(column.facts.count() + column.facts.nulls() == profile.rows);
  }
  profile.null_masks = NullMasks(slots_of(profile.columns.size()));
  const std::string_view masks = in.text();
  if (const auto done = in.finish(); !done) return refuse("its parts contradict each other");
  if (const auto done = profile.null_masks.read(masks); !done) return refuse(done.error().message);
  if (profile.null_masks.rows() != profile.rows) return refuse("its parts contradict each other");
  return profile;
}

bool is_profile(std::string_view bytes) { return bytes.starts_with(k_magic); }

Result<Profile> make_profile(table::BatchSource& source, const ProfileOptions& options) {
  const std::vector<std::string> names = source.schema().names();
  Plan plan(source.schema());
  if (options.where) TRY(options.where->bind(source.schema()));
  std::vector<table::ColumnRequest> all;
  std::vector<int> needs;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const table::ColumnRequest column{static_cast<int>(i), table::ColumnRequest::As::native};
    all.push_back(column);
    const auto make = [limit = options.state_bytes](std::span<const int> slots) { return std::make_unique<ColumnProfile>(slots[0], limit); };
    needs.push_back(plan.need("column_profile", {column}, options.where, make));
  }
  const auto masks = [](std::span<const int> slots) { return std::make_unique<NullMasks>(std::vector<int>(slots.begin(), slots.end())); };
  const int null_masks = plan.need("null_masks", all, options.where, masks);
  ASSIGN_OR_RETURN(const Answers answers, run_scan(source, plan, options.scan));
  if (options.where) TRY(options.where->bind(source.schema()));  // the types are final now
  Profile profile;
  ASSIGN_OR_RETURN(const auto origin, source.origin());
  profile.sources.push_back(origin.path);
  profile.where = options.where ? options.where->text() : std::string();
  profile.null_masks = answers.get<NullMasks>(null_masks);
  profile.rows = profile.null_masks.rows();
  for (std::size_t i = 0; i < names.size(); ++i) {
    profile.columns.push_back({names[i], source.schema().fields[i].type, answers.get<ColumnProfile>(needs[i])});
  }
  return profile;
}

Result<Profile> read_profile(const fs::path& path) {
  ASSIGN_OR_RETURN(const std::string bytes, read_file(path));
  return Profile::parse(bytes, path.string());
}

}  // namespace cupel::states
