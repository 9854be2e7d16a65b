"""What the configuration subscribes to: each `[[intel]]` as one list, fetched or one's own."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable
from pathlib import Path

import msgspec
import platformdirs

from risktui.config import Config, Intel
from risktui.intel.fetch import FetchError, Login
from risktui.intel.known import BY_NAME, Kind

DAILY = 24.0


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """One list."""

    name: str
    tag: str
    path: Path
    """The list that detectors work with."""
    url: str = ""
    """Where it comes from; "" for a file of one's own."""
    kind: Kind = "list"
    licence: str = ""
    home: str = ""
    collection: str = ""
    every_ms: int = 0
    days: float = 90.0
    settings: Intel

    @property
    def is_fetched(self) -> bool:
        """Whether it comes over the network."""
        return bool(self.url)


def subscriptions(config: Config) -> list[Subscription]:
    """All of them, in the order of the configuration."""
    return [_subscription(config, entry) for entry in config.intel]


def lists_of(config: Config) -> list[tuple[Path, str]]:
    """File and tag of every list there is; a fetched one that has not come yet is left out."""
    return [
        (each.path, each.tag)
        for each in subscriptions(config)
        if not each.is_fetched or each.path.is_file()
    ]


def folder() -> Path:
    """Where fetched lists are kept unless `[[intel]] path` says otherwise."""
    return Path(platformdirs.user_data_dir("risktui")) / "intel"


def login_of(config: Config, each: Subscription) -> Login:
    """The login that the configuration points to. Raises `FetchError` where it is not there."""
    settings = each.settings
    path = config.file(settings.secret_file)
    if path is not None:
        try:
            secret = path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise FetchError(f"{path}: cannot be read; correct [[intel]] secret_file") from error
    elif settings.secret_env:
        secret = os.environ.get(settings.secret_env, "")
        if not secret:
            raise FetchError(f"${settings.secret_env} is not set; see [[intel]] secret_env")
    else:
        secret = ""
    if not secret.isprintable():
        where = path or f"${settings.secret_env}"
        raise FetchError(f"{where}: more than a line, or not text; see [[intel]]")
    return Login(settings.user, secret)


def trust_of(config: Config, each: Subscription) -> ssl.SSLContext | None:
    """Certificates that are believed besides the system's. Raises `FetchError`."""
    path = config.file(each.settings.ca_file)
    if path is None:
        return None
    try:
        return ssl.create_default_context(cafile=str(path))
    except OSError as error:
        raise FetchError(f"{path}: cannot be used as certificates; correct ca_file") from error


def named(all_of_them: Iterable[Subscription], names: Iterable[str]) -> list[Subscription]:
    """Those of the given names; all that are fetched where none is given. `KeyError` names one."""
    found = {each.name: each for each in all_of_them if each.is_fetched}
    wanted = list(dict.fromkeys(names))
    return [found[name] for name in wanted] if wanted else list(found.values())


def _subscription(config: Config, entry: Intel) -> Subscription:
    known = BY_NAME.get(entry.feed)
    url = entry.url or (known.url if known else "")
    name = entry.name or entry.feed or Path(entry.path).name
    path = config.file(entry.path)
    hours = entry.every_hours or (known.every_hours if known else DAILY)
    return Subscription(
        name=name,
        tag=entry.tag or (known.tag if known else ""),
        path=path if path is not None else folder() / f"{name}.csv",
        url=url,
        kind=entry.kind or (known.kind if known else "list"),
        licence=known.licence if known else "",
        home=known.home if known else "",
        collection=entry.collection,
        every_ms=round(hours * 3_600_000),
        days=entry.days,
        settings=entry,
    )
