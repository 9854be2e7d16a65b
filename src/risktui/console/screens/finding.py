"""A place whose rows can be looked through for words and fields, while one types them."""

from __future__ import annotations

from risktui.console import list_words as says
from risktui.console.asking import Asked, asked
from risktui.console.screens.place import Place
from risktui.console.session import Session
from risktui.console.widgets.filter_bar import FilterBar
from risktui.language.choice import tr


class Finding(Place):
    """`/` opens a line; enter keeps the rows that are left, escape brings back the others."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.asked = Asked()
        """What rows are looked for."""

    def action_find(self) -> None:
        """Opens the line for what is looked for; the rows follow while one types."""
        self._return_to = self.focused
        self.filter_bar.open(self.asked.text)
        self.key_bar.show([("enter", says.KEEP), ("esc", says.BACK_TO)])

    def on_filter_bar_tried(self, event: FilterBar.Tried) -> None:
        """The rows follow; after enter they stay."""
        event.stop()
        self._look_for(event.text)
        if event.kept:
            self.close_bars()

    def on_filter_bar_left(self, event: FilterBar.Left) -> None:
        """Back to the rows there were."""
        event.stop()
        self._look_for(event.text)
        self.close_bars()

    def clear_filter(self) -> bool:
        """All rows again; whether there were fewer."""
        some = bool(self.asked)
        self._look_for("")
        return some

    def say_how_many(self, shown: int, all_: int) -> None:
        """Beside what is typed."""
        if self.filter_bar.is_open:
            self.filter_bar.say(tr(says.SOME_OF_ALL).format(shown=shown, all=all_))

    def _look_for(self, text: str) -> None:
        if text != self.asked.text:
            self.asked = asked(self.place, text)
            self.post_message(self.Changed())
