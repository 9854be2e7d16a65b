"""Adds to every event what is known of its address, before anything judges it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import msgspec

from risktui.enrich.clients import client_of
from risktui.enrich.embedded import embedded_database
from risktui.enrich.geo_record import COUNTRY_RADIUS_KM
from risktui.enrich.networks import TAGS, Feed, Networks
from risktui.enrich.places import REMEMBERED, Places
from risktui.model.addresses import prefix_of
from risktui.model.countries import normalise_country
from risktui.model.events import NO_CLIENT, NOWHERE, Client, Event, Listing, Location, Network

S = TypeVar("S")


class Enricher:
    """Fills `location` and `network` of events; stateless but for what it remembers."""

    def __init__(self, places: Places, networks: Networks) -> None:
        self.places = places
        self.networks = networks
        self._facts = lru_cache(maxsize=REMEMBERED)(self._look_up)

    @classmethod
    def build(
        cls,
        *,
        city: Path | None = None,
        asn: Path | None = None,
        intel: Sequence[tuple[Path, str]] = (),
        named_locations: Path | None = None,
        asn_kinds: Path | None = None,
        builtin: bool = True,
    ) -> Enricher:
        """An enricher from the files that the configuration names.

        SourceError where one cannot be used. `builtin=False` leaves out the geo database that
        risktui brings along.
        """
        places = Places(city=city, asn=asn, builtin=embedded_database() if builtin else None)
        networks = Networks(intel=intel, named_locations=named_locations, asn_kinds=asn_kinds)
        return cls(places, networks)

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """Every source of tags, with its version, size and the lines it lost."""
        databases = tuple(
            Feed(database.feed, database.tags, database.path, database.node_count)
            for database in self.places.databases
            if database.tags
        )
        return self.networks.feeds + databases

    @property
    def missing(self) -> tuple[str, ...]:
        """The tags that nothing gives: detectors that need one of them are blind."""
        return tuple(sorted(set(TAGS).difference(*(feed.tags for feed in self.feeds))))

    def enrich(self, event: Event) -> None:
        """Complete `event` in place.

        What the record says wins: its location, its ASN, its word that the network is trusted.
        """
        client, address, given = event.client, event.ip_address, event.location
        if client is not NO_CLIENT:
            event.client = _named(client)
        if not address:
            return
        location, event.network = self._facts(address, event.network)
        event.location = location if given is NOWHERE else _completed(given, location)

    def _look_up(self, address: str, given: Network) -> tuple[Location, Network]:
        """Place and network of `address` whose record already said `given`."""
        place = self.places.place(address)
        tags, feeds = self.networks.tags(address)
        if extra := [tag for tag in place.tags if tag not in tags]:
            pairs = sorted([*zip(tags, feeds, strict=True), *((tag, place.feed) for tag in extra)])
            tags, feeds = tuple(tag for tag, _ in pairs), tuple(feed for _, feed in pairs)
        listings = self.networks.listings(address)
        if extra and place.confidence is not None:
            said = [Listing(tag, place.feed, confidence=place.confidence) for tag in extra]
            listings = (*listings, *said)
        named = self.networks.named_location(address)
        asn = given.asn or place.asn
        same_system = asn == place.asn
        network = Network(
            prefix=prefix_of(address),
            asn=asn,
            organisation=given.organisation or (place.organisation if same_system else ""),
            kind=given.kind or self.networks.kind(asn) or (place.kind if same_system else ""),
            tags=tags,
            feeds=feeds,
            named_location=given.named_location or (named.name if named else ""),
            trusted=given.trusted or (named is not None and named.trusted),
            listings=listings,
        )
        return _one_place(place.location), _one_network(network)


def _itself(facts: S) -> S:
    return facts


_one_place: Callable[[Location], Location] = lru_cache(maxsize=REMEMBERED)(_itself)
_one_network: Callable[[Network], Network] = lru_cache(maxsize=REMEMBERED)(_itself)
"""One object for all addresses of which the same is known: nobody need look into two to compare
them, and habits that are in use lie closer together in memory."""


@lru_cache(maxsize=REMEMBERED)
def _named(given: Client) -> Client:
    """The client with its browser and system by their usual names."""
    return client_of(
        given.user_agent,
        browser=given.browser,
        operating_system=given.operating_system,
        device_id=given.device_id,
        device_name=given.device_name,
        is_compliant=given.is_compliant,
        is_managed=given.is_managed,
        trust_type=given.trust_type,
        client_app=given.client_app,
    )


@lru_cache(maxsize=REMEMBERED)
def _completed(given: Location, found: Location) -> Location:
    """What is known of a place that a record tells of."""
    return _one_place(_told(given, found))


def _told(given: Location, found: Location) -> Location:
    """What the record says of the place, with a point to measure from where both agree."""
    if given == NOWHERE:
        return found
    if given.latitude == 0 and given.longitude == 0:  # what records hold for "not known"
        given = msgspec.structs.replace(given, latitude=None, longitude=None)
    country = given.country_or_region
    if country and not (len(country) == 2 and country.isupper()):
        country = normalise_country(country)
        given = msgspec.structs.replace(given, country_or_region=country)
    if given.known:
        return given
    if not country:
        return found
    if country != found.country_or_region or not found.known:
        return given
    same_city = not given.city or given.city.casefold() == found.city.casefold()
    return msgspec.structs.replace(
        found,
        city=given.city or found.city,
        state=given.state or found.state,
        radius_km=found.radius_km if same_city else max(found.radius_km, COUNTRY_RADIUS_KM),
    )
