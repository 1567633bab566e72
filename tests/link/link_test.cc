#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/files.h"
#include "base/text.h"

namespace cupel {
namespace {

using Names = std::set<std::string>;

/// One line of libraries.txt.
struct Allowance {
  Names loaded;   ///< must be loaded
  Names perhaps;  ///< may be
};

/// The compiler's, the C library's, the sanitizers' own; and Abseil's many small parts, which come with RE2 on Debian 13.
bool is_of_the_system(const std::string& name) {
  static const Names k_names = {"c",    "m",     "stdc++", "gcc_s", "pthread",         "rt",        "dl",
                                "asan", "ubsan", "tsan",   "gomp",  "ld-linux-x86-64", "linux-vdso"};
  return k_names.contains(name) || name.starts_with("absl_");
}

/// "libicuuc.so.72" -> "icuuc"
std::string short_name(std::string_view soname) {
  std::string_view name = soname.substr(soname.rfind('/') + 1);
  name = name.substr(0, name.find(".so"));
  return std::string(name.starts_with("lib") ? name.substr(3) : name);
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string text;
  char buffer[4096];
  while (const std::size_t size = pipe ? std::fread(buffer, 1, sizeof buffer, pipe.get()) : 0) text.append(buffer, size);
  return text;
}

/// What the dynamic loader would load: "\tlibfmt.so.9 => /usr/lib/libfmt.so.9 (0x…)".
Names loaded_by(const fs::path& program) {
  Names names;
  const std::string listed = output_of("ldd '" + program.string() + "' 2>&1");
  for (const std::string_view line : split(listed, '\n')) {
    EXPECT_EQ(line.find("not found"), std::string_view::npos) << program << ": " << line;
    const std::string_view word = split(trim(line), ' ').front();
    const std::string name = short_name(word);
    if (!word.empty() && !is_of_the_system(name)) names.insert(name);
  }
  return names;
}

/// What the program itself asks for: " 0x01 (NEEDED)  Shared library: [libfmt.so.9]".
Names needed_by(const fs::path& program) {
  Names names;
  const std::string listed = output_of("readelf -d '" + program.string() + "'");
  for (const std::string_view line : split(listed, '\n')) {
    if (line.find("(NEEDED)") == std::string_view::npos) continue;
    const std::size_t open = line.find('[');
    const std::string name = short_name(line.substr(open + 1, line.find(']') - open - 1));
    if (!is_of_the_system(name)) names.insert(name);
  }
  return names;
}

std::map<std::string, Allowance> read_allowances() {
  std::map<std::string, Allowance> allowances;
  const Result<std::string> text = read_file(fs::path(CUPEL_SOURCE_DIR) / "tests/link/libraries.txt");
  EXPECT_TRUE(text) << text.error().text();
  if (!text) return allowances;
  for (const std::string_view line : split(*text, '\n')) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with('#') || colon == std::string_view::npos) continue;
    Allowance& allowance = allowances[std::string(line.substr(0, colon))];
    for (const std::string_view word : split(line.substr(colon + 2), ' ')) {
      if (word.starts_with('(')) {
        allowance.perhaps.emplace(word.substr(1, word.size() - 2));
      } else if (!word.empty()) {
        allowance.loaded.emplace(word);
      }
    }
  }
  return allowances;
}

fs::path place_of(const std::string& program) {
  const fs::path build = CUPEL_BINARY_DIR;
  return program == "cupel" ? build / "bin" / program : build / "libexec" / "cupel" / program;
}

TEST(Link, EachProgramLoadsWhatItsLineSaysAndNothingElse) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitized program keeps code that nobody calls, and the libraries of it";
#endif
  const std::map<std::string, Allowance> allowances = read_allowances();
  Names known;  // named on any line
  for (const auto& [program, allowance] : allowances) {
    known.insert(allowance.loaded.begin(), allowance.loaded.end());
    known.insert(allowance.perhaps.begin(), allowance.perhaps.end());
  }
  for (const auto& [program, allowance] : allowances) {
    const fs::path path = place_of(program);
    ASSERT_TRUE(fs::exists(path)) << path << " is not built";
    const Names loaded = loaded_by(path);
    for (const std::string& name : allowance.loaded)
      EXPECT_TRUE(loaded.contains(name)) << program << " does not load " << name << "; its line says so";
    Names seen = needed_by(path);
    std::ranges::copy_if(loaded, std::inserter(seen, seen.end()), [&](const std::string& name) { return known.contains(name); });
    for (const std::string& name : seen) {
      EXPECT_TRUE(allowance.loaded.contains(name) || allowance.perhaps.contains(name))
          << program << " loads " << name << ", which its line does not name";
    }
  }
}

