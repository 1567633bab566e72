#include "source/generated_reviews.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "base/files.h"
#include "base/random.h"
#include "source/review_words.h"
#include "source/write.h"

namespace cupel::source {
namespace {

using table::ColumnBuilder;
using table::Type;

// Rows of each class in the real reviews, and how many of them are in the division General Petite (the rest: `division`).
struct ClassOfClothes {
  const char* name;
  const char* department;
  const char* division;
  const char* item;
  int num_rows;
  int num_petite;
};
constexpr ClassOfClothes k_classes[] = {
    {"Dresses", "Dresses", "General", "dress", 6319, 2589},      {"Knits", "Tops", "General", "top", 4843, 1584},
    {"Blouses", "Tops", "General", "blouse", 3097, 1104},        {"Sweaters", "Tops", "General", "sweater", 1428, 528},
    {"Pants", "Bottoms", "General", "pants", 1388, 553},         {"Jeans", "Bottoms", "General", "jeans", 1147, 360},
    {"Fine gauge", "Tops", "General", "cardigan", 1100, 415},    {"Skirts", "Bottoms", "General", "skirt", 945, 344},
    {"Jackets", "Jackets", "General", "jacket", 704, 307},       {"Lounge", "Intimate", "Initmates", "robe", 691, 233},
    {"Swim", "Intimate", "Initmates", "swimsuit", 350, 0},       {"Outerwear", "Jackets", "General", "coat", 328, 80},
    {"Shorts", "Bottoms", "General", "shorts", 317, 0},          {"Sleep", "Intimate", "Initmates", "nightgown", 228, 0},
    {"Legwear", "Intimate", "Initmates", "tights", 165, 0},      {"Intimates", "Intimate", "Initmates", "bralette", 154, 0},
    {"Layering", "Intimate", "Initmates", "slip", 146, 0},       {"Trend", "Trend", "General", "poncho", 119, 23},
    {"Casual bottoms", "Bottoms", "General", "joggers", 2, 0},   {"Chemises", "Intimate", "Initmates", "chemise", 1, 0},
};
constexpr int k_num_products = 1206;
constexpr double k_base_log_odds = 1.5524;  // with the spread of the products: 82.2 % on average
constexpr double k_quality_spread = 0.3;

// Shares of the tones among the sentences of who recommends and who does not.
constexpr std::array<double, 3> k_tones_if_recommended{0.66, 0.25, 0.09};
constexpr std::array<double, 3> k_tones_if_not{0.27, 0.26, 0.47};
// Stars 1 to 5 in the same two cases.
constexpr std::array<double, 5> k_stars_if_recommended{0.0008, 0.0049, 0.0616, 0.2542, 0.6785};
constexpr std::array<double, 5> k_stars_if_not{0.1980, 0.3526, 0.4032, 0.0402, 0.0060};

struct Point {
  double share;
  double value;
};
// Quantiles of the real columns, joined by straight lines.
constexpr Point k_ages[] = {{0, 18},     {0.001, 19}, {0.01, 21},  {0.05, 25},   {0.25, 34}, {0.5, 41},
                            {0.75, 52},  {0.95, 65},  {0.99, 74},  {0.999, 86.5}, {1, 99}};
constexpr Point k_lengths[] = {{0, 20}, {0.01, 52}, {0.05, 84}, {0.1, 114}, {0.25, 186}, {0.5, 301}, {0.75, 459}, {0.8, 495}, {1, 500}};
constexpr Point k_feedback[] = {{0, 0},      {0.476, 0},  {0.648, 1}, {0.742, 2},  {0.803, 3}, {0.871, 5},
                                {0.909, 7},  {0.95, 11},  {0.99, 26}, {0.999, 65}, {1, 122}};
constexpr std::size_t k_longest_text = 508;  // where the shop's form cuts

template <std::size_t N>
double interpolate(const Point (&points)[N], double share) {
  std::size_t i = 1;
  while (i + 1 < N && points[i].share < share) ++i;
  const double along = (share - points[i - 1].share) / (points[i].share - points[i - 1].share);
  return points[i - 1].value + along * (points[i].value - points[i - 1].value);
}

template <std::size_t N>
std::size_t choose(const std::array<double, N>& shares, double uniform) {
  std::size_t i = 0;
  while (i + 1 < N && uniform >= shares[i]) uniform -= shares[i++];
  return i;
}

struct Product {
  int id = 0;
  double quality = 0;
};

// The products of each class: as many as its share of the rows asks for, numbered so that neighbours are of different classes.
class Catalogue {
 public:
  explicit Catalogue(std::uint64_t seed) {
    int total = 0;
    for (const ClassOfClothes& c : k_classes) total += c.num_rows;
    num_rows_ = total;
    int first = 0;
    int rows = 0;
    for (const ClassOfClothes& c : k_classes) {
      rows += c.num_rows;
      const int end = std::max(first + 1, static_cast<int>(static_cast<std::int64_t>(k_num_products) * rows / total));
      first_.push_back(first);
      end_.push_back(end);
      first = end;
    }
    for (int i = 0; i < first; ++i) {
      quality_.push_back(k_quality_spread * Random(seed, "generated product", static_cast<std::uint64_t>(i)).normal());
    }
  }

