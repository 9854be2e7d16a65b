"""The shadow, against a terminal emulator: what it writes turns one picture into the other."""

from __future__ import annotations

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from risktui.console.shadow import Cell, Shadow, cells_of

WIDTH, HEIGHT = 24, 12
STYLES = [
    Style.parse(text)
    for text in ("none", "red", "bold red", "red on blue", "on blue", "underline", "reverse bold")
]
WORDS = ["", "a", "bob", "日本", "太郎です", "é", "▲ HIGH", "  ", "🙂", "x" * 20, "e\u0301"]

segments = st.builds(Segment, st.sampled_from(WORDS), st.sampled_from(STYLES))
lines = st.lists(segments, max_size=5)
frames = st.lists(lines, min_size=HEIGHT, max_size=HEIGHT)


def line_of(parts: list[Segment]) -> list[Cell]:
    cells = cells_of([*parts, Segment(" " * WIDTH)])[:WIDTH]
    # A wide character that does not fit any more is not shown by half.
    if cell_len(cells[-1][0]) == 2:
        cells[-1] = (" ", cells[-1][1])
    return cells


class Emulator:
    def __init__(self) -> None:
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.stream = pyte.Stream(self.screen)

    def feed(self, text: str) -> None:
        self.stream.feed(text)

    def picture(self) -> list[list[object]]:
        return [
            [
                (" ", c.bg) if c.data == " " and not (c.reverse or c.underscore) else c
                for c in (self.screen.buffer[y][x] for x in range(WIDTH))
            ]
            for y in range(HEIGHT)
        ]


def painted_afresh(frame: list[list[Cell]]) -> list[list[object]]:
    emulator = Emulator()
    emulator.feed(Shadow(WIDTH, HEIGHT).frame(updates(frame), ColorSystem.TRUECOLOR))
    return emulator.picture()


def updates(frame: list[list[Cell]]) -> dict[int, list[tuple[int, list[Cell]]]]:
    return {y: [(0, line)] for y, line in enumerate(frame)}


@given(st.lists(frames, min_size=2, max_size=4))
@settings(max_examples=30, deadline=None)
def test_any_frame_after_any_other_is_what_it_is_on_an_empty_screen(
    story: list[list[list[Segment]]],
) -> None:
    shadow, emulator = Shadow(WIDTH, HEIGHT), Emulator()
    for page in story:
        frame = [line_of(parts) for parts in page]
        emulator.feed(shadow.frame(updates(frame), ColorSystem.TRUECOLOR))
        assert emulator.picture() == painted_afresh(frame)


@given(frames, st.integers(-HEIGHT, HEIGHT), st.integers(0, 4), st.integers(0, 4))
@settings(max_examples=30, deadline=None)
def test_a_block_that_moved_is_moved_right(
    page: list[list[Segment]], shift: int, above: int, below: int
) -> None:
    first = [line_of([Segment(f"{y:03}"), *parts]) for y, parts in enumerate(page)]
    inside = range(above, HEIGHT - below)
    second = [
        first[y - shift] if y in inside and y - shift in inside else line
        for y, line in enumerate(first)
    ]
    shadow, emulator = Shadow(WIDTH, HEIGHT), Emulator()
    for frame in (first, second):
        emulator.feed(shadow.frame(updates(frame), ColorSystem.TRUECOLOR))
        assert emulator.picture() == painted_afresh(frame)


def test_a_scrolled_page_is_written_as_one_line_and_an_order_to_move() -> None:
    pages = [[line_of([Segment(f"row {y + top}")]) for y in range(HEIGHT)] for top in (0, 1)]
    shadow = Shadow(WIDTH, HEIGHT)
    shadow.frame(updates(pages[0]), ColorSystem.TRUECOLOR)
    written = shadow.frame(updates(pages[1]), ColorSystem.TRUECOLOR)
    assert "\x1b[1M" in written
    assert "row 12" in written
    assert "row 5" not in written


def test_what_has_not_changed_is_not_written() -> None:
    frame = [line_of([Segment("the same")]) for _ in range(HEIGHT)]
    shadow = Shadow(WIDTH, HEIGHT)
    assert shadow.frame(updates(frame), ColorSystem.TRUECOLOR)
    assert shadow.frame(updates(frame), ColorSystem.TRUECOLOR) == ""


def test_a_control_sequence_in_a_text_never_reaches_the_terminal() -> None:
    cells = cells_of([Segment("a\x1b[31mb\x9b\u202ec\x07")])
    assert "".join(text for text, _ in cells) == "a[31mbc"


def test_after_a_character_of_disputed_width_the_next_position_is_told() -> None:
    shadow = Shadow(WIDTH, HEIGHT)
    written = shadow.frame({0: [(0, cells_of([Segment("🙂ab▲c")]))]}, ColorSystem.TRUECOLOR)
    assert "🙂\x1b[3Gab▲\x1b[6Gc" in written


def test_a_change_of_colour_alone_says_nothing_of_the_background() -> None:
    shadow = Shadow(WIDTH, HEIGHT)
    on_blue = [Segment("a", Style.parse("red on blue")), Segment("b", Style.parse("green on blue"))]
    written = shadow.frame({0: [(0, cells_of(on_blue))]}, ColorSystem.STANDARD)
    assert "\x1b[0;31;44ma\x1b[32mb" in written


def test_a_colour_is_said_once_for_all_lines_that_have_it() -> None:
    red, blue = Style(color="#ff0000", bold=True), Style(color="#0000ff")
    shadow = Shadow(WIDTH, HEIGHT)
    blank = {y: [(0, cells_of([Segment(" " * WIDTH)]))] for y in range(3)}
    shadow.frame(blank, ColorSystem.TRUECOLOR)
    rows = [Segment("a", red), Segment(" " * 10), Segment("b", blue)]
    written = shadow.frame({y: [(0, cells_of(rows))] for y in range(3)}, ColorSystem.TRUECOLOR)
    assert written.count("255;0;0") == written.count("0;0;255") == 1
