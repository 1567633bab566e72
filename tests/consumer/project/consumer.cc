// A suite in C++ inside GoogleTest, over a file of its own.
#include <expectations/gtest.h>
#include <source/read.h>

#include <cstdio>
#include <string>

namespace expect = cupel::expect;

class Orders : public ::testing::Test {
 protected:
  void SetUp() override {
    std::FILE* const file = std::fopen(path_.c_str(), "w");
    ASSERT_NE(file, nullptr);
    std::fputs("id,price,city\n1,10.5,Oslo\n2,20,Bergen\n3,,Oslo\n4,40,\"Mo i Rana\"\n", file);
    std::fclose(file);
    auto source = cupel::source::open_source(path_);
    ASSERT_TRUE(source) << source.error().text();
    data_ = std::move(*source);
  }
  void TearDown() override { std::remove(path_.c_str()); }

  const std::string path_ = "consumer_orders.csv";
  std::unique_ptr<cupel::table::BatchSource> data_;
};

TEST_F(Orders, PassWhatHolds) {
  EXPECT_PASS(*data_, expect::nulls("price").at_most(expect::percent(25)).because("a quarter of the prices may still be unknown"));
  EXPECT_PASS(*data_, expect::values("price").between(0, 100).because("nothing is dearer than 100"));
  EXPECT_PASS(*data_, expect::duplicates({"id"}).equals(0).because("an order is listed once"));
}

TEST_F(Orders, FailWithTheReasonWhereSomethingDoesNotHold) {
  const ::testing::AssertionResult result = expect::passes(*data_, expect::nulls("price").equals(0).because("each order has a price"));
  EXPECT_FALSE(result);
  EXPECT_NE(std::string(result.message()).find("each order has a price"), std::string::npos) << result.message();
}
