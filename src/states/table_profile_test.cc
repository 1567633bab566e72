// Profiles: what they say against the states that say it row by row, parts merged, bytes, and the rows told again.
#include "states/table_profile.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/hash.h"
#include "base/random.h"
#include "states/extremes.h"
#include "states/key_duplicates.h"
#include "states/null_count.h"
#include "states/profile_source.h"
#include "states/scan.h"
#include "table/table.h"

namespace cupel::states {
namespace {

using table::ColumnBuilder;
using table::Type;

table::Table orders(std::int64_t from, std::int64_t to) {
  table::Schema schema{{{"id", Type::integer}, {"price", Type::number}, {"country", Type::text}, {"paid", Type::boolean}, {"at", Type::timestamp}, {"none", Type::text}}};
  std::vector<ColumnBuilder> columns;
  for (const table::Field& field : schema.fields) columns.emplace_back(field.type);
  for (std::int64_t row = from; row < to; ++row) {
    Random random(5, "orders", static_cast<std::uint64_t>(row));
    columns[0].append(row);
    if (random.uniform() < 0.05) {
      columns[1].append_null();
    } else if (random.uniform() < 0.01) {
      columns[1].append(std::nan(""));
    } else {
      columns[1].append(1e8 + static_cast<double>(random.below(5000)) / 128);
    }
    if (random.uniform() < 0.2) {
      columns[2].append_null();
    } else {
      columns[2].append(std::string_view(fmt::format("C{:02}", random.below(40))));
    }
    columns[3].append(static_cast<std::int64_t>(random.below(3) == 0));
    columns[4].append(std::int64_t{1'600'000'000'000'000} + static_cast<std::int64_t>(random.below(900)) * 86'400'000'000);
    columns[5].append_null();
  }
  return {std::move(schema), std::move(columns)};
}

Profile profile_of(table::Table table, std::int64_t state_bytes = k_state_bytes, int threads = 2) {
  ProfileOptions options;
  options.state_bytes = state_bytes;
  options.scan.threads = threads;
  options.scan.chunk_bytes = 64 * 700;
  auto profile = make_profile(table, options);
  EXPECT_TRUE(profile) << profile.error().text();
  return std::move(*profile);
}

// Every kind of state that a check asks of one column, over a source.
Answers ask(table::BatchSource& source, int field) {
  Plan plan(source.schema());
  const table::ColumnRequest column{field, table::ColumnRequest::As::native};
  plan.need("null_count", {column}, std::nullopt, [](std::span<const int> slots) { return std::make_unique<NullCount>(slots[0]); });
  plan.need("value_counts", {column}, std::nullopt, [](std::span<const int> slots) { return std::make_unique<ValueCounts>(slots[0]); });
  plan.need("moments", {column}, std::nullopt, [](std::span<const int> slots) { return std::make_unique<Moments>(slots[0]); });
  plan.need("quantiles", {column}, std::nullopt, [](std::span<const int> slots) { return std::make_unique<Quantiles>(slots[0]); });
  plan.need("extremes", {column}, std::nullopt, [](std::span<const int> slots) { return std::make_unique<Extremes>(slots[0]); });
  plan.need("key_duplicates", {column}, std::nullopt,
            [](std::span<const int> slots) { return std::make_unique<KeyDuplicates>(std::vector<int>{slots[0]}); });
  auto answers = run_scan(source, plan, {2, 64 * 500, 300, {}});
  EXPECT_TRUE(answers) << answers.error().text();
  return std::move(*answers);
}

void near(std::optional<double> a, std::optional<double> b, double scale) {
  ASSERT_EQ(a.has_value(), b.has_value());
  if (a) {
    EXPECT_NEAR(*a, *b, 1e-9 * (scale + std::abs(*a)));  // c/s of the offset prices is 1e7: moments.h
  }
}

TEST(Profile, SaysOfEveryColumnWhatTheStatesSay) {
  table::Table table = orders(0, 5000);
  const Profile profile = profile_of(orders(0, 5000));
  EXPECT_EQ(profile.rows, 5000);
  for (int field = 0; field < 6; ++field) {
    const Profile::ColumnEntry& column = profile.columns[static_cast<std::size_t>(field)];
    SCOPED_TRACE(column.name);
    const Answers answers = ask(table, field);
    EXPECT_TRUE(column.facts.is_exact());
    EXPECT_EQ(column.facts.nulls(), answers.get<NullCount>(0).nulls());
    EXPECT_EQ(column.facts.frequencies().by_count(), answers.get<ValueCounts>(1).by_count());
    const auto& extremes = answers.get<Extremes>(4);
    ASSERT_EQ(column.facts.min().has_value(), extremes.min().has_value());
    if (extremes.min()) {
      EXPECT_EQ(column.facts.min()->value_text(), extremes.min()->value.value_text());
      EXPECT_EQ(column.facts.max()->value_text(), extremes.max()->value.value_text());
    }
    if (column.type == Type::text) continue;
    const Moments moments = column.facts.moments();
    const auto& truth = answers.get<Moments>(2);
    EXPECT_EQ(moments.count(), truth.count());
    EXPECT_EQ(moments.nans(), truth.nans());
    EXPECT_EQ(moments.mean(), truth.mean());
    near(moments.variance(), truth.variance(), 0);
    near(moments.skewness(), truth.skewness(), 1);
    near(moments.kurtosis(), truth.kurtosis(), 1);
    for (const double p : {0.0, 0.1, 0.5, 1.0}) EXPECT_EQ(column.facts.quantiles().quantile(p)->value, answers.get<Quantiles>(3).quantile(p)->value);
  }
}

// Values 1e8 + 0 … 3, each as often as 1, 2, 3, 4: mean 2, m2 = 1, m3 = -0.6, m4 = 2.2 exactly.
TEST(Profile, KeepsItsDigitsUnderALargeOffset) {
  std::vector<CountedNumbers::Entry> values;
  for (int i = 0; i < 4; ++i) values.push_back({1e8 + i, (i + 1) * 1'000'000});
  Moments moments(0);
  moments.add(values, 0, 0);
  EXPECT_DOUBLE_EQ(*moments.mean(), 1e8 + 2);
  EXPECT_DOUBLE_EQ(moments.m2() / 1e7, 1);
  EXPECT_NEAR(*moments.skewness(), -0.6, 1e-13);
  EXPECT_NEAR(*moments.kurtosis(), 2.2 - 3, 1e-13);
}

TEST(Profile, OfPartsMergedIsTheProfileOfTheWhole) {
  const Profile whole = profile_of(orders(0, 4000));
  Profile merged = profile_of(orders(0, 1234));
  ASSERT_TRUE(merged.merge(profile_of(orders(1234, 1235))));
  ASSERT_TRUE(merged.merge(profile_of(orders(1235, 4000))));
  merged.sources = whole.sources;
  EXPECT_EQ(merged.bytes(), whole.bytes());
  EXPECT_EQ(profile_of(orders(0, 4000), k_state_bytes, 1).bytes(), whole.bytes());
}

TEST(Profile, BeyondTheLimitKeepsSketchesWhoseBoundsHold) {
  const Profile exact = profile_of(orders(0, 30'000));
  const Profile wide = profile_of(orders(0, 30'000), 20'000);
  EXPECT_EQ(profile_of(orders(0, 30'000), 20'000, 1).bytes(), wide.bytes());
  EXPECT_FALSE(wide.columns[0].facts.is_exact());
  EXPECT_FALSE(wide.columns[1].facts.is_exact());
  EXPECT_TRUE(wide.columns[2].facts.is_exact());
  for (std::size_t i = 0; i < 2; ++i) {
    const ColumnProfile& facts = wide.columns[i].facts;
    const ColumnProfile& truth = exact.columns[i].facts;
    EXPECT_EQ(facts.nulls(), truth.nulls());
    EXPECT_EQ(facts.count(), truth.count());
    EXPECT_EQ(facts.min()->value_text(), truth.min()->value_text());
    EXPECT_EQ(facts.max()->value_text(), truth.max()->value_text());
    EXPECT_EQ(facts.moments().count(), truth.moments().count());
    EXPECT_EQ(facts.moments().nans(), truth.moments().nans());
    EXPECT_DOUBLE_EQ(*facts.moments().mean(), *truth.moments().mean());
    near(facts.moments().variance(), truth.moments().variance(), 0);
    EXPECT_EQ(facts.quantiles().quantile(0.5)->value, truth.quantiles().quantile(0.5)->value);
    const Estimate distinct = facts.frequencies().distinct();
    EXPECT_LE(distinct.low, truth.frequencies().distinct().value);
    EXPECT_GE(distinct.high, truth.frequencies().distinct().value);
  }
  const Result<Profile> read = Profile::parse(wide.bytes(), "wide");
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->bytes(), wide.bytes());
}

TEST(Profile, TellsItsRowsAgainToEveryState) {
  table::Table table = orders(0, 3000);
  ProfileSource told(profile_of(orders(0, 3000)));
  for (int field = 0; field < 6; ++field) {
    SCOPED_TRACE(field);
    const Answers truth = ask(table, field);
    const Answers answers = ask(told, field);
    EXPECT_EQ(answers.num_rows, 3000);
    EXPECT_EQ(answers.get<NullCount>(0).nulls(), truth.get<NullCount>(0).nulls());
    const auto values = [](const Answers& of) {
      std::vector<std::pair<std::string, std::int64_t>> all;
      for (const auto& entry : of.get<ValueCounts>(1).by_count()) all.emplace_back(entry.value, entry.count);
      return all;
    };
    EXPECT_EQ(values(answers), values(truth));
    EXPECT_EQ(answers.get<KeyDuplicates>(5).duplicates(), truth.get<KeyDuplicates>(5).duplicates());
    std::string a, b;
    answers.get<Quantiles>(3).write(a);
    truth.get<Quantiles>(3).write(b);
    EXPECT_EQ(a, b);
  }
}

TEST(Profile, RefusesAlteredCutAndContradictoryBytes) {
  const std::string bytes = profile_of(orders(0, 60)).bytes();
  ASSERT_TRUE(Profile::parse(bytes, "whole"));
  for (std::size_t size = 0; size < bytes.size(); size += 7) EXPECT_FALSE(Profile::parse(bytes.substr(0, size), "cut"));
  EXPECT_FALSE(Profile::parse(bytes + '\0', "longer"));
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::string altered = bytes;
    altered[at] = static_cast<char>(altered[at] ^ 0x10);
    const auto refused = Profile::parse(altered, "altered");
    ASSERT_FALSE(refused) << at;
    EXPECT_EQ(refused.error().kind, ErrorKind::corrupt);
  }
}

TEST(Profile, HostileBytesWithAValidChecksumNeverCrash) {
  const Profile sound = profile_of(orders(0, 60));
  constexpr std::size_t k_magic = 16;
  std::string content = sound.bytes().substr(k_magic);
  content.resize(content.size() - 4);
  int refusals = 0;
  for (std::uint64_t round = 0; round < 400; ++round) {
    Random random(3, "hostile", round);
    std::string hostile = content;
    if (round % 4 == 0) hostile.resize(random.below(hostile.size() + 1));
    for (std::uint64_t i = 0; i <= random.below(4) && !hostile.empty(); ++i) hostile[random.below(hostile.size())] = static_cast<char>(random.below(256));
    const auto sum = static_cast<std::uint32_t>(fast_hash(hostile, fast_hash("profile/1")));
    for (int i = 0; i < 4; ++i) hostile.push_back(static_cast<char>(sum >> (8 * i)));
    auto read = Profile::parse(sound.bytes().substr(0, k_magic) + hostile, "hostile");
    if (!read) {
      ++refusals;
      continue;
    }
    (void)read->merge(sound);
    EXPECT_FALSE(read->bytes().empty());
  }
  EXPECT_GT(refusals, 200);
}

TEST(Profile, OfOtherColumnsDoNotMerge) {
  Profile profile = profile_of(orders(0, 10));
  Profile other = profile_of(orders(0, 10));
  other.columns[2].name = "land";
  const auto done = profile.merge(other);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "column 'country' is missing in one of the profiles");
}

}  // namespace
}  // namespace cupel::states
