"""The small internet that detectors are specified and tested on, as files and as an `Enricher`.

Everything lies in documentation ranges (RFC 5737, RFC 3849) and documentation ASNs (RFC 5398):
an ISP and a mobile carrier in Japan, the headquarters, a VPN and a hoster, Tor, a privacy relay,
and ISPs in London, Lagos, New York, Paris and Brussels.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import NamedTuple

from mmdb_writer import MMDBWriter
from netaddr import IPSet  # comes with mmdb-writer

from risktui.enrich.enrich import Enricher
from risktui.model.events import Location, Network

TOKYO = "198.51.100.7"
"""Alice's ISP at home, AS64500."""
TOKYO_OTHER = "198.51.100.99"
"""The same ISP, another address."""
TOKYO_V6 = "2001:db8:1::7"
"""The same ISP over IPv6."""
MOBILE = "198.51.100.140"
"""The mobile carrier in Osaka, AS64501."""
HQ = "203.0.113.10"
"""The headquarters, trusted."""
VPN = "203.0.113.70"
"""The SASE in Frankfurt that everybody's traffic may leave from, tagged vpn."""
HOSTING = "203.0.113.140"
"""A rented server in Amsterdam."""
HOSTING_OTHER = "203.0.113.150"
TOR = "203.0.113.200"
"""A Tor exit in the Netherlands."""
LONDON = "192.0.2.10"
LAGOS = "192.0.2.70"
NEW_YORK = "192.0.2.140"
PARIS = "192.0.2.200"
BRUSSELS_V6 = "2001:db8:2::7"
RELAY_V6 = "2001:db8:3::7"
"""A privacy relay that claims New York."""
UNKNOWN = "2001:db8:ffff::1"
"""An address that no database knows."""


class Part(NamedTuple):
    """One network of it."""

    cidr: str
    asn: int
    organisation: str
    kind: str
    country: str
    city: str
    latitude: float
    longitude: float
    radius_km: int = 20


NETWORK = (
    Part("198.51.100.0/25", 64500, "Edo Fibre", "isp", "JP", "Tokyo", 35.6762, 139.6503),
    Part(
        "198.51.100.128/25", 64501, "Naniwa Mobile", "mobile", "JP", "Osaka", 34.6937, 135.5023, 200
    ),
    Part("203.0.113.0/26", 64502, "Contoso HQ", "corp", "JP", "Tokyo", 35.6762, 139.6503),
    Part("203.0.113.64/26", 64503, "Main Edge", "", "DE", "Frankfurt", 50.1109, 8.6821),
    Part(
        "203.0.113.128/26", 64504, "Gracht Hosting", "hosting", "NL", "Amsterdam", 52.3676, 4.9041
    ),
    Part("203.0.113.192/26", 64505, "Onion Relays", "", "NL", "Amsterdam", 52.3676, 4.9041),
    Part("192.0.2.0/26", 64506, "Thames Broadband", "isp", "GB", "London", 51.5074, -0.1278),
    Part("192.0.2.64/26", 64507, "Lagoon Net", "isp", "NG", "Lagos", 6.5244, 3.3792),
    Part("192.0.2.128/26", 64508, "Hudson Cable", "isp", "US", "New York", 40.7128, -74.0060),
    Part("192.0.2.192/26", 64509, "Seine Telecom", "isp", "FR", "Paris", 48.8566, 2.3522),
    Part("2001:db8:1::/48", 64500, "Edo Fibre", "isp", "JP", "Tokyo", 35.6762, 139.6503),
    Part("2001:db8:2::/48", 64510, "Senne Net", "isp", "BE", "Brussels", 50.8503, 4.3517),
    Part("2001:db8:3::/48", 64511, "Veil Relay", "", "US", "New York", 40.7128, -74.0060),
)


def card_network(folder: Path) -> Enricher:
    """An enricher that knows exactly this network; its files are written to `folder`."""
    write_card_network(folder)
    return Enricher.build(
        city=folder / "geo-city.mmdb",
        asn=folder / "geo-asn.mmdb",
        intel=[
            (folder / "tor_exit_nodes.txt", "tor"),
            (folder / "vpn_ranges.csv", "vpn"),
            (folder / "relays.txt", "relay"),
        ],
        named_locations=folder / "named_locations.csv",
        asn_kinds=folder / "asn_kinds.csv",
        builtin=False,
    )


def write_card_network(folder: Path) -> None:
    """Write its geo databases and lists to `folder`, under the names of a configuration's feeds."""
    city = MMDBWriter(
        ip_version=6,
        ipv4_compatible=True,
        database_type="risktui-cards-City",
        languages=["en"],
        description="the network of the cards",
        float_type="f64",
    )
    asn = MMDBWriter(
        ip_version=6,
        ipv4_compatible=True,
        database_type="risktui-cards-ASN (compat=GeoLite2-ASN)",
        languages=["en"],
        description="the network of the cards",
    )
    for part in NETWORK:
        city.insert_network(IPSet([part.cidr]), _city_record(part))
        asn.insert_network(
            IPSet([part.cidr]),
            {
                "autonomous_system_number": part.asn,
                "autonomous_system_organization": part.organisation,
            },
        )
    city.to_db_file(str(folder / "geo-city.mmdb"))
    asn.to_db_file(str(folder / "geo-asn.mmdb"))
    kinds = {part.asn: part.kind for part in NETWORK if part.kind}
    _write(folder / "asn_kinds.csv", "asn,kind", *(f"{asn},{kind}" for asn, kind in kinds.items()))
    _write(folder / "tor_exit_nodes.txt", "# exits of the cards", "203.0.113.192/26")
    _write(folder / "vpn_ranges.csv", "cidr,provider", "203.0.113.64/26,Main Edge")
    _write(folder / "relays.txt", "2001:db8:3::/48 ; a relay like Apple's")
    _write(folder / "named_locations.csv", "name,cidr,trusted", "HQ,203.0.113.0/26,true")


def location_at(address: str) -> Location:
    """The location an event from `address` gets, without opening a database."""
    part = _part(address)
    return Location(
        country_or_region=part.country,
        city=part.city,
        latitude=part.latitude,
        longitude=part.longitude,
        radius_km=part.radius_km,
    )


def network_at(address: str) -> Network:
    """The network an event from `address` gets, but for the versions of its feeds."""
    part = _part(address)
    length = 24 if ip_address(address).version == 4 else 48
    tags = {TOR: ("tor",), VPN: ("vpn",), RELAY_V6: ("relay",)}
    return Network(
        prefix=str(ip_network(f"{address}/{length}", strict=False)),
        asn=part.asn,
        organisation=part.organisation,
        kind=part.kind,
        tags=next((tag for known, tag in tags.items() if _part(known) is part), ()),
        named_location="HQ" if part.asn == 64502 else "",
        trusted=part.asn == 64502,
    )


def _city_record(part: Part) -> dict[str, object]:
    return {
        "city": {"names": {"en": part.city}},
        "country": {"iso_code": part.country, "names": {"en": part.country}},
        "location": {
            "latitude": part.latitude,
            "longitude": part.longitude,
            "accuracy_radius": part.radius_km,
        },
    }


def _part(address: str) -> Part:
    return next(part for part in NETWORK if ip_address(address) in ip_network(part.cidr))


def _write(path: Path, *lines: str) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
