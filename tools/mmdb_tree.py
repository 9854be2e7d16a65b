"""Reads and writes the binary search tree of a MaxMind DB file, millions of networks at a time.

The format is MaxMind DB 2.0 (https://maxmind.github.io/MaxMind-DB/): nodes of two records, each the
number of another node or a place in the data section, then the data, then the metadata.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

from maxminddb.decoder import Decoder

Branch: TypeAlias = int
"""A node's number, or a leaf as -1 - label. Label 0 means that nothing is known."""

UNKNOWN: Branch = -1
METADATA_START = b"\xab\xcd\xefMaxMind.com"
DATA_SEPARATOR = 16


class Tree:
    """A binary tree over addresses that merges neighbours with the same label."""

    def __init__(self) -> None:
        self.left = array("i")
        self.right = array("i")

    def join(self, left: Branch, right: Branch) -> Branch:
        """A node over both branches, or the branch itself where they are one leaf."""
        if left == right and left < 0:
            return left
        self.left.append(left)
        self.right.append(right)
        return len(self.left) - 1

    def children(self, branch: Branch) -> tuple[Branch, Branch]:
        """Both halves of a branch; a leaf's halves are like itself."""
        return (branch, branch) if branch < 0 else (self.left[branch], self.right[branch])

    def labels(self, branch: Branch) -> Iterator[tuple[int, float]]:
        """Label and share of addresses of each network in a branch, in the order of addresses."""
        waiting = [(branch, 1.0)]
        while waiting:
            at, share = waiting.pop()
            if at >= 0:
                waiting += ((self.right[at], share / 2), (self.left[at], share / 2))
            elif at != UNKNOWN:
                yield -1 - at, share


class Source:
    """A MaxMind DB file that is read as a whole."""

    def __init__(self, path: Path) -> None:
        self._bytes = path.read_bytes()
        start = self._bytes.rindex(METADATA_START) + len(METADATA_START)
        metadata, _ = Decoder(self._bytes, start).decode(start)
        assert isinstance(metadata, dict)
        self._nodes: int = metadata["node_count"]  # type: ignore[assignment]
        self._size: int = metadata["record_size"]  # type: ignore[assignment]
        self._data = self._nodes * self._size // 4 + DATA_SEPARATOR
        self._decoder = Decoder(self._bytes, self._data)

    def record(self, leaf: int) -> object:
        """What the data section holds for a leaf."""
        return self._decoder.decode(leaf - self._nodes - DATA_SEPARATOR + self._data)[0]

    def halves(self, node: int) -> tuple[int, int]:
        """The two records of a node."""
        width = self._size // 4
        part = self._bytes[node * width : (node + 1) * width]
        if self._size == 28:
            middle = part[3]
            return (
                int.from_bytes(part[:3]) | (middle >> 4) << 24,
                int.from_bytes(part[4:]) | (middle & 15) << 24,
            )
        half = width // 2
        return int.from_bytes(part[:half]), int.from_bytes(part[half:])

    def at(self, bits: str) -> int:
        """The record reached by following `bits` from the root."""
        node = 0
        for bit in bits:
            if node >= self._nodes:
                return node
            node = self.halves(node)[int(bit)]
        return node

    def floored(
        self,
        into: Tree,
        bits: str,
        length: int,
        choice: Choice,
        *,
        longer: dict[str, int] | None = None,
        alias: int = -1,
    ) -> Branch:
        """The tree behind the first `bits`, cut at prefixes of `length`, or `longer` for some bits.

        What lies below the cut is weighed by its share of addresses, and `choice` says which
        label stands for all of it. `alias` is a node to leave out: databases repeat IPv4 inside
        IPv6, for 6to4 and its like.
        """
        nodes, halves = self._nodes, self.halves
        deeper = {self.at(start): end - len(start) for start, end in (longer or {}).items()}
        labels = {nodes: 0}

        def labelled(leaf: int) -> int:
            if leaf not in labels:
                labels[leaf] = choice.label(self.record(leaf))
            return labels[leaf]

        def weigh(node: int, share: float, weights: dict[int, float]) -> None:
            if node >= nodes:
                label = labelled(node)
                weights[label] = weights.get(label, 0) + share
                return
            for half in halves(node):
                weigh(half, share / 2, weights)

        def cut(node: int, left: int) -> Branch:
            if node == alias:
                return UNKNOWN
            if node >= nodes:
                return -1 - labelled(node)
            left = deeper.get(node, left)
            if left == 0:
                weights: dict[int, float] = {}
                weigh(node, 1, weights)
                return -1 - choice.choose(weights)
            first, second = halves(node)
            return into.join(cut(first, left - 1), cut(second, left - 1))

        return cut(self.at(bits), length - len(bits))


class Choice(Protocol):
    """What becomes of records: which label they get, and which label many of them get together."""

    def label(self, record: object) -> int:
        """The label of a record; 0 where it says nothing."""

    def choose(self, weights: dict[int, float]) -> int:
        """The label for an area in which each label has a weight; they add up to 1."""


