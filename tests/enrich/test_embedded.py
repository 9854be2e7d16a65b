"""The geo database that comes along: how it is unpacked, shared, checked and replaced."""

from __future__ import annotations

import hashlib
import logging
import lzma
import subprocess
import sys
import tempfile
from pathlib import Path

import geoip2.database
import msgspec
import pytest

from network_of_the_cards import TOKYO, write_card_network
from risktui.enrich.embedded import GeoFacts, GeoSource, embedded_database, geo_facts
from risktui.enrich.enrich import Enricher
from risktui.enrich.places import Places
from risktui.enrich.sources import SourceError
from risktui.model.events import NOWHERE, SignIn


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A package's data folder with a small database in it."""
    write_card_network(tmp_path)
    folder = tmp_path / "data"
    folder.mkdir()
    pack(folder, (tmp_path / "geo-city.mmdb").read_bytes())
    return folder


def pack(folder: Path, database: bytes) -> None:
    facts = GeoFacts(
        database_type="Test-City",
        build_date="2026-01-01",
        digest=hashlib.blake2b(database, digest_size=16).hexdigest(),
        size=len(database),
        networks_v4=1,
        networks_v6=1,
        records=1,
        sources=(GeoSource("test", "2026-01-01", "none", "nobody"),),
    )
    (folder / "geo.json").write_bytes(msgspec.json.encode(facts))
    (folder / "geo.mmdb.xz").write_bytes(lzma.compress(database))


def unpacked(cache: Path, data: Path) -> Path:
    path = embedded_database(cache, data)
    assert path is not None
    return path


def test_it_is_unpacked_once_and_found_the_next_time(tmp_path: Path, data: Path) -> None:
    cache = tmp_path / "deep" / "cache"
    first = unpacked(cache, data)
    written = first.stat().st_mtime_ns
    assert first.parent == cache
    (data / "geo.mmdb.xz").unlink()
    again = unpacked(cache, data)
    assert again == first
    assert again.stat().st_mtime_ns == written


def test_a_damaged_copy_is_replaced(tmp_path: Path, data: Path) -> None:
    path = unpacked(tmp_path / "cache", data)
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    assert unpacked(tmp_path / "cache", data).read_bytes() == whole


def test_a_copy_that_was_only_touched_is_kept(tmp_path: Path, data: Path) -> None:
    path = unpacked(tmp_path / "cache", data)
    inode = path.stat().st_ino
    path.touch()
    assert unpacked(tmp_path / "cache", data).stat().st_ino == inode


def test_the_copy_of_a_new_release_takes_the_place_of_the_old_one(
    tmp_path: Path, data: Path
) -> None:
    old = unpacked(tmp_path / "cache", data)
    pack(data, (tmp_path / "geo-asn.mmdb").read_bytes())
    new = unpacked(tmp_path / "cache", data)
    assert not old.exists()
    assert new.read_bytes() == (tmp_path / "geo-asn.mmdb").read_bytes()


def test_a_damaged_package_is_an_error_with_a_remedy(tmp_path: Path, data: Path) -> None:
    packed = data / "geo.mmdb.xz"
    packed.write_bytes(packed.read_bytes()[:-40])
    with pytest.raises(SourceError, match=r"damaged .* install risktui again"):
        embedded_database(tmp_path / "cache", data)
    packed.write_bytes(lzma.compress(b"something else"))
    with pytest.raises(SourceError, match="checksum is wrong"):
        embedded_database(tmp_path / "cache", data)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["geo.lock"]


def test_without_a_place_in_the_cache_it_goes_to_a_temporary_folder(
    tmp_path: Path,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    with caplog.at_level(logging.WARNING):
        path = unpacked(tmp_path / "file" / "cache", data)
    assert path.is_relative_to(tmp_path / "tmp")
    assert "cannot hold the geo database (Not a directory)" in caplog.text
    assert "XDG_CACHE_HOME" in caplog.text


def test_without_any_place_it_is_an_error_with_a_remedy(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))
    with pytest.raises(SourceError, match="no room for the geo database"):
        embedded_database(tmp_path / "file" / "cache", data)


def test_processes_that_start_together_share_one_copy(tmp_path: Path, data: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from risktui.enrich.embedded import *; "
        "print(embedded_database(Path(sys.argv[1]), Path(sys.argv[2])).stat().st_ino)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "cache"), str(data)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
    inodes = {process.communicate(timeout=60)[0] for process in started}
    assert [process.returncode for process in started] == [0, 0, 0, 0]
    assert len(inodes) == 1
    assert not list((tmp_path / "cache").glob("*.unfinished"))


def test_a_package_without_a_database_says_so(tmp_path: Path) -> None:
    assert geo_facts(tmp_path) is None
    assert embedded_database(tmp_path / "cache", tmp_path) is None


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked_default(tmp_path_factory.mktemp("cache"))


def unpacked_default(cache: Path) -> Path:
    path = embedded_database(cache)
    assert path is not None
    return path


def test_the_real_one_opens_with_geoip2_and_knows_well_known_addresses(real: Path) -> None:
    with geoip2.database.Reader(real) as reader:
        city = reader.city("193.0.6.139")  # RIPE NCC
        assert "City" in reader.metadata().database_type
    assert (city.country.iso_code, city.city.name) == ("NL", "Amsterdam")
    assert city.country.name == "The Netherlands"
    assert city.location.accuracy_radius == 50


def test_the_real_one_gives_place_and_system_in_one_record(real: Path) -> None:
    places = Places(builtin=real)
    location, asn, organisation = places.locate("2001:67c:2e8:22::c100:68b")  # RIPE NCC
    assert (location.country_or_region, asn) == ("NL", 3333)
    assert "RIPE" in organisation
    assert places.locate("130.69.1.1")[0].country_or_region == "JP"  # University of Tokyo
    assert places.locate(TOKYO) == (NOWHERE, 0, "")


def test_the_real_one_is_what_its_facts_say(real: Path) -> None:
    facts = geo_facts()
    assert facts is not None
    assert real.stat().st_size == facts.size
    assert [source.licence for source in facts.sources] == ["CC BY 4.0", "PDDL 1.0"]
    assert "https://db-ip.com" in facts.sources[0].attribution


def test_the_package_stays_small_enough_to_carry() -> None:
    packed = Path(sys.modules[Enricher.__module__].__file__ or "").parent / "data" / "geo.mmdb.xz"
    assert packed.stat().st_size <= 10_000_000


def test_a_plain_enricher_uses_it(monkeypatch: pytest.MonkeyPatch, real: Path) -> None:
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda _name: str(real.parent))
    event = SignIn(time=0, id="1", ip_address="193.0.6.139")
    Enricher.build().enrich(event)
    assert (event.location.city, event.network.asn) == ("Amsterdam", 3333)
