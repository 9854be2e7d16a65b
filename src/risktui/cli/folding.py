"""Breaks long lines between words, where a terminal would break them anywhere."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

from rich.cells import cell_len

LEFT = 34
"""Cells of a label, a time or a number below whose end a line goes on; behind more, below its
beginning."""
KEPT = "\N{NO-BREAK SPACE}"
_COMMAND = re.compile(r"`[^`\n]+`")
_LABEL = re.compile(r"(\s*(?:[-+*!] |\d+\. )|\s*\S+(?: \S+)*? {2,})(?=\S)")
_OPENING = r"「（『(\["
_BOUND = r"、。，．・：；！？」』）)\],.;:!?ーァィゥェォッャュョぁぃぅぇぉっゃゅょ々"
"""What no line of Japanese begins with."""
_WIDE = r"\u3000-\uffef"
_PIECE = re.compile(
    rf"(?:[{_OPENING}]*(?![{_OPENING}])[{_WIDE}]|[「（『]*[^{_WIDE} ]+|[{_OPENING}]+)"
    rf"[{_BOUND}]* *| +"
)


def folded(text: str, cells: int | None) -> str:
    """`text` with no line longer than so many cells, as far as no word is; None folds nothing.

    A line goes on below what stands behind its label: `source         okta: 3 files, …`. Commands
    in backticks stay in one piece, to be copied.
    """
    if cells is None:
        return text
    whole = _COMMAND.sub(lambda found: found[0].replace(" ", KEPT), text)
    lines = (each for line in whole.split("\n") for each in _folded(line, cells))
    return "\n".join(lines).replace(KEPT, " ")


def wrapped(head: str, text: str, cells: int, below: str = "") -> Iterable[str]:
    """`text` behind `head`; its further lines behind `below`, which is as wide as `head` if ""."""
    below = below or " " * cell_len(head)
    if cell_len(text) != len(text):
        return _broken(head, text, cells, below)
    return textwrap.wrap(
        text,
        cells,
        initial_indent=head,
        subsequent_indent=below,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _folded(line: str, cells: int) -> Iterable[str]:
    if cell_len(line) <= cells:
        return [line]
    label = _LABEL.match(line)
    if label is not None and cell_len(label[1]) <= min(LEFT, cells // 2):
        return wrapped(label[1], line[label.end() :], cells)
    indent = " " * (len(line) - len(line.lstrip()))
    return wrapped(indent, line.lstrip(), cells, below=f"{indent}  ")


def _broken(head: str, text: str, cells: int, indent: str) -> Iterator[str]:
    """The same of Japanese, which may be broken everywhere but beside what binds: 「, 、, ー."""
    line = head
    for piece in _PIECE.findall(text):
        if cell_len(line + piece.rstrip()) > cells and line.strip():
            yield line.rstrip()
            line = indent
        line += piece if line != indent else piece.lstrip()
    yield line.rstrip()
