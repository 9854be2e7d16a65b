"""Says what the organisation and its intelligence know of a network: tags, names, kinds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from risktui.enrich.cidr_table import CidrTable, is_bogon, parse_cidr
from risktui.enrich.list_files import BadLine, ListFile, cells_of
from risktui.enrich.listings import columns_of, listing_of
from risktui.enrich.sources import SourceError
from risktui.model.events import Listing

TAGS = ("actor", "aitm", "bad", "proxy", "relay", "residential", "tor", "vpn")
"""What an intel list may say of its addresses."""

KINDS = ("corp", "hosting", "isp", "mobile")
"""What an autonomous system may be."""

DEFAULT_ASN_KINDS = Path(__file__).parent / "data" / "asn_kinds.csv"

_HEADERS = {"address", "asn", "cidr", "ip", "ip_address", "ip_prefix", "name", "network", "prefix"}
_TRUE = {"true", "yes", "1"}
_FALSE = {"false", "no", "0", ""}


class Feed(msgspec.Struct, frozen=True):
    """One source of tags, as `risktui intel status` and the explanations name it."""

    name: str
    """`file@version`."""
    tags: tuple[str, ...]
    path: Path
    entries: int
    private: int = 0
    """Entries left out because they are private or unassigned ranges."""
    skipped: int = 0
    bad_lines: tuple[BadLine, ...] = ()
    """The first hundred of those skipped."""


class NamedLocation(msgspec.Struct, frozen=True):
    """A network the organisation gave a name."""

    name: str
    trusted: bool


class Networks:
    """Intel lists, named locations and kinds of autonomous systems, loaded once."""

    def __init__(
        self,
        *,
        intel: Sequence[tuple[Path, str]] = (),
        named_locations: Path | None = None,
        asn_kinds: Path | None = None,
    ) -> None:
        """Read the lists; SourceError for a file that cannot be read or a tag nobody knows.

        `intel` pairs each file with its tag. `asn_kinds` adds to the list that risktui brings along
        and wins over it.
        """
        self._tags: CidrTable[tuple[str, str]] = CidrTable()
        self._listings: CidrTable[Listing] = CidrTable()
        self._names: CidrTable[NamedLocation] = CidrTable()
        self._kinds: dict[int, str] = {}
        self.bad_lines: list[BadLine] = []
        """Lines of named locations and kinds that were passed over (`feeds` holds its own)."""
        self.feeds = tuple(self._read_intel(path, tag) for path, tag in intel)
        if named_locations is not None:
            self._read_named_locations(named_locations)
        for path in (DEFAULT_ASN_KINDS, asn_kinds):
            if path is not None:
                self._read_kinds(path)

    @property
    def missing(self) -> tuple[str, ...]:
        """The tags that no list gives."""
        return tuple(sorted(set(TAGS).difference(*(feed.tags for feed in self.feeds))))

    def tags(self, address: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The tags of `address`, sorted, and beside each the lists that gave it.

        Where several lists give one tag they are named together, the narrowest network's first.
        """
        found: dict[str, list[str]] = {}
        for tag, feed in self._tags.find(address):
            feeds = found.setdefault(tag, [])
            if feed not in feeds:
                feeds.append(feed)
        tags = tuple(sorted(found))
        return tags, tuple(", ".join(found[tag]) for tag in tags)

    def listings(self, address: str) -> tuple[Listing, ...]:
        """What lists say of `address` in further columns, the narrowest network's first."""
        return tuple(self._listings.find(address))

    def named_location(self, address: str) -> NamedLocation | None:
        """The narrowest named location that `address` is in."""
        return next(self._names.find(address), None)

    def kind(self, asn: int) -> str:
        """isp, mobile, hosting or corp; "" for a system that no list has."""
        return self._kinds.get(asn, "")

    def _read_intel(self, path: Path, tag: str) -> Feed:
        if tag not in TAGS:
            raise SourceError(f"{path}: unknown tag {tag!r}; [[intel]] tag is one of {_or(TAGS)}")
        file = ListFile(path, "[[intel]] path")
        name = f"{path.name}@{file.version}"
        entries = private = 0
        columns: dict[str, int] = {}
        for position, (number, text) in enumerate(file.lines()):
            first = re.split(r"[,;\s]", text, maxsplit=1)[0].strip("\"'")
            if position == 0 and first.casefold() in _HEADERS:
                columns = columns_of(cells_of(text))
                continue
            try:
                network = parse_cidr(first)
                listing = listing_of(tag, name, cells_of(text), columns) if columns else None
            except ValueError as error:
                file.refuse(number, text, _reason(error))
                continue
            if is_bogon(network):
                private += 1
                continue
            self._tags.add(network, (tag, name))
            if listing is not None:
                self._listings.add(network, listing)
            entries += 1
        return Feed(name, (tag,), path, entries, private, file.bad_count, tuple(file.bad))

    def _read_named_locations(self, path: Path) -> None:
        file = ListFile(path, "[tenant] named_locations")
        for position, (number, cells) in enumerate(file.rows()):
            name, cidr, trusted = (*cells, "", "", "")[:3]
            if position == 0 and name.casefold() in _HEADERS:
                continue
            try:
                network = parse_cidr(cidr)
            except ValueError as error:
                file.refuse(number, ",".join(cells), _reason(error))
                continue
            if not name or trusted.casefold() not in _TRUE | _FALSE:
                file.refuse(number, ",".join(cells), "not name,cidr,true|false")
                continue
            self._names.add(network, NamedLocation(name, trusted.casefold() in _TRUE))
        self.bad_lines += file.bad

    def _read_kinds(self, path: Path) -> None:
        file = ListFile(path, "[geo] asn_kinds")
        for position, (number, cells) in enumerate(file.rows()):
            asn, kind = (*cells, "", "")[:2]
            if position == 0 and asn.casefold() in _HEADERS:
                continue
            digits = asn.upper().removeprefix("AS")
            if not (digits.isascii() and digits.isdecimal()) or kind not in KINDS:
                file.refuse(number, ",".join(cells), f"not asn,kind with kind {_or(KINDS)}")
                continue
            self._kinds[int(digits)] = kind
        self.bad_lines += file.bad


def _reason(error: ValueError) -> str:
    reason = str(error)
    ours = ("wider", "confidence", "not a date", "shared", "a cell")
    return reason if reason.startswith(ours) else "not an address or network"


def _or(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
