#include "registry/resolve.h"

#include "base/hash.h"
#include "registry/identifier.h"
#include "registry/metadata.h"
#include "registry/registry.h"

namespace cupel::registry {
namespace {

constexpr std::uintmax_t k_metadata_limit = 4u << 20;

Result<ResolvedModel> resolve_file(const fs::path& file, const std::optional<Metadata>& metadata, const ResolveOptions& options) {
  ResolvedModel model;
  model.path = file;
  ASSIGN_OR_RETURN(model.bytes, read_file(file, options.limit_bytes));
  const std::string digest = sha256_hex(model.bytes);
  model.digest = "sha256:" + digest;
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
  for (const StoredFile& file : version.files) {
    if (file.role != "model") continue;
    model.path = registry.blob_path(file.blob.digest);
    model.digest = "sha256:" + file.blob.digest;
  }
  model.id = version.id();
  model.metadata = version.metadata;
  model.injected = version.injected;
  return model;
}

}  // namespace

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
