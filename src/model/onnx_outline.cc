#include "model/onnx_outline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace cupel::model {
namespace {

constexpr int k_deepest = 16;
constexpr std::array<std::string_view, 3> k_domains{"ai.onnx", "ai.onnx.ml", "com.microsoft"};

/// One field of a protobuf message.
struct WireField {
  enum class Kind { varint, fixed, bytes };  ///< `fixed`: 4 or 8 bytes, passed over
  std::uint32_t number = 0;
  Kind kind = Kind::varint;
  std::uint64_t varint = 0;
  std::string_view bytes;

  bool is_bytes() const { return kind == Kind::bytes; }
};

/// Walks the fields of one message.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  /// False at the end or when the bytes are not a message; `broken` tells them apart.
  bool next(WireField& field) {
    if (rest_.empty()) return false;
    std::uint64_t key = 0;
    if (!varint(key) || (key >> 3) == 0 || (key >> 3) > 0x1FFFFFFF) return give_up();
    field = {static_cast<std::uint32_t>(key >> 3), WireField::Kind::fixed, 0, {}};
    std::uint64_t length = 0;
    switch (key & 7) {
      case 0:
        field.kind = WireField::Kind::varint;
        return varint(field.varint) || give_up();
      case 1: length = 8; break;
      case 5: length = 4; break;
      case 2:
        field.kind = WireField::Kind::bytes;
        if (!varint(length)) return give_up();
        break;
      default: return give_up();
    }
    if (length > rest_.size()) return give_up();
    field.bytes = rest_.substr(0, static_cast<std::size_t>(length));
    rest_.remove_prefix(static_cast<std::size_t>(length));
    return true;
  }
  bool broken() const { return broken_; }

 private:
  bool give_up() {
    broken_ = true;
    return false;
  }
  bool varint(std::uint64_t& value) {
    value = 0;
    for (std::size_t i = 0; i < 10 && i < rest_.size(); ++i) {
      const auto byte = static_cast<unsigned char>(rest_[i]);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
      if (byte < 0x80) {
        rest_.remove_prefix(i + 1);
        return true;
      }
    }
    return false;
  }
  std::string_view rest_;
  bool broken_ = false;
};

/// A field that this reader knows must come in the form that its type has. Another parser would pass over one of another form, and so see a
/// different model than the one that was checked here.
class Outliner {
 public:
  explicit Outliner(std::string_view name) : name_(name) {}

  Result<OnnxOutline> model(std::string_view bytes) {
    WireReader reader(bytes);
    bool has_graph = false;
    for (WireField field; reader.next(field);) {
      switch (field.number) {
        case 7:
          TRY(message(field, [&](std::string_view inner) { return graph(inner, 0); }));
          has_graph = true;
          break;
        case 8: TRY(message(field, [&](std::string_view inner) { return opset(inner); })); break;
        case 14: TRY(message(field, [&](std::string_view inner) { return property(inner); })); break;
        case 20: TRY(message(field, [&](std::string_view inner) { return training(inner); })); break;
        case 25: return fail(ErrorKind::invalid, "{}: the file defines functions of its own, which are not supported", name_);
        default: break;
      }
    }
    if (reader.broken()) return not_onnx();
    if (!has_graph || outline_.opsets.empty()) return not_onnx();
    return std::move(outline_);
  }

 private:
  tl::unexpected<Error> not_onnx() const {
    return fail(ErrorKind::corrupt, "{}: not an ONNX model, or one that is cut off", name_);
  }

  template <typename Read>
  Result<void> message(const WireField& field, Read read) const {
    if (!field.is_bytes()) return not_onnx();
    return read(field.bytes);
  }

  /// Graphs that are not for scoring (TrainingInfoProto): the same rules hold, whoever may run them.
  Result<void> training(std::string_view bytes) {
    WireReader reader(bytes);
    for (WireField field; reader.next(field);) {
      if (field.number == 1 || field.number == 2) TRY(message(field, [&](std::string_view inner) { return graph(inner, 0); }));
    }
    if (reader.broken()) return not_onnx();
    return {};
  }

  Result<void> opset(std::string_view bytes) {
    WireReader reader(bytes);
    std::string domain;
    std::int64_t version = 0;
    for (WireField field; reader.next(field);) {
      if (field.number == 1 || field.number == 2) {
        if (field.kind != (field.number == 1 ? WireField::Kind::bytes : WireField::Kind::varint)) return not_onnx();
      }
      if (field.number == 1) domain = std::string(field.bytes);
      if (field.number == 2) version = static_cast<std::int64_t>(field.varint);
    }
    if (reader.broken()) return not_onnx();
    if (domain.empty()) domain = "ai.onnx";
    // An import that no operator uses does no harm (ai.onnx.training, ai.onnx.preview of some exporters): operators are checked.
    outline_.opsets.emplace_back(std::move(domain), version);
    return {};
  }

