"""Why somebody is at risk, in the few lines that fit below a list."""

from __future__ import annotations

import msgspec
from rich.cells import cell_len
from textual.content import Content

from risktui.console import phrases
from risktui.console.marks import level_mark, level_style, state_word
from risktui.console.widgets.ink import cut, ink, line, padded, share, wrapped
from risktui.console.widgets.story import said, speaks_for
from risktui.console.words import clock, kind_of, name_of, short_name
from risktui.language.choice import tr
from risktui.model.risk import Detection, Evidence, Explanation, RiskyUser, TimelineEntry

MOMENTS = 6
"""Entries of the timeline that one line can hold at the very most."""
AROUND = 9  # cells of an entry besides its words: the time, a dot, blanks
SHORTEST = 14  # cells of words below which an entry says nothing
ROOMY = 11  # lines from which the headline may take three, and what is to do two
LINES_OF_ONE = 2  # lines left over from which a piece of evidence may take two


def reason_title(detection: Detection, user: RiskyUser | None, *, ascii_only: bool) -> Content:
    """`carol · password spray · ▲ HIGH · at risk`."""
    name = short_name(detection.user_principal_name) or (name_of(user) if user else "")
    dot = ink(" · ", "muted")
    level = detection.risk_level
    return line(
        ink(name, "strong"),
        dot,
        kind_of(detection),
        dot,
        ink(level_mark(level, ascii_only=ascii_only), level_style(level)),
        dot,
        state_word(detection.risk_state),
    )


def reason_lines(detection: Detection, width: int, height: int) -> list[Content]:
    """The headline, the strongest evidence, what spoke against, the timeline, what to do.

    Evidence takes the lines that the others leave of `height`, and what is to do those it leaves.
    """
    why, more_lines = detection.explanation, int(height >= ROOMY)
    head = wrapped(ink(tr(why.headline), "strong"), width, limit=2 + more_lines)
    timeline, to_do = _timeline(detection, width), _to_do(why, width, 1 + more_lines)
    room = max(1, height - len(head) - 2 - len(to_do))
    lines, shown = evidence_lines(why.evidence, width, room)
    if len(lines) < room:  # what nothing else fills
        to_do = _to_do(why, width, len(to_do) + room - len(lines))
    left_out = len(why.evidence) - shown
    more = (
        ink(f"  {tr(phrases.MORE).format(count=left_out)}", "muted")
        if left_out > 0
        else Content("")
    )
    against = padded(against_line(why, width - more.cell_length), width - more.cell_length)
    return [*head, *lines, line(against, more), timeline, *to_do]


def evidence_lines(
    evidence: tuple[Evidence, ...], width: int, limit: int
) -> tuple[list[Content], int]:
    """`+ label  observed  usual: baseline`, strongest first, and how many found room.

    What does not fit beside the rest has what is usual on a line of its own: evidence that is cut
    proves nothing.
    """
    ordered = [said(one) for one in sorted(evidence, key=lambda one: -one.weight)]
    shown = ordered[: max(1, limit)]
    if not shown:
        return [], 0
    label = min(max(cell_len(one.label) for one in shown), width * 2 // 5)
    fits = [one for one in shown if _needs(one, label) <= width]
    observed = max((cell_len(one.observed) for one in fits), default=0)
    observed = min(observed, width - label - 6 - max((_habit(one) for one in fits), default=0))
    rows: list[Content] = []
    for number, one in enumerate(shown):
        lines = _evidence(one, width, label, observed, limit - len(rows))
        if not lines or len(rows) + len(lines) > max(1, limit):
            return rows, number
        rows += lines
    return rows, len(shown)


def _needs(one: Evidence, label: int) -> int:
    return label + 6 + cell_len(one.observed) + _habit(one)


def _habit(one: Evidence) -> int:
    return cell_len(_usual(one))


def _usual(one: Evidence) -> str:
    return tr(phrases.USUAL_IS).format(baseline=one.baseline) if one.baseline else ""


def _evidence(one: Evidence, width: int, label: int, observed: int, limit: int) -> list[Content]:
    """One piece of evidence on one line, or on as many as it needs."""
    usual = ink(_usual(one), "muted")
    start = line(ink("+ ", "risk-high"), padded(ink(one.label), label), "  ")
    seen = ink(one.observed, "strong")
    if _needs(one, label) <= width:
        return [cut(line(start, padded(seen, max(observed, seen.cell_length)), "  ", usual), width)]
    if limit < LINES_OF_ONE:
        room = max(12, (width - label - 6) * 11 // 20)
        return [cut(line(start, padded(seen, room), "  ", usual), width)]
    whole = wrapped(line(start, seen), width, limit=2, indent="  ")
    rest = wrapped(line("  ", usual), width, limit=2, indent="    ") if one.baseline else []
    if len(whole) + len(rest) <= limit:
        return [*whole, *rest]
    return [cut(line(start, seen), width), *([cut(line("  ", usual), width)] if rest else [])]


def against_line(why: Explanation, width: int) -> Content:
    """What spoke against it, or that nothing did."""
    considered = why.counter_evidence
    applied = [one for one in considered if one.applied and not speaks_for(one)]
    if not applied:
        looked = len(why.counter_evidence)
        words = phrases.NOTHING_AGAINST_OF if looked else phrases.NOTHING_AGAINST
        text = tr(words).format(count=looked)
        return cut(line(ink("- ", "good"), ink(text, "muted")), width)
    words = "; ".join(
        f"{tr(one.label)}: {tr(one.reason)}" + (f" ({tr(one.effect)})" if one.effect else "")
        for one in applied
    )
    return cut(line(ink("- ", "good"), words), width)


def _timeline(detection: Detection, width: int) -> Content:
    """The moments nearest to what happened, in order, as many as one line holds."""
    about = detection.happened
    entries = detection.explanation.timeline or (
        TimelineEntry(time=about, text=kind_of(detection)),
    )
    near = sorted(_folded(entries), key=lambda e: (abs(e.time - about), e.time))[:MOMENTS]
    while len(near) > 1 and len(near) * (AROUND + SHORTEST) > width:
        near.pop()
    near.sort(key=lambda e: e.time)
    each = share([cell_len(entry.text) for entry in near], width - AROUND * len(near))
    pieces = [
        line(ink(clock(entry.time), "accent"), " ", cut(ink(entry.text), each)) for entry in near
    ]
    return cut(ink(" · ", "muted").join(pieces), width)


def _folded(entries: tuple[TimelineEntry, ...]) -> list[TimelineEntry]:
    """Entries with the same words one after the other as one: `wrong password ×3`."""
    runs: list[tuple[TimelineEntry, int]] = []
    for entry in entries:
        if runs and runs[-1][0].text == entry.text:
            runs[-1] = runs[-1][0], runs[-1][1] + 1
        else:
            runs.append((entry, 1))
    return [
        msgspec.structs.replace(entry, text=tr(entry.text) + (f" ×{count}" if count > 1 else ""))
        for entry, count in runs
    ]


def _to_do(why: Explanation, width: int, limit: int) -> list[Content]:
    if not why.tips:
        return []
    tips = "; ".join(tr(tip).rstrip(".。") for tip in why.tips)
    front = ink(f"{tr(phrases.DO)} ", "accent")
    return wrapped(line(front, tips), width, limit=limit, indent=" " * front.cell_length)
