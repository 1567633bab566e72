#include "report/run_outputs.h"

#include <algorithm>
#include <optional>

#include "report/facts_internal.h"

namespace cupel::report {
namespace {

constexpr std::uintmax_t k_limit_bytes = 64u << 20;
constexpr std::size_t k_max_files = 200;
constexpr int k_max_depth = 3;

std::optional<PageFile::Kind> kind_of(const Json& json) {
  if (!list_at(json, "results").empty() && member(json, "verdict") != nullptr) return PageFile::Kind::result;
  if (member(json, "results") != nullptr && member(json, "counts") != nullptr) return PageFile::Kind::result;
  if (member(json, "format") != nullptr && member(map_at(json, "files"), "model") != nullptr) return PageFile::Kind::model;
  return std::nullopt;
}

/// JSON files below the folder in order of name; symbolic links are not followed.
std::vector<fs::path> json_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it.depth() >= k_max_depth) it.disable_recursion_pending();
    std::error_code ignored;  // an entry that vanishes is not shown
    if (it->path().extension() == ".json" && it->is_regular_file(ignored) && !it->is_symlink(ignored)) files.push_back(it->path());
    if (files.size() == k_max_files) break;
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// A record's path to a step's outputs leads to no other place than a step's folder.
bool is_inside(const fs::path& path) {
  const bool climbs = std::any_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
  return !climbs && path.is_relative() && path.begin() != path.end() && *path.begin() == "steps";
}

}  // namespace

PageRun read_run(const fs::path& folder, Json record) {
  PageRun run;
  run.record = std::move(record);
  for (const Json& step : list_at(run.record, "steps")) {
    PageStep page{text_at(step, "name"), step, {}};
    const std::string place = text_at(step, "out");
    const fs::path outputs = folder / (place.empty() ? "steps/" + page.name + "/out" : place);
    const bool plain = is_inside(outputs.lexically_relative(folder));
    for (const fs::path& file : plain ? json_files(outputs) : std::vector<fs::path>()) {
      const std::string name = file.lexically_relative(outputs).string();
      auto json = read_json(file, k_limit_bytes);
      if (!json) {
        run.left_out.push_back(page.name + "/" + name + ": " + json.error().message);
      } else if (const auto kind = kind_of(*json)) {
        page.files.push_back({*kind, name, std::move(*json)});
      }
    }
    run.steps.push_back(std::move(page));
  }
  return run;
}

Result<PageRun> read_file_as_run(const fs::path& file) {
  ASSIGN_OR_RETURN(Json json, read_json(file, k_limit_bytes));
  const auto kind = kind_of(json);
  if (!kind) return fail("'{}' is neither the JSON result of a suite nor a model.json", file.string());
  PageRun run;
  run.steps.push_back({"", Json::object(), {{*kind, file.filename().string(), std::move(json)}}});
  return run;
}

}  // namespace cupel::report
