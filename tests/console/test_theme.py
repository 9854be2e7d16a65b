"""Themes: ours can be read by everybody, and a mistake in yours is told where it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from rich.color import Color as RichColor
from textual.app import App, ComposeResult
from textual.color import Color

from console.eyes import EYES, contrast, difference, lightness
from risktui.console import theme
from risktui.console.widgets.feed_table import Cell, Column, FeedTable, Row
from risktui.content import content

OURS, PROBLEMS = theme.load_themes([content("themes")])
COLOURED = [name for name, each in OURS.items() if not each.ansi]
GROUNDS = ("background", "surface", "panel", "cursor", "cursor-blurred")
TEXTS = (
    *("foreground", "muted", "primary", "secondary", "accent", "success", "warning", "error"),
    *("risk-high", "risk-medium", "risk-low", "risk-none"),
)
DRAWINGS = ("map-land", "map-hop", "spark")
LEVELS = ("risk-high", "risk-medium", "risk-low")

AA_TEXT, AA_MARKS = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11
APART = 12.0  # CIE 1976; 2.3 is just noticeable, and levels stand beside each other
APART_IN_GREY = 7.0  # CIE L*; as far as two neighbours in a scale of fourteen greys


def colour(name: str, role: str) -> str:
    found = OURS[name].variables.get(role) or getattr(OURS[name], role)
    assert isinstance(found, str)
    return found


def test_there_are_themes_for_dark_and_light_rooms_and_for_plain_terminals() -> None:
    assert PROBLEMS == []
    assert len(OURS) >= 6
    assert {theme.DEFAULT, theme.PLAIN} <= set(OURS)
    assert {each.dark for each in OURS.values()} == {True, False}
    assert OURS[theme.PLAIN].ansi


@pytest.mark.parametrize("name", COLOURED)
def test_every_text_can_be_read_on_every_ground(name: str) -> None:
    faint = {
        (text, ground): round(ratio, 2)
        for text in TEXTS
        for ground in GROUNDS
        if (ratio := contrast(colour(name, text), colour(name, ground))) < AA_TEXT
    }
    assert faint == {}


@pytest.mark.parametrize("name", COLOURED)
def test_every_drawing_can_be_seen_on_every_pane(name: str) -> None:
    for drawing in DRAWINGS:
        for ground in GROUNDS[:3]:
            assert contrast(colour(name, drawing), colour(name, ground)) >= AA_MARKS, drawing


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("name", COLOURED)
def test_levels_are_told_apart_by_all_eyes(name: str, eyes: str) -> None:
    for one, other in combinations(LEVELS, 2):
        assert difference(colour(name, one), colour(name, other), eyes) >= APART, (one, other)


@pytest.mark.parametrize("name", COLOURED)
def test_levels_are_told_apart_in_grey(name: str) -> None:
    greys = sorted(lightness(colour(name, level)) for level in LEVELS)
    assert min(after - before for before, after in pairwise(greys)) >= APART_IN_GREY


def test_the_defaults_are_those_of_the_default_theme() -> None:
    assert {name: colour(theme.DEFAULT, name) for name in theme.VARIABLES} == theme.VARIABLES


GOOD = (content("themes") / "night-shift.toml").read_text()


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    themes = folder / "themes"
    themes.mkdir(exist_ok=True)
    path = themes / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"risk-high": 'risk-hihg = "#ff0000"'}, "risk-hihg: unknown key, did you mean risk-high?"),
        ({"panel": 'panel = "#zzz"'}, "panel: '#zzz' is not a colour"),
        ({"panel": "panel = 7"}, "panel: 7 is not a text"),
        ({"dark": 'dark = "yes"'}, "dark: 'yes' is not a true or false"),
        ({"dark": 'cursor-text-style = "loud"'}, "cursor-text-style: 'loud' is not a text style"),
        ({"panel": "panel = #112233"}, "not TOML"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_remedy(
    tmp_path: Path, wrong: dict[str, str], said: str
) -> None:
    (key, line), *_ = wrong.items()
    text = re.sub(rf"^{key} = .*$", line, GOOD, flags=re.MULTILINE)
    number = text.splitlines().index(line) + 1
    with pytest.raises(theme.ThemeError, match=re.escape(said)) as problem:
        theme.load_theme(write(tmp_path, text))
    assert str(problem.value).startswith(f"themes/mine.toml:{number}: ")


def test_a_missing_role_is_named(tmp_path: Path) -> None:
    text = "".join(line for line in GOOD.splitlines(keepends=True) if "spark" not in line)
    with pytest.raises(theme.ThemeError, match=r"themes/mine\.toml: spark is missing"):
        theme.load_theme(write(tmp_path, text))


def test_a_variable_of_textual_can_be_set_and_must_exist(tmp_path: Path) -> None:
    good = write(tmp_path, GOOD + '\n[variables]\nscrollbar = "#123456 40%"\n')
    assert theme.load_theme(good).variables["scrollbar"] == "#123456 40%"
    bad = write(tmp_path, GOOD + '\n[variables]\nscrolbar = "#123456"\n')
    with pytest.raises(theme.ThemeError, match=r"unknown variable, did you mean scrollbar\?"):
        theme.load_theme(bad)


def test_the_users_file_replaces_ours_and_a_bad_one_harms_nobody(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("#10141b", "#000001"), "night-shift.toml")
    write(tmp_path, "nonsense", "broken.toml")
    themes, problems = theme.load_themes([content("themes"), tmp_path / "themes"])
    assert themes["night-shift"].background == "#000001"
    assert set(themes) == set(OURS)
    assert [str(problem).split(":")[0] for problem in problems] == ["themes/broken.toml"]


class Small(App[None]):
    def __init__(self, name: str = theme.DEFAULT, folders: Iterable[Path] | None = None) -> None:
        super().__init__(ansi_color=theme.ansi_colour())
        self.problems = theme.install(self, name, folders or [content("themes")])

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.VARIABLES

    def compose(self) -> ComposeResult:
        yield FeedTable([Column("level")], header=False)

    def on_mount(self) -> None:
        row = Row("one", (Cell("▲ HIGH", "risk-high"),))
        self.query_one(FeedTable).show([row, Row("two", row.cells)])

    def high(self) -> RichColor | None:
        """The colour that HIGH is painted in, on a row without the cursor."""
        strip = self.query_one(FeedTable).render_line(1)
        return next(s.style.color for s in strip if "HIGH" in s.text and s.style)


def test_the_first_screen_reads_the_theme_that_is_worn_alone(tmp_path: Path) -> None:
    write(tmp_path, "nonsense", "broken.toml")
    write(tmp_path, GOOD.replace("#10141b", "#000001"), "night-shift.toml")
    app = App[None]()
    assert theme.put_on_first(app, "night-shift", [content("themes"), tmp_path / "themes"])
    assert app.current_theme.background == "#000001"
    assert "daylight" not in app.available_themes


@pytest.mark.parametrize("name", ["broken", "other", "nowhere"])
def test_a_theme_that_its_file_does_not_name_is_left_to_a_look_at_all(
    tmp_path: Path, name: str
) -> None:
    write(tmp_path, "nonsense", "broken.toml")
    write(tmp_path, f'name = "mine"\n{GOOD}', "other.toml")
    app = App[None]()
    before = app.theme
    assert not theme.put_on_first(app, name, [content("themes"), tmp_path / "themes"])
    assert app.theme == before


async def test_every_theme_can_be_worn_one_after_the_other() -> None:
    app = Small()
    async with app.run_test() as pilot:
        for name in OURS:
            app.theme = name
            await pilot.pause()
            high = app.high()
            assert high == Color.parse(OURS[name].variables["risk-high"]).rich_color


async def test_a_theme_that_was_edited_is_worn_at_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    app = Small("mine", [content("themes"), tmp_path / "themes"])
    async with app.run_test() as pilot:
        theme.reload(
            app, write(tmp_path, GOOD.replace('risk-high = "#ff736b"', 'risk-high = "red"'))
        )
        await pilot.pause()
        high = app.high()
        assert high is not None
        assert high.triplet == (255, 0, 0)


async def test_an_unknown_theme_is_told_and_the_default_worn() -> None:
    app = Small("day-light")
    assert app.theme == theme.DEFAULT
    assert [str(p) for p in app.problems] == ["no theme 'day-light', did you mean daylight?"]


async def test_no_color_wears_the_plain_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Small("daylight")
    assert app.theme == theme.PLAIN
    assert app.native_ansi_color
