#include "outline/onnx_outline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "outline/onnx_tensor_internal.h"
#include "outline/wire_internal.h"

namespace cupel::outline {
namespace {

constexpr int k_deepest = 16;
constexpr std::array<std::string_view, 3> k_domains{"ai.onnx", "ai.onnx.ml", "com.microsoft"};

/// A field that this reader knows must come in the form that its type has. Another parser would pass over one of another form, and so see a
/// different model than the one that was checked here.
class Outliner {
 public:
  Outliner(std::string_view name, CustomOperators custom) : name_(name), custom_(custom) {}

  Result<OnnxOutline> model(std::string_view bytes) {
    WireReader reader(bytes);
    bool has_graph = false;
    for (WireField field; reader.next(field);) {
      switch (field.number) {
        case 7:
          if (has_graph) return not_onnx();  // another parser would make one graph of both
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
    TRY(check_opsets());
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
    std::array<bool, 2> seen{};
    for (WireField field; reader.next(field);) {
      if (field.number == 1 || field.number == 2) {
        if (seen[field.number - 1]) return not_onnx();
        seen[field.number - 1] = true;
        TRY(message(field, [&](std::string_view inner) { return graph(inner, 0); }));
      }
    }
    if (reader.broken()) return not_onnx();
    return {};
  }

  /// The newest versions that are known today with room to grow; beyond them nobody can know what an operator means.
  Result<void> check_opsets() const {
    std::set<std::string_view> domains;
    for (const auto& [domain, version] : outline_.opsets) {
      if (!domains.insert(domain).second) return fail("{}: the operator set '{}' is imported twice", name_, shorten(domain, 60));
      if (version < 1 || version > 1000) return fail("{}: version {} of the operator set '{}', expected 1 or more that exist", name_, version, shorten(domain, 60));
    }
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
    scopes_.emplace_back();
    // Constants first: a node may stand before the tensor that it reads.
    WireReader tensors(bytes);
    for (WireField field; tensors.next(field);) {
      if (field.number == 5) {
        TRY(message(field, [&](std::string_view inner) -> Result<void> {
          ASSIGN_OR_RETURN(const TensorFacts facts, tensor(inner));
          if (!facts.name.empty() && !scopes_.back().tensors.insert(facts.name).second) return fail("{}: the tensor '{}' is there twice", name_, shorten(facts.name, 80));
          remember(facts.name, facts);
          return {};
        }));
      }
      if (field.number == 15) TRY(message(field, [&](std::string_view inner) { return sparse_tensor(inner); }));
    }
    if (tensors.broken()) return not_onnx();
    WireReader nodes(bytes);
    for (WireField field; nodes.next(field);) {
      if (field.number == 1) TRY(message(field, [&](std::string_view inner) { return node(inner, depth); }));
    }
    scopes_.pop_back();
    return {};
  }

  struct Node {
    std::string_view domain, op, name;
    std::vector<std::string_view> inputs, outputs;
    std::optional<std::vector<std::int64_t>> shape;  // the attribute `shape`
    std::optional<TensorFacts> value;                // the attribute `value`
  };

  Result<void> node(std::string_view bytes, int depth) {
    ++outline_.num_nodes;
    WireReader reader(bytes);
    Node node;
    for (WireField field; reader.next(field);) {
      if ((field.number == 1 || field.number == 2 || field.number == 3 || field.number == 4 || field.number == 7) && !field.is_bytes()) return not_onnx();
      if (field.number == 1) node.inputs.push_back(field.bytes);
      if (field.number == 2) node.outputs.push_back(field.bytes);
      if (field.number == 3) node.name = field.bytes;
      if (field.number == 4) node.op = field.bytes;
      if (field.number == 7) node.domain = field.bytes;
      if (field.number == 5) TRY(message(field, [&](std::string_view inner) { return attribute(inner, depth, node); }));
    }
    if (reader.broken()) return not_onnx();
    if (!node.domain.empty() && std::ranges::find(k_domains, node.domain) == k_domains.end()) {
      if (custom_ == CustomOperators::refuse) {
        return fail_with_hint(fmt::format("{}: operator '{}' of the domain '{}'", name_, shorten(node.op, 60), shorten(node.domain, 60)),
                              "supported: ai.onnx, ai.onnx.ml, com.microsoft; others only when their caller allows them");
      }
      outline_.num_custom_operators++;
      return {};
    }
    return check_growth(node);
  }

  /// Operators that make much of little: what they will make is refused here where the file says how much; the rest is left to the limits
  /// under which the model runs.
  Result<void> check_growth(const Node& node) {
    const auto constant = [&](std::size_t input) { return input < node.inputs.size() ? find(node.inputs[input]) : nullptr; };
    const std::vector<std::int64_t>* shape = nullptr;
    if (node.op == "Constant" && node.value && node.outputs.size() == 1) remember(node.outputs[0], *node.value);
    if (node.op == "ConstantOfShape") shape = constant(0);
    if (node.op == "Expand" || node.op == "Tile") shape = constant(1);
    if ((node.op == "RandomNormal" || node.op == "RandomUniform") && node.shape) shape = &*node.shape;
    if (node.op == "Resize" || node.op == "Upsample") shape = constant(3);
    if (shape != nullptr) {
      if (const auto made = element_count(*shape); !made || *made > k_most_elements) {
        return fail("{}: node '{}' ({}) makes a tensor of {} elements, more than the {} that one may have", name_, shorten(node.name, 60), node.op,
                    made ? with_thousands(static_cast<std::int64_t>(*made)) : fmt::format("the shape {}", shape_text(*shape)), with_thousands(k_most_elements));
      }
    }
    if (const std::vector<std::int64_t>* turns = node.op == "Loop" ? constant(0) : nullptr; turns != nullptr && turns->size() == 1 && turns->front() > k_most_turns) {
      return fail("{}: node '{}' (Loop) makes {} turns, more than the {} that one may make", name_, shorten(node.name, 60), with_thousands(turns->front()), with_thousands(k_most_turns));
    }
    return {};
  }

  void remember(std::string_view name, const TensorFacts& facts) {
    if (facts.integers) scopes_.back().integers.insert_or_assign(name, *facts.integers);
  }
  const std::vector<std::int64_t>* find(std::string_view name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      if (const auto it = scope->integers.find(name); it != scope->integers.end()) return &it->second;
    }
    return nullptr;
  }

  Result<void> attribute(std::string_view bytes, int depth, Node& owner) {
    WireReader reader(bytes);
    std::string_view name;
    std::set<std::uint32_t> seen;
    std::optional<TensorFacts> value;
    std::vector<std::int64_t> numbers;
    std::vector<std::string> labels;
    for (WireField field; reader.next(field);) {
      // Of a message that may be there once, another parser would make one out of two.
      if ((field.number == 5 || field.number == 6 || field.number == 22) && !seen.insert(field.number).second) return not_onnx();
      switch (field.number) {
        case 1: name = field.bytes; break;
        case 3:
          if (field.kind != WireField::Kind::varint) return not_onnx();
          numbers.push_back(static_cast<std::int64_t>(field.varint));
          break;
        case 5: case 10:
          TRY(message(field, [&](std::string_view inner) -> Result<void> {
            ASSIGN_OR_RETURN(value, tensor(inner));
            return {};
          }));
          break;
        case 6: case 11: TRY(message(field, [&](std::string_view inner) { return graph(inner, depth + 1); })); break;
        case 22: case 23: TRY(message(field, [&](std::string_view inner) { return sparse_tensor(inner); })); break;
        case 9: if (name.starts_with("classlabels_")) labels.emplace_back(field.bytes); break;
        case 8: TRY(read_integers(field, numbers)); break;
        default: break;
      }
    }
    if (reader.broken()) return not_onnx();
    if (name.starts_with("classlabels_")) {
      for (const std::int64_t number : numbers) labels.push_back(std::to_string(number));
    }
    if (!labels.empty()) outline_.class_labels = std::move(labels);
    if (name == "shape") owner.shape = numbers;
    if (name == "value" && value) owner.value = std::move(value);
    if (name == "value_int" || name == "value_ints") owner.value = TensorFacts{{}, numbers};
    return {};
  }

  Result<void> read_integers(const WireField& field, std::vector<std::int64_t>& numbers) const {
    if (outline::read_integers(field, numbers)) return {};
    return not_onnx();
  }

  Result<void> sparse_tensor(std::string_view bytes) {
    WireReader reader(bytes);
    std::vector<std::int64_t> dims;
    std::array<bool, 2> seen{};
    for (WireField field; reader.next(field);) {
      if (field.number == 1 || field.number == 2) {
        if (seen[field.number - 1]) return not_onnx();
        seen[field.number - 1] = true;
        TRY(message(field, [&](std::string_view inner) { return tensor(inner).map([](const TensorFacts&) {}); }));
      }
      if (field.number == 3) TRY(read_integers(field, dims));
    }
    if (reader.broken()) return not_onnx();
    // It is unpacked when the model is loaded.
    if (const auto count = element_count(dims); !count || *count > k_most_elements) {
      return fail("{}: a sparse tensor of shape {}, more than the {} elements that one may have", name_, shape_text(dims), with_thousands(k_most_elements));
    }
    return {};
  }

  Result<TensorFacts> tensor(std::string_view bytes) { return read_tensor(bytes, name_, outline_.outside); }

  struct Scope {
    std::map<std::string_view, std::vector<std::int64_t>> integers;  // values of small constants
    std::set<std::string_view> tensors;
  };

  std::vector<Scope> scopes_;
  std::string_view name_;
  CustomOperators custom_;
  OnnxOutline outline_;
};

}  // namespace

std::vector<std::string> OnnxOutline::locations() const {
  std::vector<std::string> all;
  std::set<std::string_view> seen;
  for (const OutsideTensor& tensor : outside) {
    if (seen.insert(tensor.location).second) all.push_back(tensor.location);
  }
  return all;
}

Result<void> check_range(const OutsideTensor& tensor, std::uint64_t file_bytes, std::string_view name) {
  if (tensor.offset <= file_bytes && tensor.bytes <= file_bytes - tensor.offset) return {};
  return fail(ErrorKind::corrupt, "{}: tensor '{}' takes {} bytes from {} on of '{}', which has {}", name, shorten(tensor.name, 80), tensor.bytes, tensor.offset,
              shorten(tensor.location, 80), file_bytes);
}

Result<OnnxOutline> read_outline(std::string_view bytes, std::string_view name, CustomOperators custom) {
  if (bytes.empty()) return fail(ErrorKind::corrupt, "{}: the file is empty, expected an ONNX model", name);
  return Outliner(name, custom).model(bytes);
}

}  // namespace cupel::outline
