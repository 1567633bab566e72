#include "table/timestamp.h"

#include <gtest/gtest.h>

#include <limits>

namespace cupel::table {
namespace {

TEST(Timestamp, TextAndMicrosecondsAgreeWithPythonsDatetime) {
  const std::pair<std::int64_t, std::string_view> k_cases[] = {
      {976661627000000, "2000-12-12T22:53:47Z"},
      {-12234578570000000, "1582-04-21T01:57:10Z"},
      {1724829874000000, "2024-08-28T07:24:34Z"},
      {2010377500000, "1970-01-24T06:26:17.5Z"},
      {253377943719001000, "9999-03-25T02:08:39.001Z"},
      {-2203890370500000, "1900-03-01T00:13:49.5Z"},
      {-2179568458876544, "1900-12-07T12:19:01.123456Z"},
      {1709164800000000, "2024-02-29"},
      {-62135596800000000, "0001-01-01"},
      {253402214400000000, "9999-12-31"},
      {-86400000000, "1969-12-31"},
      {951868800000000, "2000-03-01"},
      {-2203977600000000, "1900-02-28"},
      {0, "1970-01-01"},
  };
  for (const auto& [micros, text] : k_cases) {
    EXPECT_EQ(timestamp_text(micros), text);
    EXPECT_EQ(parse_timestamp(text), micros) << text;
  }
}

TEST(Timestamp, EveryDayOfFourCenturiesReadsBack) {
  constexpr std::int64_t k_day = 86'400'000'000;
  for (std::int64_t day = -146097 / 2; day <= 146097 / 2; ++day) {
    const std::optional<std::int64_t> back = parse_timestamp(timestamp_text(day * k_day));
    ASSERT_EQ(back, day * k_day) << timestamp_text(day * k_day);
  }
}

TEST(Timestamp, ReadsTheFormsOfIso8601ThatTablesHold) {
  const std::int64_t noon = *parse_timestamp("2026-11-20T12:00:00Z");
  for (const std::string_view text : {"2026-11-20 12:00", "2026-11-20T12:00", "2026-11-20 12:00:00.000", "2026-11-20T13:30:00+01:30",
                                      "2026-11-20T04:00:00-08:00", "2026-11-20T12:00:00.0000009Z"}) {
    EXPECT_EQ(parse_timestamp(text), noon) << text;
  }
}

TEST(Timestamp, RefusesWhatIsNoTimestamp) {
  for (const std::string_view text : {"",
                                      "2026",
                                      "2026-11",
                                      "2026-13-01",
                                      "2026-00-10",
                                      "2026-02-29",
                                      "1900-02-29",
                                      "2026-11-31",
                                      "2026-11-20T",
                                      "2026-11-20T12",
                                      "2026-11-20T24:00",
                                      "2026-11-20T12:60",
                                      "2026-11-20T12:00:60",
                                      "2026-11-20T12:00:00.",
                                      "2026-11-20T12:00:00.0000000001",
                                      "2026-11-20x",
                                      "2026-11-20T12:00Z ",
                                      "20/11/2026",
                                      "+026-11-20",
                                      "2026-11-20T12:00:00+1",
                                      "2026-1-2"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

TEST(Timestamp, UnitsBeginWhereTheCalendarSaysAlsoBefore1970) {
  const auto truncated = [](std::string_view text, CalendarUnit unit) {
    return timestamp_text(truncate_timestamp(*parse_timestamp(text), unit));
  };
  const std::string_view instant = "1969-05-14T23:59:59.75Z";  // a Wednesday
  EXPECT_EQ(truncated(instant, CalendarUnit::second), "1969-05-14T23:59:59Z");
  EXPECT_EQ(truncated(instant, CalendarUnit::minute), "1969-05-14T23:59:00Z");
  EXPECT_EQ(truncated(instant, CalendarUnit::hour), "1969-05-14T23:00:00Z");
  EXPECT_EQ(truncated(instant, CalendarUnit::day), "1969-05-14");
  EXPECT_EQ(truncated(instant, CalendarUnit::week), "1969-05-12");
  EXPECT_EQ(truncated(instant, CalendarUnit::month), "1969-05-01");
  EXPECT_EQ(truncated(instant, CalendarUnit::quarter), "1969-04-01");
  EXPECT_EQ(truncated(instant, CalendarUnit::year), "1969-01-01");
  EXPECT_EQ(truncated("2026-11-16", CalendarUnit::week), "2026-11-16");
  EXPECT_EQ(truncated("2026-11-15T23:00Z", CalendarUnit::week), "2026-11-09");
}

TEST(Timestamp, YearsBeyondFourDigitsStillPrint) {
  EXPECT_EQ(timestamp_text(253402300800000000), "+10000-01-01");
  EXPECT_EQ(timestamp_text(std::numeric_limits<std::int64_t>::min()), "-290308-12-21T19:59:05.224192Z");
  EXPECT_EQ(timestamp_text(std::numeric_limits<std::int64_t>::max()), "+294247-01-10T04:00:54.775807Z");
  constexpr std::int64_t k_first = std::numeric_limits<std::int64_t>::min();
  for (const CalendarUnit unit : {CalendarUnit::day, CalendarUnit::year}) EXPECT_EQ(truncate_timestamp(k_first, unit), k_first);
}

}  // namespace
}  // namespace cupel::table
