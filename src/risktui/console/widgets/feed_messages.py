"""What a feed table tells its screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from risktui.console.widgets.feed_table import FeedTable


class _FromTable(Message):
    """Anything a table says; `table` is who says it."""

    def __init__(self, table: FeedTable) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> FeedTable:
        """The table, for `@on(…, "#id")`."""
        return self.table


class RowHighlighted(_FromTable, namespace="feed_table"):
    """The cursor is on another row; `key` is None where the table has become empty."""

    def __init__(self, table: FeedTable, key: str | None) -> None:
        super().__init__(table)
        self.key = key


class RowSelected(_FromTable, namespace="feed_table"):
    """Somebody wants to see the row with the cursor."""

    def __init__(self, table: FeedTable, key: str) -> None:
        super().__init__(table)
        self.key = key


class MarksChanged(_FromTable, namespace="feed_table"):
    """A mark was set or taken away."""

    def __init__(self, table: FeedTable, marked: frozenset[str]) -> None:
        super().__init__(table)
        self.marked = marked


class FollowChanged(_FromTable, namespace="feed_table"):
    """The table began to follow or to hold, or more rows came while it held."""

    def __init__(self, table: FeedTable, *, following: bool, new_count: int) -> None:
        super().__init__(table)
        self.following, self.new_count = following, new_count
