"""What an operator sees of one detection."""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path

import pytest

from console.people import LAGOS, SPRAY, Person, finding, sign_in
from console.playing import NOW, Playing, console
from console.prepared import prepared
from risktui.console.screens.detection import DetectionPlace
from risktui.model.risk import RiskLevel
from risktui.store.database import writer


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_it_looks_as_it_always_did(database: Path, size: tuple[int, int]) -> None:
    async with console(database, size) as playing:
        await playing.press("tab", "enter")
        await playing.sees("› password spray", "Evidence")
        await playing.looks_like(f"detection_{size[0]}x{size[1]}")


async def test_a_long_name_leaves_room_for_what_it_is_about(tmp_path: Path) -> None:
    name = f"{'wolfe' * 8}.maximilian"
    about = sign_in("w-1", name, NOW - 60_000, "203.0.113.200", LAGOS)
    found = finding(RiskLevel.HIGH, "sprayed", about, [("x", "1", "0", 1.0)])
    who = Person("Max", f"{name}@subsidiary.of.contoso.example", ((SPRAY, found),))
    await prepared(tmp_path / "long.db", NOW, [who])
    async with console(tmp_path / "long.db") as playing:
        await playing.press("enter")
        await playing.sees("Users › wolfewolfewolfe", "…  ▲ HIGH at risk")
        await playing.press("enter")
        await playing.sees("… › password spray  ▲ HIGH at risk")
        crumb = playing.text.split("Users ›")[1].split("╭")[0]
        assert "UTC" not in crumb  # a time is left out rather than cut


async def test_everything_that_was_weighed_can_be_read(database: Path) -> None:
    async with console(database, (230, 70)) as playing:
        await playing.press("tab", "enter")
        await playing.sees(
            "Password right on 3rd try",
            "■ MEDIUM correct password",
            "hosting network → ▲ HIGH",
            "55%  address failed for many users",
            "41 users in 20 min",
            "usual: Example Telecom (AS64510)",
            "trusted location: not a trusted named location",
            "k1_users 41 (threshold 5)",
            "nothing if 12 other people used this network",
            "3 Look for the same address",
            "T1110.003",
            "vpn_ranges.txt@2f4c91aa",
            "config_hash 5d41402a id passwordSpray version 1",
            "correlation-c-9",
            "session-c-9",
        )


async def test_a_softener_that_applied_comes_first(database: Path) -> None:
    async with console(database, (160, 60)) as playing:
        await playing.press("tab", *"jjjjj", "enter")
        await playing.sees("- M3 fresh MFA: passed now (-1 level)", "⋅ M2 known managed device: no")


async def test_times_are_local_and_the_offset_is_said_once(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    async with console(database, (160, 60)) as playing:
        await playing.press("tab", "enter")
        await playing.sees("Timeline  times in UTC+09:00", "18:39:00  signed in", "18:41+09:00")


async def test_one_column_scrolls_to_the_ids_and_home(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("tab", "enter")
        await playing.sees("Evidence")
        await playing.press("G")
        await playing.sees("correlation-c-9")
        await playing.press("g", "g")
        await playing.sees("Password right on 3rd try")


RECORD = {
    "time": "2026-05-15T09:39:00Z",
    "properties": {
        "id": "c-9",
        "userAgent": "\x1b[2J\u202eMozilla [red]x[/red] " + "long " * 2_000,
        "location": {"city": "Lagos", "geoCoordinates": {"latitude": 6.45}},
        "modifiedProperties": [{"name": "a"}, {"name": "b"}],
    },
}


def log(database: Path, *records: object) -> Path:
    """A log with `records` that the engine has read."""
    path = database.with_name("sign-ins.json")
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    with closing(writer(database)) as connection:
        connection.execute(
            "INSERT INTO sources (path, position, records, updated) VALUES (?, ?, 1, 1)",
            (str(path), b""),
        )
    return path


def place(playing: Playing) -> DetectionPlace:
    here = playing.app.here
    assert isinstance(here, DetectionPlace)
    return here


async def test_who_else_was_concerned_is_a_list_whose_rows_open(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("tab", "enter")
        await playing.sees("Who else 11")
        await playing.press("w")
        await playing.sees("erin", "network     inbox rule", "same person impossible travel")
        await playing.press("enter")
        await playing.sees("erin@contoso.com › inbox rule")
        await playing.press("q")
        await playing.sees("carol@contoso.com › password spray", "Who else 11")


async def test_the_record_is_found_in_the_log_and_folded(database: Path) -> None:
    path = log(database, {"id": "another"}, RECORD)
    async with console(database, (120, 40)) as playing:
        await playing.press("tab", "enter")
        await playing.sees("› password spray")
        await playing.press("r")
        await playing.sees("record 1/1", f"{path.name} @", "properties", "{4} id, userAgent")
        assert "Lagos, NG" not in place(playing).record.rows[-1].cells[1].text
        await playing.press("j", "j", "enter")
        await playing.sees("location", "{2} city, geoCoordinates", "modifiedProperties", "[2]")
        await playing.press("enter")
        await playing.sees_no_more("modifiedProperties")


async def test_a_word_of_the_record_is_found_however_deep_it_lies(database: Path) -> None:
    log(database, RECORD)
    async with console(database, (120, 40)) as playing:
        await playing.press("tab", "enter")
        await playing.sees("› password spray")
        await playing.press("r")
        await playing.sees("record 1/1")
        await playing.press("slash")
        await playing.type("LATI")
        await playing.press("enter")
        await playing.sees("1 line with LATI", "latitude", "6.45")
        await playing.press("slash")
        await playing.type("nowhere")
        await playing.press("enter")
        await playing.sees("not in the record: nowhere")
        await playing.press("slash", "d", "escape", "n")
        await playing.sees("/ begins")
        assert "Dismiss" not in playing.text


async def test_a_record_that_is_gone_is_said_to_be(database: Path) -> None:
    log(database, {"id": "another"}).unlink()
    async with console(database) as playing:
        await playing.press("tab", "enter")
        await playing.sees("› password spray")
        await playing.press("r")
        await playing.sees("not in 1 log any more: c-9")


async def test_a_hostile_record_stays_text(database: Path) -> None:
    log(database, RECORD)
    async with console(database, (120, 40)) as playing:
        await playing.press("tab", "enter")
        await playing.sees("› password spray")
        await playing.press("r", "j", "j", "enter", "j", "j", "enter")
        await playing.sees("Mozilla [red]x[/red] long")
        assert playing.text.replace("\n", "").isprintable()
        for line in playing.app.screen._compositor.render_strips():
            assert line.cell_length == 120


async def test_frames_name_each_other_only_while_they_share_a_place(database: Path) -> None:
    async with console(database, (100, 30)) as playing:
        await playing.press("enter", "enter")
        await playing.sees("What happened, what to do · Raw record")
        await playing.press("tab")
        await playing.pilot.resize_terminal(160, 45)
        await playing.sees("─ Raw record ─")
        assert "what to do · Raw record" not in playing.text