  std::size_t choose_class(Random& random) const {
    auto at = static_cast<int>(random.below(static_cast<std::uint64_t>(num_rows_)));
    std::size_t i = 0;
    while (at >= k_classes[i].num_rows) at -= k_classes[i++].num_rows;
    return i;
  }

  // A few products have most of the reviews: the share falls about as the rank to the power of 1.4.
  Product choose_product(std::size_t of_class, Random& random) const {
    const int count = end_[of_class] - first_[of_class];
    const double reach = 1 - std::pow(count + 1.0, -0.4);
    const double rank = std::pow(1 - random.uniform() * reach, -1 / 0.4) - 1;
    const int index = first_[of_class] + std::min(count - 1, static_cast<int>(rank));
    constexpr int k_stride = 509;  // has no divisor in common with the number of products
    return {static_cast<int>(static_cast<std::int64_t>(index) * k_stride % k_num_products), quality_[static_cast<std::size_t>(index)]};
  }

 private:
  int num_rows_ = 0;
  std::vector<int> first_;
  std::vector<int> end_;
  std::vector<double> quality_;
};

struct Review {
  std::size_t of_class = 0;
  bool class_is_known = true;
  Product product;
  bool petite = false;
  int age = 0;
  int stars = 0;
  bool recommended = false;
  int feedback = 0;
  std::optional<std::string> title;
  std::optional<std::string> text;
  double probability = 0;
};

double chance_of(double log_odds) { return 1 / (1 + std::exp(-log_odds)); }

class Writer {
 public:
  explicit Writer(const GeneratedReviews& options) : seed_(options.seed), catalogue_(options.seed) {}

  Review review(std::int64_t row) const {
    Random random(seed_, "generated review", static_cast<std::uint64_t>(row));
    Review review;
    review.of_class = catalogue_.choose_class(random);
    review.product = catalogue_.choose_product(review.of_class, random);
    const ClassOfClothes& clothes = k_classes[review.of_class];
    review.petite = random.below(static_cast<std::uint64_t>(clothes.num_rows)) < static_cast<std::uint64_t>(clothes.num_petite);
    review.class_is_known = random.uniform() >= 14.0 / 23'486;
    review.age = static_cast<int>(std::lround(interpolate(k_ages, random.uniform())));
    review.feedback = static_cast<int>(interpolate(k_feedback, random.uniform()));
    double log_odds = k_base_log_odds + review.product.quality;
    review.recommended = random.uniform() < chance_of(log_odds);
    review.stars = 1 + static_cast<int>(choose(review.recommended ? k_stars_if_recommended : k_stars_if_not, random.uniform()));
    const bool has_text = random.uniform() >= (review.stars <= 2 ? 0.0154 : 0.0383);
    const bool has_title = random.uniform() >= (has_text ? 0.131 : 0.999);
    if (has_text) review.text = text(review.recommended, clothes.item, random, log_odds);
    if (has_title) {
      const Tone tone = choose_tone(review.recommended, random, log_odds);
      review.title = review_title(tone, clothes.item, random);
    }
    review.probability = chance_of(log_odds);
    return review;
  }

 private:
  // What the tone tells is added to the log-odds.
  static Tone choose_tone(bool recommended, Random& random, double& log_odds) {
    const std::size_t tone = choose(recommended ? k_tones_if_recommended : k_tones_if_not, random.uniform());
    log_odds += std::log(k_tones_if_recommended[tone] / k_tones_if_not[tone]);
    return static_cast<Tone>(tone);
  }

