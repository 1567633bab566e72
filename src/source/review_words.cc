#include "source/review_words.h"

#include <array>

namespace cupel::source {
namespace {

// `{x}` is filled in: item, colour, fabric, part, size, height, weight, occasion, and good / bad adjectives.
constexpr std::string_view k_praise[] = {
    "i love this {item}, it is so {good}!",
    "the {fabric} feels {good} and the {part} is just right.",
    "fits perfectly and i got compliments at {occasion}.",
    "the {colour} is even prettier in person.",
    "so comfortable that i wore it three days in a row.",
    "true to size, my usual {size} was perfect.",
    "it is {good} and well made, worth every penny.",
    "i could wear this {item} to {occasion} and feel great.",
    "beautiful {part}, and the {fabric} drapes so well.",
    "bought a second one in {colour} right away.",
    "very flattering on my {height} frame.",
    "great quality, it washes well and keeps its shape.",
    "my new favorite {item}, {good} and easy to dress up.",
    "the cut is {good} and hides what i want to hide.",
    "soft, {good} and not see through at all.",
    "everyone at {occasion} asked where i bought it.",
    "the {part} makes it special, a {good} find.",
    "i was skeptical online but this {item} is {good}.",
    "perfect weight of {fabric} for spring and fall.",
    "highly recommend, it is a {good} {item}.",
    "looks {good} with jeans and boots.",
    "finally a {item} that works for {height}, i am so happy.",
    "lovely details around the {part}.",
    "the {fabric} is {good} and does not wrinkle.",
};
constexpr std::string_view k_complaints[] = {
    "i wanted to love it but the {fabric} is {bad}.",
    "the {part} looks {bad} on me.",
    "runs huge, even the {size} was a tent.",
    "way too tight in the {part}, nothing like the photo.",
    "the {colour} looked washed out and {bad}.",
    "it is {bad} and overpriced, going back.",
    "sadly i returned this {item} the same day.",
    "the {fabric} itches and clings in the wrong places.",
    "seams came apart after wearing it to {occasion}.",
    "very disappointed, the quality is {bad}.",
    "it made me look pregnant, so unflattering.",
    "shrunk after the first wash, now it is {bad}.",
    "see through and {bad}, i expected more.",
    "the {part} gapes and will not stay in place.",
    "not worth the price, the {fabric} feels {bad}.",
    "awkward length for {height}, it hits at the wrong spot.",
    "the shape is boxy and {bad}.",
    "i looked like i was wearing a sack.",
    "too sheer to wear to {occasion}.",
    "the zipper broke and the {part} is crooked.",
    "{bad} fit, i tried two sizes and neither worked.",
    "save your money, this {item} is {bad}.",
};
constexpr std::string_view k_neutral[] = {
    "i am {height} and {weight} pounds and ordered a {size}.",
    "i bought the {colour} one in store.",
    "the model seems to wear it with a belt.",
    "it is made of {fabric} and has a lined {part}.",
    "i usually wear a {size} in this brand.",
    "ordered online for {occasion}.",
    "it comes in {colour} and a few other shades.",
    "the {part} is a bit longer in back.",
    "i tried this {item} on with heels and with flats.",
    "for reference my waist is {size} by {weight} and i am {height}.",
    "it has buttons down the {part}.",
    "i saw it in the catalog last month.",
    "my sister has the same {item} in {colour}.",
    "you may need a camisole for {occasion}.",
    "the tag says dry clean, i used cold water.",
    "i waited for the sale to get this {item}.",
};
constexpr std::string_view k_praise_titles[] = {
    "Love it!", "So {good}", "Perfect {item}", "{good} and {good}", "My new favorite", "Great for {occasion}", "{good} {fabric}", "Worth every penny",
    "Beautiful {colour}", "A {good} {item} for {height}", "Lots of compliments", "Must have {item}",
};
constexpr std::string_view k_complaint_titles[] = {
    "Disappointed", "So {bad}", "{bad} fit", "Not for me", "Going back", "{bad} {fabric}", "Runs huge", "Wanted to love it", "Poor quality {item}",
    "{bad} and {bad}", "Not worth it", "Odd {part}",
};
constexpr std::string_view k_neutral_titles[] = {
    "{item}", "{colour} {item}", "Size {size}", "For {occasion}", "{fabric} {item}", "Read about the {part}", "{height} review",
};

constexpr std::string_view k_colours[] = {"navy", "black", "ivory", "red", "green", "blue", "gray", "coral", "mustard", "plum", "teal", "white"};
constexpr std::string_view k_fabrics[] = {"cotton", "linen", "silk", "knit", "denim", "lace", "wool", "jersey", "rayon", "velvet", "chiffon", "material"};
constexpr std::string_view k_parts[] = {"waist", "neckline", "hem", "back", "sleeve", "collar", "bust", "hip", "front", "shoulder", "skirt part", "pocket"};
constexpr std::string_view k_sizes[] = {"xs", "small", "medium", "large", "2", "4", "6", "8", "10", "12", "petite small", "petite medium"};
constexpr std::string_view k_heights[] = {"5'1\"", "5'2\"", "5'3\"", "5'4\"", "5'5\"", "5'6\"", "5'7\"", "5'8\"", "5'9\"", "5'10\""};
constexpr std::string_view k_weights[] = {"105", "112", "118", "124", "130", "135", "141", "148", "155", "162", "170", "185"};
constexpr std::string_view k_occasions[] = {"work", "a wedding", "church", "dinner", "a party", "the office", "brunch", "vacation", "a date", "school",
                                            "the holidays", "a birthday"};
constexpr std::string_view k_good[] = {"gorgeous", "lovely", "beautiful", "soft", "flattering", "elegant", "adorable", "fabulous", "cozy",
                                       "versatile", "stunning", "classy", "great", "cute"};
constexpr std::string_view k_bad[] = {"cheap", "itchy", "frumpy", "stiff", "flimsy", "awful", "shapeless", "thin", "weird",
                                      "terrible", "baggy", "scratchy", "poor", "dull"};

template <std::size_t N>
std::string_view pick(const std::string_view (&words)[N], Random& random) {
  return words[random.below(N)];
}

std::string_view filling(std::string_view slot, std::string_view item, Random& random) {
  if (slot == "item") return item;
  if (slot == "colour") return pick(k_colours, random);
  if (slot == "fabric") return pick(k_fabrics, random);
  if (slot == "part") return pick(k_parts, random);
  if (slot == "size") return pick(k_sizes, random);
  if (slot == "height") return pick(k_heights, random);
  if (slot == "weight") return pick(k_weights, random);
  if (slot == "occasion") return pick(k_occasions, random);
  return slot == "good" ? pick(k_good, random) : pick(k_bad, random);
}

std::string filled(std::string_view pattern, std::string_view item, Random& random) {
  std::string text;
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{');
    text += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = pattern.find('}', open);
    text += filling(pattern.substr(open + 1, close - open - 1), item, random);
    pattern.remove_prefix(close + 1);
  }
  return text;
}

}  // namespace

std::string review_sentence(Tone tone, std::string_view item, Random& random) {
  switch (tone) {
    case Tone::praise: return filled(pick(k_praise, random), item, random);
    case Tone::complaint: return filled(pick(k_complaints, random), item, random);
    case Tone::neutral: break;
  }
  return filled(pick(k_neutral, random), item, random);
}

std::string review_title(Tone tone, std::string_view item, Random& random) {
  std::string title = tone == Tone::praise      ? filled(pick(k_praise_titles, random), item, random)
                      : tone == Tone::complaint ? filled(pick(k_complaint_titles, random), item, random)
                                                : filled(pick(k_neutral_titles, random), item, random);
  if (title[0] >= 'a' && title[0] <= 'z') title[0] = static_cast<char>(title[0] - 'a' + 'A');
  return title;
}

}  // namespace cupel::source
