"""Takes out what is on the screen: lines of JSON, CSV, a picture, a report; never over a file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from risktui.console.reading import Story
from risktui.console.words import moment
from risktui.model.risk import Detection, RiskyUser
from risktui.output import graph, spreadsheet
from risktui.output.formats import KIND_OF, Form
from risktui.output.report import Incident, report

Kind: TypeAlias = Literal["ndjson", "csv", "svg", "report"]
Record: TypeAlias = Detection | RiskyUser | dict[str, str]
"""What a line is about: a row of ours, or the named cells of a table."""

_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}\s*")
PRIVATE = 0o600
"""Who may read what was taken out: nobody but who did it."""
TRIES = 1_000
CONVERTERS = (
    ("rsvg-convert", "-o", "{png}", "{svg}"),
    ("inkscape", "{svg}", "--export-filename={png}"),
    ("magick", "{svg}", "{png}"),
)
"""Programs that make a PNG of an SVG, where the host has one."""
CONVERT_SECONDS = 30.0


def as_ndjson(records: Sequence[Record], hide: Callable[[str], str] = str) -> str:
    """One line of JSON each, Graph's objects where Graph has one."""
    form = Form("graph")
    lines = [graph.line(dict(one)) if isinstance(one, dict) else form.line(one) for one in records]
    return "".join(f"{hide(line)}\n" for line in lines)


def as_csv(records: Sequence[Record], hide: Callable[[str], str] = str) -> str:
    """A line each below the names of the columns; what a spreadsheet would compute is defused."""
    if not records:
        return ""
    first = records[0]
    if isinstance(first, dict):
        names = list(first)
        rows = [one for one in records if isinstance(one, dict)]
        lines = [spreadsheet.row(hide(one.get(name, "")) for name in names) for one in rows]
    else:
        form = Form("csv")
        names = list(form.columns(KIND_OF[type(first)]))
        lines = [hide(form.line(one)) for one in records if not isinstance(one, dict)]
    return "".join(f"{line}\n" for line in [spreadsheet.header(names), *lines])


def as_report(told: Story, *, written: int, author: str, label: str) -> str:
    """The incident report about a person."""
    incident = Incident(
        user=told.user,
        detections=told.detections,
        history=told.history,
        sessions=told.sessions,
        suppressions=told.suppressions,
    )
    return report(incident, written=written, author=author, label=label)


def drawing(svg: str) -> str:
    """The picture of a screen, with its blanks and without the fonts it would fetch elsewhere.

    A picture of a case is opened by people who may not be seen to open it; any monospaced font
    will do.
    """
    alone = _FONT_FACE.sub("", svg).replace("Fira Code", "monospace")
    return alone.replace("<text ", '<text xml:space="preserve" ')


def write(folder: Path, name: str, suffix: str, text: str, now: int) -> Path:
    """Writes `text` to a new file that only its owner may read. Raises OSError."""
    stem = f"risktui-{_safe(name)}-{moment(now).strftime('%Y%m%d-%H%M%S')}"
    for number in range(TRIES):
        more = f"-{number}" if number else ""
        path = folder / f"{stem}{more}.{suffix}"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        except FileExistsError:
            continue
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path
    raise FileExistsError(f"{folder / stem}.{suffix}: there are {TRIES} of them")


def picture(svg: Path) -> Path | None:
    """A PNG beside `svg`, by whatever program this host has for it; None where it has none."""
    png = svg.with_suffix(".png")
    for program, *arguments in CONVERTERS:
        found = shutil.which(program)
        if found is None or png.exists():
            continue
        command = [found, *(part.format(svg=svg, png=png) for part in arguments)]
        try:
            subprocess.run(  # noqa: S603  # a fixed command on two files of ours
                command, check=True, capture_output=True, timeout=CONVERT_SECONDS
            )
        except (OSError, subprocess.SubprocessError):
            continue
        if png.exists():
            png.chmod(PRIVATE)
            return png
    return None


def _safe(name: str) -> str:
    """A name of a person as part of a file's: letters, digits and dots of ASCII."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)
    return "-".join(part for part in kept.split("-") if part)[:40] or "view"
