"""The least that Textual can show: what a first screen is measured against."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Empty(App[None]):
    """One line."""

    def compose(self) -> ComposeResult:
        """The line."""
        yield Static("nothing else")


if __name__ == "__main__":
    Empty().run(mouse=False)
