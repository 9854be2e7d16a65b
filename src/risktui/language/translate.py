"""Says in the reader's language what is composed in English.

Everything is written and stored in English sentences; a catalogue translates them when they are
shown, so that a database is the same for everybody and a detector is written once. An entry is
a whole sentence or one with gaps:

    "{} failed sign-ins from {}" = "{1} からのサインイン失敗 {0} 件"

A gap may say what fits into it, where a sentence could be cut in two ways: `{n}` a number, `{ip}`
an address, `{time}` a time, `{place}` a city and its country, `{network}` and `{program}` what they
say, `{w}` one word. What stands in a gap is translated as well where the catalogue knows it, and
stays as it is otherwise; `{x}` is somebody's own word, which is never translated. A list of
sentences that are all known needs no entry of its own. Of several readings the one that explains
most of the sentence wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache

REMEMBERED = 8_192
"""Sentences whose translation is kept: a screen shows the same ones again and again."""
LONGEST = 1_000
"""A longer sentence is nobody's: a stranger may write much that fits in many ways."""
_GAP = re.compile(r"\{(n|ip|time|place|network|program|w|x|)\}")
_FITS = {
    "": r".+?",
    "n": r"-?\d(?:[\d.,]*\d)?",
    "ip": r"[0-9A-Fa-f.:]*\d[0-9A-Fa-f.:]*|no address|an unknown address",
    "time": r"\d{4}-\d\d-\d\d \d\d:\d\d UTC",
    "place": r"an unknown place|unknown|[^a-z\s,;:()][^,;:()]*(?:, [A-Z]{2})?"
    r"|[^a-z\s,;:()][^;:()]*?, [A-Z]{2}",
    "network": r"an unknown network|AS\d+(?:, [a-z]+)?|.+? \(AS\d+(?:, [a-z]+)?\)|[^,;()]+",
    "program": r"(?:(?! and |[,;:]).)+",
    "w": r"\S+",
    "x": r".+?",
}
"""What a gap may hold, by what it says of itself."""
_SEPARATORS = (("; ", "。"), (", ", "、"))
"""What joins parts of a list, and what joins them in the other language."""
JOINT = 6
"""So few letters between gaps (`{} from {}`) join two things of which one must be known.

Otherwise the title of a mail, which happens to have the same word, would be turned round."""
NARROW = 2
"""A gap that says what fits into it is worth so many letters."""
_APART = re.compile(
    "(?<=[ぁ-ん、。」]) (?=[ぁ-んァ-ヶ一-龠「])|(?<=[ぁ-んァ-ヶー一-龠々」]) (?=[ぁ-ん])"
)
"""A space beside hiragana within Japanese: it stood beside a name, which was translated."""
_POINTED = re.compile("[,;]")
_DATA = re.compile(r"[\d.,:/-]+|[A-Z][a-z]+(?:-?[A-Z][A-Za-z]*)+")
"""A number, a time, an operation (`New-InboxRule`): known without any entry."""

Reading = tuple[int, str | None]
"""How many characters of a sentence are explained, and its translation."""
UNKNOWN: Reading = 0, None


class Template:
    """A sentence with gaps, and what becomes of it."""

    def __init__(self, english: str, translated: str) -> None:
        pieces = _GAP.split(english)
        texts, kinds = pieces[::2], pieces[1::2]
        self.translated = translated
        self.begins = texts[0].split(" ")[0] if " " in texts[0] else ""
        """The first word, where it is a whole one: most templates are never tried."""
        letters = sum(map(str.isalpha, "".join(texts)))
        self.says = sum(map(len, texts)) + (NARROW * sum(map(bool, kinds)) if letters else 0)
        """How much of a sentence it explains: its letters, and what its gaps demand."""
        self.open = tuple(number for number, kind in enumerate(kinds) if not kind)
        """The gaps that hold anything."""
        self.foreign = frozenset(number for number, kind in enumerate(kinds) if kind == "x")
        bare = not any(kinds) and letters <= JOINT and not _POINTED.search("".join(texts))
        joined = len(self.open) > 1 and bare
        self.joins = joined or (bool(self.open) and not letters)
        self.says -= NARROW * joined  # a list is the likelier reading
        self._texts, self._kinds = tuple(texts), tuple(kinds)

    def gaps(self, text: str) -> tuple[str, ...] | None:
        """What stands in the gaps of `text`, None where it is another sentence."""
        first, *between, last = self._texts
        if not (text.startswith(first) and text.endswith(last)):
            return None
        at = len(first)
        for piece in between:  # most are another sentence, which is found out without a pattern
            at = text.find(piece, at + 1)
            if at < 0:
                return None
            at += len(piece)
        found = self._pattern.fullmatch(text)
        return found.groups() if found else None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        gaps = [f"({_FITS[kind]})" for kind in self._kinds]
        texts = map(re.escape, self._texts)
        return re.compile("".join(map("".join, zip(texts, [*gaps, ""], strict=True))), re.DOTALL)


class Catalogue:
    """The sentences of one language."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._whole = {text: said for text, said in entries.items() if not _GAP.search(text)}
        self._by_word: dict[str, list[Template]] = {}
        for text, said in entries.items():
            if _GAP.search(text):
                template = Template(text, said)
                self._by_word.setdefault(template.begins, []).append(template)
        for templates in self._by_word.values():
            templates.sort(key=lambda each: -each.says)
        self._read = lru_cache(REMEMBERED)(self._reading)

    def __call__(self, text: str) -> str:
        """The translation of a sentence, or the sentence itself."""
        return self.find(text) or text

    def __len__(self) -> int:
        return len(self._whole) + sum(map(len, self._by_word.values()))

    def find(self, text: str) -> str | None:
        """The translation of a sentence, None where the catalogue does not know it."""
        return self._read(text)[1] if len(text) <= LONGEST else None

    def _reading(self, text: str) -> Reading:
        known = self._whole.get(text)
        if known is not None:
            return len(text), known
        readings = (self._with_gaps(text), *self._lists(text))
        return max(readings, key=lambda reading: reading[0])

    def _with_gaps(self, text: str) -> Reading:
        best = UNKNOWN
        for template in self._candidates(text):
            gaps = template.gaps(text)
            if gaps is None:
                continue
            read = [
                UNKNOWN if number in template.foreign else self._read(gap)
                for number, gap in enumerate(gaps)
            ]
            if template.joins and not any(
                read[number][1] or _DATA.fullmatch(gaps[number]) for number in template.open
            ):
                continue
            explained = template.says + sum(letters for letters, _ in read)
            if explained > best[0]:
                filled = (said or gap for gap, (_, said) in zip(gaps, read, strict=True))
                best = explained, _APART.sub("", template.translated.format(*filled))
        return best

    def _candidates(self, text: str) -> Iterator[Template]:
        yield from self._by_word.get(text.split(" ", 1)[0], ())
        yield from self._by_word.get("", ())

    def _lists(self, text: str) -> Iterator[Reading]:
        """A list of parts that are all known."""
        for separator, joined in _SEPARATORS:
            parts = text.split(separator)
            if len(parts) > 1:
                read = [self._read(part) for part in parts]
                said = [part for _, part in read if part is not None]
                if len(said) == len(parts):
                    joints = len(separator) * (len(parts) - 1)
                    yield joints + sum(letters for letters, _ in read), joined.join(said)
