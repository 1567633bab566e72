#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "checks.h"

namespace cupel::tidy {
namespace {

std::string text_of(const Findings& findings) { return join(findings, "\n"); }

/// The tree that this program was built from.
const Tree& this_tree() {
  static const Tree k_tree = [] {
    Result<Tree> tree = read_tree(CUPEL_SOURCE_DIR);
    EXPECT_TRUE(tree) << tree.error().text();
    return tree ? std::move(*tree) : Tree{};
  }();
  return k_tree;
}

TEST(Tidy, FindsTheTree) { EXPECT_NE(this_tree().find("src/base/result.h"), nullptr); }
TEST(Tidy, RoomsIncludeOnlyWhatTheyMay) { EXPECT_EQ(text_of(check_rooms(this_tree())), ""); }
TEST(Tidy, NamesAreUniqueAndSaySomething) { EXPECT_EQ(text_of(check_names(this_tree())), ""); }
TEST(Tidy, HeadersCompileAlone) { EXPECT_EQ(text_of(check_headers(this_tree())), ""); }
TEST(Tidy, NothingIsLeftOver) { EXPECT_EQ(text_of(check_leftovers(this_tree())), ""); }
TEST(Tidy, CallsHaveNoBetterReplacement) { EXPECT_EQ(text_of(check_calls(this_tree())), ""); }
TEST(Tidy, NothingIsOfOneMachine) { EXPECT_EQ(text_of(check_strangers(this_tree())), ""); }

TEST(Tidy, SourcesAreReadInOneSitting) {
  Findings warnings;
  EXPECT_EQ(text_of(check_sizes(this_tree(), warnings)), "");
  if (!warnings.empty()) std::printf("warning: %s\n", text_of(warnings).c_str());
}

// Each check finds what it is there for.

Tree tree_of(std::vector<File> files) {
  files.push_back({"src/rooms.txt", "base:\nstats:\ntable:\nsuite: table stats\ncli: suite\n"});
  std::ranges::sort(files, {}, &File::path);
  return {std::move(files)};
}

TEST(TidyRooms, AnEdgeThatIsNotListedIsFound) {
  const Tree tree = tree_of({{"src/stats/ks.cc", "#include \"table/batch.h\"\n"}, {"src/table/batch.h", ""}});
  EXPECT_EQ(text_of(check_rooms(tree)), "src/stats/ks.cc:1: the room stats may not include table (src/rooms.txt)");
}

TEST(TidyRooms, ListedEdgesBaseAndTheRoomItselfAreFine) {
  const Tree tree = tree_of({{"src/suite/plan.cc", "#include \"table/batch.h\"\n#include \"base/text.h\"\n#include \"suite/plan.h\"\n"},
                             {"src/table/batch.h", ""},
                             {"src/base/text.h", ""},
                             {"src/suite/plan.h", ""}});
  EXPECT_EQ(text_of(check_rooms(tree)), "");
}

TEST(TidyRooms, AnotherRoomsInternalHeaderIsFound) {
  const Tree tree = tree_of({{"src/suite/plan.cc", "#include \"table/rows_internal.h\"\n"}, {"src/table/rows_internal.h", ""}});
  EXPECT_EQ(text_of(check_rooms(tree)), "src/suite/plan.cc:1: \"table/rows_internal.h\" is private to the room table");
}

TEST(TidyRooms, ALibraryOutsideItsRoomIsFound) {
  const Tree tree = tree_of({{"src/suite/plan.cc", "#include <arrow/api.h>\n"}});
  EXPECT_EQ(text_of(check_rooms(tree)), "src/suite/plan.cc:1: <arrow/api.h> belongs to the room source alone");
}

TEST(TidyRooms, ARoomWithoutALineIsFound) {
  const Tree tree = tree_of({{"src/attic/x.cc", ""}});
  EXPECT_EQ(text_of(check_rooms(tree)), "src/attic/x.cc: the room 'attic' is not in src/rooms.txt");
}

TEST(TidyNames, DeepFoldersTakenNamesAndEmptyWordsAreFound) {
  const Tree tree =
      tree_of({{"src/stats/deep/ks.cc", ""}, {"src/table/csv_utils.cc", ""}, {"src/stats/row.h", ""}, {"src/table/row_test.cc", ""}});
  EXPECT_EQ(text_of(check_names(tree)),
            "src/stats/deep/ks.cc: a room is one level deep\n"
            "src/table/csv_utils.cc: 'utils' says nothing; what do the contents share?\n"
            "src/table/row_test.cc: the name is taken by src/stats/row.h");
}

TEST(TidyHeaders, AHeaderThatIsNotFirstInItsSourceIsFound) {
  const Tree tree = tree_of({{"src/stats/ks.h", "#pragma once\n"}, {"src/stats/ks.cc", "#include <cmath>\n#include \"stats/ks.h\"\n"}});
  EXPECT_EQ(text_of(check_headers(tree)), "src/stats/ks.cc: \"stats/ks.h\" must be its first include");
}

TEST(TidySizes, LongFilesAreWarnedOfAndVeryLongOnesRefused) {
  std::string long_text;
  for (int i = 0; i < 601; ++i) long_text += "\n";
  std::string very_long_text = long_text + long_text;
  const Tree tree = tree_of({{"src/stats/long.cc", long_text}, {"src/stats/very_long.cc", very_long_text}});
  Findings warnings;
  EXPECT_EQ(text_of(check_sizes(tree, warnings)), "src/stats/very_long.cc: 1202 lines; a file is one concept");
  EXPECT_EQ(text_of(warnings), "src/stats/long.cc: 601 lines; a file is one concept");
}

TEST(TidyLeftovers, ATodoNeedsAnOwnerAndAReason) {
  const Tree tree = tree_of({{"src/stats/ks.cc", "// TODO: faster\n// TODO(ada): exact p-values need a proof first\n"}});
  EXPECT_EQ(text_of(check_leftovers(tree)), "src/stats/ks.cc:1: 'TODO': a TODO has an owner and a reason: TODO(name): why");
}

TEST(TidyLeftovers, PrintsAreFoundInCodeAndNotInTexts) {
  const Tree tree =
      tree_of({{"src/stats/ks.cc", "std::cerr << 1;\nauto s = \"std::cerr\";  // std::cerr\n"}, {"src/cli/a.cc", "fmt::print(\"x\");\n"}});
  EXPECT_EQ(text_of(check_leftovers(tree)), "src/stats/ks.cc:1: 'std::cerr': only cli and report print");
}

TEST(TidyCalls, ReplacementsAreNamed) {
  const Tree tree = tree_of({{"src/stats/a.cc", "int x = std::rand();\n"},
                             {"src/stats/b.cc", "auto p = new Thing(1);\ndelete p;\n"},
                             {"src/stats/c.cc", "A(const A&) = delete;\n// new things(1)\nconst int renewed = 1;\n"}});
  EXPECT_EQ(text_of(check_calls(tree)),
            "src/stats/a.cc:1: 'std::rand(': base/random.h: keyed, so that the same seed gives the same bytes\n"
            "src/stats/b.cc:1: 'new Thing(': std::make_unique, or a value\n"
            "src/stats/b.cc:2: 'delete p': an owner: std::unique_ptr, or a value");
}

TEST(TidyCalls, AnExcuseWithAReasonIsTaken) {
  const Tree tree = tree_of({{"src/stats/a.cc", "auto p = new Thing(1);  // tidy: the constructor is private\n"},
                             {"src/stats/b.cc", "// tidy: the constructor is private\nauto p = new Thing(1);\n"},
                             {"src/stats/c.cc", "auto p = new Thing(1);  // tidy: no\n"}});
  EXPECT_EQ(text_of(check_calls(tree)), "src/stats/c.cc:1: 'new Thing(': std::make_unique, or a value");
}

TEST(TidyStrangers, PathsOfAMachineAndLargeFilesAreFound) {
  const Tree tree = tree_of({{"a.md",
                              "see /wo"
                              "rk/x\n"},
                             {"b.bin", std::string(600 * 1024, 'x')}});
  EXPECT_EQ(text_of(check_strangers(tree)),
            "a.md:1: '/wo"
            "rk/': a path of one machine\nb.bin: 614400 bytes; at most 512000 in this repository");
}

TEST(TidyCode, OnlyCodeIsLeftOfASource) {
  EXPECT_EQ(only_code("a /* b\nc */ d"), "a     \n     d");
  EXPECT_EQ(only_code("a = \"b\\\"c\"; // d\ne"), "a =       ;     \ne");
  EXPECT_EQ(only_code("R\"x(a\")\")x\" b"), "            b");
  EXPECT_EQ(only_code("1'000 'x' y"), "1'000     y");
}

}  // namespace
}  // namespace cupel::tidy
