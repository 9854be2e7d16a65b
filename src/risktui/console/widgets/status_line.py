"""The first line: where one is, whether the engine lives, how many are at risk, of when."""

from __future__ import annotations

import msgspec
from textual.content import Content
from textual.events import Click
from textual.widgets import Static

from risktui.console import list_words as says
from risktui.console.marks import age, level_glyph, level_style
from risktui.console.reading import Engine, Pulse
from risktui.console.widgets.ink import Part, cut, ink, line, stacked
from risktui.console.words import clock, date_and_clock, moment, offset
from risktui.language.choice import tr
from risktui.model.risk import RiskLevel

STALE = 2_000
"""Milliseconds without a word from the engine after which the data counts as old."""
BUSY = 30_000
"""The same while it reads a backlog: it commits thousands of events at a time."""
SOME = 0.05
"""Events a second below which none come."""
DAY = 86_400_000
WORDS = 3
"""What matters more than this is kept where the counts could be said without words."""


class Health(msgspec.Struct, frozen=True):
    """How the engine does, in words."""

    words: str
    role: str
    good: bool = False


def health(
    engine: Engine, now: int, *, held: bool | None, problem: str = "", starting: bool = False
) -> Health:
    """What to say of the engine at `now` (ms).

    `held` says whether a process holds the engine's lock; None where nobody has looked. `starting`:
    one was called for a moment ago, which is no trouble where none ended in the middle of its work.
    """
    if problem:
        return Health(f"× {problem}", "bad")
    silent = max(0, now - engine.heartbeat)
    if engine.state == "reading" and held is not False and silent <= BUSY:
        return Health(_reading(engine, now), "warn")
    comes = starting and (not engine.heartbeat or engine.state == "stopped")
    if held is False and silent > STALE and not comes:
        old = says.NO_ENGINE_OLD if engine.heartbeat else says.NO_ENGINE
        return Health(f"× {tr(old).format(age=age(silent))}", "bad")
    if comes or not engine.state or engine.state == "starting":
        return Health(f"… {tr(says.ENGINE_STARTS)}", "warn")
    if silent > STALE:
        words = tr(says.ENGINE_SILENT).format(age=age(silent), pid=engine.pid or "")
        return Health(f"! {words}", "bad")
    if engine.error:
        return Health(f"× {tr(engine.error)}", "bad")
    if engine.state == "stopped":
        return Health(f"× {tr(says.ENGINE_STOPPED)}", "bad")
    words = tr(says.ENGINE_LIVE).format(state=tr(engine.state), rate=f"{engine.rate:,.0f}")
    return Health(f"● {words}", "good", good=True)


def _reading(engine: Engine, now: int) -> str:
    """`… reading backlog 34 %, newest 09:12`."""
    said = tr(says.BACKLOG)
    if engine.backlog is not None:
        said = tr(says.BACKLOG_SHARE).format(share=f"{100 * engine.backlog:.0f}")
    if engine.newest:
        time = date_and_clock(engine.newest, now)
        said = tr(says.BACKLOG_NEWEST).format(backlog=said, when=time)
    return f"… {said}"


def status_content(
    pulse: Pulse,
    state: Health,
    now: int,
    width: int,
    *,
    title: str = "",
    label: str = "",
    read_only: bool = False,
    past: bool = False,
    at: int | None = None,
) -> Content:
    """The line in `width` cells; what matters least is left out first."""
    engine = pulse.engine
    lag = "" if past or not state.good or not engine.newest else _lag(engine)
    blind = tr(says.BLIND).format(count=len(engine.blind)) if engine.blind else ""
    unread = tr(says.UNREAD).format(count=f"{engine.quarantined:,}") if engine.quarantined else ""
    left: list[tuple[int, Part]] = [
        (0, ink(f" {label} ", "chip") if label else ""),
        (5, ink("risktui", "strong")),
        (0, ink(tr(says.READ_ONLY_SIGN), "warn") if read_only else ""),
        (3, ink(title, "strong") if title else ""),
        (0, ink(f" {_as_of(at)} ", "chip") if at is not None else ink(state.words, state.role)),
        (6, ink(lag, "muted") if lag else ""),
        (7, ink(blind, "warn") if blind else ""),
        (8, ink(unread, "warn") if unread else ""),
    ]
    counts = _counts(pulse, words=True)
    in_words = True
    right = ink(_time(engine.newest, now, past=past), "muted")
    while True:
        shown = [part for _, part in left if part]
        front = line(" ", Content("  ").join([line(part) for part in shown]), "   ", counts)
        room = width - front.cell_length - right.cell_length - 1
        if room >= 1:
            return line(front, " " * room, right, " ")
        droppable = [pair for pair in left if pair[0] and pair[1]]
        least = max(droppable, key=lambda pair: pair[0], default=None)
        if in_words and (least is None or least[0] < WORDS):
            counts, in_words = _counts(pulse, words=False), False
        elif least is not None:
            left.remove(least)
        else:
            return cut(front, width)


