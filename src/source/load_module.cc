#include "source/load_module.h"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/files.h"

namespace cupel::source {
namespace {

std::vector<fs::path> module_folders() {
  std::vector<fs::path> folders;
  if (const char* set = std::getenv("CUPEL_LIBEXEC")) folders.emplace_back(set);
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (!error) {
    folders.push_back(program);
    folders.push_back(program / "libexec" / "cupel");
    folders.push_back(program.parent_path() / "libexec" / "cupel");
  }
  folders.emplace_back(CUPEL_INSTALLED_LIBEXEC);
  return folders;
}

Result<const void*> load(const char* file, const char* symbol, std::string_view does) {
  std::string reason = "not found";
  for (const fs::path& folder : module_folders()) {
    const fs::path path = folder / file;
    std::error_code ignored;
    if (!fs::exists(path, ignored)) continue;
    void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      reason = ::dlerror();
      continue;
    }
    const void* const module = ::dlsym(library, symbol);
    if (module != nullptr && std::strcmp(*static_cast<const char* const*>(module), CUPEL_SOURCE_VERSION) == 0) return module;
    reason = fmt::format("{} belongs to another version, expected {}", path.string(), CUPEL_SOURCE_VERSION);
    ::dlclose(library);
  }
  return fail_with_hint(fmt::format("the module {} that {} cannot be loaded: {}", file, does, reason), "set CUPEL_LIBEXEC to its folder",
                        ErrorKind::not_found);
}

}  // namespace

Result<const void*> load_module(const char* file, const char* symbol, std::string_view does) {
  static std::mutex mutex;
  static std::map<std::string, Result<const void*>> loaded;
  const std::scoped_lock lock(mutex);
  const auto found = loaded.find(file);
  return found != loaded.end() ? found->second : loaded.emplace(file, load(file, symbol, does)).first->second;
}

}  // namespace cupel::source
