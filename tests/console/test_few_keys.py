"""How many keys it takes: from the start to why, and to a verdict with a note."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from console.playing import Playing, console
from console.prepared import SmallEngine
from risktui.store import queries
from risktui.store.database import reader

TO_WHY, TO_VERDICT = 2, 4
"""Keys at most; of a verdict besides the note itself."""


class Counted:
    """Presses keys and counts them."""

    def __init__(self, playing: Playing) -> None:
        self.playing = playing
        self.keys = 0

    async def press(self, *keys: str) -> None:
        self.keys += len(keys)
        await self.playing.press(*keys)


async def test_the_first_reason_takes_no_key_and_the_whole_one_two(database: Path) -> None:
    async with console(database) as playing:
        await playing.sees("Password right on 3rd try", "usual: 0", "Do: ")
        counted = Counted(playing)
        await counted.press("enter", "enter")  # the person, then the detection
        await playing.sees("Evidence", "address failed for many users", "41 users in 20 min", "%")
        assert counted.keys <= TO_WHY


async def test_a_verdict_with_a_note_takes_two_keys_and_the_note(database: Path) -> None:
    async with SmallEngine(database), console(database, live=True) as playing:
        counted = Counted(playing)
        await counted.press("c")
        await playing.type("she was not there")
        await counted.press("enter")
        await playing.is_told("confirmed compromised")
        assert counted.keys <= TO_VERDICT
    with closing(reader(database)) as connection:
        (verdict,) = queries.verdicts(connection)
        assert (verdict.action, verdict.note) == ("confirmCompromised", "she was not there")


async def test_a_verdict_after_reading_why_takes_four_keys_and_the_note(database: Path) -> None:
    async with SmallEngine(database), console(database, live=True) as playing:
        counted = Counted(playing)
        await counted.press("enter", "enter")
        await playing.sees("Evidence")
        await counted.press("d")
        await playing.type("a drill")
        await counted.press("enter")
        await playing.sees("▲ HIGH dismissed")
        assert counted.keys <= TO_VERDICT
