"""Says where an address is and who announces it: from the user's geo databases, else from ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import maxminddb
import msgspec

from risktui.enrich.geo_record import FLAGS, NO_PLACE, Place, place_of
from risktui.enrich.sources import SourceError
from risktui.model.addresses import is_documentation, is_private, parse_address
from risktui.model.events import NOWHERE, Location

REMEMBERED = 65536
"""Addresses whose answer is kept: a big tenant's day has fewer, and an answer is ~500 bytes."""


class GeoDatabase:
    """One opened `.mmdb` file."""

    def __init__(self, path: Path) -> None:
        """Open `path`; SourceError where it is missing or not a geo database."""
        try:
            self._reader = maxminddb.open_database(path)
        except (OSError, maxminddb.InvalidDatabaseError, ValueError) as error:
            raise SourceError(
                f"{path}: cannot be used as a geo database ({error}); "
                "correct [geo] city or asn, or leave it out to use the built-in one"
            ) from error
        metadata = self._reader.metadata()
        self.path = path
        self.database_type = metadata.database_type
        self.built = datetime.fromtimestamp(metadata.build_epoch, tz=UTC).date().isoformat()
        self.node_count = metadata.node_count
        self.description = str(metadata.description.get("en", ""))
        self._takes_ipv6 = metadata.ip_version == 6
        self.feed = f"{self.path.name}@{self.built}"
        """Name and version, as explanations cite it."""
        self._known: dict[tuple[int, int, int], Place] = {}
        """By version, length and leading bits of a network what is known of all its addresses."""

    @property
    def tags(self) -> tuple[str, ...]:
        """The kinds of tag this database can give."""
        return tuple(sorted(FLAGS.values())) if "Anonymous" in self.database_type else ()

    def place(self, address: str) -> Place:
        """What the database says about a canonical `address`."""
        if ":" in address and not self._takes_ipv6:
            return NO_PLACE
        try:
            record, length = self._reader.get_with_prefix_len(address)
        except (maxminddb.InvalidDatabaseError, UnicodeDecodeError) as error:
            raise SourceError(
                f"{self.path}: damaged at the record of {address} ({error}); download it again"
            ) from error
        parsed = parse_address(address)
        if parsed is None:
            return place_of(record, self.feed)
        network = parsed.version, length, int(parsed) >> max(0, parsed.max_prefixlen - length)
        found = self._known.get(network)
        if found is None:  # one object for all addresses of one network
            found = self._known[network] = place_of(record, self.feed)
            if len(self._known) > REMEMBERED:
                del self._known[next(iter(self._known))]
        return found


class Places:
    """Answers for addresses, from the first source that knows each part of the answer."""

    def __init__(
        self, *, city: Path | None = None, asn: Path | None = None, builtin: Path | None = None
    ) -> None:
        """Open the user's databases, then `builtin`, the inflated one that risktui brings along."""
        chosen = dict.fromkeys(path for path in (city, asn) if path is not None)
        self.databases = tuple(GeoDatabase(path) for path in chosen)
        self.builtin = GeoDatabase(builtin) if builtin is not None else None
        self.place: Callable[[str], Place] = lru_cache(maxsize=REMEMBERED)(self._look_up)
        """Everything known about a canonical address; remembered."""

    def locate(self, address: str) -> tuple[Location, int, str]:
        """Place, ASN and its organisation; (NOWHERE, 0, "") for an address nobody knows."""
        place = self.place(address)
        return place.location, place.asn, place.organisation

    def _look_up(self, address: str) -> Place:
        if parse_address(address) is None:
            return NO_PLACE
        answer = NO_PLACE
        for database in self.databases:
            answer = _completed(answer, database.place(address))
        if self.builtin is None or is_private(address) or is_documentation(address):
            return answer
        return _completed(answer, self.builtin.place(address))


def _completed(answer: Place, other: Place) -> Place:
    """`answer` with the parts it lacks from `other`; a part is never mixed from two sources."""
    if answer is NO_PLACE:
        return other
    return msgspec.structs.replace(
        answer,
        location=other.location if answer.location is NOWHERE else answer.location,
        asn=answer.asn or other.asn,
        organisation=answer.organisation if answer.asn else other.organisation,
        kind=answer.kind or other.kind,
        tags=answer.tags or other.tags,
        feed=answer.feed or other.feed,
        confidence=answer.confidence if answer.tags else other.confidence,
    )
