"""An incident report about one person in Markdown: what was found, what happened, who judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from risktui.logs.clean import clean
from risktui.model.risk import Detection, RiskyUser, RiskyUserHistoryItem, Suppression
from risktui.output.graph import iso

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~!&$])")
_LINK = re.compile(r"(?i)\b(https?|ftp|file|javascript|data)(:)|\bwww\.|//")
_BLOCK = re.compile(r"^(?:(\d{1,9})(?=[.)](?:\s|$))|(?=[-+=]))")
"""What begins a list, a rule or a heading where it stands first on a line."""
LONG = 1_000
"""Characters of one text; reports are read by people."""
MOST_STEPS = 200
"""Steps of one session that are told."""
MOST_HELD_BACK = 200
"""What was held back, the latest; the rest is counted."""


class Step(Protocol):
    """One thing that happened in a session, as the store tells it."""

    @property
    def time(self) -> int:
        """When (ms UTC)."""

    @property
    def text(self) -> str:
        """What was done."""

    @property
    def place(self) -> str:
        """`Lagos, NG`."""

    @property
    def address(self) -> str:
        """From where."""

    @property
    def device(self) -> str:
        """With what."""

    @property
    def risk_event_types(self) -> tuple[str, ...]:
        """What was found in it."""

    @property
    def count(self) -> int:
        """How many such steps followed each other."""


class Session(Protocol):
    """A session, as the store tells it."""

    @property
    def session_id(self) -> str:
        """Its id."""

    @property
    def begin(self) -> int:
        """When it began (ms UTC)."""

    @property
    def end(self) -> int:
        """When it ended (ms UTC)."""

    @property
    def left_out(self) -> int:
        """How many steps are not told."""

    @property
    def steps(self) -> Sequence[Step]:
        """What was done in it, in order."""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a report tells of."""

    user: RiskyUser
    detections: Sequence[Detection] = ()
    history: Sequence[RiskyUserHistoryItem] = ()
    sessions: Sequence[Session] = ()
    suppressions: Sequence[Suppression] = ()


def report(incident: Incident, *, written: int, author: str = "", label: str = "") -> str:
    """The report, written at `written` (ms UTC). Texts of logs stay texts: no markup, no links."""
    parts = (_head, _found, _happened, _history, _held_back)
    lines = [line for part in parts for line in part(incident)]
    by = f" by {text(author)}" if author else ""
    marked = f"{text(label)} · " if label else ""
    lines += ["", "---", f"{marked}written {iso(written)}{by} with risktui; all times are UTC"]
    return "\n".join(lines) + "\n"


def text(value: object) -> str:
    """`value` as plain text of Markdown: what an attacker has written is shown as it stands."""
    escaped = _SPECIAL.sub(r"\\\1", clean(str(value), LONG).strip())
    return _BLOCK.sub(r"\1\\", _LINK.sub(_unlinked, escaped), count=1)


def _unlinked(match: re.Match[str]) -> str:
    """Readers that make links of bare addresses find none: `https[:][//]`, `www[.]`."""
    if match[2]:
        return f"{match[1]}[:]"
    return "[//]" if match[0] == "//" else "www[.]"


def _head(incident: Incident) -> Iterator[str]:
    user = incident.user
    name = user.user_principal_name or user.id
    yield f"# Incident report: {text(name)}"
    yield ""
    if user.user_display_name:
        yield f"- **Name:** {text(user.user_display_name)}"
    why = f" ({text(user.risk_detail)})" if user.risk_detail != "none" else ""
    yield f"- **Risk:** {user.risk_level}, {user.risk_state}{why}"
    yield f"- **Last change:** {iso(user.risk_last_updated_date_time)}"
    yield f"- **Open detections:** {user.open_detections} of {len(incident.detections)}"
    yield f"- **Object id:** {text(user.id)}"
    if user.reason:
        yield ""
        yield f"**{text(user.reason)}**"


