"""Unpacks the geo database that risktui brings along, and says where its data comes from."""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import logging
import lzma
import shutil
import tempfile
from pathlib import Path

import msgspec
import platformdirs

from risktui.enrich.sources import SourceError

DATA = Path(__file__).parent / "data"
CHUNK = 1 << 20

_log = logging.getLogger(__name__)


class GeoSource(msgspec.Struct, frozen=True):
    """A data set that went into the database."""

    name: str
    date: str
    licence: str
    attribution: str


class GeoFacts(msgspec.Struct, frozen=True):
    """What is to be known about the database; written beside it by `tools/build_geo.py`."""

    database_type: str
    build_date: str
    digest: str
    """blake2b-128 of the unpacked file."""
    size: int
    """Bytes, unpacked."""
    networks_v4: int
    networks_v6: int
    records: int
    """Different answers the database can give."""
    sources: tuple[GeoSource, ...]


def geo_facts(data: Path = DATA) -> GeoFacts | None:
    """Source, date, licence and size of the database in the package; None where there is none."""
    try:
        return msgspec.json.decode((data / "geo.json").read_bytes(), type=GeoFacts)
    except FileNotFoundError:
        return None


def embedded_database(cache: Path | None = None, data: Path = DATA) -> Path | None:
    """The database as a file ready to open; unpacked once into `cache`, by default the user's.

    Where `cache` cannot be written the database goes to a temporary folder for the life of this
    process, with a warning. None where the package carries no database; SourceError where the
    package is damaged or there is room for it nowhere.
    """
    facts = geo_facts(data)
    if facts is None:
        return None
    folder = cache or Path(platformdirs.user_cache_dir("risktui"))
    try:
        return _unpacked(data, folder, facts)
    except OSError as error:
        _log.warning(
            "%s cannot hold the geo database (%s); it is unpacked anew at every start. "
            "Point XDG_CACHE_HOME to a folder with %d MB free",
            folder,
            error.strerror or error,
            facts.size // 1_000_000 + 1,
        )
    try:
        temporary = Path(tempfile.mkdtemp(prefix="risktui-"))
        atexit.register(shutil.rmtree, temporary, ignore_errors=True)
        return _unpacked(data, temporary, facts)
    except OSError as error:
        raise SourceError(
            f"{tempfile.gettempdir()}: no room for the geo database ({error.strerror or error}); "
            f"free {facts.size // 1_000_000 + 1} MB or point TMPDIR to another folder"
        ) from error


def _unpacked(data: Path, folder: Path, facts: GeoFacts) -> Path:
    path = folder / f"geo-{facts.digest[:12]}.mmdb"
    if _is_checked(path, facts):
        return path
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "geo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second process waits here, then finds it done
        if not _is_checked(path, facts):
            if not _has_digest(path, facts):
                _unpack(data / "geo.mmdb.xz", path, facts)
            _checked_file(path).write_text(_stamp(path, facts), encoding="ascii")
            for old in folder.glob("geo-*"):  # an earlier release's; who has it open keeps it
                if old.stem != path.stem:
                    old.unlink()
    return path


def _unpack(packed: Path, path: Path, facts: GeoFacts) -> None:
    unfinished = path.with_suffix(".unfinished")
    digest = hashlib.blake2b(digest_size=16)
    try:
        with lzma.open(packed) as source, unfinished.open("wb") as target:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                target.write(chunk)
        if digest.hexdigest() != facts.digest:
            raise SourceError(f"{packed}: damaged (its checksum is wrong); install risktui again")
        unfinished.replace(path)
    except (lzma.LZMAError, EOFError) as error:
        raise SourceError(f"{packed}: damaged ({error}); install risktui again") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _is_checked(path: Path, facts: GeoFacts) -> bool:
    """Whether `path` is as it was when its digest was last compared; hashing it takes a while."""
    try:
        return _checked_file(path).read_text(encoding="ascii") == _stamp(path, facts)
    except (FileNotFoundError, UnicodeDecodeError):
        return False


def _has_digest(path: Path, facts: GeoFacts) -> bool:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
    except FileNotFoundError:
        return False
    return found.hexdigest() == facts.digest


def _checked_file(path: Path) -> Path:
    return path.with_suffix(".checked")


def _stamp(path: Path, facts: GeoFacts) -> str:
    status = path.stat()
    return f"{facts.digest} {status.st_size} {status.st_mtime_ns} {status.st_ino}"
