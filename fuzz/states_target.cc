// The input is the name of a state, a colon, a byte that chooses the type of its columns, and the content of its bytes, to which the
// checksum is added. (The name, not its place in the table: a kept input stays what it was when a state is added.)
#include <algorithm>

#include "base/hash.h"
#include "base/invariant.h"
#include "states/state_table.h"
#include "table/table.h"
#include "target.h"

namespace cupel::fuzz {
namespace {

using states::State;
using states::StateKind;
using table::Type;

std::string bytes_of(const State& state) {
  std::string bytes;
  state.write(bytes);
  return bytes;
}

std::string sealed(std::string content, std::string_view format) {
  const auto sum = static_cast<std::uint32_t>(fast_hash(content, fast_hash(format)));
  for (int i = 0; i < 4; ++i) content.push_back(static_cast<char>(sum >> (8 * i)));
  return content;
}

table::Table make_table(Type type, int num_columns) {
  table::Schema schema;
  std::vector<table::ColumnBuilder> columns;
  for (int c = 0; c < std::max(num_columns, 1); ++c) {
    schema.fields.push_back({fmt::format("c{}", c), type});
    table::ColumnBuilder& column = columns.emplace_back(type);
    for (std::int64_t row = 0; row < 20; ++row) {
      const std::int64_t value = (row * 7 + c) % 5 - 2;
      if (row % 6 == 2) {
        column.append_null();
      } else if (type == Type::text) {
        column.append(std::string_view("abcde").substr(0, static_cast<std::size_t>(value + 2)));
      } else if (type == Type::number) {
        column.append(static_cast<double>(value) / 4);
      } else {
        column.append(type == Type::boolean ? value & 1 : value);
      }
    }
  }
  return {std::move(schema), std::move(columns)};
}

void feed(State& state, const table::Table& table) {
  table::Batch batch{0, table.num_rows(), {}};
  for (std::size_t i = 0; i < table.schema().fields.size(); ++i) batch.columns.push_back(table.column(static_cast<int>(i)));
  state.update(batch, {});
}

}  // namespace

void fuzz_states(std::string_view input) {
  const std::size_t colon = input.find(':');
  if (colon == std::string_view::npos || input.size() < colon + 2 || input.size() > 8192) return;
  const std::span<const StateKind> kinds = states::state_table();
  const auto found = std::ranges::find(kinds, input.substr(0, colon), &StateKind::name);
  if (found == kinds.end()) return;
  const StateKind& kind = *found;
  const Type type = kind.accepts.empty() ? Type::text : kind.accepts[static_cast<unsigned char>(input[colon + 1]) % kind.accepts.size()];
  const table::Table table = make_table(type, kind.num_slots);
  const std::string content(input.substr(colon + 2));

  // As it comes: only a checksum by chance lets it in.
  (void)kind.make()->read(content);

  const std::unique_ptr<State> state = kind.make();
  feed(*state, table);
  if (!state->read(sealed(content, state->format()))) {
    CHECK(bytes_of(*state) == bytes_of(*kind.make()), "{}: an error leaves the state empty", kind.name);
    return;
  }
  // What was accepted has one form, which reads back as itself.
  const std::string form = bytes_of(*state);
  const std::unique_ptr<State> again = kind.make();
  const Result<void> read = again->read(form);
  CHECK(read.has_value(), "{}: {}", kind.name, read ? "" : read.error().message);
  CHECK(bytes_of(*again) == form, "{}", kind.name);

  // Both go on alike, and nothing of what they were given leads astray.
  const std::unique_ptr<State> other = kind.make();
  feed(*other, table);
  for (State* const one : {state.get(), again.get()}) {
    one->merge(*other);
    feed(*one, table);
  }
  CHECK(bytes_of(*state) == bytes_of(*again), "{}", kind.name);
  other->merge(*state);
  (void)bytes_of(*other);
}

}  // namespace cupel::fuzz