def _found(incident: Incident) -> Iterator[str]:
    yield from ("", "## What was found")
    if not incident.detections:
        yield from ("", "Nothing.")
    for one in sorted(incident.detections, key=lambda d: (d.happened, d.id)):
        yield from _detection(one)


def _detection(one: Detection) -> Iterator[str]:
    why = one.explanation
    yield ""
    yield f"### {iso(one.happened)} {text(one.risk_event_type)}: {one.risk_level}"
    yield ""
    yield text(why.headline)
    yield ""
    where = ", ".join(filter(None, (one.location.city, one.location.country_or_region)))
    client = one.client
    with_ = " on ".join(filter(None, (client.browser, client.operating_system)))
    for name, value in (
        ("State", one.risk_state),
        ("Address", one.ip_address),
        ("Place", where),
        ("Client", with_),
        ("ATT&CK", ", ".join(why.mitre)),
        ("Request", one.request_id),
        ("Detection", one.id),
    ):
        if value:
            yield f"- {text(name)}: {text(value)}"
    yield from ("", "| weight | evidence | observed | usual |", "|---:|---|---|---|")
    for each in sorted(why.evidence, key=lambda e: -e.weight):
        cells = (f"{each.weight:.0%}", each.label, each.observed, each.baseline or "–")
        yield f"| {' | '.join(map(text, cells))} |"
    against = [each for each in why.counter_evidence if each.applied]
    if against:
        yield from ("", "Rules that applied:", "")
        for rule in against:
            effect = f" ({text(rule.effect)})" if rule.effect else ""
            yield f"- {text(rule.label)}: {text(rule.reason)}{effect}"
    if why.tips:
        yield from ("", "What to do:", "")
        for number, tip in enumerate(why.tips, 1):
            yield f"{number}. {text(tip)}"


def _happened(incident: Incident) -> Iterator[str]:
    if not incident.sessions:
        return
    yield from ("", "## What happened")
    for session in sorted(incident.sessions, key=lambda s: (s.begin, s.session_id)):
        yield from ("", f"### Session {iso(session.begin)} to {iso(session.end)}", "")
        yield from ("| time | what | from | risk |", "|---|---|---|---|")
        for step in session.steps[:MOST_STEPS]:
            times = f" (×{step.count})" if step.count > 1 else ""
            where = ", ".join(filter(None, (step.place, step.address, step.device)))
            kinds = ", ".join(step.risk_event_types)
            cells = (iso(step.time), f"{step.text}{times}", where, kinds)
            yield f"| {' | '.join(map(text, cells))} |"
        left = max(0, len(session.steps) - MOST_STEPS) + session.left_out
        if left > 0:
            yield from ("", f"{left} steps more.")


def _history(incident: Incident) -> Iterator[str]:
    if not incident.history:
        return
    yield from ("", "## Who decided what", "")
    yield from ("| time | risk | state | why | by | note |", "|---|---|---|---|---|---|")
    for item in sorted(incident.history, key=lambda i: i.time):  # else as they were written
        why = ", ".join(item.event_types) or item.risk_detail
        by = ", ".join(dict.fromkeys(filter(None, (item.initiated_by, item.place))))
        cells = (iso(item.time), item.risk_level, item.risk_state, why, by, item.note)
        yield f"| {' | '.join(map(text, cells))} |"


def _held_back(incident: Incident) -> Iterator[str]:
    if not incident.suppressions:
        return
    yield from ("", "## What was held back", "")
    yield from ("| time | type | rule | why |", "|---|---|---|---|")
    held = sorted(incident.suppressions, key=lambda s: (s.time, s.event_id))
    for one in held[-MOST_HELD_BACK:]:
        cells = (iso(one.time), one.risk_event_type, one.rule, one.reason)
        yield f"| {' | '.join(map(text, cells))} |"
    if len(held) > MOST_HELD_BACK:
        yield from ("", f"{len(held) - MOST_HELD_BACK:,} earlier ones more.")
