#include "source/encoding.h"

#include <cstdint>
#include <vector>

#include "base/text.h"

namespace cupel::source {
namespace {

void append_code_point(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// WHATWG, "Encoding", index windows-1252: bytes 0x80 to 0x9F.
constexpr std::uint16_t k_windows1252[32] = {0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                             0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                             0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

void append_single_bytes(std::string_view bytes, Encoding encoding, std::string& out) {
  out.reserve(out.size() + bytes.size() + bytes.size() / 8);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    const bool special = encoding == Encoding::windows1252 && byte >= 0x80 && byte < 0xA0;
    append_code_point(out, special ? k_windows1252[byte - 0x80] : byte);
  }
}

}  // namespace

Result<void> Recoder::append_utf16(std::string_view bytes, std::string& out) {
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<std::uint32_t>(encoding_ == Encoding::utf16le ? first | (second << 8) : (first << 8) | second);
  };
  out.reserve(out.size() + bytes.size());
  std::size_t at = taken_ == 0 && bytes.size() >= 2 && unit(0) == 0xFEFF ? 2 : 0;
  for (; at + 2 <= bytes.size(); at += 2) {
    std::uint32_t code = unit(at);
    if (code >= 0xD800 && code < 0xE000) {
      if (code < 0xDC00 && at + 4 > bytes.size()) break;
      const std::uint32_t low = code < 0xDC00 ? unit(at + 2) : 0;
      if (low < 0xDC00 || low >= 0xE000) return fail("{}: half a surrogate pair at byte offset {}, expected UTF-16", path_, taken_ + at);
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      at += 2;
    }
    append_code_point(out, code);
  }
  taken_ += at;
  rest_ = std::string(bytes.substr(at));
  return {};
}

Result<void> Recoder::append(std::string_view bytes, std::string& out) {
  switch (encoding_) {
    case Encoding::utf8: out.append(bytes); return {};
    case Encoding::latin1:
    case Encoding::windows1252: append_single_bytes(bytes, encoding_, out); return {};
    case Encoding::utf16le:
    case Encoding::utf16be: break;
  }
  if (rest_.empty()) return append_utf16(bytes, out);
  const std::string joined = rest_ + std::string(bytes);
  return append_utf16(joined, out);
}

Result<void> Recoder::finish() {
  if (rest_.empty()) return {};
  if (rest_.size() % 2 != 0) return fail("{}: {} bytes are not UTF-16, expected an even number", path_, taken_ + rest_.size());
  return fail("{}: half a surrogate pair at byte offset {}, expected UTF-16", path_, taken_);
}

Result<Encoding> parse_encoding(std::string_view name, std::string_view bytes) {
  const std::string word = to_lower_ascii(name);
  if (word == "utf-8" || word == "utf8") return Encoding::utf8;
  if (word == "latin1" || word == "latin-1" || word == "iso-8859-1") return Encoding::latin1;
  if (word == "windows-1252" || word == "cp1252") return Encoding::windows1252;
  if (word == "utf-16" || word == "utf16") return bytes.starts_with("\xfe\xff") ? Encoding::utf16be : Encoding::utf16le;
  if (word == "utf-16le") return Encoding::utf16le;
  if (word == "utf-16be") return Encoding::utf16be;
  const std::vector<std::string> known{"utf-8", "latin1", "iso-8859-1", "windows-1252", "cp1252", "utf-16", "utf-16le", "utf-16be"};
  return fail("unknown encoding '{}'{}", name, nearest_note(name, known));
}

Encoding detect_encoding(std::string_view bytes) {
  if (bytes.starts_with("\xff\xfe")) return Encoding::utf16le;
  if (bytes.starts_with("\xfe\xff")) return Encoding::utf16be;
  return Encoding::utf8;
}

std::string_view encoding_name(Encoding encoding) {
  switch (encoding) {
    case Encoding::utf8: return "utf-8";
    case Encoding::latin1: return "latin1";
    case Encoding::windows1252: return "windows-1252";
    case Encoding::utf16le: return "utf-16le";
    case Encoding::utf16be: return "utf-16be";
  }
  return "";
}

Result<std::string> to_utf8(std::string_view bytes, Encoding encoding, const std::string& path) {
  Recoder recoder(encoding, path);
  std::string out;
  TRY(recoder.append(bytes, out));
  TRY(recoder.finish());
  return out;
}

}  // namespace cupel::source