class Pairing(Protocol):
    """What becomes of labels when two trees are laid over each other."""

    def pair(self, one: int, other: int) -> int:
        """The label of two labels together; 0 where both say nothing."""

    def merged(self, left: int, right: int) -> int | None:
        """The label that may stand for both of two neighbours, if there is one."""


def overlaid(
    into: Tree, one: tuple[Tree, Branch], other: tuple[Tree, Branch], pairing: Pairing
) -> Branch:
    """One tree with the networks of two."""
    (first, a), (second, b) = one, other
    if a < 0 and b < 0:
        return -1 - pairing.pair(-1 - a, -1 - b)
    halves = zip(first.children(a), second.children(b), strict=True)
    left, right = (overlaid(into, (first, c), (second, d), pairing) for c, d in halves)
    if left < 0 and right < 0 and left != right:
        label = pairing.merged(-1 - left, -1 - right)
        if label is not None:
            return -1 - label
    return into.join(left, right)


class Number(NamedTuple):
    """A whole number of a given kind, where the format asks for one: metadata."""

    kind: int
    size: int
    value: int


class DataSection:
    """Encodes records; equal values are stored once and pointed to."""

    def __init__(self) -> None:
        self.bytes = bytearray()
        self._places: dict[object, int] = {}

    def place(self, value: object) -> int:
        """Where in the section `value` is, added to it where it is new."""
        key = repr(value)
        if key not in self._places:
            encoded = self._encoded(value)
            self._places[key] = len(self.bytes)
            self.bytes += encoded
        return self._places[key]

    def _part(self, value: object) -> bytes:
        if isinstance(value, str | dict | list):
            return pointer(self.place(value))
        return encoded_scalar(value)

    def _encoded(self, value: object) -> bytes:
        if isinstance(value, dict):
            parts = [self._part(part) for pair in value.items() for part in pair]
            return control(7, len(value)) + b"".join(parts)
        if isinstance(value, list):
            return control(11, len(value)) + b"".join(map(self._part, value))
        return encoded_scalar(value)


def pointer(place: int) -> bytes:
    """A pointer to a place in the data section, in as few bytes as it takes."""
    if place < 2048:
        return struct.pack(">H", 0x2000 | place)
    if place < 526336:
        return bytes([0x28 | (place - 2048) >> 16]) + ((place - 2048) & 0xFFFF).to_bytes(2)
    return bytes([0x30 | (place - 526336) >> 24]) + ((place - 526336) & 0xFFFFFF).to_bytes(3)


def encoded_scalar(value: object) -> bytes:
    """A text, number or map of them as the format writes it in place."""
    if isinstance(value, str):
        text = value.encode()
        return control(2, len(text)) + text
    if isinstance(value, Number):
        return control(value.kind, value.size) + value.value.to_bytes(value.size)
    if isinstance(value, int):
        number = value.to_bytes((value.bit_length() + 7) // 8)
        return control(6, len(number)) + number
    if isinstance(value, float):
        return control(3, 8) + struct.pack(">d", value)
    if isinstance(value, dict):
        parts = [encoded_scalar(part) for pair in value.items() for part in pair]
        return control(7, len(value)) + b"".join(parts)
    if isinstance(value, list):
        return control(11, len(value)) + b"".join(map(encoded_scalar, value))
    raise TypeError(f"{value!r} cannot be stored")


def control(kind: int, size: int) -> bytes:
    """The byte or bytes that say what follows and how long it is."""
    if size < 29:
        low, more = size, b""
    elif size < 285:
        low, more = 29, bytes([size - 29])
    else:
        low, more = 30, (size - 285).to_bytes(2)
    return (bytes([kind << 5 | low]) if kind < 8 else bytes([low, kind - 7])) + more


def serialised(
    tree: Tree,
    root: Branch,
    places: dict[int, int],
    data: bytes,
    *,
    database_type: str,
    description: str,
    built: int,
) -> bytes:
    """A whole MaxMind DB file; `places` says where in `data` each label's record is.

    Nodes are written in depth-first order and 32 bits wide: a left child is mostly the next node,
    which compresses to almost nothing.
    """
    order, number, waiting = array("i"), array("i", [0]) * len(tree.left), [root]
    while waiting:
        node = waiting.pop()
        number[node] = len(order)
        order.append(node)
        waiting += [child for child in (tree.right[node], tree.left[node]) if child >= 0]
    count, width = len(order), 4
    ends = {label: count + DATA_SEPARATOR + place for label, place in places.items()}
    ends[0] = count
    out = bytearray()
    for node in order:
        for child in (tree.left[node], tree.right[node]):
            out += (number[child] if child >= 0 else ends[-1 - child]).to_bytes(width)
    header = {
        "binary_format_major_version": Number(5, 2, 2),
        "binary_format_minor_version": Number(5, 2, 0),
        "build_epoch": Number(9, 8, built),
        "database_type": database_type,
        "description": {"en": description},
        "ip_version": Number(5, 2, 6),
        "languages": ["en"],
        "node_count": count,
        "record_size": Number(5, 2, width * 8),
    }
    return b"".join((out, bytes(DATA_SEPARATOR), data, METADATA_START, encoded_scalar(header)))
