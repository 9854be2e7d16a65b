"""The views there are, to choose from."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen

from risktui.console import list_words as says
from risktui.console.display import OneSize
from risktui.console.screens.bindings import REPAINT
from risktui.console.session import Session
from risktui.console.sorting import ORDER_WORDS
from risktui.console.widgets.feed_messages import RowSelected
from risktui.console.widgets.feed_table import FeedTable
from risktui.console.widgets.rows import Cell, Column, Row
from risktui.console.widgets.veiled_input import veiled
from risktui.language.choice import tr

COLUMNS = (
    Column("view", minimum=8, maximum=24),
    Column("filter", minimum=12, share=3),
    Column("order", minimum=18, share=1, drop=1),
)


class ViewsScreen(OneSize, ModalScreen[str | None]):
    """Gives the name that was chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,v,ctrl+c", "dismiss(None)", "close", show=False),
        Binding("d", "delete", "delete", show=False),
        REPAINT,
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.table = FeedTable(COLUMNS, id="views", ascii_only=session.ascii_only)

    def compose(self) -> ComposeResult:
        """One list over the screen."""
        yield self.table

    def on_mount(self) -> None:
        """Shows the views."""
        self.set_class(self._session.ascii_only, "-ascii")
        self.table.border_title = Content(tr(says.VIEWS_TITLE))
        self._show()
        self.table.focus()

    def on_feed_table_row_selected(self, event: RowSelected) -> None:
        """Enter chooses."""
        self.dismiss(event.key)

    def action_delete(self) -> None:
        """Deletes the view under the cursor."""
        views = self._session.diary.kept.views
        views.pop(self.table.cursor_key or "", None)
        self._session.diary.write()
        if not views:
            self.dismiss(None)
            return
        self._show()

    def _show(self) -> None:
        views = self._session.diary.kept.views
        self.table.show(
            [
                Row(
                    name,
                    (
                        Cell(name, "strong"),
                        Cell(f"/{veiled(view.text)}", "accent")
                        if view.text
                        else Cell(tr(says.EVERYTHING), "muted"),
                        Cell(tr(ORDER_WORDS[view.people.by]), "muted"),
                    ),
                )
                for name, view in sorted(views.items())
            ]
        )
