#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/yaml.h"

namespace cupel::flow {

/// Text of a flow file with `${name}` in it. `$${` stands for a literal `${`; a `$` before anything else is itself.
class Template {
 public:
  enum class Quoting {
    none,   ///< values are put in as they are
    shell,  ///< values become one shell word whatever they hold, also between the quotes of the template
  };
  using Lookup = std::function<Result<std::string>(const std::string& name)>;

  Template() = default;
  /// Error: `${` that is never closed, or an empty name.
  static Result<Template> parse(std::string_view text);
  /// The same of a YAML value; errors name its place.
  static Result<Template> parse(const yaml::Node& node, std::string_view what);

  const std::string& text() const { return text_; }
  /// Every name, in order of appearance, repeated ones too.
  std::vector<std::string> names() const;
  /// Errors of the lookup are passed on, with the place of the YAML value in front.
  Result<std::string> expand(const Lookup& lookup, Quoting quoting = Quoting::none) const;
  /// An error at the place of the text, if it came from a file.
  tl::unexpected<Error> fail_here(std::string_view message, std::string hint = {}) const;

 private:
  struct Piece {
    std::string literal;  ///< then, if `name` is there, its value
    std::optional<std::string> name;
  };
  std::string text_;
  std::string place_;
  std::vector<Piece> pieces_;
};

/// One word of a POSIX shell, quoted only if it must be.
std::string shell_word(std::string_view text);

}  // namespace cupel::flow
