"""Verdicts as operators give them, through to what the engine makes of them."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from console.playing import NOW, Playing, console
from console.prepared import SmallEngine
from risktui.console.judging import Author, whoami
from risktui.console.widgets.feed_table import FeedTable
from risktui.model.risk import RiskState
from risktui.store import people, queries, verdicts
from risktui.store.database import reader, writer


def state_of(database: Path, user: str) -> RiskState:
    with closing(reader(database)) as connection:
        found = queries.user(connection, user)
        assert found is not None
        return found.risk_state


def written(database: Path) -> list[queries.VerdictEntry]:
    with closing(reader(database)) as connection:
        return queries.verdicts(connection)


async def dismiss(playing: Playing, note: str = "") -> None:
    await playing.press("d")
    await playing.sees("enter write")
    await playing.type(note)
    await playing.press("enter")


async def test_a_dismissal_says_what_it_will_do_and_what_it_did(database: Path) -> None:
    async with SmallEngine(database), console(database) as playing:
        await playing.press("d")
        await playing.sees(
            "Dismiss carol@contoso.com: at risk → dismissed · 2 detections  as olga@desk-7",
            "Password right on 3rd try",  # the evidence stays in view
        )
        await playing.type("called her, phone in Lagos")
        await playing.press("enter")
        await playing.is_told("dismissed; 2 detections. The password was not changed. u undoes it.")
        await playing.sees("▲ 1 high")
        assert state_of(database, "carol") is RiskState.DISMISSED
        (verdict,) = written(database)
        assert (verdict.author, verdict.place) == ("olga", "olga@desk-7")
        assert verdict.note == "called her, phone in Lagos"


async def test_undo_brings_the_last_judged_person_back_under_the_cursor(database: Path) -> None:
    async with SmallEngine(database), console(database) as playing:
        await dismiss(playing)
        await playing.sees("▌▲ HIGH   erin")
        await playing.press("u")
        await playing.sees("Undo carol@contoso.com: dismissed → at risk")
        await playing.press("enter")
        await playing.is_told("dismiss taken back; dismissed → at risk")
        await playing.sees("▌▲ HIGH   carol")
        assert state_of(database, "carol") is RiskState.AT_RISK


async def test_a_confirmed_compromise_stays_in_the_list_and_says_so(database: Path) -> None:
    async with SmallEngine(database), console(database) as playing:
        await playing.press("c", "enter")
        await playing.is_told("confirmed compromised; 2 detections. Reset the password")
        await playing.sees("compromised:")
        await playing.press("c")
        await playing.sees("carol@contoso.com is confirmed compromised already")
        await playing.press("enter")
        await playing.sees("✗ confirmed by admin    09:41")  # when it was decided, as in the feed
        await playing.rest()
        await playing.press("tab", "j")
        await playing.rest()
        await playing.press("enter", "r")
        await playing.sees("a decision is in no log: g a shows it")


async def test_a_confirmation_that_was_taken_back_is_called_so(database: Path) -> None:
    async with SmallEngine(database), console(database) as playing:
        await playing.press("c", "enter")
        await playing.sees("✗ confirmed by admin")
        await playing.press("u")
        await playing.sees("Undo carol@contoso.com")
        await playing.press("enter")
        await playing.sees("✓ confirmation undone")


async def test_escape_leaves_everything_as_it_was(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("s")
        await playing.sees("Confirm safe carol@contoso.com")
        await playing.type("d")  # a letter of the note, not another verdict
        await playing.press("escape")
        await playing.sees("enter open")
        assert not written(database)


async def test_one_detection_of_the_feed_can_be_judged_alone(database: Path) -> None:
    async with SmallEngine(database), console(database) as playing:
        await playing.press("tab", "j", "d")
        await playing.sees("Dismiss impossible travel of carol@contoso.com", "1 more")
        await playing.press("enter")
        await playing.is_told("at risk → at risk; 1 detection")
        assert state_of(database, "carol") is RiskState.AT_RISK


async def test_marked_rows_are_judged_together(database: Path) -> None:
    async with SmallEngine(database), console(database) as playing:
        await playing.press("space", "space")
        await playing.sees("2 marked")
        await dismiss(playing, "sweep")
        await playing.sees("2 of 2 accepted")
        assert [v.note for v in written(database)] == ["sweep", "sweep"]
        await playing.press("u")
        await playing.sees("Undo the last verdict on 2 users: carol, erin")


async def test_more_than_ten_are_asked_about_twice(database: Path) -> None:
    async with SmallEngine(database), console(database) as playing:
        await playing.press("a", "d")
        await playing.sees("Dismiss 12 users → dismissed")
        await playing.press("enter")
        await playing.sees("this is about 12: enter once more writes all of them")
        assert not written(database)
        await playing.press("enter")
        await playing.sees("12 of 12 accepted", "nobody is at risk")


async def test_without_an_engine_a_verdict_is_recorded_and_said_to_wait(database: Path) -> None:
    async with console(database) as playing:
        await dismiss(playing)
        await playing.sees("recorded, the engine has not applied it yet")
        async with SmallEngine(database):
            await playing.is_told("at risk → dismissed; 2 detections")


async def test_a_read_only_console_says_why_it_judges_nobody(database: Path) -> None:
    async with console(database, read_only=True) as playing:
        await playing.sees("read-only")
        assert "d dismiss" not in playing.text
        await playing.press("d")
        await playing.sees("started with --read-only")
        await playing.press("enter")
        await playing.sees("Users › carol", "at risk")
        assert "c d s judge" not in playing.text


async def test_one_is_warned_when_somebody_else_was_quicker(database: Path) -> None:
    async with SmallEngine(database), console(database) as playing:
        await playing.press("d")
        await playing.sees("Dismiss carol")
        request = verdicts.Request(
            action="confirmCompromised",
            user_id="carol",
            author="otto",
            place="otto@desk-9",
            time=NOW,
        )
        with closing(writer(database)) as connection:
            verdicts.append(connection, [request])
        await playing.sees("! carol@contoso.com has changed meanwhile", "otto@desk-9")
        await playing.press("escape")
        await playing.sees_no_more("has changed meanwhile")
        assert state_of(database, "carol") is RiskState.CONFIRMED_COMPROMISED


async def test_a_second_enter_after_the_warning_writes_it_all_the_same(database: Path) -> None:
    async with SmallEngine(database), console(database) as playing:
        await playing.press("d")
        await playing.sees("Dismiss carol")
        request = verdicts.Request(
            action="confirmCompromised", user_id="carol", author="x", time=NOW
        )
        with closing(writer(database)) as connection:
            verdicts.append(connection, [request])
        await playing.sees("has changed meanwhile")
        await playing.press("enter")
        await playing.is_told("confirmed compromised → dismissed")


async def test_the_history_shows_who_wrote_what_and_why(database: Path) -> None:
    async with SmallEngine(database), console(database, (160, 50)) as playing:
        await playing.press("enter")
        await playing.sees("c d s judge the person")
        await dismiss(playing, "her phone, she says")
        await playing.sees("dismissed  by olga@desk-7", "“her phone, she says”")


async def test_two_consoles_see_each_others_verdicts(database: Path) -> None:
    async with (
        SmallEngine(database),
        console(database) as first,
        console(database, live=True) as second,
    ):
        await second.sees("▲ HIGH   carol")
        await dismiss(first)
        await first.is_told("u undoes it")
        await second.sees_no_more("HIGH   carol")


async def test_nothing_can_be_written_where_nothing_may_be_written(database: Path) -> None:
    async with console(database) as playing:
        with closing(sqlite3.connect(database)) as lock:
            await playing.press("d")
            await playing.sees("Dismiss carol")
            lock.execute("DROP TABLE verdicts")
            await playing.press("enter")
            await playing.sees("not written: no such table: verdicts")


async def test_an_impatient_second_enter_is_no_second_verdict(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("d")
        await playing.sees("Dismiss carol")
        with closing(sqlite3.connect(database, isolation_level=None)) as busy:
            busy.execute("BEGIN IMMEDIATE")
            asyncio.get_running_loop().call_later(0.3, busy.execute, "ROLLBACK")
            await playing.burst("enter", "enter")
        await playing.sees_no_more("enter write")
        assert len(written(database)) == 1


async def test_what_is_typed_on_ahead_is_a_note_and_not_a_command(database: Path) -> None:
    async with console(database) as playing:
        await playing.burst("d", "c", "a", "l", "l", "e", "d")
        await playing.sees("note called", "Dismiss carol@contoso.com")
        assert not playing.app.here.query_one("#users", FeedTable).marked


def test_nobody_judges_under_another_name_by_setting_a_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "mallory")
    assert whoami().name == people.whoami()  # as for verdicts on the command line


async def test_nobody_is_judged_where_there_is_no_room_to_see_who_it_is(database: Path) -> None:
    async with console(database, (40, 8)) as playing:
        await playing.press("c")
        await playing.sees("too small to judge anybody in")
        assert "Confirm" not in playing.text
        await playing.pilot.resize_terminal(60, 12)
        await playing.press("c")
        await playing.sees("carol@contoso.com: at risk")
        await playing.pilot.resize_terminal(40, 8)
        await playing.press("enter")
        await playing.sees("too small to judge anybody in")
        assert not written(database)


async def test_what_will_be_done_is_seen_however_long_the_name_of_who_judges_is(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = "bastion-host-of-the-security-operations-centre.corp.contoso.example"
    monkeypatch.setattr("console.playing.OPERATOR", Author("olga", f"olga@{host}"))
    async with console(database, (60, 12)) as playing:
        await playing.press("c")
        await playing.sees("compromised carol@contoso.com", "compromised · 2 detect", "as olga@bas")
