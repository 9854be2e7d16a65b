"""Tells a person or a detection as plain text: what `risktui show` prints and mails will quote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from risktui.language.choice import tr
from risktui.model.risk import Detection, Evidence, RiskyUser, RiskyUserHistoryItem, is_code
from risktui.output.graph import iso

FEW = 4
"""So many entries of a timeline in a row are told one by one though they say the same."""


def user_text(user: RiskyUser, history: Iterable[RiskyUserHistoryItem]) -> str:
    """A person in a few lines, with every step of their risk."""
    lines = [
        f"{user.user_principal_name or user.id}  {user.user_display_name}".rstrip(),
        f"  {tr(user.risk_level)} · {tr(user.risk_state)} · {tr(user.risk_detail)}",
        f"  {tr('object id')} {user.id}",
    ]
    for item in history:
        what = ", ".join(map(type_in_words, item.event_types)) or tr(item.risk_detail)
        note = f' "{item.note}"' if item.note else ""
        lines.append(
            f"  {iso(item.time)}  {tr(item.risk_state)} {tr(item.risk_level)}: {what}"
            f" ({tr(f'by {item.initiated_by}')}){note}"
        )
    return "\n".join(lines) + "\n"


def type_in_words(risk_event_type: str) -> str:
    """A type as the reader's language names it, with Graph's name, which searches ask for."""
    key = f"riskEventType {risk_event_type}"
    said = tr(key)
    return risk_event_type if said == key else f"{said} ({risk_event_type})"


def detection_text(detection: Detection) -> str:
    """A detection with its whole explanation."""
    return "\n".join(_detection_lines(detection)) + "\n"


def _detection_lines(detection: Detection) -> Iterator[str]:
    why = detection.explanation
    state = f"{tr(detection.risk_level)} · {tr(detection.risk_state)}"
    yield f"{type_in_words(detection.risk_event_type)} · {state}"
    yield f"  {tr(why.headline)}"
    happened, activity = iso(detection.happened), iso(detection.activity_date_time)
    times = f", {tr(f'{detection.count} times')}" if detection.count > 1 else ""
    when = f"{tr('activity')} {activity}"
    if happened != activity:
        when = f"{tr('decided')} {happened}, {tr('latest activity before')} {activity}"
    yield f"  {when}{times}, id {detection.id}"
    yield from _evidence_lines(detection)
    moved = ", ".join(map(tr, why.level.modifiers)) or tr("nothing moved it")
    yield (
        f"  {tr('level')}: {tr(why.level.base)} ({tr(why.level.base_reason)}); {moved}"
        f" -> {tr(why.level.final)}"
    )
    if why.thresholds:
        yield f"  {tr('settings it was judged by')}"
    for number in why.thresholds:
        yield (
            f"    {tr(number.name)} = {number.value}, {tr('here')} {tr(str(number.actual))}"
            f"  [{tr(number.source)}]"
        )
    if why.timeline:
        yield f"  {tr('what happened around it')}"
    yield from _timeline_lines(detection)
    if why.tips:
        yield f"  {tr('what to do')}"
    for number_of_tip, tip in enumerate(why.tips, 1):
        yield f"    {number_of_tip}. {tr(tip)}"
    if why.what_would_change:
        yield f"  {tr('what would change it')}"
    for change in why.what_would_change:
        yield f"    - {tr(change)}"
    if why.feeds:
        yield f"  {tr('lists used')}: {', '.join(why.feeds)}"
    rule = f"{why.rule.get('id')}@{why.rule.get('version')}"
    yield f"  ATT&CK {', '.join(why.mitre)}; {tr('rule')} {rule}"


def _timeline_lines(detection: Detection) -> Iterator[str]:
    """What is the same many times in a row is told by its first and its last."""
    for text, run in groupby(detection.explanation.timeline, key=lambda entry: entry.text):
        times = [iso(entry.time) for entry in run]
        for time in times[:1] if len(times) > FEW else times:
            yield f"    {time}  {tr(text)}"
        if len(times) > FEW:
            yield f"    {times[-1]}  {tr(f'{len(times) - 1} more of the same until then')}"


def _evidence_lines(detection: Detection) -> Iterator[str]:
    why = detection.explanation
    heavy = [line for line in why.evidence if line.weight]
    yield f"  {tr('what speaks for it, with its share')}"
    for line in heavy or why.evidence:
        yield f"    + {_said(line)}" + (f"  [{line.weight:.0%}]" if line.weight else "")
    light = [line for line in why.evidence if heavy and not line.weight]
    if light:
        yield f"  {tr('what belongs to it, without a share')}"
    for line in light:
        yield f"    . {_said(line)}"
    if why.counter_evidence:
        yield f"  {tr('what else was looked at; * changed the level')}"
    for check in why.counter_evidence:
        mark = "*" if check.applied else "-"
        effect = f" ({tr(check.effect)})" if check.effect else ""
        rule = f"{check.rule} " if is_code(check.rule) else ""
        yield f"    {mark} {rule}{tr(check.label)}: {tr(check.reason)}{effect}"


def _said(line: Evidence) -> str:
    usual = f" ({tr('usual')}: {tr(line.baseline)})" if line.baseline else ""
    return f"{tr(line.label)}: {tr(line.observed)}{usual}"
