"""The record that a detection came from, folded, with a search in it."""

from __future__ import annotations

from pathlib import Path

from risktui.console import phrases
from risktui.console.raw import RawRecord, RawSearch
from risktui.console.widgets.feed_table import FeedTable
from risktui.console.widgets.ink import Veil
from risktui.console.widgets.json_rows import JsonRow, json_rows, matches, parents
from risktui.console.widgets.rows import Cell, Column, Row
from risktui.console.words import plural
from risktui.language.choice import tr
from risktui.logs.clean import clean

COLUMNS = (Column("name", minimum=14, share=2), Column("value", minimum=16, share=5))


class RecordTable(FeedTable):
    """Lines of records; enter folds and unfolds, and begins the search for the records at first."""

    def __init__(self, *, ascii_only: bool, id: str) -> None:
        super().__init__(
            COLUMNS, header=False, empty=phrases.RAW_HINT, id=id, ascii_only=ascii_only
        )
        self._hits: set[str] = set()
        self._unfolded: set[str] = set()
        self.found: RawSearch | None = None
        """What the search has found; None before it."""

    def tell(self, found: RawSearch, ids: str) -> None:
        """The search is over."""
        self.found = found
        self._unfolded = {_root(number) for number in range(len(found.records))}
        if found.records:
            self._draw()
            return
        text = tr(phrases.RAW_MISSING) if found.complete else tr(phrases.RAW_GIVEN_UP)
        self.say(
            text.format(files=plural(found.files, "log"), ids=ids) if ids else tr(phrases.RAW_NO_ID)
        )

    def say(self, text: str) -> None:
        """Says something in place of a record."""
        self.show([Row("said", (Cell(""), Cell(text, "muted")))])

    def fold(self, key: str) -> None:
        """Folds or unfolds the line with `key`."""
        key = key.split("#", maxsplit=1)[0]
        row = next((row for row in self._lines() if row.key == key), None)
        if row is not None and row.folds:
            self._unfolded ^= {key}
            self._draw()
            self.select(key)

    def seek(self, text: str) -> int:
        """Unfolds and marks every line with `text`, goes to the first; how many there are."""
        keys: list[str] = []
        for number, record in enumerate(self._records) if text else ():
            root = _root(number)
            found = matches(record.value, root, text)
            self._unfolded |= {root} if found else set()
            for key in found:
                self._unfolded |= set(parents(record.value, root, key))
            keys += found
        self._hits = set(keys)
        self._draw()
        if keys:
            self.select(keys[0])
        return len(keys)

    def next_hit(self, step: int) -> bool:
        """To the next line that was looked for, or the one before; whether there is one."""
        keys = [row.key for row in self.rows]
        hits = [number for number, key in enumerate(keys) if key in self._hits]
        if not hits:
            return False
        at = keys.index(self.cursor_key) if self.cursor_key in keys else 0
        later = [n for n in hits if (n > at if step > 0 else n < at)]
        number = (later or hits)[0 if step > 0 else -1]
        return self.select(keys[number])

    def on_resize(self) -> None:
        """Long values break where the lines end now."""
        super().on_resize()
        self._draw()

    @property
    def _records(self) -> tuple[RawRecord, ...]:
        return self.found.records if self.found is not None else ()

    def _lines(self) -> list[JsonRow]:
        lines: list[JsonRow] = []
        width = self.size.width * 5 // 7 - 4
        for number, record in enumerate(self._records):
            root = _root(number)
            name = tr(phrases.RECORD_OF).format(number=number + 1, count=len(self._records))
            path = Path(record.path)
            where = tr(phrases.RECORD_AT).format(
                name=path.name, offset=record.offset, folder=path.parent
            )
            lines.append(JsonRow(root, name, clean(where), folds=True))
            if root in self._unfolded:
                lines += json_rows(record.value, root, self._unfolded, width)
        return lines

    def _draw(self) -> None:
        if self._records:
            self.show([_row(line, hit=line.key in self._hits) for line in self._lines()])


def _root(number: int) -> str:
    return f"{number}$"


def _row(line: JsonRow, *, hit: bool) -> Row:
    names = "match" if hit else "strong" if line.folds else "muted"
    return Row(
        line.key,
        (Cell(line.name, names), Cell(Veil.hide(line.value), "match" if hit else "")),
        notable=hit,
    )
