"""Two people at one person: both are told, and the keys to a verdict are counted."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from console.playing import NOW, console
from console.prepared import SmallEngine
from risktui.console.judging import Author
from risktui.store import presence, queries
from risktui.store.database import reader, writer


async def test_one_sees_who_else_looks_at_the_same_person(database: Path) -> None:
    with closing(writer(database)) as connection:
        presence.look(connection, "other", presence.Looking("otto@desk-9", "carol", NOW - 1_000))
    async with console(database) as playing:
        assert "otto" not in playing.text
        await playing.press("enter")
        await playing.sees("also looking: otto@desk-9", "Users › carol")
        await playing.press("d")
        await playing.sees("! also looking: otto@desk-9", "Dismiss carol@contoso.com")
        await playing.press("escape", "escape")
        await playing.press("j", "enter")
        await playing.sees("Users › erin@contoso.com")
        assert "also looking" not in playing.text


async def test_two_consoles_tell_each_other(database: Path) -> None:
    async with (
        console(database) as first,
        console(database, author=Author("otto", "otto@desk-9")) as second,
    ):
        await first.press("enter")
        await first.sees("Users › carol")
        await second.press("enter")
        await second.sees("also looking: olga@desk-7")


async def test_a_read_only_console_looks_unseen(database: Path) -> None:
    async with console(database, read_only=True) as playing:
        await playing.press("enter")
        await playing.sees("Users › carol")
    with closing(reader(database)) as connection:
        assert not presence.beside(connection, "x", "carol", NOW)


async def test_who_leaves_a_console_looks_at_nobody_any_more(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("enter")
        await playing.sees("Users › carol")

        def looked_at() -> bool:
            with closing(reader(database)) as connection:
                return bool(presence.beside(connection, "x", "carol", NOW))

        await playing.until(looked_at)
    assert not looked_at()


def test_who_has_gone_is_forgotten(database: Path) -> None:
    with closing(writer(database)) as connection:
        presence.look(connection, "a", presence.Looking("otto@desk-9", "carol", NOW))
        assert presence.beside(connection, "b", "carol", NOW + presence.GONE) == ("otto@desk-9",)
        assert not presence.beside(connection, "b", "carol", NOW + presence.GONE + 1)
        assert not presence.beside(connection, "a", "carol", NOW)
        later = presence.Looking("olga@desk-7", "erin", NOW + 60_000)
        presence.look(connection, "b", later)
        assert (
            connection.execute("SELECT count(*) FROM meta WHERE name = 'console.a'").fetchone()[0]
            == 0
        )
        presence.leave(connection, "b")
        assert not presence.beside(connection, "c", "erin", NOW + 60_000)


async def test_why_is_no_key_away_and_a_verdict_with_a_note_is_two(database: Path) -> None:
    note = "did not sign in herself"
    async with SmallEngine(database), console(database) as playing:
        await playing.sees("Password right on 3rd try", "41 users in 20 min", "usual: 0")
        keys = 0
        for key in ("c", note, "enter"):
            if key == note:
                await playing.type(note)
            else:
                keys += 1
                await playing.press(key)
        await playing.is_told("confirmed compromised; 2 detections")
        assert keys <= 4
    with closing(reader(database)) as connection:
        (verdict,) = queries.verdicts(connection)
        assert (verdict.action, verdict.note) == ("confirmCompromised", note)
