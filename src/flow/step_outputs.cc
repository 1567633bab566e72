#include "flow/step_outputs.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>

namespace cupel::flow {
namespace {

/// A link below `root` whose target, links followed, is not below it.
std::optional<fs::path> escaping_link(const fs::path& root) {
  std::error_code error;
  const fs::path real_root = fs::canonical(root, error);
  for (fs::recursive_directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
    if (!it->is_symlink(error)) continue;
    const fs::path target = fs::weakly_canonical(it->path(), error);
    const std::string inside = target.lexically_relative(real_root).string();
    if (inside.empty() || inside.starts_with("..")) return it->path();
  }
  return std::nullopt;
}

/// The first regular file of a path, itself or by name.
std::optional<fs::path> first_file(const fs::path& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) return path;
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    if (it->is_regular_file(error)) files.push_back(it->path());
  }
  if (files.empty()) return std::nullopt;
  return *std::min_element(files.begin(), files.end());
}

void set_times_back(const fs::path& folder) {
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->is_symlink(error)) continue;
    fs::last_write_time(it->path(), fs::last_write_time(it->path(), error) - std::chrono::seconds(k_clock_jump_seconds), error);
  }
}

void flip_a_byte(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  // tidy: damage is done in place, as a failing disk would
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  if (size == 0) {
    stream.put('x');
    return;
  }
  const auto middle = static_cast<std::streamoff>(size / 2);
  stream.seekg(middle);
  const int byte = stream.get();
  stream.seekp(middle);
  stream.put(static_cast<char>(byte ^ 0x40));
}

}  // namespace

Result<TakenOutputs> take_outputs(const fs::path& scratch, const fs::path& out, const std::vector<std::string>& declared, Completeness completeness,
                                  Digester& digester) {
  TakenOutputs taken;
  std::error_code error;
  if (const auto link = escaping_link(scratch)) {
    taken.missing = fmt::format("output '{}' is a link that leads out of the step's folder", link->lexically_relative(scratch).string());
    return taken;
  }
  for (const std::string& name : declared) {
    const auto digest = digester.of(scratch / name);
    if (digest) {
      taken.outputs.push_back({name, *digest});
    } else if (digest.error().kind != ErrorKind::not_found) {
      taken.missing = fmt::format("output '{}': {}", name, digest.error().message);
      return taken;
    } else if (completeness == Completeness::required) {
      taken.missing = fmt::format("output '{}' is not there", name);
      return taken;
    }
  }
  fs::remove_all(out, error);
  fs::create_directories(out.parent_path(), error);  // an instance's stands in the folder that collects them
  fs::rename(scratch, out, error);
  if (error) return fail(ErrorKind::io, "cannot put outputs in place at '{}': {}", out.string(), error.message());
  return taken;
}

void remove_other_instances(const fs::path& run, const Flow& flow) {
  for (const std::string& name : flow.declared()) {
    const auto all = flow.find_all(name);
    if (flow.steps[all[0]].each.empty()) continue;
    std::set<std::string> known;
    for (const std::size_t i : all) known.insert(values_folder(flow.steps[i].name));
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(run / out_folder(name), error)) {
      if (!known.contains(entry.path().filename().string())) fs::remove_all(entry.path(), error);
    }
  }
}

std::optional<std::string> altered_output(const fs::path& out, const std::vector<OutputRecord>& outputs, Digester& digester) {
  for (const OutputRecord& output : outputs) {
    const auto digest = digester.of(out / output.name);
    if (!digest) return fmt::format("output '{}' is gone", output.name);
    if (digest->sha256 != output.digest.sha256) return fmt::format("output '{}' was altered after the step had ended", output.name);
  }
  return std::nullopt;
}

bool is_done_to_outputs(Induced induced) { return induced == Induced::corrupt_output || induced == Induced::lost_output || induced == Induced::clock_jump; }

bool damage_output(const fs::path& out, const std::vector<OutputRecord>& outputs, Induced induced) {
  if (outputs.empty()) return false;
  const fs::path target = out / outputs.front().name;
  std::error_code error;
  if (induced == Induced::clock_jump) {
    set_times_back(out);
    return true;
  }
  if (induced == Induced::lost_output) return fs::remove_all(target, error) > 0;
  const auto file = first_file(target);
  if (file) flip_a_byte(*file);
  return file.has_value();
}

}  // namespace cupel::flow
