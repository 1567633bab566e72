"""Writes ONNX files field by field (onnx/onnx.proto), so that files can be made that no library would write."""
import struct


def varint(value):
    value &= (1 << 64) - 1
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def text(field, value):
    data = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(data)) + data


FLOAT, INT64, STRING = 1, 7, 8


def tensor(name, dims, kind=FLOAT, raw=None, outside=None):
    out = b"".join(number(1, size) for size in dims) + number(2, kind) + text(8, name)
    if raw is not None:
        out += text(9, raw)
    if outside is not None:
        out += b"".join(text(13, text(1, key) + text(2, value)) for key, value in outside.items()) + number(14, 1)
    return out


def int64s(name, values):
    return tensor(name, [len(values)], INT64, struct.pack(f"<{len(values)}q", *values))


def scalar_int64(name, value):
    return tensor(name, [], INT64, struct.pack("<q", value))


def floats(name, dims, values):
    return tensor(name, dims, FLOAT, struct.pack(f"<{len(values)}f", *values))


def attribute(name, **kind):
    out = text(1, name)
    for key, value in kind.items():
        field, code = {"i": (3, 2), "t": (5, 4), "g": (6, 5), "ints": (8, 7)}[key]
        out += b"".join(number(field, v) for v in value) if key == "ints" else number(field, value) if key == "i" else text(field, value)
        out += number(20, code)
    return out


def node(op, inputs, outputs, attributes=(), domain="", name=""):
    return b"".join(text(1, i) for i in inputs) + b"".join(text(2, o) for o in outputs) + text(3, name or op) + text(4, op) + b"".join(text(5, a) for a in attributes) + text(7, domain)


def value(name, kind, dims):
    shape = b"".join(text(1, text(2, d) if isinstance(d, str) else number(1, d)) for d in dims)
    return text(1, name) + text(2, text(1, number(1, kind) + text(2, shape)))


def graph(nodes, tensors=(), inputs=(), outputs=(), name="g"):
    return b"".join(text(1, n) for n in nodes) + text(2, name) + b"".join(text(5, t) for t in tensors) + b"".join(text(11, i) for i in inputs) + b"".join(text(12, o) for o in outputs)


def model(graph_bytes, opset=17, domains=()):
    opsets = text(8, text(1, "") + number(2, opset)) + b"".join(text(8, text(1, d) + number(2, 1)) for d in domains)
    return number(1, 8) + text(7, graph_bytes) + opsets


X = value("x", FLOAT, ["rows", 1])
Y = value("y", FLOAT, ["rows", 1])


def scorer(nodes, tensors=(), **more):
    """A regressor x -> y of the given nodes."""
    return model(graph(nodes, tensors, [X], [Y]), **more)
