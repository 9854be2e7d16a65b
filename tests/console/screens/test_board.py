"""The screens about the machinery: logs, detectors, policies, audit log."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from textual.events import Key

from console.playing import NOW, Playing, console
from risktui.config import Config
from risktui.console import board_audit
from risktui.console.board_detectors import fired
from risktui.console.screens.board import BoardPlace
from risktui.logs.batch import Position
from risktui.model.risk import PolicyResult, RiskLevel, Suppression
from risktui.settings import Policy
from risktui.store import audit
from risktui.store.database import writer

NASTY = "[red]x[/red] \x1b[2J\x1b]0;pwned\x07\u202e" + "n" * 10_000
MINUTE = 60_000


def has_read(database: Path, *, nasty: bool = False) -> None:
    """Two formats, three files, records that could not be read."""
    name = NASTY if nasty else "odd.json"
    files = [("logs/a.json", 100, 100), ("logs/b.json", 40, 100), (f"logs/{name}", 5, 5)]
    with closing(writer(database)) as connection:
        for path, offset, size in files:
            position = msgspec.msgpack.encode(Position(path, offset=offset, size=size))
            connection.execute(
                "INSERT INTO sources VALUES (?, ?, 10, 1, ?)", (path, position, NOW - MINUTE)
            )
        for path, kind, newest in (
            ("logs/a.json", "entra sign-in", NOW),
            ("logs/b.json", "okta", NOW - 40 * 3_600_000),
        ):
            connection.execute(
                "INSERT INTO source_formats VALUES (?, ?, 10, ?, 0)", (path, kind, newest)
            )
        for offset in range(7):
            connection.execute(
                "INSERT INTO quarantine VALUES (?, ?, ?, ?, ?)",
                (files[2][0], offset, "not JSON", f'{{"broken": {name}', NOW),
            )
        connection.execute("INSERT INTO not_read VALUES ('no format knows it', 12)")


def has_been_judged(database: Path, note: str = "her phone") -> None:
    lines = [
        audit.Line(
            time=NOW - MINUTE,
            actor="olga",
            action="dismiss",
            subject="carol@contoso.com",
            result="at risk -> dismissed",
            place="olga@desk-7",
            note=note,
        ),
        audit.Line(time=NOW, actor="otto", action="undo", subject="nobody@contoso.com"),
    ]
    with closing(writer(database)) as connection:
        audit.append_open(connection, lines)


async def test_sources_show_what_was_read_and_what_was_not(database: Path) -> None:
    has_read(database)
    async with console(database, (120, 40)) as playing:
        await playing.press("g")
        await playing.sees("s sources  d detectors  p policies  a audit log")
        await playing.press("s")
        await playing.sees(
            "Sources: 3 files, 30 records, 19 not read",
            "the newest",
            "SILENT 40h" if "40h" in playing.text else "SILENT",
            "quarantine not JSON",
            "no format knows it",
            "40% read",
            "read wholly",
        )
        await playing.press("e", "e")
        await playing.sees("logs/odd.json @0", '{"broken": odd.json', "5 of 7 shown")
        await playing.press("q")
        await playing.sees("Users at risk")


async def test_a_backlog_says_how_many_files_lie_there_and_what_was_met_in_a_packed_one(
    database: Path,
) -> None:
    packed = msgspec.msgpack.encode(Position("logs/old.json.gz", size=90, whole=True))
    with closing(writer(database)) as connection:
        says(connection, state="reading", sources="40", events="7")
        connection.execute("INSERT INTO sources VALUES ('logs/old.json.gz', ?, 0, 0, 1)", (packed,))
        connection.execute(
            "INSERT INTO source_formats VALUES ('logs/old.json.gz', 'okta', 7, 9, 0)"
        )
    async with console(database) as playing:
        await playing.press("g", "s")
        await playing.sees("Sources: 1 of 40 files, 7 records", "7 begun")
        with closing(writer(database)) as connection:
            connection.execute("UPDATE source_formats SET events = 8")
            says(connection, state="reading", sources="40", events="8")
        await playing.sees("Sources: 1 of 40 files, 8 records")  # at once, not in ten seconds
        with closing(writer(database)) as connection:
            connection.execute("UPDATE sources SET records = 9")
            says(connection, state="live", sources="", events="9")
        await playing.sees("Sources: 1 file, 9 records")


def says(connection: sqlite3.Connection, **status: str) -> None:
    """What the engine says of itself now."""
    for name, value in status.items():
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"engine.{name}", value))


async def test_detectors_show_what_watches_and_how_often_it_fired(database: Path) -> None:
    async with console(database, (160, 40)) as playing:
        await playing.press("g", "d")
        await playing.sees("in force", "1 blind", "BLIND: no list tagged actor")
        place = board(playing)
        assert place.table.rows[0].key == "nationStateIP"
        place.table.select("passwordSpray")
        await playing.sees("still open", "[detectors.passwordSpray] in risktui.toml", "T1110.003")
        spray = next(row for row in place.table.rows if row.key == "passwordSpray")
        assert [cell.text for cell in spray.cells[1:]] == ["in force", "1", "1", "09:39"]
        place.table.select("nationStateIP")
        await playing.sees("No such file was read: start with --config")
        await playing.press("g", "p")
        await playing.sees("Policies: none; docs/policies.md says what they are for")


def test_a_decision_is_of_when_it_was_made_not_of_what_it_is_about(database: Path) -> None:
    with closing(writer(database)) as connection:
        connection.execute(
            "INSERT INTO detections SELECT 'decided', user_id, 'adminConfirmedUserCompromised',"
            " risk_level, risk_state, activity_date_time, ?, ?, '', '', ingested, detection"
            " FROM detections LIMIT 1",
            (NOW, NOW),
        )
        assert fired(connection)["adminConfirmedUserCompromised"].last == NOW
        assert fired(connection)["passwordSpray"].last < NOW


async def test_two_detectors_of_one_type_are_told_apart(database: Path) -> None:
    async with console(database, (80, 40)) as playing:
        await playing.press("g", "d")
        await playing.sees("in force")
        keys = [row.key for row in board(playing).table.rows]
        assert len(set(keys)) == len(keys)
        board(playing).table.select("unissuedToken")
        await playing.sees("counted with tokenIssuerAnomaly", "▌unissuedToken ")
        board(playing).table.select("investigationsThreatIntelligenceUser")
        await playing.sees("▌investigationsThreatIntelligenceUser ")


async def test_a_spray_that_found_nothing_is_shown_with_its_detector(database: Path) -> None:
    """It is nobody's risk, so no list of risks has it (card S12, N3)."""
    with closing(writer(database)) as connection:
        for number in range(6):
            held = Suppression(
                time=NOW - MINUTE,
                user_id=f"u{number}",
                risk_event_type="passwordSpray",
                event_id="guess",
                rule="held",
                reason="tried in a spray",
                ip_address=NASTY if number == 3 else "203.0.113.7",
                since=NOW - 9 * MINUTE,
            )
            connection.execute(
                "INSERT INTO suppressions VALUES (?, ?, ?, ?, ?)",
                (held.user_id, held.event_id, "passwordSpray", NOW, msgspec.json.encode(held)),
            )
    async with console(database, (160, 50)) as playing:
        await playing.press("g", "d")
        await playing.sees("in force")
        board(playing).table.select("passwordSpray")
        await playing.sees("Sprays that were recognised", "6 people whose passwords held, from 203")


