#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "states/state.h"

namespace cupel::states {

/// One line a kind of state, sorted by name. The law suite, the profiles and the manual read it: a new state is one file and one line.
struct StateKind {
  std::string_view name;  ///< the part of State::format before the slash
  std::string_view summary;
  int num_slots;                         ///< columns that it reads
  std::span<const table::Type> accepts;  ///< types that each of them may have
  /// An empty state over the slots 0 … num_slots - 1, with the parameters of the law suite where the kind has any.
  std::unique_ptr<State> (*make)();
};

std::span<const StateKind> state_table();

}  // namespace cupel::states
