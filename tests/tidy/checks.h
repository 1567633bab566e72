#pragma once

#include "tree.h"

namespace cupel::tidy {

/// Includes against src/rooms.txt; names and paths of what is included; libraries that only one room may see.
Findings check_rooms(const Tree& tree);
/// A room is one level deep, names are unique in the tree, and none says only that something was left over.
Findings check_names(const Tree& tree);
/// Each header is the first include of its own source, so that it has compiled alone there.
Findings check_headers(const Tree& tree);
/// Sources of more than 1,000 lines; `warnings` gets those of more than 600.
Findings check_sizes(const Tree& tree, Findings& warnings);
/// Reminders without owner and reason, words of unfinished work, prints that were left in.
Findings check_leftovers(const Tree& tree);
/// Calls that have a better replacement here, which is named.
Findings check_calls(const Tree& tree);
/// Paths of one machine, hosts of package registries, and files too large for a repository of text.
Findings check_strangers(const Tree& tree);

}  // namespace cupel::tidy
