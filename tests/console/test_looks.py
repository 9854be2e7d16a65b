"""Every theme looks as it always did: on every kind of screen, from 80x24 to very wide."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from console.looks import FOLDER, look_of
from console.playing import Playing, console
from risktui.console import theme
from risktui.console.widgets.feed_table import FeedTable
from risktui.content import content

THEMES = sorted(theme.load_themes([content("themes")])[0])
SIZES = [(80, 24), (120, 40), (200, 60), (260, 70)]


async def looks(playing: Playing, screen: str) -> dict[str, str]:
    """What each theme makes of what is shown now."""
    found = {}
    for name in THEMES:
        playing.app.wear(name)
        await playing.rest()
        found[f"{name} {screen}"] = look_of(playing.app)
    return found


@pytest.mark.parametrize("size", SIZES)
async def test_every_theme_looks_as_it_did(
    database: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    """UPDATE_GOLDENS=1 keeps what is seen now; the last screen is left as a picture."""
    seen: dict[str, str] = {}
    async with console(database, size) as playing:
        await playing.sees("password spray", "41 users in 20 min")
        people = playing.app.here.query_one("#users", FeedTable)
        await playing.until(lambda: people.row_count == 12, "all of them")
        await playing.rest()
        seen |= await looks(playing, "overview")
        await playing.press("enter", "m")
        await playing.sees("km/h", "lag 3s")  # the status line, too
        await playing.rest()
        seen |= await looks(playing, "user")
        if size == SIZES[0]:
            await playing.press("enter")
            await playing.sees("Evidence", "lag 3s")
            await playing.rest()
            seen |= await looks(playing, "detection")
            await playing.press("g", "o", "g", "a")
            await playing.sees("the chain is whole", "lag 3s")
            await playing.rest()
            seen |= await looks(playing, "board")
        (tmp_path / "last.svg").write_text(playing.app.export_screenshot())
    path = FOLDER / f"{size[0]}x{size[1]}.txt"
    if os.environ.get("UPDATE_GOLDENS"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text("".join(f"{name}  {look}\n" for name, look in sorted(seen.items())))
    kept = dict(_kept(line) for line in path.read_text().splitlines())
    assert sorted(seen) == sorted(kept), "a theme without a kept look, or a look without a theme"
    changed = {name: (kept[name], look) for name, look in seen.items() if look != kept[name]}
    assert changed == {}


def _kept(line: str) -> tuple[str, str]:
    name, digest, worn = line.split("  ", 2)
    return name, f"{digest}  {worn}"