  static std::string text(bool recommended, std::string_view item, Random& random, double& log_odds) {
    const auto wanted = static_cast<std::size_t>(interpolate(k_lengths, random.uniform()));
    std::string text;
    int num_sentences = 0;
    do {
      if (!text.empty()) text += random.below(12) == 0 ? "\n\n" : " ";
      std::string sentence = review_sentence(choose_tone(recommended, random, log_odds), item, random);
      if (random.below(3) == 0) sentence[0] = static_cast<char>(sentence[0] >= 'a' && sentence[0] <= 'z' ? sentence[0] - 'a' + 'A' : sentence[0]);
      text += sentence;
      // One sentence alone would come again and again.
    } while (++num_sentences < 2 || text.size() + 20 < wanted);
    if (text.size() > k_longest_text) text.resize(500 + random.below(9));
    return text;
  }

  std::uint64_t seed_;
  Catalogue catalogue_;
};

table::Schema review_schema(std::string index_name) {
  constexpr std::pair<const char*, Type> k_columns[] = {{"Clothing ID", Type::integer},
                                                         {"Age", Type::integer},
                                                         {"Title", Type::text},
                                                         {"Review Text", Type::text},
                                                         {"Rating", Type::integer},
                                                         {"Recommended IND", Type::integer},
                                                         {"Positive Feedback Count", Type::integer},
                                                         {"Division Name", Type::text},
                                                         {"Department Name", Type::text},
                                                         {"Class Name", Type::text}};
  table::Schema schema;
  schema.fields.push_back({std::move(index_name), Type::integer});
  for (const auto& [name, type] : k_columns) schema.fields.push_back({name, type});
  return schema;
}

table::Table rows_between(const Writer& writer, table::Schema schema, std::int64_t from, std::int64_t to) {
  std::vector<ColumnBuilder> columns;
  for (const table::Field& field : schema.fields) columns.emplace_back(field.type);
  const auto append_text = [](ColumnBuilder& column, const std::optional<std::string>& text) {
    if (text) {
      column.append(std::string_view(*text));
    } else {
      column.append_null();
    }
  };
  for (std::int64_t row = from; row < to; ++row) {
    const Review review = writer.review(row);
    const ClassOfClothes& clothes = k_classes[review.of_class];
    const auto known = [&](std::string text) { return review.class_is_known ? std::optional(std::move(text)) : std::nullopt; };
    columns[0].append(row);
    columns[1].append(std::int64_t{review.product.id});
    columns[2].append(std::int64_t{review.age});
    append_text(columns[3], review.title);
    append_text(columns[4], review.text);
    columns[5].append(std::int64_t{review.stars});
    columns[6].append(std::int64_t{review.recommended ? 1 : 0});
    columns[7].append(std::int64_t{review.feedback});
    append_text(columns[8], known(review.petite ? "General Petite" : clothes.division));
    append_text(columns[9], known(clothes.department));
    append_text(columns[10], known(clothes.name));
  }
  return {std::move(schema), std::move(columns)};
}

constexpr std::string_view k_note = "generated with known truth, not real reviews";

}  // namespace

table::Table generated_reviews(const GeneratedReviews& options) {
  table::Table rows = rows_between(Writer(options), review_schema("unnamed_0"), 0, options.num_rows);
  rows.set_origin({fmt::format("generated reviews, seed {}", options.seed), {}, std::string(k_note)});
  return rows;
}

std::vector<double> generated_probabilities(const GeneratedReviews& options) {
  const Writer writer(options);
  std::vector<double> probabilities;
  for (std::int64_t row = 0; row < options.num_rows; ++row) probabilities.push_back(writer.review(row).probability);
  return probabilities;
}

Result<void> write_generated_reviews(const std::string& path, const GeneratedReviews& options) {
  const Writer writer(options);
  // In CSV the index has no name, as in the real file.
  const bool parquet = path.ends_with(".parquet");
  const table::Schema schema = review_schema(parquet ? "unnamed_0" : "");
  ASSIGN_OR_RETURN(const auto out, RowWriter::open(path, schema));
  constexpr std::int64_t k_block_rows = 4096;
  for (std::int64_t from = 0; from < options.num_rows; from += k_block_rows) {
    const table::Table rows = rows_between(writer, schema, from, std::min(from + k_block_rows, options.num_rows));
    std::vector<table::Column> columns;
    for (std::size_t c = 0; c < schema.fields.size(); ++c) columns.push_back(rows.column(static_cast<int>(c)));
    TRY(out->append(columns, rows.num_rows()));
  }
  TRY(out->finish());
  if (path == "-") return {};
  return write_file(path + ".origin", fmt::format("{}\nseed {}, {} rows\n", k_note, options.seed, options.num_rows));
}

}  // namespace cupel::source
