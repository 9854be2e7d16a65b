"""The lists, the geo databases and the configuration that a simulated company keeps."""

from __future__ import annotations

import json
from pathlib import Path

from mmdb_writer import MMDBWriter
from netaddr import IPSet  # comes with mmdb-writer

from simulator.company import Company
from simulator.networks import Provider

TAGS = ("tor", "vpn", "proxy", "residential", "relay", "actor", "bad", "aitm")

_CONFIG = """\
[sources]
paths = ["logs"]

[tenant]
accepted_domains = "feeds/accepted_domains.txt"
named_locations = "feeds/named_locations.csv"
federation_issuers = "feeds/federation.csv"

[geo]
city = "feeds/city.mmdb"
asn = "feeds/asn.mmdb"
asn_kinds = "feeds/asn_kinds.csv"

[[indicators]]
path = "feeds/indicators.jsonl"
"""


def write_feeds(folder: Path, company: Company) -> Path:
    """Write everything below `folder`; the path of the configuration comes back."""
    providers, domains, issuers = company.internet.providers, company.domains, company.issuers
    feeds = folder / "feeds"
    feeds.mkdir(parents=True, exist_ok=True)
    (feeds / "accepted_domains.txt").write_text("".join(f"{name}\n" for name in domains))
    (feeds / "federation.csv").write_text("issuer\n" + "".join(f"{name}\n" for name in issuers))
    kinds = {provider.asn: provider.kind for provider in providers}
    lines = [f"{asn},{kind}\n" for asn, kind in sorted(kinds.items())]
    (feeds / "asn_kinds.csv").write_text("asn,kind\n" + "".join(lines))
    lines = [
        f"{each.named_location},{cidr},{str(each.trusted).lower()}\n"
        for each in providers
        if each.named_location
        for cidr in each.ranges
    ]
    (feeds / "named_locations.csv").write_text("name,cidr,trusted\n" + "".join(lines))
    pattern = {
        "id": "SIM-1",
        "description": "an old phone's browser from the harbour",
        "cidr": company.ti_range.ranges[0],
        "userAgent": "*SM-G780F*",
        "level": "high",
    }
    (feeds / "indicators.jsonl").write_text(json.dumps(pattern) + "\n")
    config = folder / "risktui.toml"
    config.write_text(_CONFIG + "".join(_intel(feeds, providers, tag) for tag in TAGS))
    _write_geo(feeds, providers)
    return config


def _intel(feeds: Path, providers: list[Provider], tag: str) -> str:
    ranges = [
        (each.name, cidr) for each in providers if tag in each.tag.split() for cidr in each.ranges
    ]
    if tag == "actor":
        head = "cidr,actor,source,confidence\n"
        text = head + "".join(f"{cidr},{name},vendor,90\n" for name, cidr in ranges)
    else:
        text = "# one network a line\n" + "".join(f"{cidr}\n" for _, cidr in ranges)
    (feeds / f"{tag}.txt").write_text(text)
    return f'\n[[intel]]\npath = "feeds/{tag}.txt"\ntag = "{tag}"\n'


def _write_geo(feeds: Path, providers: list[Provider]) -> None:
    city = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Simulated-City")
    asn = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Simulated-ASN")
    for each in providers:
        place = each.city
        where = {
            "country": {"iso_code": place.country},
            "city": {"names": {"en": place.name}},
            "location": {
                "latitude": place.latitude,
                "longitude": place.longitude,
                "accuracy_radius": 50,
            },
        }
        system = {
            "autonomous_system_number": each.asn,
            "autonomous_system_organization": each.name,
        }
        for cidr in (*each.ranges, *filter(None, [each.range6])):
            city.insert_network(IPSet([cidr]), where)
            asn.insert_network(IPSet([cidr]), system)
    city.to_db_file(str(feeds / "city.mmdb"))
    asn.to_db_file(str(feeds / "asn.mmdb"))
