// cupel train: features and model as one ONNX file, with its metadata.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/progress.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/data_options.h"
#include "model/train_model.h"

namespace cupel::cli {
namespace {

struct TrainWords {
  std::string config, output, json, checkpoint_every;
  std::optional<std::uint64_t> seed;
  DataOptions data;
  bool quiet = false;
};

constexpr std::string_view k_prefix = "training";

/// A new folder, an empty one, or one that holds nothing but an earlier model, which is replaced.
Result<void> check_output(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(folder, error);
  if (fs::exists(status)) {
    if (!fs::is_directory(status)) return fail("'{}' is there already and no folder", folder.string());
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
      const std::string name = entry.path().filename().string();
      if (name != "model.onnx" && name != "model.json") {
        return fail_with_hint(fmt::format("'{}' is there already and holds '{}', expected a new folder or an earlier model", folder.string(), shorten(name, 60)),
                              "choose another folder");
      }
    }
  }
  // Tried now: a training must not find out at its end that there is no place for it.
  ASSIGN_OR_RETURN(const ScratchFolder probe, ScratchFolder::make(folder.parent_path(), k_prefix));
  return {};
}

/// The folder appears whole, or stays as it was.
Result<void> write_model(const model::Trained& trained, const fs::path& folder) {
  ASSIGN_OR_RETURN(ScratchFolder scratch, ScratchFolder::make(folder.parent_path(), k_prefix));
  TRY(write_file(scratch.path() / "model.onnx", trained.onnx, Durable::yes));
  TRY(write_file(scratch.path() / "model.json", trained.model_json, Durable::yes));
  if (::chmod(scratch.path().c_str(), 0755) != 0) return system_error("write", scratch.path());
  if (fs::exists(folder)) {
    // Exchanged in one instant; the scratch folder then holds the earlier model and takes it along.
    if (::renameat2(AT_FDCWD, scratch.path().c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) != 0) return system_error("write", folder);
    return sync_folder(folder.parent_path());
  }
  TRY(rename_durably(scratch.path(), folder));
  scratch.keep();
  return {};
}

std::string interval_text(const std::optional<stats::Interval>& interval) {
  return interval ? fmt::format("[{:.4f}, {:.4f}]", interval->low, interval->high) : "";
}

void print_summary(const model::TrainConfig& config, const model::Trained& trained, const std::string& output, double seconds) {
  const auto count = [](std::size_t n) { return with_thousands(static_cast<std::int64_t>(n)); };
  fmt::print("{} ({}): {} training rows, {} held out{}, seed {}\n", config.name, model::estimator_name(config.estimator), count(trained.rows.training.size()),
             count(trained.rows.held_out.size()), config.split.group.empty() ? "" : " by " + config.split.group, config.seed);
  for (const model::TextFeature& text : trained.plan.texts) {
    fmt::print("  {}: {} words, {} pairs\n", text.name, count(text.vocabulary.words.size()), count(text.vocabulary.pairs.size()));
  }
  fmt::print("  on the held-out rows, with 95 % intervals; '{}' is positive, the majority's accuracy is {:.4f}\n", shorten(trained.rows.classes[1], 60),
             trained.majority_accuracy);
  for (const model::TrainedMetric& metric : trained.held_out) {
    fmt::print("  {:<18} {:.4f}  {}\n", metric.name, metric.measured.value, interval_text(metric.measured.interval));
  }
  fmt::print("  {}: model.onnx ({} KB) and model.json, {}\n", output, count(trained.onnx.size() / 1024), duration_text(seconds));
}

Result<int> run_training(const TrainWords& words) {
  const Stopwatch watch;
  model::CheckpointInterval every;
  if (!words.checkpoint_every.empty()) {
    const auto stated = model::parse_checkpoint_interval(words.checkpoint_every);
    if (!stated) return fail("--checkpoint-every: {}", stated.error().message);
    every = *stated;
  }
  ASSIGN_OR_RETURN(model::TrainConfig config, model::read_train_config(words.config));
  if (words.seed) config.seed = *words.seed;
  if (!words.data.where.empty()) {
    config.where_place = config.where.empty() ? "--where" : config.where_place + " and --where";
    config.where = config.where.empty() ? words.data.where : fmt::format("({}) and ({})", config.where, words.data.where);
  }
  fs::path output = fs::path(words.output).lexically_normal();
  if (!output.has_filename()) output = output.parent_path();
  TRY(check_output(output));
  ASSIGN_OR_RETURN(const std::unique_ptr<table::BatchSource> source, open_data(words.data));
  ASSIGN_OR_RETURN(table::Table table, source::read_table(*source));

  model::TrainOptions options;
  options.threads = words.data.threads > 0 ? words.data.threads : static_cast<int>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  options.tool_version = CUPEL_VERSION;
  options.data_path = words.data.path;
  ASSIGN_OR_RETURN(options.orders, model::read_orders());
  options.orders.every = every;
  Progress progress("training", 100);
  options.progress = [&progress](double percent, std::string_view stage) { progress.advance_to(static_cast<std::uint64_t>(percent), stage); };
  ASSIGN_OR_RETURN(const model::Trained trained, model::train_model(config, table, options));
  progress.finish();
  if (trained.resumed_at > 0) fmt::print(stderr, "cupel train: went on from a checkpoint at {:.0f} %\n", trained.resumed_at);
  if (options.orders.first_rows) {
    fmt::print(stderr, "cupel train: an induced fault left only the first {} rows; the model is marked\n", with_thousands(*options.orders.first_rows));
  }
  TRY(write_model(trained, output));
  if (words.json == "-") fmt::print("{}", trained.model_json);
  else if (!words.json.empty()) TRY(write_file(words.json, trained.model_json));
  if (words.json != "-") print_summary(config, trained, words.output, watch.seconds());
  return 0;
}

}  // namespace

Result<int> train_command(std::span<const std::string> words) {
  CLI::App app("Trains a model by a configuration and writes one ONNX file from raw columns to score, and model.json beside it.", "train");
  TrainWords train;
  app.add_option("CONFIG", train.config, "the training configuration (train.yaml)")->required()->type_name("FILE");
  add_data_options(app, train.data, DataRequired::yes);
  app.add_option("-o,--output", train.output, "the model's folder: a new one, or an earlier model's, which is replaced")->required()->type_name("DIR");
  app.add_option("--seed", train.seed, "instead of the configuration's")->type_name("N");
  app.add_option("--json", train.json, "also write model.json to FILE (-: standard output)")->type_name("FILE");
  app.add_option("--checkpoint-every", train.checkpoint_every,
                 "in a flow, how much work an interruption may cost: 4% of the training (the default), 30s or 2m, or 10 steps (Newton steps, boosting rounds)")
      ->type_name("P%|S|N");
  app.add_flag("--quiet", train.quiet, "no progress");
  PARSE_OR_RETURN(app, words);
  if (train.quiet) Progress::silence();
  return run_training(train);
}

}  // namespace cupel::cli
