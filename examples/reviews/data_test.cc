// The data tests of suites/data.yaml as a C++ test file: one test an expectation, inside GoogleTest. A failure prints what was seen, the reason
// and the derivation. The rows come from $REVIEWS, as for the suite.

#include <cstdlib>

#include "expectations/gtest.h"
#include "source/read.h"

namespace {

namespace expect = cupel::expect;
using expect::percent;

constexpr const char* k_unhappy = "Rating <= 2";
constexpr const char* k_delighted = "Rating = 5";

/// The table, opened once; every test scans only the columns that it needs.
class Reviews : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* path = std::getenv("REVIEWS");
    if (path == nullptr || *path == '\0') GTEST_SKIP() << "$REVIEWS does not name the file of reviews";
    auto opened = cupel::source::open_source(path);
    ASSERT_TRUE(opened) << opened.error().text();
    data_ = std::move(*opened);
  }
  cupel::table::BatchSource& data() { return *data_; }

 private:
  std::unique_ptr<cupel::table::BatchSource> data_;
};

TEST_F(Reviews, HaveTheColumnsThatTrainingNames) {
  EXPECT_PASS(data(), expect::columns()
                          .include({"Clothing ID", "Age", "Title", "Review Text", "Rating", "Recommended IND", "Positive Feedback Count", "Division Name",
                                    "Department Name", "Class Name"})
                          .because("a renamed column would silently become missing values downstream")
                          .derived("every column that train.yaml names"));
}

TEST_F(Reviews, AreEnoughToTrainOn) {
  EXPECT_PASS(data(), expect::rows().at_least(1000).because("with fewer, the interval of the accuracy is wider than the gain that must be shown").derived(
                          "minimum_rows of train.yaml"));
}

TEST_F(Reviews, AreNumberedOnce) {
  EXPECT_PASS(data(), expect::duplicates({"unnamed_0"}).equals(0).because("a number twice is a load twice").derived("0 of 23,486 in the export"));
}

TEST_F(Reviews, DoNotRepeatTheirText) {
  EXPECT_PASS(data(), expect::duplicates({"Review Text"})
                          .at_most(percent(0.2))
                          .because("copies on both sides of the split leak answers into the held-out part")
                          .derived("7 of 22,641 texts repeat; 99.95 % prediction limit 0.18 %"));
}

TEST_F(Reviews, CoverEnoughProductsToHoldSomeOut) {
  EXPECT_PASS(data(), expect::distinct("Clothing ID").at_least(500).because("rows are held out by product").derived("1,206 products in the export"));
}

TEST_F(Reviews, AllSayWhetherTheyRecommend) {
  EXPECT_PASS(data(), expect::nulls("Recommended IND").equals(0).because("dropping rows without an answer would hide a broken export"));
}

TEST_F(Reviews, RecommendWithYesOrNo) {
  EXPECT_PASS(data(), expect::values("Recommended IND").in({0, 1}).because("anything else is a changed coding"));
}

TEST_F(Reviews, KeepTheirBaseRate) {
  EXPECT_PASS(data(), expect::share("Recommended IND", {1})
                          .between(percent(80), percent(84.5))
                          .because("a sudden change of the base rate is more often a filter in the export than a change of mind")
                          .derived("82.24 %; 99.9 % prediction interval 80.05 % to 84.35 %"));
}

TEST_F(Reviews, WithFiveStarsRecommend) {
  EXPECT_PASS(data(), expect::every_row("\"Recommended IND\" = 1")
                          .where(k_delighted)
                          .mostly(percent(99.3))
                          .because("more than a few contradictions mean an inverted or shifted target")
                          .derived("25 of 13,131; 99.95 % prediction limit 0.63 %"));
}

TEST_F(Reviews, OfUnhappyCustomersDoNotRecommend) {
  EXPECT_PASS(data(), expect::every_row("\"Recommended IND\" = 0")
                          .where(k_unhappy)
                          .mostly(percent(91))
                          .because("an inverted target shows here first")
                          .derived("110 of 2,407; 99.95 % prediction limit 8.8 %"));
}

TEST_F(Reviews, HaveOneToFiveStars) { EXPECT_PASS(data(), expect::values("Rating").in({1, 2, 3, 4, 5}).because("it defines the segments")); }

TEST_F(Reviews, MostlyHaveText) {
  EXPECT_PASS(data(), expect::nulls("Review Text")
                          .at_most(percent(4.7))
                          .because("the text carries nearly all that the model knows")
                          .derived("845 of 23,486 null; 99.95 % prediction limit 4.7 %"));
}

TEST_F(Reviews, OfUnhappyCustomersHaveText) {
  EXPECT_PASS(data(), expect::nulls("Review Text")
                          .where(k_unhappy)
                          .at_most(percent(4.2))
                          .because("a loss among a tenth of the rows drowns in the average")
                          .derived("37 of 2,407 null; 99.95 % prediction limit 4.2 %"));
}

TEST_F(Reviews, MostlyHaveATitle) {
  EXPECT_PASS(data(), expect::nulls("Title").at_most(percent(18.4)).warn().because("the title is optional").derived("3,810 of 23,486 null"));
}

TEST_F(Reviews, AreAsLongAsTheFormAllows) {
  EXPECT_PASS(data(), expect::lengths("Review Text").between(9, 520).mostly(percent(99.9)).because("texts end at 508 characters: the form cuts there").derived("9 to 508 in the export"));
}

TEST_F(Reviews, AreMoreThanTwoWords) {
  EXPECT_PASS(data(), expect::words("Review Text").at_least(3).mostly(percent(99.5)).because("one or two words are a placeholder"));
}

TEST_F(Reviews, HaveAWholeNumberForTheAge) { EXPECT_PASS(data(), expect::type("Age").equals("integer").because("it is a feature as a number")); }

TEST_F(Reviews, AreWrittenByAdults) {
  EXPECT_PASS(data(), expect::values("Age").between(18, 90).mostly(percent(99.7)).because("a customer is an adult").derived("13 of 23,486 over 90, none below 18"));
}

TEST_F(Reviews, KeepTheMeanAge) {
  EXPECT_PASS(data(), expect::mean("Age").between(42.4, 44.0).because("a default in the form moves the mean first").derived("99.9 % prediction interval 42.5 to 43.9"));
}

TEST_F(Reviews, NameKnownDivisions) {
  EXPECT_PASS(data(), expect::values("Division Name").in({"General", "General Petite", "Initmates"}).because("a fourth would be scored as other"));
}

TEST_F(Reviews, KeepTheMixOfDepartments) {
  EXPECT_PASS(data(), expect::distribution("Department Name")
                          .like({{"Tops", 44.6}, {"Dresses", 26.9}, {"Bottoms", 16.2}, {"Intimate", 7.4}, {"Jackets", 4.4}, {"Trend", 0.5}})
                          .within("tvd", 0.03)
                          .because("within three points the model was validated")
                          .derived("clean batches of 4,000 rows stay below 2.96 % in 99.95 %"));
}

TEST_F(Reviews, NameDivisionDepartmentAndClassTogether) {
  EXPECT_PASS(data(), expect::every_row("(\"Division Name\" is null and \"Department Name\" is null and \"Class Name\" is null) or "
                                        "(\"Division Name\" is not null and \"Department Name\" is not null and \"Class Name\" is not null)")
                          .because("the three come from one lookup; one of them missing is a broken join"));
}

}  // namespace
