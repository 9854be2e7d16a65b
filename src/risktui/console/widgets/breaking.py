"""Breaks lines where a language allows it: between words, and between the letters of Japanese."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len
from textual.content import Content

NEVER_FIRST = frozenset(
    "、。，．・：；？！）」』】〕〉》”’ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ…%‰)]},.:;!?"
)
"""What no line begins with (JIS X 4051, 禁則処理)."""
NEVER_LAST = frozenset("（「『【〔〈《“‘([{#$£¥")
"""What no line ends with."""


def broken(content: Content, width: int) -> list[Content]:
    """`content` in lines of at most `width` cells, blanks at their ends included."""
    text = content.plain
    return content.wrap(width) if narrow(text) else list(content.divide(breaks(text, width)))


def narrow(text: str) -> bool:
    """Whether `text` is words with blanks between them."""
    return text.isascii() or cell_len(text) == len(text)


def fitting(text: str, width: int) -> int:
    """How many letters of `text` fit into `width` cells; half a wide one does not."""
    used = 0
    for at, letter in enumerate(text):
        used += cell_len(letter)
        if used > width:
            return at
    return len(text)


@lru_cache(2048)
def breaks(text: str, width: int) -> tuple[int, ...]:
    """Where the lines after the first begin. A line may be longer by the blanks at its end."""
    found: list[int] = []
    start = allowed = used = 0
    for at, letter in enumerate(text):
        cells = cell_len(letter)
        if at > start and _between(text[at - 1], letter):
            allowed = at
        if used + cells > width and not letter.isspace() and at > start:
            start = allowed if allowed > start else at
            found.append(start)
            used = cell_len(text[start:at])
            if used + cells > width and at > start:  # too narrow for what belongs together
                start = at
                found.append(at)
                used = 0
        used += cells
    return tuple(found)


def _between(before: str, after: str) -> bool:
    """Whether a line may end with `before` and the next begin with `after`."""
    if before.isspace():
        return not after.isspace()
    if after in NEVER_FIRST or before in NEVER_LAST or cell_len(after) == 0:
        return False
    return cell_len(before) > 1 or cell_len(after) > 1
