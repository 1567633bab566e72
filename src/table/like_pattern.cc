#include "table/like_pattern.h"

namespace cupel::table {
namespace {

constexpr std::size_t k_npos = std::string_view::npos;

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

std::size_t next_character(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && continues(text[at])) ++at;
  return at;
}

}  // namespace

Result<LikePattern> LikePattern::make(std::string_view pattern, std::optional<char> escape) {
  LikePattern like;
  like.pieces_.emplace_back();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    Piece& piece = like.pieces_.back();
    char c = pattern[i];
    const bool escaped = escape && c == *escape;
    if (escaped) {
      if (++i == pattern.size()) return fail("pattern '{}' ends after its escape character '{}'", pattern, *escape);
      c = pattern[i];
    }
    if (c == '%' && !escaped) {
      like.pieces_.emplace_back();
      continue;
    }
    const bool any = c == '_' && !escaped;
    piece.bytes.push_back(c);
    piece.any.push_back(any);
    if (any) piece.plain = false;
  }
  return like;
}

std::size_t LikePattern::match_at(const Piece& piece, std::string_view text, std::size_t at) {
  if (piece.plain) return text.substr(at).starts_with(piece.bytes) ? at + piece.bytes.size() : k_npos;
  for (std::size_t i = 0; i < piece.bytes.size(); ++i) {
    if (at >= text.size()) return k_npos;
    if (piece.any[i]) {
      at = next_character(text, at);
    } else if (text[at++] != piece.bytes[i]) {
      return k_npos;
    }
  }
  return at;
}

// The first place from `from` on; `end` is where the match ends.
std::size_t LikePattern::find(const Piece& piece, std::string_view text, std::size_t from, std::size_t& end) {
  if (piece.plain) {
    const std::size_t at = text.find(piece.bytes, from);
    end = at == k_npos ? k_npos : at + piece.bytes.size();
    return at;
  }
  for (std::size_t at = from; at <= text.size(); at = at < text.size() ? next_character(text, at) : at + 1) {
    end = match_at(piece, text, at);
    if (end != k_npos) return at;
  }
  return k_npos;
}

// The first piece stands at the beginning, the last at the end, those between are taken at the first place that fits: an earlier
// match never forbids what a later one allows.
bool LikePattern::matches(std::string_view text) const {
  std::size_t at = match_at(pieces_.front(), text, 0);
  if (at == k_npos) return false;
  if (pieces_.size() == 1) return at == text.size();
  for (std::size_t i = 1; i + 1 < pieces_.size(); ++i) {
    std::size_t end = 0;
    if (find(pieces_[i], text, at, end) == k_npos) return false;
    at = end;
  }
  const Piece& last = pieces_.back();
  if (last.plain) return text.size() - at >= last.bytes.size() && text.ends_with(last.bytes);
  for (; at <= text.size(); at = at < text.size() ? next_character(text, at) : at + 1) {
    if (match_at(last, text, at) == text.size()) return true;
  }
  return false;
}

}  // namespace cupel::table
