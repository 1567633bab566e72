// The laws of state.h, held for every line of the state table over every type that the state accepts.
#include <gtest/gtest.h>

#include <cstdlib>
#include <ostream>

#include "base/files.h"
#include "base/hash.h"
#include "states/co_moments.h"
#include "states/moments.h"
#include "states/sample_tables_internal.h"
#include "states/state_table.h"

namespace cupel::states {

void PrintTo(const StateKind& kind, std::ostream* out) { *out << kind.name; }

namespace {

using table::Type;

std::string bytes_of(const State& state) {
  std::string bytes;
  state.write(bytes);
  return bytes;
}

void expect_near(std::optional<double> x, std::optional<double> y, double scale) {
  ASSERT_EQ(x.has_value(), y.has_value());
  if (x) {
    EXPECT_NEAR(*x, *y, 1e-12 * (std::abs(*x) + scale));
  }
}

void expect_same(const CoMoments& a, const CoMoments& b) {
  EXPECT_EQ(a.count(), b.count());
  EXPECT_EQ(a.nulls(), b.nulls());
  EXPECT_EQ(a.odd(), b.odd());
  EXPECT_EQ(a.mean_x(), b.mean_x());  // double-double: exact for these values
  EXPECT_EQ(a.mean_y(), b.mean_y());
  expect_near(a.variance_x(), b.variance_x(), 0);
  expect_near(a.variance_y(), b.variance_y(), 0);
  expect_near(a.covariance(), b.covariance(), std::sqrt(a.variance_x().value_or(0) * a.variance_y().value_or(0)));
  expect_near(a.correlation(), b.correlation(), 1);
}

// Moments of another order of merging may differ in the last digits: the bound of moments.h. Everything else is exact.
void expect_same(const State& a, const State& b) {
  if (const auto* co_moments = dynamic_cast<const CoMoments*>(&a)) return expect_same(*co_moments, dynamic_cast<const CoMoments&>(b));
  const auto* left = dynamic_cast<const Moments*>(&a);
  const auto* right = dynamic_cast<const Moments*>(&b);
  if (left == nullptr || right == nullptr) {
    EXPECT_EQ(bytes_of(a), bytes_of(b));
    return;
  }
  EXPECT_EQ(left->count(), right->count());
  EXPECT_EQ(left->nulls(), right->nulls());
  EXPECT_EQ(left->nans(), right->nans());
  EXPECT_EQ(left->infinities(), right->infinities());
  EXPECT_EQ(left->sum(), right->sum());  // double-double: exact for these values
  EXPECT_EQ(left->mean(), right->mean());
  EXPECT_EQ(left->min(), right->min());
  EXPECT_EQ(left->max(), right->max());
  expect_near(left->variance(), right->variance(), 0);
  expect_near(left->skewness(), right->skewness(), 1);
  expect_near(left->kurtosis(), right->kurtosis(), 1);
}

class StateLaws : public testing::TestWithParam<StateKind> {
 protected:
  // Calls `check(table)` for every sample table of every type.
  template <typename Check>
  void for_each_table(Check check) {
    const StateKind& kind = GetParam();
    std::vector<Type> types(kind.accepts.begin(), kind.accepts.end());
    if (types.empty()) types.push_back(Type::text);
    for (const Type type : types) {
      for (const SampleTable& sample : sample_tables(type, kind.num_slots)) {
        SCOPED_TRACE(std::string(table::type_name(type)) + ", " + sample.name);
        check(sample.table);
      }
    }
  }
  std::unique_ptr<State> make() { return GetParam().make(); }
  std::unique_ptr<State> one_pass(const table::Table& table, std::int64_t skip = 0) {
    auto state = make();
    Random random(1, "one pass");
    feed(*state, table, 0, table.num_rows(), 4096, skip, random);
    return state;
  }
};

TEST_P(StateLaws, TheNameIsThatOfTheFormat) {
  EXPECT_EQ(make()->format(), std::string(GetParam().name) + "/1");
  EXPECT_FALSE(GetParam().summary.empty());
}

TEST_P(StateLaws, AnEmptyStateIsTheIdentityOfMerge) {
  for_each_table([&](const table::Table& table) {
    const auto whole = one_pass(table);
    auto before = make();
    before->merge(*whole);
    EXPECT_EQ(bytes_of(*before), bytes_of(*whole));
    auto after = one_pass(table);
    after->merge(*make());
    EXPECT_EQ(bytes_of(*after), bytes_of(*whole));
  });
}

TEST_P(StateLaws, MergingAnySplitEqualsOnePass) {
  for_each_table([&](const table::Table& table) {
    for (const std::int64_t skip : {0, 3}) {
      const auto whole = one_pass(table, skip);
      for (std::uint64_t round = 0; round < 12; ++round) {
        Random random(round, "split");
        auto merged = make();
        for (std::int64_t row = 0; row < table.num_rows();) {
          const std::int64_t end = std::min<std::int64_t>(table.num_rows(), row + static_cast<std::int64_t>(random.below(200)));
          auto part = make();
          feed(*part, table, row, end, 50, skip, random);
          merged->merge(*part);
          row = end;
        }
        expect_same(*merged, *whole);
      }
    }
  });
}

TEST_P(StateLaws, MergeIsAssociative) {
  for_each_table([&](const table::Table& table) {
    const std::int64_t third = table.num_rows() / 3;
    const auto part = [&](std::int64_t from, std::int64_t to) {
      auto state = make();
      Random random(7, "part");
      feed(*state, table, from, to, 64, 0, random);
      return state;
    };
    auto left = part(0, third);
    left->merge(*part(third, 2 * third));
    left->merge(*part(2 * third, table.num_rows()));
    auto tail = part(third, 2 * third);
    tail->merge(*part(2 * third, table.num_rows()));
    auto right = part(0, third);
    right->merge(*tail);
    expect_same(*left, *right);
  });
}

TEST_P(StateLaws, AMergedStateIsLeftAsItWas) {
  for_each_table([&](const table::Table& table) {
    const auto later = one_pass(table);
    const std::string before = bytes_of(*later);
    one_pass(table)->merge(*later);
    EXPECT_EQ(bytes_of(*later), before);
  });
}

TEST_P(StateLaws, BytesRoundTripAndGoOnMerging) {
  for_each_table([&](const table::Table& table) {
    const auto whole = one_pass(table);
    auto read = make();
    const Result<void> done = read->read(bytes_of(*whole));
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_EQ(bytes_of(*read), bytes_of(*whole));
    // What was read merges and takes rows like the original.
    auto original = one_pass(table);
    original->merge(*read);
    read->merge(*whole);
    EXPECT_EQ(bytes_of(*read), bytes_of(*original));
    Random random(3, "more");
    Random same(3, "more");
    feed(*read, table, 0, table.num_rows(), 30, 0, random);
    feed(*original, table, 0, table.num_rows(), 30, 0, same);
    EXPECT_EQ(bytes_of(*read), bytes_of(*original));
  });
}

TEST_P(StateLaws, CutAlteredAndForeignBytesAreRefused) {
  for_each_table([&](const table::Table& table) {
    if (table.num_rows() > 100) return;  // every byte and bit of the small ones
    const std::string bytes = bytes_of(*one_pass(table));
    const std::string empty = bytes_of(*make());
    const auto refused = [&](std::string_view hostile) {
      auto state = one_pass(table);
      const Result<void> done = state->read(hostile);
      ASSERT_FALSE(done);
      EXPECT_EQ(done.error().kind, ErrorKind::corrupt);
      EXPECT_EQ(bytes_of(*state), empty);
    };
    for (std::size_t size = 0; size < bytes.size(); ++size) refused(std::string_view(bytes).substr(0, size));
    refused(bytes + '\0');
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string altered = bytes;
      altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
      refused(altered);
    }
    for (const StateKind& other : state_table()) {
      if (other.name != GetParam().name) refused(bytes_of(*other.make()));
    }
  });
}

// Somebody who knows the format can make the checksum fit: the content itself must not lead astray.
TEST_P(StateLaws, HostileBytesWithAValidChecksumNeverCrash) {
  const auto seal = [&](std::string content) {
    const auto sum = static_cast<std::uint32_t>(fast_hash(content, fast_hash(make()->format())));
    for (int i = 0; i < 4; ++i) content.push_back(static_cast<char>(sum >> (8 * i)));
    return content;
  };
  std::int64_t refusals = 0;
  for_each_table([&](const table::Table& table) {
    std::string content = bytes_of(*one_pass(table));
    content.resize(content.size() - 4);
    Random random(11, "hostile", static_cast<std::uint64_t>(table.num_rows()));
    for (int round = 0; round < 300; ++round) {
      std::string hostile = content;
      if (round % 3 == 0) hostile.resize(random.below(hostile.size() + 1));
      for (std::uint64_t i = 0; i <= random.below(4) && !hostile.empty(); ++i) {
        hostile[random.below(hostile.size())] = static_cast<char>(random.below(256));
      }
      auto state = make();
      if (!state->read(seal(hostile))) {
        ++refusals;
        EXPECT_EQ(bytes_of(*state), bytes_of(*make()));
        continue;
      }
      auto again = make();
      EXPECT_TRUE(again->read(bytes_of(*state)));
      state->merge(*one_pass(table));
      Random more(5, "more");
      feed(*state, table, 0, table.num_rows(), 100, 0, more);
    }
  });
  EXPECT_GT(refusals, 0);
}

// The byte form of version 1 is a promise to saved profiles. CUPEL_WRITE_GOLDEN=1 writes the files anew, for a new version.
TEST_P(StateLaws, TheBytesOfFormat1StayAsTheyWere) {
  const fs::path folder = fs::path(CUPEL_SOURCE_DIR) / "tests" / "golden" / "states";
  std::string now;
  for_each_table([&](const table::Table& table) {
    if (table.num_rows() > 100) return;
    for (const char byte : bytes_of(*one_pass(table))) now += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    now += '\n';
  });
  const fs::path file = folder / (std::string(GetParam().name) + ".1.hex");
  if (std::getenv("CUPEL_WRITE_GOLDEN") != nullptr) {
    ASSERT_TRUE(write_file(file, now));
  }
  const Result<std::string> golden = read_file(file);
  ASSERT_TRUE(golden) << golden.error().text();
  EXPECT_EQ(now, *golden);
}

INSTANTIATE_TEST_SUITE_P(All, StateLaws, testing::ValuesIn(state_table().begin(), state_table().end()),
                         [](const auto& kind) { return std::string(kind.param.name); });

TEST(StateTable, IsSortedByName) {
  for (std::size_t i = 1; i < state_table().size(); ++i) EXPECT_LT(state_table()[i - 1].name, state_table()[i].name);
}

}  // namespace
}  // namespace cupel::states
