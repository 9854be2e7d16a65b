"""Reads the plain text lists that enrichment is fed with, and keeps account of their bad lines."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from risktui.enrich.sources import SourceError

_LINE_ENDS = re.compile(r"\r\n?|\n")
"""What ends a line for an editor, too, whose numbers errors tell; Python knows more."""
KEPT_BAD_LINES = 100
"""A list that is no list at all would be kept as bad lines in whole; the count goes on."""


class BadLine(msgspec.Struct, frozen=True):
    """A line that was passed over."""

    file: str
    line: int
    text: str
    """The line, cut to 200 characters."""
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}: {self.text!r}"


class ListFile:
    """The lines of one file that are neither empty nor comments, and the verdicts on them."""

    def __init__(self, path: Path, setting: str) -> None:
        """Read `path`; SourceError, which names the `setting`, where that fails."""
        try:
            content = path.read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            raise SourceError(f"{path}: cannot be read ({reason}); correct {setting}") from error
        self.path = path
        self.version = hashlib.blake2b(content, digest_size=4).hexdigest()
        """Changes whenever the content does."""
        self.bad: list[BadLine] = []
        self.bad_count = 0
        self._text = content.decode("utf-8-sig", errors="replace")

    def lines(self) -> Iterator[tuple[int, str]]:
        """Number and text of each line that says something; comments begin with `#` or `;`.

        Without what cannot be seen: names in lists are printed, and others write the lists.
        """
        for number, line in enumerate(_LINE_ENDS.split(self._text), 1):
            text = (line if line.isprintable() else _visible(line)).strip()
            if text and text[0] not in "#;":
                yield number, text

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Number and cells of each line, read as CSV."""
        for number, text in self.lines():
            try:
                yield number, cells_of(text)
            except ValueError as error:
                self.refuse(number, text, str(error))

    def refuse(self, line: int, text: str, reason: str) -> None:
        """Account for a line that cannot be used."""
        self.bad_count += 1
        if len(self.bad) < KEPT_BAD_LINES:
            self.bad.append(BadLine(str(self.path), line, text[:200], reason))


def _visible(line: str) -> str:
    return "".join(c if c.isprintable() else " " if c.isspace() else "" for c in line)


LONGEST_CELL = 10_000
"""Characters of a cell; the csv module's own bound is the whole process's, and others set it."""


def cells_of(text: str) -> list[str]:
    """The cells of a line of CSV. ValueError for one with a cell beyond all measure."""
    try:
        cells = [cell.strip() for cell in next(csv.reader([text]), [])]
    except csv.Error as error:
        raise ValueError("a cell is too long") from error
    if any(len(cell) > LONGEST_CELL for cell in cells):
        raise ValueError("a cell is too long")
    return cells