TEST(Link, EachProgramHasALine) {
  const std::map<std::string, Allowance> allowances = read_allowances();
  for (const fs::directory_entry& entry : fs::directory_iterator(place_of("cupel-check").parent_path())) {
    EXPECT_TRUE(allowances.contains(entry.path().filename().string())) << entry.path();
  }
}

TEST(Link, TheStepsAreLean) {
  const auto never = [&](const std::string& program, const Names& names) {
    ASSERT_TRUE(fs::exists(place_of(program))) << program << " is not built";
    const Names loaded = loaded_by(place_of(program));
    for (const std::string& name : names) EXPECT_FALSE(loaded.contains(name)) << program << " loads " << name;
  };
  never("cupel-check", {"xgboost", "onnxruntime", "onnx", "sqlite3", "linear"});
  never("cupel-run", {"arrow", "parquet", "xgboost", "onnxruntime", "onnx", "linear"});
  never("cupel-models", {"arrow", "parquet", "xgboost", "onnxruntime", "onnx", "linear"});
  never("cupel-validate", {"xgboost", "linear"});
}

/// The package of Debian 12 that brings a library; empty for what comes with another (ICU's data) or with Cupel (ONNX Runtime).
std::string package_of(const std::string& library) {
  static const std::map<std::string, std::string> k_packages = {
      {"fmt", "libfmt9"},      {"yaml-cpp", "libyaml-cpp0.7"}, {"crypto", "libssl3"},       {"xxhash", "libxxhash0"},
      {"re2", "libre2-9"},      {"simdjson", "libsimdjson14"},     {"icuuc", "libicu72"},          {"icudata", ""},             {"z", "zlib1g"},
      {"zstd", "libzstd1"},    {"onnx_proto", "libonnx1"},     {"protobuf", "libprotobuf32"}, {"xgboost", "libxgboost0"},
      {"sqlite3", "libsqlite3-0"}, {"onnxruntime", ""}, {"archive", "libarchive13"},
  };
  const auto found = k_packages.find(library);
  EXPECT_NE(found, k_packages.end()) << "which package brings " << library << "?";
  return found == k_packages.end() ? "" : found->second;
}

TEST(Link, EachStepsDockerfileListsThePackagesOfItsProgramAndNoOthers) {
  const std::map<std::string, Allowance> allowances = read_allowances();
  int steps = 0;
  for (const fs::directory_entry& step : fs::directory_iterator(fs::path(CUPEL_SOURCE_DIR) / "examples/reviews/steps")) {
    const Result<std::string> file = read_file(step.path() / "Dockerfile");
    ASSERT_TRUE(file) << file.error().text();
    const std::string_view text = *file;
    // "#   for part in cupel check; do …" names the installed parts: the second is the program's.
    const std::size_t part = text.find("for part in cupel ") + std::string_view("for part in cupel ").size();
    const std::string program = "cupel-" + std::string(text.substr(part, text.find_first_of(" ;", part) - part));
    ASSERT_TRUE(allowances.contains(program)) << step.path() << " is for " << program;
    Names wanted;
    for (const std::string& library : allowances.at(program).loaded) {
      if (const std::string package = package_of(library); !package.empty()) wanted.insert(package);
    }
    Names listed;
    const std::size_t begin = text.find("--no-install-recommends");
    for (const std::string_view line : split(text.substr(begin, text.find("&&", begin) - begin), '\n')) {
      const std::string_view word = split(trim(line), ' ').front();
      if (!word.empty() && !word.starts_with("--")) listed.emplace(word);
    }
    EXPECT_EQ(listed, wanted) << step.path();
    ++steps;
  }
  EXPECT_GE(steps, 6);
}

}  // namespace
}  // namespace cupel
