"""What a feed comes to: one line for each network, in the form that `[[intel]]` lists have."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from risktui.enrich.cidr_table import Cidr, is_bogon, parse_cidr
from risktui.enrich.listings import LONGEST
from risktui.logs.clean import clean

COLUMNS = ("address", "actor", "confidence", "valid_from", "valid_until", "source")
GRACE = 14 * 86_400_000
"""So long after its end an entry is still written (ms), as verified actors count so long (S18)."""
MOST_ENTRIES = 2_000_000
"""Entries of one feed; the largest public lists have a tenth of it."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One address or network, and what the feed says of it."""

    network: str
    name: str = ""
    """Whom it belongs to: the actor."""
    confidence: int | None = None
    """0 to 100."""
    valid_from: int = 0
    valid_until: int = 0
    """ms; 0 where that is open."""
    source: str = ""


class Written(msgspec.Struct, frozen=True):
    """A list as it is kept, and what did not go into it."""

    text: str
    entries: int
    left_out: int
    """Entries that are no network, too wide, private, or over."""
    share: float
    """How much of all IPv4 addresses the networks come to, those within others counted again."""


def written(entries: Iterable[Entry], head: Iterable[str], now: int) -> Written:
    """The list of `entries`, sorted and each network once, below the comment lines `head`.

    The same entries give the same text, so that a list changes only when it does.
    """
    known: dict[Cidr, Entry] = {}
    left_out = 0
    for entry in entries:
        network = _network(entry, now)
        if network is None or len(known) >= MOST_ENTRIES:
            left_out += 1
            continue
        before = known.get(network)
        if before is None or _rank(entry) > _rank(before):
            known[network] = entry
    lines = io.StringIO()
    for line in head:
        lines.write(f"# {clean(line, 200)}\n")
    plain = not any(_says_more(entry) for entry in known.values())
    table = csv.writer(lines, lineterminator="\n")
    table.writerow(COLUMNS[:1] if plain else COLUMNS)
    for network in sorted(known, key=lambda each: (each.version, each)):
        row = _row(network, known[network])
        table.writerow(row[:1] if plain else row)
    addresses = sum(network.num_addresses for network in known if network.version == 4)
    return Written(lines.getvalue(), len(known), left_out, addresses / 2**32)


def networks_in(text: str) -> frozenset[str]:
    """The networks of a list that was written here."""
    rows = (line.partition(",")[0] for line in text.splitlines() if line[:1] != "#")
    return frozenset(row for row in rows if row != COLUMNS[0])


def _network(entry: Entry, now: int) -> Cidr | None:
    try:
        network = parse_cidr(entry.network)
    except ValueError:
        return None
    over = entry.valid_until and entry.valid_until + GRACE < now
    return None if over or is_bogon(network) else network


def _rank(entry: Entry) -> tuple[int, bool, int, str]:
    """Of several that say something of one network the surest is kept."""
    sure = 50 if entry.confidence is None else entry.confidence
    return sure, bool(entry.name), entry.valid_until, entry.name


def _says_more(entry: Entry) -> bool:
    return entry != Entry(network=entry.network)


def _row(network: Cidr, entry: Entry) -> list[str]:
    text = str(network.network_address) if network.num_addresses == 1 else str(network)
    return [
        text,
        _short(entry.name),
        "" if entry.confidence is None else str(entry.confidence),
        _iso(entry.valid_from),
        _iso(entry.valid_until),
        _short(entry.source),
    ]


def _short(text: str) -> str:
    return " ".join(clean(text, LONGEST).split())


def _iso(time: int) -> str:
    return f"{datetime.fromtimestamp(time / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}" if time else ""
