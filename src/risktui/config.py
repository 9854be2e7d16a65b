"""The configuration: `risktui.toml`, found, read, checked; a default for everything."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import platformdirs

from risktui.intel.known import Kind, Tag, problems
from risktui.model.refusal import in_words, place_of
from risktui.settings import (
    Action,
    Database,
    Digest,
    Drop,
    Mail,
    Notify,
    People,
    Policy,
    Retention,
    Risk,
    Webhook,
    contradictions,
)

FILE_NAME = "risktui.toml"
LATER: tuple[str, ...] = ()
"""Sections that belong to the format but that this version does not act on; it says so."""


class ConfigError(Exception):
    """The configuration cannot be used; names the file, the key and the remedy."""


class Sources(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`[sources]`: where logs are and how they are read."""

    paths: list[str] = []
    """Folders or files of logs, read where the command line names none."""
    lateness_seconds: float = 120.0
    """How long a scan waits for records that are out of order (seconds of event time)."""


class Tenant(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`[tenant]`: what belongs to the organisation."""

    accepted_domains: list[str] | str = ""
    """The organisation's own mail domains: a list, or a file with one a line."""
    named_locations: str = ""
    """CSV `name,cidr,trusted` of the organisation's places."""
    federation_issuers: list[str] | str = ""
    """Legitimate token issuers: a list, or a file."""
    licence: Literal["p2", "p1", "free"] = "p2"
    """Whose view of the detections is shown."""


class Geo(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`[geo]`: databases that say where an address is."""

    city: str = ""
    """A GeoIP2/GeoLite2/DB-IP City database (.mmdb) instead of the embedded one."""
    asn: str = ""
    """An ASN database (.mmdb)."""
    asn_kinds: str = ""
    """CSV `asn,kind` that adds to the built-in list; kinds are isp, mobile, hosting, corp."""


class Intel(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`[[intel]]`: one list of networks and what being on it means."""

    path: str = ""
    """A list of addresses or networks; with `feed` or `url`, where the fetched list is kept."""
    tag: Tag | None = None
    """What being on the list means; a `feed` knows it."""
    feed: str = ""
    """A public list by its name in `risktui intel status`: fetched from now on."""
    name: str = ""
    """What the list is called; a `url` needs one, and its letters make a file name."""
    url: str = ""
    """Where the list is fetched from."""
    kind: Kind | None = None
    """How it is read: list, misp (the folder of a feed), taxii (a server or a collection)."""
    collection: str = ""
    """Id, title or alias of a TAXII collection."""
    every_hours: Annotated[float, msgspec.Meta(ge=0)] = 0
    """How often it is looked at while watching (hours); 0: as the feed says, else daily."""
    days: Annotated[float, msgspec.Meta(gt=0)] = 90.0
    """Events of a MISP feed that were changed longer ago are left out (days)."""
    user: str = ""
    """With a user the secret is a password; without, a bearer token."""
    secret_file: str = ""
    """A file that holds the secret."""
    secret_env: str = ""
    """The variable of the environment that holds it."""
    ca_file: str = ""
    """Certificates that are believed besides the system's (PEM)."""
    proxy: str = ""
    """A proxy for this feed; those of the environment are not used."""
    private: bool = False
    """Whether the server's name may lead into a private network, as a company's own does."""


class IndicatorList(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`[[indicators]]`: patterns of tools and actors, one JSON object a line."""

    path: str
    """Lines of id, description, cidr, userAgent, level."""


class LeakList(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`[[leaks]]`: where leaked credentials are found; secrets in it are never kept."""

    path: str
    """A table `username,source,leaked_at,observed_at`, a domain search of Have I Been Pwned as
    JSON, a dump, or a folder that is watched for any of them."""
    validated: bool = True
    """Whether its entries are as good as passwords in use (high); false: raw lists (low)."""
    hashes: str = ""
    """Leaked hashes (Pwned Passwords: a folder of ranges, or a sorted file); then `path` holds the
    own accounts' hashes, NTLM or SHA-1, as `name:hash`. They are looked up, and never kept."""


class Console(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`[console]`: how the console looks."""

    language: Literal["", "en", "ja"] = ""
    """What the console speaks; "" is the locale's. `--lang` goes before it."""
    theme: str = ""
    """Name of a theme of `themes/` or of the user's folder."""
    mouse: bool = False
    """Whether the mouse is on at start; F2 toggles it."""
    label: str = ""
    """Shown in the frame of every screen: PROD, TEST."""
    alert: Literal["off", "low", "medium", "high"] = "high"
    """The level whose reaching rings the terminal's bell, and shows a notice where it can."""
    keys: dict[str, str] = {}
    """Other keys for actions, by the action's id: `verdict.dismiss = "D"`."""


class Output(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`[output]`: what waits for readers."""

    keep_days: Annotated[float, msgspec.Meta(gt=0)] = 30.0
    """How long lines wait for a reader that has stopped reading (days; `--resume NAME`)."""


class Engine(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`[engine]`: how the work is done."""

    workers: Annotated[int, msgspec.Meta(ge=0, le=64)] = 0
    """Worker processes of `--engine parallel` beside the first; 0 for one, which is the fastest."""
    memory_mb: Annotated[int, msgspec.Meta(ge=300)] = 1024
    """About how much memory a process may take; with less, more is read from the database again."""


class Config(msgspec.Struct, kw_only=True):
    """All of it, with paths made absolute."""

    path: Path | None = None
    """The file it came from, None for the defaults."""
    sources: Sources = msgspec.field(default_factory=Sources)
    tenant: Tenant = msgspec.field(default_factory=Tenant)
    geo: Geo = msgspec.field(default_factory=Geo)
    intel: list[Intel] = []
    indicators: list[IndicatorList] = []
    leaks: list[LeakList] = []
    console: Console = msgspec.field(default_factory=Console)
    output: Output = msgspec.field(default_factory=Output)
    engine: Engine = msgspec.field(default_factory=Engine)
    risk: Risk = Risk()
    retention: Retention = Retention()
    policies: list[Policy] = []
    groups: dict[str, list[str] | str] = {}
    """Names of groups and who is in them: a list of principal names, or a file with one a line."""
    people: People = People()
    database: Database = Database()
    notify: Notify = Notify()
    detectors: dict[str, dict[str, Any]] = {}
    """Settings of detectors by their name; `enabled = false` turns one off."""
    unused: tuple[str, ...] = ()
    """Sections that were read but that this version does not act on."""

    def file(self, name: str) -> Path | None:
        """A path of the configuration: relative ones count from the file; "" is None."""
        if not name:
            return None
        path = Path(name).expanduser()
        return path if path.is_absolute() or self.path is None else self.path.parent / path

    def members(self) -> dict[str, frozenset[str]]:
        """Principal names in each group, casefolded. Raises `ConfigError` for a missing file."""
        return {name: frozenset(self._names(name, who)) for name, who in self.groups.items()}

    def _names(self, group: str, who: list[str] | str) -> list[str]:
        if isinstance(who, list):
            return [name.strip().casefold() for name in who]
        path = self.file(who) or Path()
        try:
            lines = path.read_text("utf-8").splitlines()
        except OSError as error:
            raise ConfigError(f"[groups] {group}: {path}: {error.strerror}") from error
        return [line.strip().casefold() for line in lines if line.strip() and line[:1] != "#"]


OURS = ("path", "unused")
"""Fields of `Config` that are not sections."""
SECTIONS: dict[str, type[msgspec.Struct]] = {
    "sources": Sources,
    "tenant": Tenant,
    "geo": Geo,
    "intel": Intel,
    "indicators": IndicatorList,
    "leaks": LeakList,
    "console": Console,
    "output": Output,
    "engine": Engine,
    "risk": Risk,
    "retention": Retention,
    "policies": Policy,
    "action": Action,
    "people": People,
    "database": Database,
    "notify": Notify,
    "mail": Mail,
    "eml": Drop,
    "webhooks": Webhook,
    "digest": Digest,
}
"""The table of each name, for saying which key was meant."""


def load(path: Path | None = None) -> Config:
    """The configuration at `path`, else the first that is found, else the defaults.

    Raises `ConfigError` for a file that is missing, not TOML, or has an unknown key or wrong value.
    """
    found = path or find()
    if found is None:
        return Config()
    try:
        raw = tomllib.loads(found.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{found}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{found}: not valid TOML: {error}") from error
    return _checked(raw, found)


def find() -> Path | None:
    """`./risktui.toml`, else the one in the platform's configuration folder."""
    here = Path(FILE_NAME)
    if here.is_file():
        _refuse_others(here)
        return here
    usual = Path(platformdirs.user_config_dir("risktui")) / FILE_NAME
    return usual if usual.is_file() else None


def _refuse_others(path: Path) -> None:
    """A configuration can run commands: one that merely lies about must be the user's own.

    Raises `ConfigError` where another user owns the file, or others may write or replace it.
    """
    file, folder = path.stat(), path.absolute().parent.stat()
    sticky = folder.st_mode & stat.S_ISVTX
    if (
        file.st_uid not in {os.getuid(), 0}
        or file.st_mode & stat.S_IWOTH
        or (folder.st_mode & stat.S_IWOTH and not sticky)
    ):
        raise ConfigError(
            f"{path.absolute()}: others may write it, and it was not asked for; "
            "name it with --config if it is meant"
        )


def default_database() -> Path:
    """Where the console and `watch` keep what they know unless `--db` says otherwise."""
    return Path(platformdirs.user_data_dir("risktui")) / "risktui.db"


def user_folder(kind: str) -> Path:
    """The user's own `detectors` or `themes`."""
    return Path(platformdirs.user_config_dir("risktui")) / kind


def _checked(raw: dict[str, Any], path: Path) -> Config:
    known = tuple(field for field in Config.__struct_fields__ if field not in OURS)
    unused = tuple(key for key in raw if key in LATER)
    for key in raw:
        if key not in known and key not in LATER:
            raise ConfigError(f"{path}: [{key}]: unknown section{_nearest(key, known)}")
    try:
        config = msgspec.convert({k: raw[k] for k in raw if k in known}, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {_explain(error)}") from error
    config.path = path.absolute()
    config.unused = unused
    sections = (config.policies, config.notify, config.groups)
    for problem in (*contradictions(*sections), *problems(config.intel)):
        raise ConfigError(f"{path}: {problem}")
    config.members()  # a missing file is said now, not when somebody is at risk
    return config


def _explain(error: msgspec.ValidationError) -> str:
    """Section, key and what is wrong with it; the nearest known key where one is unknown."""
    section, _, key = place_of(error).rpartition(".")
    words = in_words(error)
    unknown = words.removesuffix(" is unknown")
    if unknown == words:
        words += _choices(_struct_of(section), key)
        return f"[{section}] {key}: {words}" if section else f"[{key}]: {words}"
    where = f"{section}.{key}".strip(".")
    struct = _struct_of(where)
    hint = _nearest(unknown, struct.__struct_fields__) if struct else ""
    return f"[{where}] {unknown}: unknown key{hint}"


def _struct_of(section: str) -> type[msgspec.Struct] | None:
    return SECTIONS.get(re.sub(r"\[[^]]*\]", "", section).rpartition(".")[2])


def _choices(struct: type[msgspec.Struct] | None, key: str) -> str:
    """The values of a key that takes one of a few."""
    kind = get_type_hints(struct).get(key) if struct else None
    kind = next((one for one in get_args(kind) if get_origin(one) is Literal), kind)
    return f": {', '.join(map(str, get_args(kind)))}" if get_origin(kind) is Literal else ""


def _nearest(word: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(word, known, 1)
    return f"; did you mean {near[0]}?" if near else f"; known: {', '.join(known)}"
