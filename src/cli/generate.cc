#include "cli/command.h"
#include "cli/commands.h"

#include "base/text.h"
#include "source/generated_reviews.h"

namespace cupel::cli {

Result<int> generate_command(std::span<const std::string> words) {
  CLI::App app("made-up tables with known truth", "generate");
  std::string what;
  std::string path;
  source::GeneratedReviews options;
  app.add_option("WHAT", what, "reviews: a clothing shop's reviews")->required();
  app.add_option("-o,--output", path, "the file to write: .csv or .parquet, or - for standard output")->required();
  app.add_option("--rows", options.num_rows, "number of rows")->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000}));
  app.add_option("--seed", options.seed, "another seed, other rows");
  PARSE_OR_RETURN(app, words);
  const std::vector<std::string> known{"reviews"};
  if (what != known[0]) return fail("unknown table '{}'{}", what, nearest_note(what, known));
  TRY(source::write_generated_reviews(path, options));
  if (path != "-") fmt::print("{} generated reviews with known truth, seed {}: {}\n", with_thousands(options.num_rows), options.seed, path);
  return 0;
}

}  // namespace cupel::cli
