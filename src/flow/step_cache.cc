#include "flow/step_cache.h"

#include <algorithm>

#include "base/json.h"
#include "base/process.h"
#include "base/text.h"
#include "flow/step_path.h"

namespace cupel::flow {
namespace {

/// What is not finished carries its process: `.<pid>-<start ticks>.a1B2c3`.
std::string scratch_prefix() {
  static const ProcessIdentity k_self = ProcessIdentity::self();
  return fmt::format("{}-{}", k_self.pid, k_self.start_ticks);
}

Result<void> link_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (fs::is_symlink(from, error)) {
    fs::copy_symlink(from, to, error);
  } else {
    fs::create_hard_link(from, to, error);
    if (error) fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  }
  if (error) return fail(ErrorKind::io, "cannot link '{}': {}", to.string(), error.message());
  return {};
}

Json outputs_json(const std::vector<OutputRecord>& outputs) {
  Json json = Json::array();
  for (const OutputRecord& output : outputs) {
    json.push_back({{"path", output.name}, {"kind", output.digest.kind}, {"bytes", output.digest.bytes}, {"digest", output.digest.sha256}});
  }
  return json;
}

std::optional<std::vector<OutputRecord>> outputs_in(const Json& entry) {
  const auto found = entry.find("outputs");
  if (found == entry.end() || !found->is_array()) return std::nullopt;
  std::vector<OutputRecord> outputs;
  for (const Json& item : *found) {
    const auto path = json_string(item, "path", "entry");
    const auto kind = json_string(item, "kind", "entry");
    const auto digest = json_string(item, "digest", "entry");
    const auto bytes = json_number(item, "bytes", "entry");
    if (!path || !kind || !digest || !bytes) return std::nullopt;
    outputs.push_back({*path, {*kind, *digest, static_cast<std::uint64_t>(*bytes), 1}});
  }
  return outputs;
}

/// Below the cache, for a step of a flow.
fs::path last_name(const std::string& flow, const std::string& step) { return fs::path("last") / flow / (step_folder(step).filename().string() + ".json"); }

}  // namespace

Result<void> link_tree(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  if (!fs::is_directory(from, error) || fs::is_symlink(from, error)) return link_file(from, to);
  fs::create_directories(to, error);
  for (fs::recursive_directory_iterator it(from, error), end; !error && it != end; it.increment(error)) {
    const fs::path target = to / it->path().lexically_relative(from);
    if (it->is_directory(error) && !it->is_symlink(error)) {
      fs::create_directories(target, error);
    } else {
      TRY(link_file(it->path(), target));
    }
  }
  if (error) return fail(ErrorKind::io, "cannot link '{}': {}", to.string(), error.message());
  return {};
}

std::optional<StepCache::Hit> StepCache::take(const std::string& key, const fs::path& out, Digester& digester, std::string& why_not) const {
  const fs::path folder = entry(key);
  std::error_code error;
  const auto text = read_file(folder / "entry.json");
  if (!text) return std::nullopt;
  const auto json = parse_json(*text, "entry.json");
  const auto give_up = [&](std::string why) {
    why_not = std::move(why);
    fs::remove_all(folder, error);
    fs::remove_all(out, error);
    return std::nullopt;
  };
  if (!json || !json->is_object()) return give_up("its earlier result was damaged");
  const auto outputs = outputs_in(*json);
  if (!outputs) return give_up("its earlier result was damaged");
  if (!outputs->empty()) fs::create_directories(out, error);  // a folder costs more than all the rest of a reused step
  for (const OutputRecord& output : *outputs) {
    if (!link_tree(folder / "out" / output.name, out / output.name)) return give_up(fmt::format("earlier output '{}' is gone", output.name));
    const auto digest = digester.of(out / output.name);
    if (!digest || digest->sha256 != output.digest.sha256) return give_up(fmt::format("earlier output '{}' was altered", output.name));
  }
  const auto run = json_string(*json, "run", "entry");
  return Hit{run ? *run : std::string("?"), *outputs};
}

void StepCache::put(const std::string& key, const fs::path& out, const std::string& run, const std::vector<OutputRecord>& outputs) const {
  const fs::path folder = entry(key);
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  auto scratch = ScratchFolder::make(folder_ / "scratch", scratch_prefix());
  if (!scratch) return;
  for (const OutputRecord& output : outputs) {
    if (!link_tree(out / output.name, scratch->path() / "out" / output.name)) return;
  }
  if (!write_file(scratch->path() / "entry.json", json_text({{"run", run}, {"outputs", outputs_json(outputs)}}))) return;
  fs::remove_all(folder, error);
  fs::rename(scratch->path(), folder, error);
  if (!error) scratch->keep();
}

void StepCache::clean() const {
  std::error_code error;
  ProcessIdentity owner = ProcessIdentity::self();
  for (const auto& entry : fs::directory_iterator(folder_ / "scratch", error)) {
    const std::string name = entry.path().filename().string();
    const std::size_t dash = name.find('-');
    if (dash == std::string::npos) continue;
    const std::size_t end = std::min(name.find('.', dash), name.size());
    owner.pid = static_cast<pid_t>(parse_integer(std::string_view(name).substr(1, dash - 1)).value_or(0));
    owner.start_ticks = static_cast<std::uint64_t>(parse_integer(std::string_view(name).substr(dash + 1, end - dash - 1)).value_or(0));
    if (!owner.alive()) fs::remove_all(entry.path(), error);
  }
}

std::optional<StepCache::Last> StepCache::last(const std::string& flow, const std::string& step) const {
  const auto json = read_json(folder_ / last_name(flow, step));
  if (!json || !json->is_object()) return std::nullopt;
  const auto key = json->find("key");
  const auto seconds = json_number(*json, "seconds", "last");
  const auto run = json_string(*json, "run", "last");
  if (key == json->end() || !key->is_object() || !seconds || !run) return std::nullopt;
  return Last{key_from_json(*key), *seconds, *run};
}

void StepCache::remember(const std::string& flow, const std::string& step, const Last& last) const {
  const Json json = {{"run", last.run}, {"seconds", last.seconds}, {"key", key_json(last.key)}};
  put_file(folder_ / last_name(flow, step), json_text(json));  // a memory: losing it loses an explanation
}

void StepCache::remember_tools(const Digester& digester) const {
  const fs::path target = folder_ / "tools.json";
  const std::string text = digester.text();
  if (const auto before = read_file(target); !before || *before != text) put_file(target, text);
}

/// By way of the scratch folder: what a killed process leaves there is known for its own, and nothing that another writes is taken for it.
void StepCache::put_file(const fs::path& target, const std::string& text) const {
  const fs::path scratch = folder_ / "scratch" / ("." + scratch_prefix());
  std::error_code error;
  if (!write_file(scratch, text)) return;
  fs::create_directories(target.parent_path(), error);
  if (!error) fs::rename(scratch, target, error);
  if (error) fs::remove(scratch, error);
}

}  // namespace cupel::flow
