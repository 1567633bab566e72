// What a registry reads that somebody else may have written. The first byte chooses: the text of two model.json (a NUL byte between them), an
// identifier, the result of a suite, a database with bytes altered, a database with rows altered.
#include <array>

#include "base/hash.h"
#include "base/invariant.h"
#include "base/text.h"
#include "registry/compare.h"
#include "registry/database.h"
#include "registry/identifier.h"
#include "registry/listing.h"
#include "registry/registry.h"
#include "registry/show.h"
#include "target.h"

namespace cupel::fuzz {
namespace {

using registry::Registry;

std::string_view take(std::string_view& rest, std::size_t size) {
  const std::string_view taken = rest.substr(0, size);
  rest.remove_prefix(taken.size());
  return taken;
}
std::size_t take_number(std::string_view& rest, int bytes) {
  std::size_t value = 0;
  for (int i = 0; i < bytes && !rest.empty(); ++i) value = value << 8 | static_cast<unsigned char>(take(rest, 1)[0]);
  return value;
}

void put(const fs::path& path, std::string_view bytes) {
  const Result<void> written = write_file(path, bytes);
  CHECK(written.has_value(), "{}", written.error().text());
}

void check_printable(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    CHECK((c >= 0x20 && c != 0x7F) || c == '\n', "a control character {} reaches the terminal", c);
    CHECK(c != 0xC2 || static_cast<unsigned char>(text[i + 1]) >= 0xA0, "a control character of C1 reaches the terminal");
  }
  CHECK(!first_invalid_utf8(text), "byte {} is no UTF-8", *first_invalid_utf8(text));
}

// --- texts --------------------------------------------------------------------------------------------------------------------------

void read_metadata(std::string_view input) {
  std::vector<registry::Version> versions;
  for (const std::string_view text : split(input, '\0')) {
    if (versions.size() == 2) break;
    Result<registry::Metadata> metadata = registry::parse_metadata(std::string(text), "x.json");
    if (!metadata) {
      CHECK(!metadata.error().message.empty());
      continue;
    }
    CHECK(metadata->files.contains("model"));
    for (const auto& [role, path] : metadata->files) CHECK(registry::check_file_path(path).has_value(), "'{}'", path);
    for (const auto& [role, digest] : metadata->digests) CHECK(registry::is_digest(digest) && metadata->files.contains(role));
    const Result<registry::Metadata> again = registry::parse_metadata(metadata->text, "x.json");
    CHECK(again.has_value() && again->fingerprint() == metadata->fingerprint());
    registry::Version version;
    version.name = "x";
    version.metadata = metadata->text;
    version.metrics = metadata->metrics;
    versions.push_back(std::move(version));
  }
  for (const registry::Version& version : versions) CHECK(registry::compare(version, version).empty());
  if (versions.size() == 2) CHECK(registry::compare(versions[0], versions[1]).size() == registry::compare(versions[1], versions[0]).size());
}

void read_identifier(std::string_view input) {
  const Result<registry::Identifier> id = registry::parse_identifier(input);
  if (!id) return;
  using Kind = registry::Identifier::Kind;
  CHECK(id->kind == Kind::digest ? id->digest.size() >= 8 && id->digest.size() <= 64 : registry::check_name(id->name).has_value());
  CHECK(id->kind != Kind::alias || registry::check_alias(id->alias).has_value());
  CHECK(id->kind != Kind::number || id->number >= 1);
}

void read_verdict(std::string_view input) {
  const Result<Json> json = parse_json(input, "x.json");
  if (json) (void)registry::parse_verdict(*json, "x.json");
}

// --- databases ----------------------------------------------------------------------------------------------------------------------

/// A registry with some of everything in a folder of memory; each input begins with the bytes that it had.
class Template {
 public:
  static Template& instance() {
    static Template only;
    return only;
  }
  fs::path home() const { return scratch_.path() / "home"; }
  fs::path file() const { return home() / "registry.db"; }
  fs::path loaded() const { return scratch_.path() / "loaded"; }
  std::string bytes() const { return bytes_; }

  void restore(std::string_view bytes) const {
    std::error_code error;
    for (const char* ending : {"-wal", "-shm", "-journal"}) fs::remove(file().string() + ending, error);
    fs::remove_all(loaded(), error);
    put(file(), bytes);
  }
  /// Reading made nothing outside of the folder that it was told to fill.
  void check_folder() const {
    for (const fs::directory_entry& entry : fs::directory_iterator(scratch_.path())) {
      const std::string name = entry.path().filename().string();
      CHECK(name == "home" || name == "model" || name == "loaded" || name == "result.json", "'{}' appeared", name);
    }
  }

 private:
  Template() : scratch_(std::move(*ScratchFolder::make(fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path(), "cupel-fuzz"))) {
    put(scratch_.path() / "model/model.onnx", "bytes");
    put(scratch_.path() / "model/model.json",
        R"({"format": 1, "name": "m", "kind": "classifier", "files": {"model": "model.onnx"}, "inputs": [{"name": "a", "type": "number"}],
            "metrics": {"held_out": {"auc": {"value": 0.9, "low": 0.8, "high": 0.95, "confidence": 0.95, "rows": 10}}}, "data": {"path": "d.csv"}})");
    put(scratch_.path() / "result.json", R"({"suite": "s", "verdict": "pass", "counts": {"pass": 1}, "seed": 1})");
    {
      auto registry = Registry::open(home(), Registry::Access::write);
      CHECK(registry.has_value());
      registry::AddRequest request;
      request.source = scratch_.path() / "model";
      request.alias = "champion";
      request.verdicts = {scratch_.path() / "result.json"};
      CHECK(registry->add(request).has_value());
      request.name = "n";
      request.alias = {};
      request.injected = "train=rows:9";
      CHECK(registry->add(request).has_value());
    }
    bytes_ = *read_file(file());
  }
  ScratchFolder scratch_;
  std::string bytes_;
};

