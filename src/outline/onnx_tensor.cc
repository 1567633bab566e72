#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"
#include "outline/onnx_tensor_internal.h"

namespace cupel::outline {
namespace {

constexpr std::int64_t k_most_dims = 64;
constexpr std::int64_t k_most_shape_values = 64;
constexpr std::uint64_t k_string_type = 8;
constexpr std::uint64_t k_int32_type = 6;
constexpr std::uint64_t k_int64_type = 7;

/// Bits of an element by TensorProto.DataType; 0: unknown, or text.
constexpr std::array<int, 27> k_bits = {0, 32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4, 4, 8, 2, 2};

/// The message as its fields say, last one of each.
struct Fields {
  std::vector<std::int64_t> dims;
  std::uint64_t type = 0;
  std::string_view name;
  std::optional<std::string_view> raw;
  std::uint64_t values = 0;          // in float_data, int32_data, …
  std::vector<std::int64_t> integers;  // of int32_data or int64_data, the first few
  bool outside = false;
  std::vector<std::pair<std::string_view, std::string_view>> entries;
};

std::uint64_t count_varints(std::string_view packed) {
  return static_cast<std::uint64_t>(std::ranges::count_if(packed, [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
}

/// Values of a data field: `bits` of fixed width, or 0 for varints.
bool count_values(const WireField& field, int bits, std::uint64_t& count) {
  if (!field.is_bytes()) {
    ++count;
    return true;
  }
  if (bits == 0) {
    count += count_varints(field.bytes);
    return true;
  }
  const std::size_t width = static_cast<std::size_t>(bits) / 8;
  count += field.bytes.size() / width;
  return field.bytes.size() % width == 0;
}

bool read_entry(std::string_view bytes, std::pair<std::string_view, std::string_view>& entry) {
  WireReader reader(bytes);
  for (WireField field; reader.next(field);) {
    if ((field.number == 1 || field.number == 2) && !field.is_bytes()) return false;
    if (field.number == 1) entry.first = field.bytes;
    if (field.number == 2) entry.second = field.bytes;
  }
  return !reader.broken();
}

/// False: the bytes are no TensorProto.
bool read_fields(std::string_view bytes, Fields& tensor) {
  WireReader reader(bytes);
  for (WireField field; reader.next(field);) {
    switch (field.number) {
      case 1:
        if (!read_integers(field, tensor.dims)) return false;
        break;
      case 2:
        if (field.kind != WireField::Kind::varint) return false;
        tensor.type = field.varint;
        break;
      case 4:
        if (!count_values(field, 32, tensor.values)) return false;
        break;
      case 10:
        if (!count_values(field, 64, tensor.values)) return false;
        break;
      case 5: case 7:
        if (!count_values(field, 0, tensor.values)) return false;
        if (tensor.values <= static_cast<std::uint64_t>(k_most_shape_values) && !read_integers(field, tensor.integers)) return false;
        break;
      case 11:
        if (!count_values(field, 0, tensor.values)) return false;
        break;
      case 6:
        if (!field.is_bytes()) return false;
        ++tensor.values;
        break;
      case 8:
        if (!field.is_bytes()) return false;
        tensor.name = field.bytes;
        break;
      case 9:
        if (!field.is_bytes()) return false;
        tensor.raw = field.bytes;
        break;
      case 13:
        if (!field.is_bytes() || !read_entry(field.bytes, tensor.entries.emplace_back())) return false;
        break;
      case 14:
        if (field.kind != WireField::Kind::varint || field.varint > 1) return false;
        tensor.outside = field.varint == 1;
        break;
      default: break;
    }
  }
  return !reader.broken();
}

Result<std::uint64_t> number_of(std::string_view text, std::string_view key, std::string_view name, std::string_view tensor) {
  const std::optional<std::int64_t> number = parse_integer(text);
  if (number && *number >= 0) return static_cast<std::uint64_t>(*number);
  return fail("{}: tensor '{}': {} '{}', expected a whole number of bytes", name, shorten(tensor, 80), key, shorten(text, 40));
}

Result<void> read_outside(const Fields& tensor, std::uint64_t bytes, std::string_view name, std::vector<OutsideTensor>& outside) {
  const std::string shown = shorten(tensor.name, 80);
  if (tensor.raw || tensor.values > 0) return fail("{}: tensor '{}' is kept in another file and in this one too", name, shown);
  if (tensor.type == k_string_type) return fail("{}: tensor '{}' of text is kept in another file, which only numbers can be", name, shown);
  OutsideTensor found{std::string(tensor.name), {}, 0, bytes};
  for (const auto& [key, value] : tensor.entries) {
    if (key == "location") found.location = std::string(value);
    if (key == "offset") {
      ASSIGN_OR_RETURN(found.offset, number_of(value, key, name, tensor.name));
    }
    if (key == "length") {
      ASSIGN_OR_RETURN(const std::uint64_t length, number_of(value, key, name, tensor.name));
      if (length != bytes) return fail("{}: tensor '{}' of shape {} needs {} bytes, its length in another file is {}", name, shown, shape_text(tensor.dims), bytes, length);
    }
  }
  if (found.location.empty()) return fail("{}: tensor '{}' is kept in another file that has no name", name, shown);
  outside.push_back(std::move(found));
  return {};
}

std::optional<std::vector<std::int64_t>> integers_of(const Fields& tensor, std::int64_t count) {
  if (count > k_most_shape_values || (tensor.type != k_int64_type && tensor.type != k_int32_type)) return std::nullopt;
  if (!tensor.raw) return tensor.integers;
  std::vector<std::int64_t> integers;
  for (std::int64_t i = 0; i < count; ++i) {
    if (tensor.type == k_int64_type) {
      std::memcpy(&integers.emplace_back(), tensor.raw->data() + i * 8, 8);
    } else {
      std::int32_t value = 0;
      std::memcpy(&value, tensor.raw->data() + i * 4, 4);
      integers.push_back(value);
    }
  }
  return integers;
}

}  // namespace

std::optional<std::int64_t> element_count(std::span<const std::int64_t> dims) {
  constexpr std::int64_t k_most = 1ll << 48;
  std::int64_t count = 1;
  bool empty = false;
  for (const std::int64_t dim : dims) {
    if (dim < 0) return std::nullopt;
    if (dim == 0) {
      empty = true;
    } else if (dim > k_most / count) {
      return std::nullopt;
    } else {
      count *= dim;
    }
  }
  return empty ? 0 : count;
}

std::string shape_text(std::span<const std::int64_t> dims) {
  std::string text = "[";
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (i == 8) return text + ", …]";
    text += fmt::format("{}{}", i > 0 ? ", " : "", dims[i]);
  }
  return text + "]";
}

bool read_integers(const WireField& field, std::vector<std::int64_t>& numbers) {
  if (field.kind == WireField::Kind::varint) {
    numbers.push_back(static_cast<std::int64_t>(field.varint));
    return true;
  }
  if (!field.is_bytes()) return false;
  std::uint64_t value = 0;
  int shift = 0;
  for (const char c : field.bytes) {
    if (shift > 63) return false;
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(c) & 0x7F) << shift;
    shift += 7;
    if (static_cast<unsigned char>(c) >= 0x80) continue;
    numbers.push_back(static_cast<std::int64_t>(value));
    value = 0;
    shift = 0;
  }
  return shift == 0;
}

Result<TensorFacts> read_tensor(std::string_view bytes, std::string_view name, std::vector<OutsideTensor>& outside) {
  Fields tensor;
  if (!read_fields(bytes, tensor)) return fail(ErrorKind::corrupt, "{}: not an ONNX model, or one that is cut off", name);
  const std::string shown = shorten(tensor.name, 80);
  if (static_cast<std::int64_t>(tensor.dims.size()) > k_most_dims) return fail("{}: tensor '{}' has {} dimensions, more than {}", name, shown, tensor.dims.size(), k_most_dims);
  const std::optional<std::int64_t> count = element_count(tensor.dims);
  if (!count) return fail("{}: tensor '{}' has the shape {}, expected sizes from 0 whose product is a size of memory", name, shown, shape_text(tensor.dims));
  const auto elements = static_cast<std::uint64_t>(*count);
  const bool text = tensor.type == k_string_type;
  const int bits = tensor.type < k_bits.size() ? k_bits[static_cast<std::size_t>(tensor.type)] : 0;
  if (bits == 0 && !text) return fail("{}: tensor '{}' is of the unknown type {}", name, shown, tensor.type);
  const std::uint64_t needed = (elements * static_cast<std::uint64_t>(bits) + 7) / 8;
  if (!tensor.outside && !tensor.entries.empty()) return fail("{}: tensor '{}' names another file and is not kept there", name, shown);
  if (tensor.outside) {
    TRY(read_outside(tensor, needed, name, outside));
    return TensorFacts{tensor.name, std::nullopt};
  }
  if (tensor.raw) {
    if (text || tensor.raw->size() != needed) return fail("{}: tensor '{}' of shape {} needs {} bytes, it has {}", name, shown, shape_text(tensor.dims), needed, tensor.raw->size());
  } else {
    // Small elements may share one value; of a complex number each part is one.
    const std::uint64_t most = tensor.values * (bits > 0 && bits < 8 ? static_cast<std::uint64_t>(8 / bits) : 1);
    if (elements > most) return fail("{}: tensor '{}' of shape {} needs {} values, it has {}", name, shown, shape_text(tensor.dims), elements, tensor.values);
  }
  return TensorFacts{tensor.name, integers_of(tensor, *count)};
}

}  // namespace cupel::outline
