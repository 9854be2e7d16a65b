"""What an event knows of its address after enrichment, and what the record itself keeps."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from network_of_the_cards import (
    HOSTING,
    HQ,
    LONDON,
    MOBILE,
    NETWORK,
    NEW_YORK,
    PARIS,
    RELAY_V6,
    TOKYO,
    TOKYO_V6,
    TOR,
    UNKNOWN,
    VPN,
    card_network,
    location_at,
    network_at,
)
from risktui.enrich.enrich import Enricher
from risktui.model.events import NO_NETWORK, NOWHERE, FileAccess, Location, Network, SignIn


@pytest.fixture(scope="module")
def enricher(tmp_path_factory: pytest.TempPathFactory) -> Enricher:
    return card_network(tmp_path_factory.mktemp("network"))


def sign_in(address: str, location: Location = NOWHERE, network: Network = NO_NETWORK) -> SignIn:
    return SignIn(time=0, id="1", ip_address=address, location=location, network=network)


@pytest.mark.parametrize(
    "address", [TOKYO, TOKYO_V6, MOBILE, HQ, VPN, HOSTING, TOR, LONDON, RELAY_V6]
)
def test_place_and_network_are_filled(enricher: Enricher, address: str) -> None:
    event = sign_in(address)
    enricher.enrich(event)
    assert event.location == location_at(address)
    assert msgspec.structs.replace(event.network, feeds=()) == network_at(address)


def test_neighbours_share_what_is_known_of_them(enricher: Enricher) -> None:
    one, other = sign_in(TOKYO), sign_in(f"{TOKYO.rpartition('.')[0]}.99")
    enricher.enrich(one)
    enricher.enrich(other)
    assert one.location is other.location
    assert one.network is other.network


def test_the_same_place_is_one_object_whoever_tells_of_it(enricher: Enricher) -> None:
    found = FileAccess(time=1, id="a", ip_address=TOKYO)
    enricher.enrich(found)
    seen = {id(found.location)}
    for address in (TOKYO, MOBILE):
        place = msgspec.structs.replace(found.location)
        told = SignIn(time=1, id="b", ip_address=address, location=place)
        enricher.enrich(told)
        assert told.location == place
        seen.add(id(told.location))
    assert len(seen) == 1


def test_every_event_class_is_filled(enricher: Enricher) -> None:
    event = FileAccess(time=0, id="1", ip_address=TOR)
    enricher.enrich(event)
    assert event.network.tags == ("tor",)


def test_a_tag_names_the_list_and_its_version(enricher: Enricher) -> None:
    event = sign_in(TOR)
    enricher.enrich(event)
    (feed,) = event.network.feeds
    name, version = feed.split("@")
    assert name == "tor_exit_nodes.txt"
    assert len(version) == 8


def test_an_event_without_address_stays_as_it_is(enricher: Enricher) -> None:
    event = sign_in("", network=Network(trusted=True))
    enricher.enrich(event)
    assert event.network == Network(trusted=True)
    assert event.location is NOWHERE


def test_an_address_nobody_knows_still_has_its_prefix(enricher: Enricher) -> None:
    event = sign_in(UNKNOWN)
    enricher.enrich(event)
    assert event.location is NOWHERE
    assert event.network == Network(prefix="2001:db8:ffff::/48")


def test_the_log_decides_where_an_address_is(enricher: Enricher) -> None:
    said = Location("FR", "", "Nice", 43.7102, 7.2620)
    event = sign_in(TOKYO, said)
    enricher.enrich(event)
    assert event.location == said


def test_a_country_in_words_becomes_its_code(enricher: Enricher) -> None:
    event = sign_in(TOKYO, Location("United States", "", "New York", 40.7, -74.0))
    enricher.enrich(event)
    assert event.location.country_or_region == "US"
    assert event.location.latitude == 40.7


def test_zero_zero_without_a_country_is_no_place(enricher: Enricher) -> None:
    event = sign_in(PARIS, Location(latitude=0.0, longitude=0.0))
    enricher.enrich(event)
    assert event.location == location_at(PARIS)


def test_zero_zero_in_a_known_country_is_no_point(enricher: Enricher) -> None:
    event = sign_in(PARIS, Location("FR", "", "Paris", 0.0, 0.0))
    enricher.enrich(event)
    assert event.location == location_at(PARIS)
    event = sign_in(UNKNOWN, Location("FR", "", "Paris", 0.0, 0.0))
    enricher.enrich(event)
    assert not event.location.known


def test_a_point_is_added_where_log_and_database_agree(enricher: Enricher) -> None:
    event = sign_in(PARIS, Location("FR", "Île-de-France", "Paris"))
    enricher.enrich(event)
    assert event.location == Location("FR", "Île-de-France", "Paris", 48.8566, 2.3522, 20)


def test_a_point_of_another_city_is_taken_for_the_country_only(enricher: Enricher) -> None:
    event = sign_in(PARIS, Location("FR", "", "Nice"))
    enricher.enrich(event)
    assert event.location.city == "Nice"
    assert event.location.radius_km == 500


def test_no_point_is_added_where_they_disagree_on_the_country(enricher: Enricher) -> None:
    event = sign_in(PARIS, Location("US", "", "Austin"))
    enricher.enrich(event)
    assert event.location == Location("US", "", "Austin")


def test_the_records_asn_wins_and_takes_its_kind_along(enricher: Enricher) -> None:
    event = sign_in(LONDON, network=Network(asn=64504))
    enricher.enrich(event)
    assert event.network.asn == 64504
    assert event.network.kind == "hosting"
    assert event.network.organisation == ""


def test_the_same_address_with_and_without_an_asn_gives_two_answers(enricher: Enricher) -> None:
    bare, told = sign_in(NEW_YORK), sign_in(NEW_YORK, network=Network(asn=64504))
    for event in (bare, told, bare):
        enricher.enrich(event)
    assert (bare.network.asn, told.network.asn) == (64508, 64504)


def test_a_network_is_trusted_by_the_record_or_by_the_configuration(enricher: Enricher) -> None:
    branch = sign_in(LONDON, network=Network(trusted=True, named_location="London branch"))
    office = sign_in(HQ)
    for event in (branch, office):
        enricher.enrich(event)
    assert (branch.network.named_location, branch.network.trusted) == ("London branch", True)
    assert (office.network.named_location, office.network.trusted) == ("HQ", True)


def test_enriching_twice_changes_nothing(enricher: Enricher) -> None:
    for address in (TOKYO, TOKYO_V6, HQ, VPN, TOR, RELAY_V6, UNKNOWN):
        event = sign_in(address)
        enricher.enrich(event)
        once = msgspec.json.encode(event)
        enricher.enrich(event)
        assert msgspec.json.encode(event) == once


def test_tags_without_a_feed_are_named(enricher: Enricher) -> None:
    assert enricher.missing == ("actor", "aitm", "bad", "proxy", "residential")
    assert [(feed.tags, feed.entries, feed.skipped) for feed in enricher.feeds] == [
        (("tor",), 1, 0),
        (("vpn",), 1, 0),
        (("relay",), 1, 0),
    ]


def test_an_address_that_is_none_is_nowhere_and_does_no_harm(enricher: Enricher) -> None:
    event = sign_in("not an address")
    enricher.enrich(event)
    assert event.location is NOWHERE
    assert event.network == NO_NETWORK


def test_without_any_file_nothing_is_known_and_all_is_missing() -> None:
    enricher = Enricher.build(builtin=False)
    event = sign_in(TOKYO)
    enricher.enrich(event)
    assert event.location is NOWHERE
    assert event.network == Network(prefix="198.51.100.0/24")
    assert len(enricher.missing) == 8


def test_the_fixture_agrees_with_itself(tmp_path: Path) -> None:
    enricher = card_network(tmp_path)
    for part in NETWORK:
        location, asn, organisation = enricher.places.locate(part.cidr.partition("/")[0])
        assert (location.city, asn, organisation) == (part.city, part.asn, part.organisation)
