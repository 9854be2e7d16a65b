"""What `risktui geo status` can say of the databases in use."""

from __future__ import annotations

from pathlib import Path

from network_of_the_cards import write_card_network
from risktui.enrich.embedded import embedded_database
from risktui.enrich.geo_status import geo_status
from risktui.enrich.places import Places


def test_each_database_is_listed_in_the_order_of_asking(tmp_path: Path) -> None:
    write_card_network(tmp_path)
    places = Places(
        city=tmp_path / "geo-city.mmdb",
        asn=tmp_path / "geo-asn.mmdb",
        builtin=embedded_database(tmp_path / "cache"),
    )
    first, second, builtin = geo_status(places)
    assert first.path == str(tmp_path / "geo-city.mmdb")
    assert second.database_type.startswith("risktui-cards-ASN")
    assert builtin.builtin
    assert builtin.networks > builtin.records > 100_000


def test_the_makers_of_the_builtin_data_are_named(tmp_path: Path) -> None:
    places = Places(builtin=embedded_database(tmp_path / "cache"))
    (status,) = geo_status(places)
    text = "\n".join(status.lines())
    assert "IP Geolocation by DB-IP (https://db-ip.com)" in text
    assert "CC BY 4.0" in text
    assert status.build_date in text
    assert status.path in text


def test_a_database_of_the_user_is_named_with_its_own_description(tmp_path: Path) -> None:
    write_card_network(tmp_path)
    (status,) = geo_status(Places(city=tmp_path / "geo-city.mmdb"))
    assert "the network of the cards" in "\n".join(status.lines())
