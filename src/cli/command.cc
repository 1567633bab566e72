#include "cli/command.h"

#include <malloc.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <system_error>

#include "base/text.h"

namespace cupel::cli {
namespace {

constexpr std::string_view k_version = CUPEL_VERSION;

void print_commands(std::string_view executable, std::span<const Command> commands, std::FILE* out) {
  fmt::print(out, "{} {}: {}\n", executable, k_version, "COMMAND [--help]");
  for (const Command& command : commands) fmt::print(out, "  {:<10} {}\n", command.name, command.summary);
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(sub->get_name());
  return names;
}

}  // namespace

Result<std::optional<int>> parse_words(CLI::App& app, std::span<const std::string> words) {
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    app.parse(reversed);
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    const CLI::App* asked = &app;
    while (!asked->get_subcommands().empty()) asked = asked->get_subcommands().front();
    fmt::print("{}", asked->help());
    return std::optional<int>(0);
  } catch (const CLI::ExtrasError&) {
    const CLI::App* asked = &app;
    while (!asked->get_subcommands().empty()) asked = asked->get_subcommands().front();
    const std::vector<std::string> extras = app.remaining(true);
    const std::string word = extras.empty() ? "" : extras.front();
    return fail("unknown {} '{}'{}", word.starts_with('-') ? "option" : "argument", word, nearest_note(word, option_names(*asked)));
  } catch (const CLI::ParseError& error) {
    std::string message = error.what();
    if (!message.empty() && message.back() == '.') message.pop_back();
    return fail_with_hint(std::move(message), fmt::format("see 'cupel {} --help'", app.get_name()));
  }
}

namespace {

int run_words(std::string_view executable, std::span<const Command> commands, const std::vector<std::string>& words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h") {
    print_commands(executable, commands, words.empty() ? stderr : stdout);
    return words.empty() ? 2 : 0;
  }
  if (words[0] == "--version") {
    fmt::print("cupel {}\n", k_version);
    return 0;
  }
  for (const Command& command : commands) {
    if (words[0] != command.name) continue;
    const Result<int> status = command.run(std::span(words).subspan(1));
    std::fflush(stdout);
    if (status) return *status;
    fmt::print(stderr, "cupel {}: {}\n", command.name, status.error().text());
    return exit_status(status.error().kind);
  }
  std::vector<std::string> names;
  for (const Command& command : commands) names.emplace_back(command.name);
  fmt::print(stderr, "{}: unknown command '{}'{}\n", executable, words[0], nearest_note(words[0], names));
  return 2;
}

/// Libraries allocate where nothing may be thrown (a JSON value on its way out does): that, too, ends with words.
[[noreturn]] void end_without_memory() {
  try {
    if (std::current_exception()) std::rethrow_exception(std::current_exception());
  } catch (const std::bad_alloc&) {
    std::fputs("cupel: out of memory\n", stderr);
    std::_Exit(2);
  } catch (const std::system_error& error) {  // a thread that could not be started: no address space for its stack
    std::fprintf(stderr, "cupel: %s\n", error.what());
    std::_Exit(2);
  } catch (...) {
    std::fputs("cupel: bug: an exception that nobody caught\n", stderr);
  }
  std::abort();
}

/// An arena of the allocator takes 64 MiB of the address space, one a thread; and what is freed in the middle of one stays taken.
void give_memory_back_where_it_is_limited() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

}  // namespace

int run_commands(std::string_view executable, std::span<const Command> commands, int argc, char** argv) {
  const char* name = argc > 1 ? argv[1] : "";
  give_memory_back_where_it_is_limited();
  std::set_terminate(end_without_memory);
  try {
    return run_words(executable, commands, std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "cupel %s: out of memory (--memory SIZE, where there is one, keeps less of what is gathered in memory; --threads 1 needs less)\n", name);  // allocates nothing
    return 2;
  } catch (const std::exception& error) {  // a library threw what no room expected: our bug, said as such
    fmt::print(stderr, "cupel {}: bug: unexpected exception: {}\n", name, error.what());
    return 2;
  }
}

}  // namespace cupel::cli
