"""Names and texts that an attacker has written."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len

from console.people import LAGOS, SPRAY, Person, finding, sign_in
from console.playing import NOW, console
from console.prepared import prepared
from risktui.logs.batch import Position
from risktui.model.events import Client, Location, Network
from risktui.model.risk import RiskLevel
from risktui.store import audit
from risktui.store.database import writer

NASTY = "[red]x[/red] [@click=app.quit]y[/] \x1b[2J\x1b]0;pwned\x07\u202eevil\u2066 \x9b31m"

BIDI = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)}


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


EVIL = f"{NASTY}{'e' + chr(0x301) * 40}{chr(0x202E)}高橋{chr(0x200F)}{'n' * 10_000}"
"""Everything at once: sequences, markup, bidi, marks upon marks, wide letters, length."""
TOURS = {
    "lists": ("H", "tab", "j", "tab", "j", "j", "z", "escape", "space", "escape"),
    "person": ("enter", "m", *("tab",) * 7, "z", "j", "G"),
    "detection": ("enter", "tab", "enter", *("pagedown",) * 5, "w", "r"),
    "boards": ("g", "s", "j", "G", "g", "d", "j", "g", "p", "g", "a"),
    "questions": ("d", "escape", "Z", "escape", "W", "escape", "slash", "escape", "T", "escape"),
    "help and palette": ("question_mark", "pagedown", "escape", "colon", "pagedown", "escape"),
    "mask": ("P", "enter", "m"),
}


@pytest.fixture
async def evil(tmp_path: Path) -> Path:
    """Somebody whose name, place, client and everything else an attacker has chosen."""
    place = Location("NG", EVIL, EVIL, 6.45, 3.39)
    client = Client(EVIL, EVIL, EVIL, EVIL, device_name=EVIL, client_app=EVIL)
    about = msgspec.structs.replace(
        sign_in("n-1", "nora", NOW - 60_000, EVIL, place),
        client=client,
        app_display_name=EVIL,
        operation=EVIL,
        network=Network("203.0.113.0/24", 64500, EVIL, "hosting"),
    )
    found = finding(RiskLevel.HIGH, EVIL, about, [(EVIL, EVIL, EVIL, 1.0)])
    path = tmp_path / "evil.db"
    held = (("unfamiliarFeatures", EVIL, EVIL),)
    await prepared(path, NOW, [Person(EVIL, EVIL, ((SPRAY, found),), suppressed=held)])
    line = audit.Line(time=NOW, actor=EVIL, action="dismiss", subject=EVIL, note=EVIL)
    with closing(writer(path)) as connection:
        position = msgspec.msgpack.encode(Position(EVIL))
        connection.execute("INSERT INTO sources VALUES (?, ?, 10, 1, ?)", (EVIL, position, NOW))
        connection.execute("INSERT INTO quarantine VALUES (?, 0, ?, ?, ?)", (EVIL, EVIL, EVIL, NOW))
        connection.execute("INSERT INTO not_read VALUES (?, 12)", (EVIL,))
        audit.append_open(connection, [line])
    return path


@pytest.mark.parametrize(
    ("size", "tour"),
    [
        *(((80, 24), tour) for tour in TOURS),
        *(((200, 60), tour) for tour in ("person", "detection", "boards")),
    ],
)
async def test_nothing_hostile_breaks_a_line_on_any_screen(
    evil: Path, size: tuple[int, int], tour: str
) -> None:
    async with console(evil, size, label=EVIL[:40]) as playing:
        for key in TOURS[tour]:
            await playing.press(key)
            for line in playing.app.screen._compositor.render_strips():
                text = line.text
                assert line.cell_length == cell_len(text) == size[0], (key, text)
                assert text.isprintable(), (key, [one for one in text if not one.isprintable()])
                assert not BIDI & set(text), (key, text)


async def test_a_report_about_it_holds_no_sequence_and_no_markup(
    evil: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with console(evil) as playing:
        await playing.press("R")
        await playing.is_told("report written to")
        await playing.press("greater_than_sign", "p")
        await playing.is_told("picture written to")
    for path in (*tmp_path.glob("*.md"), *tmp_path.glob("*.svg")):  # noqa: ASYNC240
        text = path.read_text()
        assert not [one for one in text if ord(one) < 32 and one not in "\n\t\r"], path
        assert not BIDI & set(text), path
        assert len(path.name) < 120


async def test_wide_characters_keep_the_columns_straight(database: Path) -> None:
    async with console(database, (110, 30)) as playing:
        await playing.press("j", "j", "j", "j", "enter")
        await playing.sees("高橋 花子")
        await playing.sees("アカウントが漏えい一覧にあります")
        for line in playing.app.screen._compositor.render_strips():
            assert line.cell_length == 110