def _as_of(at: int) -> str:
    return tr(says.PAST_CHIP).format(when=moment(at).strftime("%Y-%m-%d %H:%M:%S"))


def _counts(pulse: Pulse, *, words: bool) -> Content:
    """`▲ 3 high  ■ 7 medium  ● 12 low`."""
    found = pulse.counts
    parts = [
        ink(
            f"{level_glyph(level)} {_count(count, level) if words else f'{count:,}'}",
            level_style(level) if count else "muted",
        )
        for level, count in (
            (RiskLevel.HIGH, found.high),
            (RiskLevel.MEDIUM, found.medium),
            (RiskLevel.LOW, found.low),
        )
    ]
    return Content("  ").join(parts)


def _count(count: int, level: RiskLevel) -> str:
    return tr(says.COUNT_OF_LEVEL).format(count=f"{count:,}", level=tr(level.value))


def _lag(engine: Engine) -> str:
    """How late events come; where none come, time passes and nothing is late."""
    if engine.rate < SOME or engine.lag_ms >= DAY:
        return ""
    late = age(engine.lag_ms) if engine.lag_ms >= 1_000 else tr("{count}s").format(count=0)
    return tr(says.LAG).format(age=late)


def _time(newest: int, now: int, *, past: bool) -> str:
    """When the newest event happened, in the time that all lists are in."""
    if not newest:
        return ""
    zone = offset(newest)
    suffix = "Z" if zone == "UTC" else zone.removeprefix("UTC")
    if past or now - newest >= DAY:
        return moment(newest).strftime("%Y-%m-%d %H:%M") + suffix
    return clock(newest) + suffix


class StatusLine(Static):
    """Shows the line; knows nothing of where it comes from."""

    DEFAULT_CSS = "StatusLine { height: 1; width: 1fr; text-wrap: nowrap; }"

    def __init__(
        self, *, title: str = "", label: str = "", read_only: bool = False, ascii_only: bool = False
    ) -> None:
        super().__init__("", markup=False)
        self._title, self._label, self._read_only = title, label, read_only
        self._ascii = ascii_only
        self._last: tuple[Pulse, Health, int, bool, int | None] | None = None
        self._shown = ""

    def show(
        self, pulse: Pulse, state: Health, now: int, *, past: bool = False, at: int | None = None
    ) -> None:
        """What is so now; `past` where a past is replayed, `at` where one stands in the past."""
        self._last = pulse, state, now, past, at
        self._paint()

    async def on_click(self, event: Click) -> None:
        """To the sources, of which most of the line tells."""
        event.stop()
        await self.run_action("app.go('sources')")

    def on_resize(self) -> None:
        """Leaves out more, or less."""
        self._paint()

    def _paint(self) -> None:
        if self._last is None or not self.size.width:
            return
        pulse, state, now, past, at = self._last
        content = status_content(
            pulse,
            state,
            now,
            self.size.width,
            title=self._title,
            label=self._label,
            read_only=self._read_only,
            past=past,
            at=at,
        )
        content = stacked([content], ascii_only=self._ascii)
        if content.markup != self._shown:
            self._shown = content.markup
            self.update(content, layout=False)  # it has one line whatever it says
