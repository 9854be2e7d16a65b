"""Sessions told as stories."""

from __future__ import annotations

import msgspec

from risktui.console.widgets.sessions import session_lines
from risktui.store.sessions import SessionStory, Step

NINE = 1_778_835_600_000


def told(*steps: Step, width: int = 90) -> str:
    story = SessionStory(session_id="s", begin=steps[0].time, end=steps[-1].time, steps=list(steps))
    return "\n".join(row.plain for row in session_lines([story], width, NINE))


def step(minute: int, kind: str, text: str, **more: object) -> Step:
    one = Step(
        time=NINE + minute * 60_000,
        kind=kind,
        text=text,
        place="Lagos, NG",
        address="203.0.113.9",
        device="Chrome on Windows 10",
    )
    return msgspec.structs.replace(one, **more)


def test_where_is_said_once_and_again_when_it_changes() -> None:
    text = told(
        step(0, "sign-in", "signed in", risk_event_types=("passwordSpray",)),
        step(2, "api", "listed mail"),
        step(4, "file", "downloaded files", count=41, address="203.0.113.77"),
    )
    assert text.count("from Lagos, NG, 203.0.113.9, Chrome on Windows 10") == 1
    assert text.count("from 203.0.113.77") == 1
    assert "43 steps" in text
    assert "● 09:00:00  sign-in   signed in  password spray" in text
    assert "│ 09:04:00  file      downloaded files ×41" in text


def test_what_an_attacker_named_stays_text_and_in_its_width() -> None:
    nasty = "[red]x[/red] \x1b[2J\u202e" + "y" * 10_000
    rows = session_lines(
        [
            SessionStory(
                session_id=nasty,
                begin=NINE,
                end=NINE,
                steps=[step(0, nasty, nasty, place=nasty, device=nasty)],
            )
        ],
        58,
        NINE,
    )
    text = "".join(row.plain for row in rows)
    assert "[red]x[/red]" in text
    assert text.isprintable()
    assert all(row.cell_length <= 58 for row in rows)
