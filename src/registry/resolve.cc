#include "registry/resolve.h"

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "outline/onnx_outline.h"
#include "registry/beneath_internal.h"
#include "registry/identifier.h"
#include "registry/metadata.h"
#include "registry/registry.h"

namespace cupel::registry {
namespace {

constexpr std::uintmax_t k_metadata_limit = 4u << 20;

/// What the model names outside of itself. A file that is no sound model names nothing: whoever loads it says so.
std::vector<std::string> locations_in(std::string_view bytes, std::string_view name) {
  const auto outline = outline::read_outline(bytes, name, outline::CustomOperators::allow);
  return outline ? outline->locations() : std::vector<std::string>();
}

Result<void> read_tensor_files(ResolvedModel& model, const std::optional<Metadata>& metadata, const ResolveOptions& options) {
  const fs::path folder = model.path.has_parent_path() ? model.path.parent_path() : fs::path(".");
  for (const std::string& location : locations_in(model.bytes, model.path.string())) {
    auto bytes = read_beneath(folder, location, options.limit_bytes);
    if (!bytes) {
      bytes.error().message = fmt::format("'{}' keeps tensors in another file: {}", model.path.string(), bytes.error().message);
      return tl::unexpected<Error>(bytes.error());
    }
    if (metadata) {
      const std::string path = beside(metadata->files.at("model"), location);
      for (const auto& [role, stated] : metadata->digests) {
        if (metadata->files.at(role) != path) continue;
        if (const std::string digest = sha256_hex(*bytes); digest != stated) {
          return fail(ErrorKind::corrupt, "'{}' has digest sha256:{}, the model.json says sha256:{}: it was altered or truncated", (folder / location).string(), digest, stated);
        }
      }
    }
    model.tensor_files.push_back({location, std::move(*bytes)});
  }
  return {};
}

Result<ResolvedModel> resolve_file(const fs::path& file, const std::optional<Metadata>& metadata, const ResolveOptions& options) {
  ResolvedModel model;
  model.path = file;
  ASSIGN_OR_RETURN(model.bytes, read_file(file, options.limit_bytes));
  const std::string digest = sha256_hex(model.bytes);
  model.digest = "sha256:" + digest;
  TRY(read_tensor_files(model, metadata, options));
  if (!metadata) return model;
  const auto stated = metadata->digests.find("model");
  if (stated != metadata->digests.end() && stated->second != digest) {
    return fail(ErrorKind::corrupt, "'{}' has digest sha256:{}, its model.json says sha256:{}: it was altered or truncated", file.string(),
                digest, stated->second);
  }
  model.metadata = metadata->text;
  model.injected = metadata->injected;
  return model;
}

Result<ResolvedModel> resolve_folder(const fs::path& folder, const ResolveOptions& options) {
  const fs::path description = folder / "model.json";
  std::error_code error;
  if (!fs::exists(description, error)) {
    return fail(ErrorKind::not_found, "folder '{}' has no model.json, expected a model file, a model folder or an id of the registry",
                folder.string());
  }
  ASSIGN_OR_RETURN(std::string text, read_file(description, k_metadata_limit));
  ASSIGN_OR_RETURN(const Metadata metadata, parse_metadata(std::move(text), description.string()));
  return resolve_file(folder / metadata.files.at("model"), metadata, options);
}

/// A model file beside its model.json is the same model as its folder; any other file stands for itself.
Result<ResolvedModel> resolve_path(const fs::path& path, const ResolveOptions& options) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (path.filename() == "model.json") return resolve_folder(folder, options);
  std::error_code error;
  if (fs::exists(folder / "model.json", error)) {
    ASSIGN_OR_RETURN(std::string text, read_file(folder / "model.json", k_metadata_limit));
    auto metadata = parse_metadata(std::move(text), (folder / "model.json").string());
    if (metadata && metadata->files.at("model") == path.filename().string()) return resolve_file(path, std::move(*metadata), options);
  }
  return resolve_file(path, std::nullopt, options);
}

Result<ResolvedModel> resolve_id(std::string_view id, const ResolveOptions& options) {
  TRY(parse_identifier(id));
  const fs::path home = options.home.empty() ? home_folder() : options.home;
  ASSIGN_OR_RETURN(Registry registry, Registry::open(home, Registry::Access::read));
  ASSIGN_OR_RETURN(const Version version, registry.find(id));
  ResolvedModel model;
  ASSIGN_OR_RETURN(model.bytes, registry.read(version, "model"));
  std::string model_path;
  for (const StoredFile& file : version.files) {
    if (file.role != "model") continue;
    model.path = registry.blob_path(file.blob.digest);
    model.digest = "sha256:" + file.blob.digest;
    model_path = file.path;
  }
  for (const std::string& location : locations_in(model.bytes, version.id())) {
    const auto file = std::ranges::find(version.files, beside(model_path, location), &StoredFile::path);
    if (file == version.files.end()) return fail(ErrorKind::not_found, "{} keeps tensors in '{}', which is no file of the version", version.id(), shorten(location, 80));
    ASSIGN_OR_RETURN(std::string bytes, registry.read(version, file->role));
    model.tensor_files.push_back({location, std::move(bytes)});
  }
  model.id = version.id();
  model.metadata = version.metadata;
  model.injected = version.injected;
  return model;
}

}  // namespace

std::string beside(const std::string& model_path, const std::string& location) {
  const std::size_t slash = model_path.rfind('/');
  return slash == std::string::npos ? location : model_path.substr(0, slash + 1) + location;
}

Result<ResolvedModel> resolve_model(std::string_view id_or_path, const ResolveOptions& options) {
  const fs::path path(id_or_path);
  std::error_code error;
  if (fs::is_directory(path, error)) return resolve_folder(path, options);
  if (fs::exists(path, error)) return resolve_path(path, options);
  auto model = resolve_id(id_or_path, options);
  if (model) return model;
  if (model.error().kind == ErrorKind::invalid) {
    return fail(ErrorKind::not_found,
                "no model '{}': it is no file or folder, nor an id of the registry (NAME/3, NAME@ALIAS, sha256:DIGITS)", id_or_path);
  }
  if (model.error().kind == ErrorKind::not_found) {
    return fail_with_hint(fmt::format("no model '{}': it is no file or folder, and {}", id_or_path, model.error().message),
                          model.error().hint, ErrorKind::not_found);
  }
  return model;
}

}  // namespace cupel::registry
