"""An explanation in full: evidence, what spoke against, how the level came about, what to do."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from risktui.console.marks import level_mark, level_style
from risktui.console.widgets.ink import bar, cut, ink, line, padded, share, wrapped
from risktui.console.words import clock, moment, offset, place_of
from risktui.model.risk import CounterEvidence, Detection, Explanation, LevelAlgebra

BAR = 8  # cells of the bar of a weight
BAR_NARROW = 5
NARROW = 90


def heading(text: str, note: str = "") -> Content:
    """The title of a section."""
    return line(ink(text, "primary"), ink(f"  {note}", "muted") if note else "")


def evidence_table(why: Explanation, width: int) -> list[Content]:
    """Weight as a bar and a number, what was observed, what is usual."""
    if not why.evidence:
        return [ink("none recorded", "muted")]
    size = BAR if width >= NARROW else BAR_NARROW
    label, observed, usual = _columns(why, width - size - 7 - 4)
    rows = [
        ink(
            f"{'weight':<{size + 7}}{'evidence':<{label + 2}}{'observed':<{observed + 2}}usual",
            "muted",
        )
    ]
    for one in sorted(why.evidence, key=lambda e: -e.weight):
        seen = wrapped(ink(one.observed, "strong"), observed)
        habit = wrapped(ink(one.baseline or "–", "muted"), usual)
        named = wrapped(ink(one.label), label)
        blank = Content("")
        for number in range(max(len(seen), len(habit), len(named))):
            weight = (
                line(padded(ink(bar(one.weight, size), "risk-high"), size), f"{one.weight:>5.0%}  ")
                if number == 0
                else ink(" " * (size + 7))
            )
            parts = [
                padded(cells[number] if number < len(cells) else blank, room)
                for cells, room in ((named, label), (seen, observed))
            ]
            last = habit[number] if number < len(habit) else blank
            rows.append(cut(line(weight, parts[0], "  ", parts[1], "  ", last), width))
    return rows


def _columns(why: Explanation, room: int) -> list[int]:
    """Cells for label, observed and usual: what they need, or a fair part of `room`."""
    texts = [("evidence", "observed", "usual")]
    texts += [(one.label, one.observed, one.baseline) for one in why.evidence]
    needs = [max(map(cell_len, column)) for column in zip(*texts, strict=True)]
    most = share(needs, max(30, room))
    return [min(need, most) for need in needs]


def against(why: Explanation, width: int) -> list[Content]:
    """Every rule that was looked at: what lowered the level, what raised it, what did neither."""
    if not why.counter_evidence:
        return [ink("no rule was looked at", "muted")]
    size = max(len(one.rule) for one in why.counter_evidence) + 1
    rows: list[Content] = []
    for one in sorted(why.counter_evidence, key=_effect):
        rows += wrapped(_rule(one, size), width, indent=" " * (size + 2))
    return rows


def _effect(one: CounterEvidence) -> int:
    if not one.applied:
        return 2
    return 1 if one.effect.startswith("+") else 0


def _rule(one: CounterEvidence, size: int) -> Content:
    name = ink(f"{one.rule:<{size}}", "muted")
    if not one.applied:
        return line(ink("· ", "muted"), name, one.label, ink(f": no, {one.reason}", "muted"))
    sign = ("+ ", "risk-high") if one.effect.startswith("+") else ("- ", "good")
    effect = f" ({one.effect})" if one.effect else ""
    return line(ink(*sign), name, ink(one.label, "strong"), f": {one.reason}", ink(effect, sign[1]))


def algebra(level: LevelAlgebra, width: int, *, ascii_only: bool) -> list[Content]:
    """`MEDIUM base … → +1 hosting network → HIGH`."""
    base, final = level.base, level.final
    parts = [line(ink(level_mark(base, ascii_only=ascii_only), level_style(base)))]
    if level.base_reason:
        parts.append(ink(f" {level.base_reason}", "muted"))
    for step in level.modifiers:
        parts += [ink(" → ", "muted"), ink(step)]
    if level.modifiers or final is not base:
        shown = ink(level_mark(final, ascii_only=ascii_only), level_style(final))
        parts += [ink(" → ", "muted"), shown]
    return wrapped(line(*parts), width, indent="  ")


def thresholds(why: Explanation, width: int) -> list[Content]:
    """The numbers it hung on, and the setting that changes each."""
    if not why.thresholds:
        return [ink("none", "muted")]
    rows: list[Content] = []
    for one in why.thresholds:
        text = line(
            ink(one.name, "strong"),
            f" {one.actual}",
            ink(f" (threshold {one.value})", "muted"),
            ink(f"  {one.source}", "muted") if one.source else "",
        )
        rows += wrapped(text, width, indent="  ")
    return rows


def timeline(detection: Detection, width: int) -> list[Content]:
    """What happened around it, in local time; the activity itself stands out."""
    entries = detection.explanation.timeline
    rows: list[Content] = []
    day = ""
    own = set(detection.event_ids[:1])
    for entry in entries:
        date = moment(entry.time).strftime("%Y-%m-%d")
        if date != day:
            day = date
            rows.append(ink(date, "muted"))
        judged = entry.event_id in own
        text = line(
            ink("▌ " if judged else "  ", "accent"),
            ink(clock(entry.time, seconds=True), "accent"),
            "  ",
            ink(entry.text, "strong" if judged else ""),
        )
        rows += wrapped(text, width, indent=" " * 12)
    return rows or [ink("nothing else within an hour", "muted")]


def timeline_heading(detection: Detection) -> Content:
    """Says once which time the times are in."""
    return heading("Timeline", f"times in {offset(detection.activity_date_time)}")


def sentences(texts: tuple[str, ...], width: int, *, numbered: bool = False) -> list[Content]:
    """A list of sentences."""
    rows: list[Content] = []
    for number, text in enumerate(texts, 1):
        mark = f"{number} " if numbered else "· "
        rows += wrapped(line(ink(mark, "accent"), text), width, indent="  ")
    return rows or [ink("none", "muted")]


def facts(detection: Detection, width: int, others: int = 0) -> list[Content]:
    """Where from, with what, under which rule, and all the ids."""
    why, client = detection.explanation, detection.client
    program = " ".join(part for part in (client.browser, client.browser_version) if part)
    device = client.device_name or client.device_id
    managed = " (managed)" if client.managed else ""
    also = f", also {others} other user{'s' if others != 1 else ''} here" if others else ""
    pairs = [
        ("address", f"{detection.ip_address}{also}" if detection.ip_address else ""),
        ("place", place_of(detection.location)),
        ("client", " on ".join(part for part in (program, client.operating_system) if part)),
        ("device", f"{device}{managed}" if device else ""),
        ("ATT&CK", ", ".join(why.mitre)),
        ("feeds", ", ".join(why.feeds)),
        ("rule", " ".join(f"{key} {value}" for key, value in sorted(why.rule.items()))),
        ("timing", detection.detection_timing_type),
        ("from", detection.source if detection.origin == "risktui" else "the provider"),
        ("repeats", f"{detection.count} times" if detection.count > 1 else ""),
        ("detection", detection.id),
        ("request", detection.request_id),
        ("correlation", detection.correlation_id),
        ("session", detection.session_id),
        ("agent", client.user_agent),
    ]
    rows: list[Content] = []
    for name, value in pairs:
        if value:
            rows += wrapped(line(ink(f"{name:<12}", "muted"), value), width, indent=" " * 12)
    return rows


def story_lines(
    detection: Detection, width: int, *, ascii_only: bool, others: int = 0
) -> list[Content]:
    """Everything in one column, what one needs first on top."""
    return [
        *why_lines(detection, width, ascii_only=ascii_only),
        Content(""),
        *what_lines(detection, width, others),
    ]


def why_lines(detection: Detection, width: int, *, ascii_only: bool) -> list[Content]:
    """What speaks for it, what against, how the level came about, what would change it."""
    why = detection.explanation
    blank = Content("")
    reasons = [ink("  ·  ".join(why.risk_reasons), "muted")] if why.risk_reasons else []
    return [
        *wrapped(ink(why.headline, "strong"), width),
        *(cut(row, width) for row in reasons),
        *algebra(why.level, width, ascii_only=ascii_only),
        blank,
        heading("Evidence"),
        *evidence_table(why, width),
        blank,
        heading("Rules looked at", "- lowered it, + raised it, · did not apply"),
        *against(why, width),
        blank,
        heading("Thresholds"),
        *thresholds(why, width),
        blank,
        heading("What would change it"),
        *sentences(why.what_would_change, width),
    ]


def what_lines(detection: Detection, width: int, others: int = 0) -> list[Content]:
    """What to do, what happened around it, and the particulars."""
    blank = Content("")
    return [
        heading("What to do"),
        *sentences(detection.explanation.tips, width, numbered=True),
        blank,
        timeline_heading(detection),
        *timeline(detection, width),
        blank,
        heading("Particulars"),
        *facts(detection, width, others),
    ]
