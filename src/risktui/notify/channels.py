"""Where messages go, and which of them: the configuration in the shape the rules need."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from risktui.config import Config
from risktui.model.risk import RiskLevel
from risktui.settings import Filter


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One way out, with its filter."""

    name: str
    """`mail`, `eml`, `webhook NAME`."""
    filter: Filter
    needs_p2: bool
    """Mails belong to P2 (docs/notifications.md); webhooks are ours."""


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """All of it: what a planner has to know."""

    channels: tuple[Channel, ...]
    members: dict[str, frozenset[str]] = {}
    licence: str = "p2"
    batch_ms: int = 5_000
    database: str = ""
    language: str = "en"
    """What readers of messages speak."""

    @property
    def open(self) -> tuple[Channel, ...]:
        """The channels that the licence's view has."""
        return tuple(c for c in self.channels if self.licence == "p2" or not c.needs_p2)


def office_of(config: Config, database: str) -> Office:
    """The channels that `config` sets up."""
    notify = config.notify
    channels = []
    if notify.mail:
        channels.append(Channel(name="mail", filter=notify.mail, needs_p2=True))
    if notify.eml:
        channels.append(Channel(name="eml", filter=notify.eml, needs_p2=True))
    channels += [
        Channel(name=f"webhook {hook.name}", filter=hook, needs_p2=False)
        for hook in notify.webhooks
    ]
    return Office(
        channels=tuple(channels),
        members=config.members(),
        licence=config.tenant.licence,
        batch_ms=round(notify.batch_seconds * 1000),
        database=database,
        language=notify.language,
    )


def wants(
    office: Office, channel: Channel, level: RiskLevel, types: Iterable[str], upn: str
) -> bool:
    """Whether the channel is told of this person."""
    wanted = channel.filter
    if level.rank < RiskLevel(wanted.level).rank:
        return False
    if wanted.types and not set(wanted.types) & set(types):
        return False
    return not wanted.groups or any(upn in office.members.get(g, ()) for g in wanted.groups)


def quiet_until(wanted: Filter, level: RiskLevel, now: int) -> int:
    """Until when (ms) a message of this level waits; 0 where it need not."""
    if not wanted.quiet_hours:
        return 0
    if wanted.always != "never" and level.rank >= RiskLevel(wanted.always).rank:
        return 0
    zone = ZoneInfo(wanted.timezone)
    here = datetime.fromtimestamp(now / 1000, zone)
    begin, end = (time.fromisoformat(text) for text in wanted.quiet_hours.split("-"))
    clock = here.time()
    if begin <= end:
        quiet, later = begin <= clock < end, False
    else:
        quiet, later = clock >= begin or clock < end, clock >= begin
    if not quiet:
        return 0
    day = here.date() + timedelta(days=1 if later else 0)
    return round(datetime.combine(day, end, zone).timestamp() * 1000)
