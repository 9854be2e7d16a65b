"""Tells a person or a detection as plain text: what `risktui show` prints and mails will quote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from risktui.model.risk import Detection, RiskyUser, RiskyUserHistoryItem
from risktui.output.graph import iso


def user_text(user: RiskyUser, history: Iterable[RiskyUserHistoryItem]) -> str:
    """A person in a few lines, with every step of their risk."""
    lines = [
        f"{user.user_principal_name or user.id}  {user.user_display_name}".rstrip(),
        f"  {user.risk_level} · {user.risk_state} · {user.risk_detail}",
        f"  object id {user.id}",
    ]
    for item in history:
        what = ", ".join(item.event_types) or item.risk_detail
        note = f' "{item.note}"' if item.note else ""
        lines.append(
            f"  {iso(item.time)}  {item.risk_state} {item.risk_level}: {what}"
            f" (by {item.initiated_by}){note}"
        )
    return "\n".join(lines) + "\n"


def detection_text(detection: Detection) -> str:
    """A detection with its whole explanation."""
    return "\n".join(_detection_lines(detection)) + "\n"


def _detection_lines(detection: Detection) -> Iterator[str]:
    why = detection.explanation
    yield f"{detection.risk_event_type} · {detection.risk_level} · {detection.risk_state}"
    yield f"  {why.headline}"
    times = f", {detection.count} times" if detection.count > 1 else ""
    yield f"  activity {iso(detection.activity_date_time)}{times}, id {detection.id}"
    yield "  what speaks for it"
    for line in why.evidence:
        usual = f" (usual: {line.baseline})" if line.baseline else ""
        yield f"    + {line.label}: {line.observed}{usual}  [{line.weight:.0%}]"
    yield "  what else was looked at"
    for check in why.counter_evidence:
        mark = "*" if check.applied else "-"
        effect = f" ({check.effect})" if check.effect else ""
        rule = f"{check.rule} " if any(map(str.isdigit, check.rule)) else ""
        yield f"    {mark} {rule}{check.label}: {check.reason}{effect}"
    moved = ", ".join(why.level.modifiers) or "nothing moved it"
    yield f"  level: {why.level.base} ({why.level.base_reason}); {moved} -> {why.level.final}"
    for number in why.thresholds:
        yield f"    {number.name} = {number.value}, here {number.actual}  [{number.source}]"
    yield "  what happened around it"
    for entry in why.timeline:
        yield f"    {iso(entry.time)}  {entry.text}"
    yield "  what to do"
    for number_of_tip, tip in enumerate(why.tips, 1):
        yield f"    {number_of_tip}. {tip}"
    for change in why.what_would_change:
        yield f"  what would change it: {change}"
    if why.feeds:
        yield f"  lists used: {', '.join(why.feeds)}"
    yield f"  ATT&CK {', '.join(why.mitre)}; rule {why.rule.get('id')}@{why.rule.get('version')}"
