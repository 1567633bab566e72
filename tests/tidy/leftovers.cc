#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"
#include "checks.h"

namespace cupel::tidy {
namespace {

struct Rule {
  const char* pattern;
  const char* instead;
  bool in_tests = true;  ///< false: a test may
};

// Written in pieces where this file would find itself.
constexpr Rule k_reminders[] = {
    {R"(\bTODO\b)", "a TODO has an owner and a reason: TODO(name): why"},
    {"\\bFIX"
     "ME\\b",
     "fix it, or TODO(name): why"},
    {"\\bX"
     "XX\\b",
     "fix it, or TODO(name): why"},
    {"\\bHA"
     "CK\\b",
     "say why it must be so"},
    {"(?i)\\bfor n"
     "ow\\b",
     "finish it, or say what holds"},
    {"(?i)\\bnot (yet )?imple"
     "mented\\b",
     "implement it"},
    {"(?i)\\bst"
     "ub\\b",
     "implement it"},
};
constexpr const char* k_owned = R"(\bTODO\([a-z]+\): \S.{9,})";
/// On the line or the one above: the rule was seen, and does not fit here.
constexpr const char* k_excused = R"(// tidy: \S.{9,})";

constexpr Rule k_prints[] = {
    {R"(\bstd::(cout|cerr|clog)\b)", "only cli and report print", false},
    {R"(\b(printf|fprintf|puts|perror)\s*\()", "only cli and report print", false},
    {R"(\bfmt::print\s*\()", "only cli and report print", false},
};

/// Rooms and files that talk to people.
bool may_print(std::string_view path) {
  const std::string_view room = room_of(path);
  return room == "cli" || room == "report" || path == "src/base/progress.cc" || path == "src/flow/live.cc" || path == "src/base/result.cc";
}

constexpr Rule k_calls[] = {
    {R"(\b(std::rand|rand|srand|drand48|::random)\s*\()", "base/random.h: keyed, so that the same seed gives the same bytes"},
    {R"(\bstd::(random_device|mt19937|mt19937_64|default_random_engine|shuffle|\w+_distribution)\b)",
     "base/random.h: the same on every platform"},
    {R"(\b(std::)?system\s*\()", "base/process.h"},
    {R"(\b(strcpy|strcat|sprintf|vsprintf|gets|strtok)\s*\()", "fmt::format, or std::string"},
    {R"(\b(std::)?(stoi|stol|stoll|stoul|stoull|stof|stod|atoi|atol|atoll|atof|strtod|strtol|strtoul|strtoll)\s*\()",
     "parse_number or parse_integer of base/text.h: the whole text, any locale", false},
    {R"(\bnew\s+[A-Za-z_:][\w:]*\s*[\(\[{<;])", "std::make_unique, or a value"},
    {R"(\bdelete(\s*\[\s*\])?\s+[A-Za-z_(*])", "an owner: std::unique_ptr, or a value"},
    {R"(\bstd::regex\b)", "RE2: linear time on texts of somebody else"},
    {R"(\b(std::)?(gmtime|localtime|ctime|asctime)\s*\()", "base/time.h"},
    {R"(\bstd::(ofstream|fstream)\b)", "write_file of base/files.h: whole or not at all", false},
    {R"(\bstd::async\b)", "threads of one's own: std::async may run late or alone"},
};

bool is_test(const File& file) {
  return file.path.starts_with("tests/") || file.path.ends_with("_test.cc") || file.text.find("#include <gtest/") != std::string::npos;
}

/// The line at an offset and the one above.
std::string lines_at(std::string_view text, std::size_t offset) {
  const auto line_begin = [&](std::size_t at) { return at == 0 ? 0 : text.rfind('\n', at - 1) + 1; };  // npos + 1 is 0
  const std::size_t begin = line_begin(offset);
  const std::size_t above = begin == 0 ? 0 : line_begin(begin - 1);
  return std::string(text.substr(above, text.find('\n', offset) - above));
}

/// Each place in `text` (the file's own, or only its code) where a rule's pattern stands, unless the line has an owner and a reason or is
/// excused.
template <std::size_t N>
void search(const File& file, std::string_view text, const Rule (&rules)[N], Findings& findings) {
  const bool in_test = is_test(file);
  for (const Rule& rule : rules) {
    if (in_test && !rule.in_tests) continue;
    const RE2 pattern(std::string("(?m)(") + rule.pattern + ")");
    re2::StringPiece rest(text.data(), text.size());
    re2::StringPiece found;
    while (RE2::FindAndConsume(&rest, pattern, &found)) {
      const std::size_t offset = static_cast<std::size_t>(found.data() - text.data());
      const std::string lines = lines_at(file.text, offset);
      if (RE2::PartialMatch(lines.substr(lines.rfind('\n') + 1), k_owned) || RE2::PartialMatch(lines, k_excused)) continue;
      const auto number = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
      findings.push_back(fmt::format("{}:{}: '{}': {}", file.path, number, trim({found.data(), found.size()}), rule.instead));
    }
  }
}

constexpr Rule k_strangers[] = {
    {"(^|[^\\w.])/wo"
     "rk/",
     "a path of one machine"},
    {"(^|[^\\w.])/(ro"
     "ot|ho"
     "me)/",
     "a path of one machine"},
    {"\\b(deb\\.debi"
     "an\\.org|py"
     "pi\\.org|files\\.pythonh"
     "osted|registry\\.np"
     "mjs|crat"
     "es\\.io|hugging"
     "face\\.co)",
     "the host of a registry"},
};

}  // namespace

Findings check_leftovers(const Tree& tree) {
  Findings findings;
  for (const File& file : tree.files) {
    if (file.path == "LICENSE" || file.path.ends_with(".md") || file.path.starts_with("tests/tidy/")) continue;
    search(file, file.text, k_reminders, findings);
    const bool is_code = !room_of(file.path).empty() && is_source(file.path);
    if (is_code && !may_print(file.path)) search(file, only_code(file.text), k_prints, findings);
  }
  return findings;
}

Findings check_calls(const Tree& tree) {
  Findings findings;
  for (const File& file : tree.files) {
    if (!is_source(file.path) || room_of(file.path) == "base") continue;  // base is where the replacements stand
    search(file, only_code(file.text), k_calls, findings);
  }
  return findings;
}

Findings check_strangers(const Tree& tree) {
  constexpr std::size_t k_largest = 500 * 1024;
  Findings findings;
  for (const File& file : tree.files) {
    if (file.text.size() > k_largest) {
      findings.push_back(fmt::format("{}: {} bytes; at most {} in this repository", file.path, file.text.size(), k_largest));
    } else {
      search(file, file.text, k_strangers, findings);
    }
  }
  return findings;
}

}  // namespace cupel::tidy
