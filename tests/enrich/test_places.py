"""Where addresses are, by databases of every maker."""

from __future__ import annotations

from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet  # comes with mmdb-writer

from network_of_the_cards import LONDON, MOBILE, TOKYO, UNKNOWN, write_card_network
from risktui.enrich.enrich import Enricher
from risktui.enrich.geo_record import place_of
from risktui.enrich.places import Places
from risktui.enrich.sources import SourceError
from risktui.model.events import NOWHERE, Location, SignIn


def database(path: Path, database_type: str, records: dict[str, dict[str, object]]) -> Path:
    writer = MMDBWriter(
        ip_version=6, ipv4_compatible=True, database_type=database_type, float_type="f64"
    )
    for cidr, record in records.items():
        writer.insert_network(IPSet([cidr]), record)
    writer.to_db_file(str(path))
    return path


def test_city_and_asn_of_the_users_databases(tmp_path: Path) -> None:
    write_card_network(tmp_path)
    places = Places(city=tmp_path / "geo-city.mmdb", asn=tmp_path / "geo-asn.mmdb")
    location, asn, organisation = places.locate(MOBILE)
    assert location == Location("JP", "", "Osaka", 34.6937, 135.5023, 200)
    assert (asn, organisation) == (64501, "Naniwa Mobile")
    assert places.locate(UNKNOWN) == (NOWHERE, 0, "")
    assert places.locate("") == (NOWHERE, 0, "")


def test_the_users_database_comes_before_the_builtin_one(tmp_path: Path) -> None:
    own = database(
        tmp_path / "own.mmdb", "Own-City", {"8.8.8.0/24": {"country": {"iso_code": "CH"}}}
    )
    builtin = database(
        tmp_path / "builtin.mmdb",
        "Built-in-City",
        {
            "8.8.0.0/16": {
                "country": {"iso_code": "US"},
                "autonomous_system_number": 15169,
                "autonomous_system_organization": "GOOGLE",
            }
        },
    )
    places = Places(city=own, builtin=builtin)
    location, asn, organisation = places.locate("8.8.8.8")
    assert location.country_or_region == "CH"
    assert (asn, organisation) == (15169, "GOOGLE")
    assert places.locate("8.8.9.9")[0].country_or_region == "US"


def test_only_the_user_knows_private_and_documentation_addresses(tmp_path: Path) -> None:
    ranges: dict[str, dict[str, object]] = {
        "10.0.0.0/8": {"country": {"iso_code": "DE"}},
        "192.0.2.0/24": {"country": {"iso_code": "DE"}},
    }
    path = database(tmp_path / "geo.mmdb", "Test-City", ranges)
    for address in ("10.1.2.3", LONDON):
        assert Places(builtin=path).locate(address)[0] is NOWHERE
        assert Places(city=path).locate(address)[0].country_or_region == "DE"


def test_a_city_is_50_km_wide_and_a_country_500_where_nothing_else_is_said() -> None:
    point = {"latitude": 48.85, "longitude": 2.35}
    city = place_of({"city": {"names": {"en": "Paris"}}, "location": point})
    country = place_of({"country": {"iso_code": "FR"}, "location": point})
    stated = place_of({"country": {"iso_code": "FR"}, "location": {**point, "accuracy_radius": 5}})
    assert city.location.radius_km == 50
    assert country.location.radius_km == 500
    assert stated.location.radius_km == 5


def test_zero_zero_is_no_point() -> None:
    place = place_of({"country": {"iso_code": "FR"}, "location": {"latitude": 0, "longitude": 0}})
    assert not place.location.known
    assert place.location.country_or_region == "FR"


def test_flat_records_of_other_makers_are_understood() -> None:
    record = {
        "country_code": "jp",
        "state1": "Kanagawa",
        "city": "Yokohama",
        "latitude": "35.44",
        "longitude": 139.64,
    }
    assert place_of(record).location == Location("JP", "Kanagawa", "Yokohama", 35.44, 139.64)


def test_nonsense_in_a_record_is_passed_over() -> None:
    record = {
        "country": "France",
        "city": ["Paris"],
        "subdivisions": {"en": "x"},
        "location": {"latitude": "north", "longitude": 999, "accuracy_radius": -4},
        "autonomous_system_number": "64500",
        "traits": [],
    }
    assert place_of(record).location is NOWHERE
    assert place_of(record).asn == 0
    assert place_of(None) == place_of("text") == place_of([])


