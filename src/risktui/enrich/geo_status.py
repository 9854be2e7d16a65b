"""Says which geo databases answer, from when they are, and whose data that is."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from risktui.enrich.embedded import GeoSource, geo_facts
from risktui.enrich.places import GeoDatabase, Places


class GeoStatus(msgspec.Struct, frozen=True):
    """One database, in the order in which they are asked."""

    path: str
    database_type: str
    build_date: str
    description: str
    networks: int
    """How many networks it has an answer for; 0 where the file does not tell."""
    records: int
    """How many different answers; 0 where the file does not tell."""
    builtin: bool
    sources: tuple[GeoSource, ...] = ()

    def lines(self) -> Iterator[str]:
        """The same for people; the attribution is a condition of the data's licence."""
        yield f"{self.database_type} of {self.build_date}{' (built in)' if self.builtin else ''}"
        yield f"  {self.path}"
        if self.networks:
            yield f"  {self.networks:,} networks, {self.records:,} different answers"
        if self.description and not self.sources:
            yield f"  {self.description}"
        for source in self.sources:
            yield f"  {source.attribution} ({source.name}, {source.date}, {source.licence})"


def geo_status(places: Places) -> Iterator[GeoStatus]:
    """What is to be known of each database that `places` asks."""
    for database in places.databases:
        yield _status(database)
    if places.builtin is not None:
        facts = geo_facts()
        status = _status(places.builtin)
        if facts is None:
            yield msgspec.structs.replace(status, builtin=True)
        else:
            yield msgspec.structs.replace(
                status,
                builtin=True,
                networks=facts.networks_v4 + facts.networks_v6,
                records=facts.records,
                sources=facts.sources,
            )


def _status(database: GeoDatabase) -> GeoStatus:
    return GeoStatus(
        path=str(database.path),
        database_type=database.database_type,
        build_date=database.built,
        description=database.description,
        networks=0,
        records=0,
        builtin=False,
    )
