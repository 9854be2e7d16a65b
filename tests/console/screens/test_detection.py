"""What an operator sees of one detection."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from console.playing import console


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_it_looks_as_it_always_did(database: Path, size: tuple[int, int]) -> None:
    async with console(database, size) as playing:
        await playing.press("tab", "enter")
        await playing.sees("› password spray", "Evidence")
        await playing.looks_like(f"detection_{size[0]}x{size[1]}")


async def test_everything_that_was_weighed_can_be_read(database: Path) -> None:
    async with console(database, (160, 70)) as playing:
        await playing.press("tab", "enter")
        await playing.sees(
            "Password right on 3rd try",
            "■ MEDIUM correct password",
            "hosting network → ▲ HIGH",
            "55%  address failed for",
            "41 users in 20 min",
            "trusted location: no, not a trusted named location",
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
        await playing.sees("- M3 fresh MFA: passed now (-1 level)", "· M2 known managed device: no")


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