def test_anonymity_flags_of_a_database_become_tags_with_their_source(tmp_path: Path) -> None:
    path = database(
        tmp_path / "anonymous.mmdb",
        "Test-Anonymous-IP",
        {
            "198.51.100.0/25": {"is_anonymous": True, "is_tor_exit_node": True},
            "198.51.100.128/25": {"is_hosting_provider": True, "is_anonymous_vpn": True},
        },
    )
    enricher = Enricher.build(city=path, builtin=False)
    tor, rented = (
        SignIn(time=0, id="1", ip_address=address) for address in (TOKYO, "198.51.100.200")
    )
    for event in (tor, rented):
        enricher.enrich(event)
    assert tor.network.tags == ("tor",)
    assert tor.network.feeds[0].startswith("anonymous.mmdb@20")
    assert (rented.network.tags, rented.network.kind) == (("vpn",), "hosting")
    assert enricher.missing == ("actor", "aitm", "bad", "relay")


def test_how_sure_a_database_is_of_an_anonymiser_is_kept_with_the_tag(tmp_path: Path) -> None:
    path = database(
        tmp_path / "plus.mmdb",
        "Test-Anonymous-Plus",
        {"198.51.100.0/24": {"is_anonymous_vpn": True, "anonymizer_confidence": 30}},
    )
    event = SignIn(time=0, id="1", ip_address=TOKYO)
    Enricher.build(city=path, builtin=False).enrich(event)
    (said,) = event.network.listings
    assert (said.tag, said.confidence, said.feed) == ("vpn", 30, event.network.feeds[0])


def test_tags_of_lists_and_databases_stand_together_in_order(tmp_path: Path) -> None:
    path = database(
        tmp_path / "anonymous.mmdb",
        "Test-Anonymous-IP",
        {"198.51.100.0/24": {"is_tor_exit_node": True, "is_public_proxy": True}},
    )
    relays = tmp_path / "relays.txt"
    relays.write_text("198.51.100.0/24\n", encoding="utf-8")
    enricher = Enricher.build(city=path, intel=[(relays, "relay")], builtin=False)
    event = SignIn(time=0, id="1", ip_address=TOKYO)
    enricher.enrich(event)
    assert event.network.tags == ("proxy", "relay", "tor")
    assert [feed.partition("@")[0] for feed in event.network.feeds] == [
        "anonymous.mmdb",
        "relays.txt",
        "anonymous.mmdb",
    ]


def test_enterprise_traits_tell_the_kind_of_network() -> None:
    record = {"traits": {"connection_type": "Cellular", "autonomous_system_number": 64501}}
    assert (place_of(record).kind, place_of(record).asn) == ("mobile", 64501)


def test_a_missing_or_broken_database_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.mmdb: cannot be used as a geo database"):
        Places(city=tmp_path / "gone.mmdb")
    broken = tmp_path / "broken.mmdb"
    broken.write_bytes(b"not a database")
    with pytest.raises(SourceError, match=r"correct \[geo\] city or asn"):
        Places(asn=broken)
    (tmp_path / "empty.mmdb").touch()
    with pytest.raises(SourceError):
        Places(asn=tmp_path / "empty.mmdb")


def test_a_database_of_ipv4_alone_knows_nothing_of_ipv6(tmp_path: Path) -> None:
    writer = MMDBWriter(ip_version=4, database_type="Four-City")
    writer.insert_network(IPSet(["198.51.100.0/24"]), {"country": {"iso_code": "JP"}})
    writer.to_db_file(str(tmp_path / "four.mmdb"))
    places = Places(city=tmp_path / "four.mmdb")
    assert places.locate("198.51.100.1")[0].country_or_region == "JP"
    assert places.locate("2001:db8::1")[0] is NOWHERE


def test_one_file_for_city_and_asn_is_opened_once(tmp_path: Path) -> None:
    path = database(tmp_path / "both.mmdb", "Both-City", {"8.8.8.0/24": {}})
    assert len(Places(city=path, asn=path).databases) == 1


def test_one_network_is_read_once_and_its_neighbour_for_itself(tmp_path: Path) -> None:
    records: dict[str, dict[str, object]] = {
        "8.8.8.0/24": {"country": {"iso_code": "CH"}},
        "8.8.9.0/25": {"country": {"iso_code": "US"}},
        "2001:4860::/32": {"country": {"iso_code": "IE"}},
    }
    places = Places(city=database(tmp_path / "own.mmdb", "Own-City", records))
    assert places.place("8.8.8.8") is places.place("8.8.8.200")
    for address, country in (
        ("8.8.8.8", "CH"),
        ("8.8.9.8", "US"),
        ("8.8.9.200", ""),
        ("2001:4860::1", "IE"),
        ("2001:4861::1", ""),
    ):
        assert places.locate(address)[0].country_or_region == country
