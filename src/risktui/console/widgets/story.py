"""An explanation in full: evidence, what spoke against, how the level came about, what to do."""

from __future__ import annotations

import re

import msgspec
from rich.cells import cell_len
from textual.content import Content

from risktui.console import phrases
from risktui.console.marks import level_mark, level_style
from risktui.console.widgets.ink import bar, ink, line, padded, wrapped
from risktui.console.words import clock, moment, offset, place_of, plural
from risktui.language.choice import tr
from risktui.model.risk import (
    CounterEvidence,
    Detection,
    Evidence,
    Explanation,
    LevelAlgebra,
    is_code,
)

BAR = 8  # cells of the bar of a weight
BAR_NARROW = 4
RAISING = ("+", "at least ", "counted into the base", "needed", "medium where ", "told: ")
"""How the effect of a rule begins that speaks for the risk, or is a part of what was found."""
_SAYS_NO = re.compile(r"(?:no|not|none|neither|nobody|nothing|never)\b")
"""How a reason begins that needs no `no` before it."""
LABEL = 12  # cells of the name of a particular at the least


def heading(text: str, note: str = "") -> Content:
    """The title of a section."""
    return line(ink(text, "primary"), ink(f"  {note}", "muted") if note else "")


def evidence_table(why: Explanation, width: int) -> list[Content]:
    """Weight, what was observed, what is usual: a table where each fits into its line, else cards.

    A table whose cells break over three lines is read three times; a card is read once.
    """
    if not why.evidence:
        return [ink(tr(phrases.NONE_RECORDED), "muted")]
    ordered = [said(one) for one in sorted(why.evidence, key=lambda one: -one.weight)]
    texts = [(tr(phrases.EVIDENCE), tr(phrases.OBSERVED), tr(phrases.USUAL))]
    texts += [(one.label, one.observed, one.baseline) for one in ordered]
    needs = [max(map(cell_len, column)) for column in zip(*texts, strict=True)]
    if BAR + 7 + sum(needs) + 4 <= width:
        return _as_table(ordered, needs)
    return [row for one in ordered for row in _as_card(one, ordered, width)]


def said(one: Evidence) -> Evidence:
    """Evidence in the reader's language."""
    return msgspec.structs.replace(
        one, label=tr(one.label), observed=tr(one.observed), baseline=tr(one.baseline)
    )


def _as_table(ordered: list[Evidence], needs: list[int]) -> list[Content]:
    label, observed, _ = needs
    titles = (
        padded(ink(tr(phrases.WEIGHT), "muted"), BAR + 7),
        padded(ink(tr(phrases.EVIDENCE).lower(), "muted"), label + 2),
        padded(ink(tr(phrases.OBSERVED), "muted"), observed + 2),
        ink(tr(phrases.USUAL), "muted"),
    )
    rows = [line(*titles)]
    for one in ordered:
        cells = (
            padded(ink(bar(one.weight, BAR), "risk-high"), BAR),
            f"{one.weight:>5.0%}  ",
            padded(ink(one.label), label + 2),
            padded(ink(one.observed, "strong"), observed + 2),
            ink(one.baseline or "–", "muted"),
        )
        rows.append(line(*cells))
    return rows


