"""A message in words: subject, plain text and HTML, each enough to act on without anything else.

What stands in logs was written by strangers: it is plain text here and escaped in HTML.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

from risktui.model.risk import RiskLevel
from risktui.notify.news import Item, Message, Week
from risktui.output.graph import iso

MARKS = {RiskLevel.HIGH: "HIGH", RiskLevel.MEDIUM: "MEDIUM", RiskLevel.LOW: "LOW"}
COLOURS = {RiskLevel.HIGH: "#b3261e", RiskLevel.MEDIUM: "#9a6700", RiskLevel.LOW: "#57606a"}
"""Beside the word, never instead of it."""
WHY_YOU = "You get this because risktui.toml names you under [notify]."


def subject(message: Message) -> str:
    """One line that says the most important thing first."""
    if message.kind == "test":
        return "risktui: a test, nobody is at risk"
    if message.week is not None:
        count = sum(message.week.open_by_level.values())
        return f"risktui: the week, {count} {'person' if count == 1 else 'people'} at risk"
    if len(message.items) == 1:
        item = message.items[0]
        return _flat(f"risktui: {item.name} at {item.risk_level} risk")
    worst = max((item.risk_level for item in message.items), key=lambda level: level.rank)
    return f"risktui: {len(message.items)} people at risk, up to {worst}"


def text(message: Message) -> str:
    """The whole message without any markup."""
    return "\n".join(_lines(message)) + "\n"


def _lines(message: Message) -> Iterator[str]:
    if message.kind == "test":
        yield "This is a test of risktui's messages. It has arrived; nobody is at risk by it."
    elif message.week is not None:
        yield from _week_lines(message.week)
    else:
        yield "Users at risk detected"
        for item in message.items:
            yield ""
            yield from _item_lines(item)
    yield ""
    yield WHY_YOU


def _item_lines(item: Item) -> Iterator[str]:
    named = f" ({item.user_display_name})" if item.user_display_name else ""
    yield f"{MARKS.get(item.risk_level, str(item.risk_level))}  {item.name}{named}"
    yield f"  {_state(item)}"
    yield f"  activity {iso(item.activity_date_time)}{_from(item)}"
    for reason in item.reasons:
        yield f"  - {reason}"
    more = item.open_detections - len(item.reasons)
    if more > 0:
        yield f"  - and {more} more"
    yield f"  look:  {item.command}"


def _week_lines(week: Week) -> Iterator[str]:
    yield f"The week from {iso(week.since)[:10]} to {iso(week.until)[:10]}"
    yield ""
    for level in ("high", "medium", "low"):
        yield f"  {level:8}{week.open_by_level.get(level, 0):>6} people at risk now"
    yield f"  {'new':8}{len(week.new_people) + week.more:>6} people since"
    yield f"  {'sign-ins':8}{week.new_sign_ins:>6} with risk known while they happened"
    yield f"  {'aged out':8}{week.aged_out:>6} detections"
    if week.top_types:
        yield ""
        yield "Most frequent"
        for name, count in week.top_types:
            yield f"  {count:>6}  {name}"
    for heading, people in (
        ("New people at risk", week.new_people),
        ("At risk for more than seven days", week.long_open),
    ):
        if people:
            yield ""
            yield heading
            for item in people:
                yield f"  {MARKS.get(item.risk_level, ''):6}  {item.name}  {item.command}"


def html(message: Message) -> str:
    """The whole message as HTML that every mail program shows alike: no images, no scripts."""
    body = "".join(_html_parts(message))
    return (
        '<!DOCTYPE html><html lang="en"><body style="font:15px/1.5 sans-serif;color:#1f2328">'
        f'{body}<p style="color:#57606a;font-size:13px">{escape(WHY_YOU)}</p></body></html>'
    )


def _html_parts(message: Message) -> Iterator[str]:
    if message.kind == "test" or message.week is not None:
        yield f'<pre style="font:14px/1.4 monospace">{escape(text(message))}</pre>'
        return
    yield '<h1 style="font-size:18px">Users at risk detected</h1>'
    for item in message.items:
        yield from _item_html(item)


def _item_html(item: Item) -> Iterator[str]:
    colour = COLOURS.get(item.risk_level, "#57606a")
    named = f" ({escape(item.user_display_name)})" if item.user_display_name else ""
    mark = f'<strong style="color:{colour}">{escape(MARKS.get(item.risk_level, "RISK"))}</strong>'
    yield (
        f'<div style="border-left:4px solid {colour};padding:2px 12px;margin:14px 0">'
        f"{mark} <strong>{escape(item.name)}</strong>{named}<br>{escape(_state(item))}"
        f"<br>activity {iso(item.activity_date_time)}{escape(_from(item))}<ul>"
    )
    for reason in item.reasons:
        yield f"<li>{escape(reason)}</li>"
    more = item.open_detections - len(item.reasons)
    if more > 0:
        yield f"<li>and {more} more</li>"
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


def _from(item: Item) -> str:
    places = ", ".join(filter(None, (item.ip_address, item.where)))
    return f" from {places}" if places else ""


def _state(item: Item) -> str:
    types = ", ".join(item.risk_event_types)
    return f"{item.risk_state}, {_count(item.open_detections)} open: {types}".rstrip(": ")


def _count(number: int) -> str:
    return f"{number} detection{'' if number == 1 else 's'}"


def _flat(line: str) -> str:
    """A header is one line, whatever a name contains."""
    return " ".join(line.split())[:200]
