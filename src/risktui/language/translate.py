"""Says in the reader's language what is composed in English.

Everything is written and stored in English sentences; a catalogue translates them when they are
shown, so that a database is the same for everybody and a detector is written once. An entry is
a whole sentence or one with gaps:

    "{} failed sign-ins from {}" = "{1} からのサインイン失敗 {0} 件"

What stands in a gap is translated as well where the catalogue knows it, and stays as it is
otherwise. A list of sentences that are all known needs no entry of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

REMEMBERED = 8_192
"""Sentences whose translation is kept: a screen shows the same ones again and again."""
_GAP = "{}"
_SEPARATORS = (("; ", "；"), (", ", "、"))
"""What joins parts of a list, and what joins them in the other language."""


class Template:
    """A sentence with gaps, and what becomes of it."""

    def __init__(self, english: str, translated: str) -> None:
        pieces = english.split(_GAP)
        self.english = english
        self.translated = translated
        self.literal = sum(map(len, pieces))
        """Characters that must be there: of two templates that fit, the longer says more."""
        self.begins = pieces[0].split(" ")[0] if " " in pieces[0] else ""
        """The first word, where it is a whole one: most templates are never tried."""
        self._pattern = re.compile("(.+?)".join(map(re.escape, pieces)), re.DOTALL)

    def gaps(self, text: str) -> tuple[str, ...] | None:
        """What stands in the gaps of `text`, None where it is another sentence."""
        found = self._pattern.fullmatch(text)
        return found.groups() if found else None


class Catalogue:
    """The sentences of one language."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._whole = {text: said for text, said in entries.items() if _GAP not in text}
        self._by_word: dict[str, list[Template]] = {}
        for text, said in entries.items():
            if _GAP in text:
                template = Template(text, said)
                self._by_word.setdefault(template.begins, []).append(template)
        for templates in self._by_word.values():
            templates.sort(key=lambda each: -each.literal)
        self.find = lru_cache(REMEMBERED)(self._find)
        """The translation of a sentence, None where the catalogue does not know it."""

    def __call__(self, text: str) -> str:
        """The translation of a sentence, or the sentence itself."""
        return self.find(text) or text

    def __len__(self) -> int:
        return len(self._whole) + sum(map(len, self._by_word.values()))

    def _find(self, text: str) -> str | None:
        known = self._whole.get(text)
        if known is not None:
            return known
        return self._list(text) or self._with_gaps(text)

    def _with_gaps(self, text: str) -> str | None:
        best: tuple[int, Template, tuple[str, ...]] | None = None
        for template in self._candidates(text):
            if best is not None and template.literal <= best[0]:
                continue
            gaps = template.gaps(text)
            if gaps is not None:
                best = (template.literal, template, gaps)
        return best[1].translated.format(*map(self, best[2])) if best else None

    def _candidates(self, text: str) -> Iterator[Template]:
        yield from self._by_word.get(text.split(" ", 1)[0], ())
        yield from self._by_word.get("", ())

    def _list(self, text: str) -> str | None:
        """A list of parts that are all known."""
        for separator, joined in _SEPARATORS:
            parts = text.split(separator)
            if len(parts) > 1:
                said = [self.find(part) for part in parts]
                if None not in said:
                    return joined.join(map(str, said))
        return None