def _as_card(one: Evidence, ordered: list[Evidence], width: int) -> list[Content]:
    """The weight and the label, then what was observed beside what is usual."""
    indent = " " * (BAR_NARROW + 7)
    front = line(
        padded(ink(bar(one.weight, BAR_NARROW), "risk-high"), BAR_NARROW), f"{one.weight:>5.0%}  "
    )
    rows = wrapped(line(front, ink(one.label)), width, indent=indent)
    usual = tr(phrases.USUAL_IS).format(baseline=one.baseline) if one.baseline else ""
    room = width - len(indent)
    column = min(max(cell_len(each.observed) for each in ordered), room * 11 // 20)
    if cell_len(one.observed) <= column and column + 2 + cell_len(usual) <= room:
        seen = padded(ink(one.observed, "strong"), column)
        return [*rows, line(indent, seen, "  ", ink(usual, "muted")).rstrip()]
    rows += wrapped(line(indent, ink(one.observed, "strong")), width, indent=indent)
    if usual:
        rows += wrapped(line(indent, ink(usual, "muted")), width, indent=indent)
    return rows


def against(why: Explanation, width: int) -> list[Content]:
    """Every rule that was looked at: what lowered the level, what raised it, what did neither."""
    if not why.counter_evidence:
        return [ink(tr(phrases.NO_RULE), "muted")]
    codes = [one.rule for one in why.counter_evidence if is_code(one.rule)]
    size = max(map(len, codes), default=-1) + 1
    rows: list[Content] = []
    for one in sorted(why.counter_evidence, key=_effect):
        rows += wrapped(_rule(one, size), width, indent=" " * (size + 2))
    return rows


def _effect(one: CounterEvidence) -> int:
    if not one.applied:
        return 2
    return 1 if speaks_for(one) else 0


def speaks_for(one: CounterEvidence) -> bool:
    """Whether a rule that applied made the risk greater, or made it at all."""
    return one.effect.startswith(RAISING) or one.effect.endswith(" points")


def _rule(one: CounterEvidence, size: int) -> Content:
    name = ink(f"{one.rule if is_code(one.rule) else '':<{size}}", "muted")
    if not one.applied:
        reason = tr(one.reason)
        if not _SAYS_NO.match(one.reason):
            reason = tr(phrases.NO_BECAUSE).format(reason=reason)
        return line(ink("⋅ ", "muted"), name, tr(one.label), ink(f": {reason}", "muted"))
    sign = ("+ ", "risk-high") if speaks_for(one) else ("- ", "good")
    effect = f" ({tr(one.effect)})" if one.effect else ""
    label = ink(tr(one.label), "strong")
    return line(ink(*sign), name, label, f": {tr(one.reason)}", ink(effect, sign[1]))


def algebra(level: LevelAlgebra, width: int, *, ascii_only: bool) -> list[Content]:
    """`MEDIUM base … → +1 hosting network → HIGH`."""
    base, final = level.base, level.final
    parts = [line(ink(level_mark(base, ascii_only=ascii_only), level_style(base)))]
    if level.base_reason:
        parts.append(ink(f" {tr(level.base_reason)}", "muted"))
    for step in level.modifiers:
        parts += [ink(" → ", "muted"), ink(tr(step))]
    if level.modifiers or final is not base:
        shown = ink(level_mark(final, ascii_only=ascii_only), level_style(final))
        parts += [ink(" → ", "muted"), shown]
    return wrapped(line(*parts), width, indent="  ")


def thresholds(why: Explanation, width: int) -> list[Content]:
    """The numbers it hung on, and the setting that changes each."""
    if not why.thresholds:
        return [ink(tr(phrases.NONE), "muted")]
    rows: list[Content] = []
    for one in why.thresholds:
        text = line(
            ink(one.name, "strong"),
            f" {one.actual}",
            ink(f" ({tr(phrases.THRESHOLD_IS).format(value=one.value)})", "muted"),
            ink(f"  {tr(one.source)}", "muted") if one.source else "",
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
            ink(tr(entry.text), "strong" if judged else ""),
        )
        rows += wrapped(text, width, indent=" " * 12)
    return rows or [ink(tr(phrases.NOTHING_NEAR), "muted")]


def timeline_heading(detection: Detection) -> Content:
    """Says once which time the times are in."""
    zone = offset(detection.happened)
    return heading(tr(phrases.TIMELINE), tr(phrases.TIMES_IN).format(zone=zone))


def sentences(texts: tuple[str, ...], width: int, *, numbered: bool = False) -> list[Content]:
    """A list of sentences."""
    rows: list[Content] = []
    for number, text in enumerate(texts, 1):
        mark = f"{number} " if numbered else "· "
        rows += wrapped(line(ink(mark, "accent"), tr(text)), width, indent="  ")
    return rows or [ink(tr(phrases.NONE), "muted")]


def facts(detection: Detection, width: int, others: int = 0) -> list[Content]:
    """Where from, with what, under which rule, and all the ids."""
    why, client = detection.explanation, detection.client
    program = " ".join(part for part in (client.browser, client.browser_version) if part)
    device = client.device_name or client.device_id
    system = client.operating_system
    if program and system:
        program = tr(phrases.ON_SYSTEM).format(client=program, system=system)
    address = detection.ip_address
    if address and others:
        also = phrases.ALSO_OTHERS if others > 1 else phrases.ALSO_ANOTHER
        address = tr(also).format(address=address, count=others)
    if device and client.managed:
        device = tr(phrases.MANAGED).format(device=device)
    pairs = [
        ("address", address),
        ("place", place_of(detection.location)),
        ("client", program or system),
        ("device", device),
        ("ATT&CK", ", ".join(why.mitre)),
        ("feeds", ", ".join(why.feeds)),
        ("rule", " ".join(f"{key} {value}" for key, value in sorted(why.rule.items()))),
        ("timing", tr(detection.detection_timing_type)),
        ("from", detection.source if detection.origin == "risktui" else tr(phrases.THE_PROVIDER)),
        ("repeats", plural(detection.count, "time") if detection.count > 1 else ""),
        ("detection", detection.id),
        ("request", detection.request_id),
        ("correlation", detection.correlation_id),
        ("session", detection.session_id),
        ("agent", client.user_agent),
    ]
    told = [(tr(name), value) for name, value in pairs if value]
    label = max(LABEL, *(cell_len(name) + 1 for name, _ in told))
    rows: list[Content] = []
    for name, value in told:
        text = line(padded(ink(name, "muted"), label), value)
        rows += wrapped(text, width, indent=" " * label)
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
    reasons = ink("  ·  ".join(map(tr, why.risk_reasons)), "muted")
    return [
        *wrapped(ink(tr(why.headline), "strong"), width),
        *(wrapped(reasons, width) if why.risk_reasons else ()),
        *algebra(why.level, width, ascii_only=ascii_only),
        blank,
        heading(tr(phrases.EVIDENCE)),
        *evidence_table(why, width),
        blank,
        *wrapped(heading(tr(phrases.RULES), tr(phrases.RULES_SIGNS)), width, indent="  "),
        *against(why, width),
        blank,
        heading(tr(phrases.THRESHOLDS)),
        *thresholds(why, width),
        blank,
        heading(tr(phrases.CHANGES)),
        *sentences(why.what_would_change, width),
    ]


def what_lines(detection: Detection, width: int, others: int = 0) -> list[Content]:
    """What to do, what happened around it, and the particulars."""
    blank = Content("")
    return [
        heading(tr(phrases.TO_DO)),
        *sentences(detection.explanation.tips, width, numbered=True),
        blank,
        timeline_heading(detection),
        *timeline(detection, width),
        blank,
        heading(tr(phrases.PARTICULARS)),
        *facts(detection, width, others),
    ]
