"""Rings and tells the terminal when somebody reaches a high risk, and writes its title."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from risktui.console import list_words as says
from risktui.language.choice import tr
from risktui.logs.clean import clean
from risktui.store.alerts import Alert
from risktui.store.queries import Counts

BELL = "\a"
NOTICE = 120
"""Characters of a notice; some terminals show one line."""
NINE = ("iTerm.app", "WezTerm", "ghostty", "vscode", "mintty", "Hyper")
"""TERM_PROGRAM of terminals that show `OSC 9 ; text`."""
SEVENS = ("foot", "rxvt")
"""Beginnings of TERM of terminals that show `OSC 777 ; notify ; title ; text`."""
BARE = ("linux", "dumb", "vt", "screen", "tmux")
"""Beginnings of TERM where a notice arrives nowhere; the bell does, tmux carries it through."""


def notice(title: str, text: str, environ: Mapping[str, str] = os.environ) -> str:
    """What shows a notice on this terminal besides the bell; "" where nothing would."""
    term = environ.get("TERM", "")
    if environ.get("TMUX") or term.startswith(BARE):
        return ""
    title, text = _plain(title), _plain(text)
    if term.startswith(SEVENS):
        return f"\x1b]777;notify;{title};{text}\a"
    if environ.get("TERM_PROGRAM") in NINE or "kitty" in term:
        return f"\x1b]9;{title}: {text}\a"
    return ""


def call(alerts: Sequence[Alert], environ: Mapping[str, str] = os.environ) -> str:
    """The bell, and a notice where the terminal shows one; "" for nobody."""
    if not alerts:
        return ""
    if len(alerts) > 1:
        names = ", ".join(alert.title for alert in alerts)
        return BELL + notice(tr(says.ALERTS).format(count=len(alerts)), names, environ)
    return BELL + notice(alerts[0].title, alerts[0].line, environ)


class TitleOfTerminal:
    """The title of the terminal's window: who watches from afar sees how many there are."""

    def __init__(self, title: str, label: str, environ: Mapping[str, str] = os.environ) -> None:
        self._able = not environ.get("TERM", "").startswith(("linux", "dumb", "vt"))
        self._front = " ".join(part for part in (label, "risktui", title) if part)
        self._shown: str | None = None

    def show(self, counts: Counts) -> str:
        """What writes the title; "" where it stands already."""
        text = tr(says.TERMINAL_TITLE).format(
            front=self._front, high=counts.high, medium=counts.medium, low=counts.low
        )
        if not self._able or text == self._shown:
            return ""
        first = "\x1b[22;2t" if self._shown is None else ""  # the title there was comes back
        self._shown = text
        return f"{first}\x1b]2;{_plain(text)}\a"

    def leave(self) -> str:
        """What brings the old title back."""
        return "\x1b[23;2t" if self._shown is not None else ""


def _plain(text: str) -> str:
    """One line that ends nothing and begins nothing."""
    return clean(text, NOTICE).replace(";", ",")