void read_all(Registry& registry) {
  const Template& sample = Template::instance();
  for (const auto detail : {registry::Detail::facts, registry::Detail::all}) {
    const auto versions = registry.list({}, registry::Removed::show, detail);
    if (!versions) continue;
    check_printable(registry::version_table(*versions, registry));
    for (const registry::Version& version : *versions) CHECK(!json_text(registry::version_json(version, registry)).empty());
  }
  for (const char* name : {"", "m"}) {
    if (const auto lines = registry.list_lines(name, registry::Removed::show)) lines->write([](std::string_view piece) { check_printable(std::string(piece)); });
  }
  for (const char* id : {"m", "m/1", "m@champion", "n/1", "sha256:00000000"}) {
    const auto version = registry.find(id, registry::Removed::show);
    if (!version) continue;
    const auto history = registry.history(*version);
    const std::vector<registry::Event> events = history ? *history : std::vector<registry::Event>();
    check_printable(registry::show_text(*version, events, registry));
    CHECK(!json_text(registry::show_json(*version, events, registry)).empty());
    (void)registry.verify(*version);
    const auto bytes = registry.read(*version, "model");
    CHECK(!bytes || sha256_hex(*bytes) == version->files[0].blob.digest || version->files.size() > 1);
    if (registry.load(*version, sample.loaded())) {
      std::error_code error;
      fs::remove_all(sample.loaded(), error);
    }
  }
  (void)registry.verify_all();
  sample.check_folder();
}

void change_all() {
  auto registry = Registry::open(Template::instance().home(), Registry::Access::write);
  if (!registry) return;
  (void)registry->set_alias("m@other", "m/1", std::nullopt);
  (void)registry->remove("n/1", "fuzz");
  (void)registry->restore("n/1", "fuzz");
  (void)registry->remove_alias("m@champion", std::nullopt);
}

void open_database(std::string_view bytes) {
  Template::instance().restore(bytes);
  if (auto registry = Registry::open(Template::instance().home(), Registry::Access::read)) read_all(*registry);
  change_all();
}

/// Places and the bytes to put there.
void alter_bytes(std::string_view input) {
  std::string bytes = Template::instance().bytes();
  while (input.size() > 4) {
    const std::size_t place = take_number(input, 3) % bytes.size();
    const std::string_view fresh = take(input, 1 + take_number(input, 1) % 16);
    for (std::size_t i = 0; i < fresh.size(); ++i) bytes[(place + i) % bytes.size()] = fresh[i];
  }
  open_database(bytes);
}

/// Columns and the values to put into all of their rows, past every rule of the tables.
void alter_rows(std::string_view input) {
  static constexpr std::array<std::string_view, 32> k_columns = {
      "model.name",     "model.next_number", "version.number",     "version.digest",  "version.kind",      "version.estimator", "version.injected", "version.because",
      "version.created", "version.removed",  "version.purged",     "metadata.digest", "metadata.text",     "file.role",         "file.path",        "file.digest",
      "file.bytes",     "metric.part",       "metric.name",        "metric.value",    "metric.low",        "metric.rows",       "verdict.suite",    "verdict.verdict",
      "verdict.passed", "verdict.started",   "verdict.digest",     "alias.name",      "alias.version",     "event.what",        "event.detail",     "event.because"};
  const Template& sample = Template::instance();
  sample.restore(sample.bytes());
  {
    auto database = registry::Database::open(sample.file(), registry::Database::Mode::read_write);
    CHECK(database.has_value());
    CHECK(database->execute("PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON; PRAGMA synchronous=OFF").has_value());
    for (const char* table : {"version", "metadata", "file", "metric"}) {
      (void)database->execute(fmt::format("DROP TRIGGER IF EXISTS {}_is_immutable", table));
    }
    while (input.size() > 3) {
      const std::string_view column = k_columns[take_number(input, 1) % k_columns.size()];
      const std::size_t how = take_number(input, 1);
      const std::string_view value = take(input, take_number(input, 1));
      const std::size_t dot = column.find('.');
      auto update = database->prepare(fmt::format("UPDATE OR IGNORE {} SET {} = ?", column.substr(0, dot), column.substr(dot + 1)));
      CHECK(update.has_value());
      std::string_view digits = value;
      switch (how % 4) {
        case 0: update->bind(1, value); break;
        case 1: update->bind(1, static_cast<std::int64_t>(take_number(digits, 8))); break;
        case 2: update->bind(1, parse_number(value).value_or(0)); break;
        default: update->bind(1, std::optional<double>()); break;
      }
      (void)update->run();  // a table keeps its types and its NOT NULL
    }
  }
  if (auto registry = Registry::open(sample.home(), Registry::Access::read)) read_all(*registry);
  change_all();
}

}  // namespace

void fuzz_registry(std::string_view input) {
  if (input.empty() || input.size() > 65536) return;
  const std::string_view rest = input.substr(1);
  switch (static_cast<unsigned char>(input[0]) % 8) {
    case 0: return read_metadata(rest);
    case 1: return read_identifier(rest);
    case 2: return read_verdict(rest);
    case 3: return alter_bytes(rest);
    default: return alter_rows(rest);
  }
}

}  // namespace cupel::fuzz
