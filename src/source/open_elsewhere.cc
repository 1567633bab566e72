#include "source/open_elsewhere.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/address.h"
#include "base/process.h"
#include "base/progress.h"
#include "base/text.h"
#include "source/fetch.h"
#include "source/load_database.h"
#include "source/origin_note.h"

namespace cupel::source {
namespace {

// A fetched file under the name of its address.
class FetchedSource : public table::BatchSource {
 public:
  FetchedSource(std::unique_ptr<table::BatchSource> source, Fetched fetched, std::string shown)
      : source_(std::move(source)), fetched_(std::move(fetched)), shown_(std::move(shown)) {}
  const table::Schema& schema() const override { return source_->schema(); }
  Result<std::int64_t> scan(std::span<const table::ColumnRequest> requests, table::ChunkVisitor& visitor,
                            const table::ScanOptions& options) override {
    Result<std::int64_t> num_rows = source_->scan(requests, visitor, options);
    if (!num_rows) return renamed(std::move(num_rows.error()), fetched_, shown_);
    return num_rows;
  }
  Result<Origin> origin() override {
    ASSIGN_OR_RETURN(Origin origin, source_->origin());
    origin.path = shown_;
    origin.digest = fetched_.digest;
    std::string note = fetched_.note;
    add_note(note, origin.note);
    origin.note = std::move(note);
    return origin;
  }
  static tl::unexpected<Error> renamed(Error error, const Fetched& fetched, const std::string& shown) {
    error.message = replace_all(std::move(error.message), fetched.file.string(), shown);
    return tl::unexpected(std::move(error));
  }

 private:
  std::unique_ptr<table::BatchSource> source_;
  Fetched fetched_;
  std::string shown_;
};

Result<std::unique_ptr<table::BatchSource>> open_fetched(const std::string& address, const ReadOptions& options) {
  const std::string shown = shown_address(address);
  FetchOptions fetching;
  fetching.network = options.network;
  // The total is known when the first bytes come.
  std::optional<Progress> progress;
  std::uint64_t known_total = 0;
  fetching.progress = [&](std::uint64_t done, std::uint64_t total, std::string_view note) {
    if (!progress || total != known_total) progress.emplace("fetching " + shown, total);
    known_total = total;
    progress->advance_to(done, note);
  };
  ASSIGN_OR_RETURN(Fetched fetched, fetch(address, fetching));
  progress.reset();
  ReadOptions reading = options;
  reading.digest = ReadOptions::Digest::left_out;  // it is known
  Result<std::unique_ptr<table::BatchSource>> source = open_source(fetched.file.string(), reading);
  if (!source) return FetchedSource::renamed(std::move(source.error()), fetched, shown);
  return std::make_unique<FetchedSource>(std::move(*source), std::move(fetched), shown);
}

bool begins_as_sqlite(const std::string& path) {
  const std::string_view k_first("SQLite format 3\0", 16);
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return false;
  const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char first[16] = {};
  return file.is_open() && ::read(file.get(), first, sizeof first) == sizeof first && std::string_view(first, sizeof first) == k_first;
}

}  // namespace

Result<std::unique_ptr<table::BatchSource>> open_elsewhere(const std::string& path, const ReadOptions& options) {
  const std::string scheme = scheme_of(path);
  if (scheme == "postgresql" || scheme == "postgres") return open_postgresql(path, options);
  if (scheme == "sqlite") return open_sqlite(percent_decoded(path.substr(9)), path, options);
  if (path.starts_with("sqlite:")) return open_sqlite(path.substr(7), path, options);
  const bool is_fetched = scheme == "https" || scheme == "http" || scheme == "hf" || scheme == "kaggle";
  if (!scheme.empty() && !is_fetched) {
    const std::vector<std::string> known = {"hf", "http", "https", "kaggle", "postgresql", "sqlite"};
    return fail("unknown scheme '{}' of '{}'{}", shorten(scheme, 20), shorten(shown_address(path), 80), nearest_note(scheme, known));
  }
  if (!is_fetched && path != "-" && begins_as_sqlite(path)) return open_sqlite(path, path, options);
  if (options.query || options.table) {
    return fail("'{}' is no database, and '{}' asks for one", shorten(shown_address(path), 80), options.query ? "query" : "table");
  }
  if (!is_fetched) return nullptr;
  return open_fetched(path, options);
}

}  // namespace cupel::source