  Result<void> property(std::string_view bytes) {
    WireReader reader(bytes);
    std::pair<std::string, std::string> entry;
    for (WireField field; reader.next(field);) {
      if ((field.number == 1 || field.number == 2) && !field.is_bytes()) return not_onnx();
      if (field.number == 1) entry.first = std::string(field.bytes);
      if (field.number == 2) entry.second = std::string(field.bytes);
    }
    if (reader.broken()) return not_onnx();
    outline_.metadata.push_back(std::move(entry));
    return {};
  }

  Result<void> graph(std::string_view bytes, int depth) {
    if (depth > k_deepest) return fail("{}: subgraphs nested deeper than {}", name_, k_deepest);
    WireReader reader(bytes);
    for (WireField field; reader.next(field);) {
      if (field.number == 1) TRY(message(field, [&](std::string_view inner) { return node(inner, depth); }));
      if (field.number == 5) TRY(message(field, [&](std::string_view inner) { return tensor(inner); }));
      if (field.number == 15) TRY(message(field, [&](std::string_view inner) { return sparse_tensor(inner); }));
    }
    if (reader.broken()) return not_onnx();
    return {};
  }

  Result<void> node(std::string_view bytes, int depth) {
    ++outline_.num_nodes;
    WireReader reader(bytes);
    std::string_view domain;
    std::string_view op;
    for (WireField field; reader.next(field);) {
      if ((field.number == 4 || field.number == 7) && !field.is_bytes()) return not_onnx();
      if (field.number == 4) op = field.bytes;
      if (field.number == 7) domain = field.bytes;
      if (field.number == 5) TRY(message(field, [&](std::string_view inner) { return attribute(inner, depth); }));
    }
    if (reader.broken()) return not_onnx();
    if (!domain.empty() && std::ranges::find(k_domains, domain) == k_domains.end()) {
      return fail_with_hint(fmt::format("{}: operator '{}' of the domain '{}'", name_, shorten(op, 60), shorten(domain, 60)),
                            "supported: ai.onnx, ai.onnx.ml, com.microsoft");
    }
    return {};
  }

  Result<void> attribute(std::string_view bytes, int depth) {
    WireReader reader(bytes);
    std::string_view name;
    std::vector<std::string> labels;
    for (WireField field; reader.next(field);) {
      switch (field.number) {
        case 1: name = field.bytes; break;
        case 5: case 10: TRY(message(field, [&](std::string_view inner) { return tensor(inner); })); break;
        case 6: case 11: TRY(message(field, [&](std::string_view inner) { return graph(inner, depth + 1); })); break;
        case 22: case 23: TRY(message(field, [&](std::string_view inner) { return sparse_tensor(inner); })); break;
        case 9: if (name.starts_with("classlabels_")) labels.emplace_back(field.bytes); break;
        case 8: if (name.starts_with("classlabels_")) TRY(integers(field, labels)); break;
        default: break;
      }
    }
    if (reader.broken()) return not_onnx();
    if (!labels.empty()) outline_.class_labels = std::move(labels);
    return {};
  }

  /// Repeated int64, packed or one by one.
  Result<void> integers(const WireField& field, std::vector<std::string>& texts) const {
    if (!field.is_bytes()) {
      texts.push_back(std::to_string(static_cast<std::int64_t>(field.varint)));
      return {};
    }
    std::uint64_t value = 0;
    int shift = 0;
    for (const char c : field.bytes) {
      if (shift > 63) return not_onnx();
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(c) & 0x7F) << shift;
      shift += 7;
      if (static_cast<unsigned char>(c) >= 0x80) continue;
      texts.push_back(std::to_string(static_cast<std::int64_t>(value)));
      value = 0;
      shift = 0;
    }
    return {};
  }

  Result<void> sparse_tensor(std::string_view bytes) {
    WireReader reader(bytes);
    for (WireField field; reader.next(field);) {
      if (field.number == 1 || field.number == 2) TRY(message(field, [&](std::string_view inner) { return tensor(inner); }));
    }
    if (reader.broken()) return not_onnx();
    return {};
  }

  Result<void> tensor(std::string_view bytes) {
    WireReader reader(bytes);
    bool outside = false;
    for (WireField field; reader.next(field);) {
      if (field.number == 14 && field.kind != WireField::Kind::varint) return not_onnx();
      outside = outside || field.number == 13 || (field.number == 14 && field.varint != 0);
    }
    if (reader.broken()) return not_onnx();
    if (outside) return fail("{}: the model keeps tensors in other files, expected one file that holds all", name_);
    return {};
  }

  std::string_view name_;
  OnnxOutline outline_;
};

}  // namespace

Result<OnnxOutline> read_outline(std::string_view bytes, std::string_view name) {
  if (bytes.empty()) return fail(ErrorKind::corrupt, "{}: the file is empty, expected an ONNX model", name);
  return Outliner(name).model(bytes);
}

}  // namespace cupel::model
