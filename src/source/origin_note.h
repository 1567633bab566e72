#pragma once

#include <string>
#include <string_view>

namespace cupel::source {

/// Facts about an input for people, joined by "; ".
inline void add_note(std::string& note, std::string_view fact) {
  if (!note.empty()) note += "; ";
  note += fact;
}

}  // namespace cupel::source