async def test_policies_show_what_would_have_been_beside_what_was(database: Path) -> None:
    result = PolicyResult(
        id="1",
        policy="block high",
        applies_to="signIn",
        control="block",
        risk_level=RiskLevel.HIGH,
        expected="blocked",
        actual="let in",
        differs=True,
        time=NOW,
        user_id="carol",
        user_principal_name="carol@contoso.com",
        request_id="r",
    )
    with closing(writer(database)) as connection:
        connection.execute(
            "INSERT INTO policy_results VALUES ('1', 'block high', 'carol', 'r', ?, 1, ?)",
            (NOW, msgspec.json.encode(result)),
        )
    known = [Policy(name="block high", applies_to="signIn", levels=["high"], control="block")]
    async with console(database, (120, 40), config=Config(policies=known)) as playing:
        await playing.press("g", "p")
        await playing.sees(
            "Policies: 1, 1 sign-in in which more happened than they allow",
            "block high",
            "reportOnly",
            "DIFFERS 09:41  carol  high: would have been blocked; was let in",
        )


async def test_the_audit_log_says_that_its_chain_is_whole(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_been_judged(database)
    async with console(database, (120, 40)) as playing:
        await playing.press("g", "a")
        await playing.sees("the chain is whole, 2 lines", "otto", "olga", "dismiss")
        await playing.press("j")
        await playing.sees("because       her phone", "at            olga@desk-7")
        await playing.press("enter")
        await playing.sees("Users › carol@contoso.com")
        monkeypatch.setattr(board_audit, "LINES", 1)
        await playing.press("escape", "escape", "g", "a")
        await playing.sees("Audit log latest 1 of 2, / looks further")


async def test_a_changed_line_breaks_the_chain_for_all_to_see(database: Path) -> None:
    has_been_judged(database)
    with closing(writer(database)) as connection:
        connection.execute("UPDATE audit SET line = replace(line, 'olga', 'otto') WHERE number = 1")
    async with console(database, (120, 40)) as playing:
        await playing.press("g", "a")
        await playing.sees("BROKEN at line 1: the line or one before it was changed")


@pytest.mark.parametrize("key", ["s", "d", "p", "a"])
async def test_each_is_in_the_palette_and_in_the_help(database: Path, key: str) -> None:
    words = {"s": "sources", "d": "detectors", "p": "policies", "a": "audit log"}
    async with console(database) as playing:
        await playing.press("colon")
        await playing.type(words[key])
        await playing.sees(f"g {key}")
        await playing.press("enter")
        await playing.until(lambda: isinstance(playing.app.here, BoardPlace), "the board")
        await playing.press("question_mark")
        await playing.sees(": keys  (esc closes)")


async def test_the_mouse_opens_what_it_is_on(database: Path) -> None:
    has_read(database)
    async with console(database) as playing:
        await playing.pilot.click("StatusLine", offset=(20, 0))
        await playing.sees("Sources: 3 files")
        at = next(line for line in playing.text.splitlines() if "q back" in line).index("q back")
        await playing.pilot.click("KeyBar", offset=(at, 0))
        await playing.sees("Users at risk")
        await playing.pilot.click("#users", offset=(5, 2), times=2)
        await playing.sees("Users › erin@contoso.com")


async def test_two_keys_may_be_typed_as_quickly_as_one_can(database: Path) -> None:
    async with console(database) as playing:
        for key in "gd":
            playing.app.post_message(Key(key, key))
        await playing.sees("in force")
        assert "Dismiss" not in playing.text


async def test_the_first_key_alone_does_nothing(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("g", "escape")
        await playing.sees("enter open  c compromised")
        await playing.press("d")
        await playing.sees("Dismiss carol@contoso.com")


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_hostile_names_break_no_board(database: Path, size: tuple[int, int]) -> None:
    has_read(database, nasty=True)
    has_been_judged(database, NASTY)
    async with console(database, size) as playing:
        for key in "sdpa":
            await playing.press("g", key)
            await playing.until(lambda: isinstance(playing.app.here, BoardPlace), "the board")
            for _ in range(4):
                await playing.press("j")
                await asyncio.sleep(0.02)
                text = playing.text.replace("\n", "")
                assert text.isprintable(), [letter for letter in text if not letter.isprintable()]
            for line in playing.app.screen._compositor.render_strips():
                assert line.cell_length == size[0]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_they_look_as_they_always_did(database: Path, size: tuple[int, int]) -> None:
    has_read(database)
    async with console(database, size) as playing:
        await playing.press("g", "s")
        await playing.sees("Sources: 3 files")
        await playing.looks_like(f"sources_{size[0]}x{size[1]}")


def board(playing: Playing) -> BoardPlace:
    here = playing.app.here
    assert isinstance(here, BoardPlace)
    return here
