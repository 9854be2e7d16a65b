"""Names and texts that an attacker has written."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.people import LAGOS, SPRAY, Person, finding, sign_in
from console.playing import NOW, console
from console.prepared import prepared
from risktui.model.risk import RiskLevel

NASTY = "[red]x[/red] [@click=app.quit]y[/] \x1b[2J\x1b]0;pwned\x07\u202eevil\u2066 \x9b31m"


@pytest.fixture
async def nasty(tmp_path: Path) -> Path:
    about = sign_in("n-1", "nora", NOW - 60_000, "203.0.113.9", LAGOS)
    found = finding(RiskLevel.HIGH, NASTY, about, [(NASTY, NASTY, NASTY, 1.0)])
    path = tmp_path / "nasty.db"
    await prepared(path, NOW, [Person(NASTY, "[b]nora[/b]@contoso.com", ((SPRAY, found),))])
    return path


async def test_markup_is_shown_as_it_stands_and_nothing_reaches_the_terminal(nasty: Path) -> None:
    async with console(nasty, (160, 50)) as playing:
        await playing.sees("[b]nora[/b]", "[red]x[/red]")
        for keys in ([], ["enter"], ["enter"]):
            await playing.press(*keys)
            await playing.sees("[red]x[/red] [@click=app.quit]y[/]")
            text = playing.text.replace("\n", "")
            assert text.isprintable(), [letter for letter in text if not letter.isprintable()]
            assert "\u202e" not in text


async def test_a_verdict_on_such_a_name_quotes_it(nasty: Path) -> None:
    async with console(nasty) as playing:
        await playing.press("d")
        await playing.sees("Dismiss [b]nora[/b]@contoso.com")


async def test_wide_characters_keep_the_columns_straight(database: Path) -> None:
    async with console(database, (110, 30)) as playing:
        await playing.press("j", "j", "j", "j", "enter")
        await playing.sees("高橋 花子")
        await playing.sees("アカウントが漏えい一覧にあります")
        for line in playing.app.screen._compositor.render_strips():
            assert line.cell_length == 110
