"""How a screen looks: every cell's colours and style, in few words that can be kept."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

from rich.style import Style

from risktui.console.app import Console

FOLDER = Path(__file__).parent / "goldens" / "looks"
SIGNS = {"bold": "b", "italic": "i", "underline": "u", "reverse": "r", "dim": "d", "strike": "s"}


def look_of(app: Console) -> str:
    """A digest of all cells, and the colours there are: `#ffffff/#000000 b` is bold and white."""
    digest = blake2b(digest_size=6)
    worn: set[str] = set()
    for line in app.screen._compositor.render_strips():
        for segment in line:
            style = _style(segment.style)
            digest.update(f"{segment.text}\0{style}\0".encode())
            if segment.text.strip() or style.endswith("r"):
                worn.add(style)
        digest.update(b"\n")
    return f"{digest.hexdigest()}  {', '.join(sorted(worn))}"


def _style(style: Style | None) -> str:
    if style is None:
        return "-/-"
    front, back = (
        "-" if colour is None else colour.name for colour in (style.color, style.bgcolor)
    )
    signs = "".join(sign for name, sign in SIGNS.items() if getattr(style, name))
    return f"{front}/{back} {signs}".rstrip()
