"""Where people live: which bucket has the rows of whom."""

from __future__ import annotations

import msgspec

from risktui.engine.row import PeekableRows
from risktui.engine.spark.packed import ADMINISTRATORS, bucket_of

STAGE = "home"
"""Rows that say in which bucket's key a person lives."""


class Home(msgspec.Struct):
    """Where a person's rows are."""

    key: str = ""
    """By which the bucket is found: the person's own, or that of a name they had before."""
    administrator: bool = False


class Homes:
    """The homes that `rows` know of, and those that are given in a batch."""

    def __init__(self, rows: PeekableRows, buckets: int) -> None:
        self._rows = rows
        self._buckets = buckets
        self._expected: set[str] = set()

    def of(self, user: str) -> Home | None:
        """Where somebody lives; None for who has no history."""
        row = self._rows.peek(STAGE, user)
        return row.part(STAGE, Home) if row is not None else None

    def expect(self, user: str) -> None:
        """Somebody without a history is about to change others: an administrator from now on."""
        self._expected.add(user)

    def settle_in(self, user: str, key: str, *, administrator: bool) -> Home:
        """Let somebody live where `key` leads to."""
        home = self._rows.row(STAGE, user).part(STAGE, Home)
        home.key, home.administrator = key, administrator
        return home

    def bucket(self, user: str) -> int:
        """Where a person lives, from now on at the latest."""
        home = self.of(user)
        if home is None:
            home = self.settle_in(user, user, administrator=user in self._expected)
        return self.place(home)

    def place(self, home: Home) -> int:
        """The bucket of a home."""
        if home.administrator or not self._buckets:
            return ADMINISTRATORS
        return bucket_of(home.key, self._buckets)
