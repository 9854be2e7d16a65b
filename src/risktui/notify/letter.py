"""A message in words: subject, plain text and HTML, each enough to act on without anything else.

What stands in logs was written by strangers: it is plain text here and escaped in HTML.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from unicodedata import east_asian_width

from risktui.language.choice import catalogue
from risktui.language.translate import Catalogue
from risktui.model.risk import RiskLevel
from risktui.notify.news import Item, Message, Week
from risktui.output.graph import iso

MARKS = {RiskLevel.HIGH: "HIGH", RiskLevel.MEDIUM: "MEDIUM", RiskLevel.LOW: "LOW"}
COLOURS = {RiskLevel.HIGH: "#b3261e", RiskLevel.MEDIUM: "#9a6700", RiskLevel.LOW: "#57606a"}
"""Beside the word, never instead of it."""
TEST = "This is a test of risktui's messages. It has arrived; nobody is at risk by it."
RISKY_SIGN_INS = "with risk known while they happened"
WHY_YOU = "You get this because risktui.toml names you under [notify]."


def subject(message: Message) -> str:
    """One line that says the most important thing first."""
    return _flat(catalogue(message.language)(_subject(message)))


def _subject(message: Message) -> str:
    if message.kind == "test":
        return "risktui: a test, nobody is at risk"
    if message.week is not None:
        count = sum(message.week.open_by_level.values())
        return f"risktui: the week, {count} {'person' if count == 1 else 'people'} at risk"
    if len(message.items) == 1:
        item = message.items[0]
        return f"risktui: {item.name} at {item.risk_level} risk"
    worst = max((item.risk_level for item in message.items), key=lambda level: level.rank)
    return f"risktui: {len(message.items)} people at risk, up to {worst}"


def text(message: Message) -> str:
    """The whole message without any markup."""
    return "\n".join(_lines(message)) + "\n"


def _lines(message: Message) -> Iterator[str]:
    said = catalogue(message.language)
    if message.kind == "test":
        yield said(TEST)
    elif message.week is not None:
        yield from _week_lines(message.week, said)
    else:
        yield said("Users at risk detected")
        for item in message.items:
            yield ""
            yield from _item_lines(item, said)
    yield ""
    yield said(WHY_YOU)


def mark(item: Item, said: Catalogue) -> str:
    """A person's level as messages shout it."""
    loud = MARKS.get(item.risk_level, str(item.risk_level).upper())
    return said.find(str(item.risk_level)) or loud


def _item_lines(item: Item, said: Catalogue) -> Iterator[str]:
    named = f" ({item.user_display_name})" if item.user_display_name else ""
    yield f"{mark(item, said)}  {item.name}{named}"
    yield f"  {_state(item, said)}"
    yield f"  {said('activity')} {iso(item.activity_date_time)}{_from(item, said)}"
    for reason in item.reasons:
        yield f"  - {said(reason)}"
    more = item.open_detections - len(item.reasons)
    if more > 0:
        yield f"  - {said(f'and {more} more')}"
    yield f"  {said('look')}:  {item.command}"


def _week_lines(week: Week, said: Catalogue) -> Iterator[str]:
    yield said(f"The week from {iso(week.since)[:10]} to {iso(week.until)[:10]}")
    yield ""
    rows = [
        *(
            (level, week.open_by_level.get(level, 0), "person at risk now", "people at risk now")
            for level in ("high", "medium", "low")
        ),
        ("new", len(week.new_people) + week.more, "person since", "people since"),
        ("sign-ins", week.new_sign_ins, "with risk known while it happened", RISKY_SIGN_INS),
        ("aged out", week.aged_out, "detection since", "detections since"),
    ]
    width = max(_width(said(label)) for label, *_ in rows)
    for label, count, one, more in rows:
        space = " " * (width - _width(said(label)))
        yield f"  {said(label)}{space}{count:>6} {said(one if count == 1 else more)}"
    if week.top_types:
        yield ""
        yield said("Most frequent")
        for name, count in week.top_types:
            yield f"  {count:>6}  {name}"
    for heading, people in (
        ("New people at risk", week.new_people),
        ("At risk for more than seven days", week.long_open),
    ):
        if people:
            yield ""
            yield said(heading)
            for item in people:
                yield f"  {mark(item, said):6}  {item.name}  {item.command}"


def _width(text: str) -> int:
    """Columns of a terminal, where letters of Asia are wide."""
    return len(text) + sum(east_asian_width(letter) in {"W", "F"} for letter in text)


def html(message: Message) -> str:
    """The whole message as HTML that every mail program shows alike: no images, no scripts."""
    body, why = "".join(_html_parts(message)), catalogue(message.language)(WHY_YOU)
    return (
        f'<!DOCTYPE html><html lang="{message.language}">'
        '<body style="font:15px/1.5 sans-serif;color:#1f2328">'
        f'{body}<p style="color:#57606a;font-size:13px">{escape(why)}</p></body></html>'
    )


def _html_parts(message: Message) -> Iterator[str]:
    if message.kind == "test" or message.week is not None:
        yield f'<pre style="font:14px/1.4 monospace">{escape(text(message))}</pre>'
        return
    said = catalogue(message.language)
    yield f'<h1 style="font-size:18px">{escape(said("Users at risk detected"))}</h1>'
    for item in message.items:
        yield from _item_html(item, said)


def _item_html(item: Item, said: Catalogue) -> Iterator[str]:
    colour = COLOURS.get(item.risk_level, "#57606a")
    named = f" ({escape(item.user_display_name)})" if item.user_display_name else ""
    loud = f'<strong style="color:{colour}">{escape(mark(item, said))}</strong>'
    yield (
        f'<div style="border-left:4px solid {colour};padding:2px 12px;margin:14px 0">'
        f"{loud} <strong>{escape(item.name)}</strong>{named}<br>{escape(_state(item, said))}"
        f"<br>{escape(said('activity'))} {iso(item.activity_date_time)}"
        f"{escape(_from(item, said))}<ul>"
    )
    for reason in item.reasons:
        yield f"<li>{escape(said(reason))}</li>"
    more = item.open_detections - len(item.reasons)
    if more > 0:
        yield f"<li>{escape(said(f'and {more} more'))}</li>"
    yield f'</ul><code style="background:#f6f8fa">{escape(item.command)}</code></div>'


def mail(message: Message, sender: str, to: list[str], now: int) -> EmailMessage:
    """The mail; its Message-ID depends on what it says alone, so that a repeat is known as one."""
    made = EmailMessage()
    made["Subject"] = subject(message)
    made["From"] = sender
    made["To"] = ", ".join(to)
    made["Date"] = format_datetime(datetime.fromtimestamp(now / 1000, UTC))
    made["Message-ID"] = f"<{message.id}@risktui.invalid>"
    made["Auto-Submitted"] = "auto-generated"
    if any(item.risk_level is RiskLevel.HIGH for item in message.items):
        made["Importance"] = "high"
    made.set_content(text(message))
    made.add_alternative(html(message), subtype="html")
    return made


def _from(item: Item, said: Catalogue) -> str:
    places = ", ".join(filter(None, (item.ip_address, item.where)))
    return " " + said(f"from {places}") if places else ""


def _state(item: Item, said: Catalogue) -> str:
    types = ", ".join(item.risk_event_types)
    opened = said(f"{_count(item.open_detections)} open")
    return f"{said(str(item.risk_state))}, {opened}: {types}".rstrip(": ")


def _count(number: int) -> str:
    return f"{number} detection{'' if number == 1 else 's'}"


def _flat(line: str) -> str:
    """A header is one line, whatever a name contains."""
    return " ".join(line.split())[:200]
