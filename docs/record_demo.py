"""Records `risktui demo` as the animated SVG that opens the README.

    python docs/record_demo.py docs/demo.svg

Runs the demo on a terminal of its own (pyte), looks at its screen twice a second, and writes every
picture that differs, one below the other, with a keyframe for each. Needs the test group.
"""

from __future__ import annotations

import html
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from e2e.pty_harness import Terminal

COLUMNS, ROWS = 110, 30
SECONDS = 60
EVERY = 0.5
LAST = 5.0
"""Seconds that the last picture stays."""
CELL, LINE = 8.4, 18
"""Pixels of a cell, in a font of 14 pixels."""
ARGUMENTS = ["demo", "--for", f"{SECONDS}s", "--speed", "60", "--theme", "stage"]
NAMED = {"default": "#ffffff", "black": "#000000", "brown": "#ffc840"}
KEYS = {34: b"\r", 40: b"m", 47: b"q"}
"""What an operator would press, and at which second: open the top user, see the map, go back."""

Run = tuple[str, str, str, bool]
"""Text, foreground, background, bold."""


def colour(name: str, fallback: str) -> str:
    """A colour of pyte as SVG writes it."""
    if name == "default":
        return fallback
    return NAMED.get(name) or (f"#{name}" if len(name) == 6 else name)


def runs_of(terminal: Terminal, row: int) -> tuple[Run, ...]:
    """One line of the screen, in runs of one look."""
    found: list[Run] = []
    line = terminal.screen.buffer[row]
    for column in range(COLUMNS):
        cell = line[column]
        front, back = colour(cell.fg, "#ffffff"), colour(cell.bg, "#000000")
        if cell.reverse:
            front, back = back, front
        look = (front, back, bool(cell.bold))
        if found and found[-1][1:] == look:
            found[-1] = (found[-1][0] + cell.data, *look)
        else:
            found.append((cell.data, *look))
    return tuple(found)


def record() -> list[tuple[float, tuple[tuple[Run, ...], ...]]]:
    """(second, lines) of every picture that differs from the one before."""
    command = [sys.executable, "-m", "risktui", *ARGUMENTS]
    frames: list[tuple[float, tuple[tuple[Run, ...], ...]]] = []
    waiting = dict(KEYS)
    with Terminal(command, cols=COLUMNS, rows=ROWS, env={"COLORTERM": "truecolor"}) as terminal:
        start = time.monotonic()
        while (now := time.monotonic() - start) < SECONDS - 1:
            end = time.monotonic() + EVERY
            while (left := end - time.monotonic()) > 0:
                terminal.read(left)
            for second in [second for second in waiting if second <= now]:
                terminal.type(waiting.pop(second))
            lines = tuple(runs_of(terminal, row) for row in range(ROWS))
            if any(run[0].strip() for line in lines for run in line) and (
                not frames or frames[-1][1] != lines
            ):
                frames.append((now, lines))
        terminal.wait_exit()  # it ends by itself, and its engine with it
    return frames


def line_svg(runs: tuple[Run, ...]) -> str:
    """One line as a group at the origin."""
    parts = []
    column = 0
    for text, front, back, bold in runs:
        x, width = column * CELL, len(text) * CELL
        if back != "#000000":
            parts.append(f'<rect x="{x:.1f}" width="{width:.1f}" height="{LINE}" fill="{back}"/>')
        if text.strip():
            weight = ' font-weight="bold"' if bold else ""
            parts.append(
                f'<text x="{x:.1f}" y="14" fill="{front}"{weight} textLength="{width:.1f}"'
                f' xml:space="preserve">{html.escape(text)}</text>'
            )
        column += len(text)
    return "".join(parts)


def animated(frames: list[tuple[float, tuple[tuple[Run, ...], ...]]]) -> str:
    """All pictures, one below the other, shown one after the other."""
    known: dict[tuple[Run, ...], int] = {}
    width, height = COLUMNS * CELL, ROWS * LINE
    first, last = frames[0][0], frames[-1][0]
    total = last - first + LAST
    uses, keys = [], []
    for number, (second, lines) in enumerate(frames):
        keys.append(f"{(second - first) / total:.3%}{{transform:translateY({-number * height}px)}}")
        for row, line in enumerate(lines):
            if any(run[0].strip() or run[2] != "#000000" for run in line):
                name = known.setdefault(line, len(known))
                uses.append(f'<use href="#l{name}" y="{number * height + row * LINE}"/>')
    keys.append(f"100%{{transform:translateY({-(len(frames) - 1) * height}px)}}")
    defs = "".join(f'<g id="l{name}">{line_svg(line)}</g>' for line, name in known.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}"'
        f' width="{width:.0f}" height="{height}" font-family="ui-monospace,Menlo,Consolas,'
        f'DejaVu Sans Mono,monospace" font-size="14"><title>risktui demo</title>'
        f"<style>@keyframes play{{{''.join(keys)}}}"
        f"#film{{animation:play {total:.1f}s steps(1,end) infinite}}</style>"
        f'<rect width="100%" height="100%" fill="#000"/><defs>{defs}</defs>'
        f'<g id="film">{"".join(uses)}</g></svg>\n'
    )


if __name__ == "__main__":
    taken = record()
    Path(sys.argv[1]).write_text(animated(taken), "utf-8")
    sys.stderr.write(f"{len(taken)} pictures\n")
