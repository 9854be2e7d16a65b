"""Rewrites the owner of rows where two keys turned out to be one person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_OWNED = {
    "detections": "detection",
    "history": "item",
    "suppressions": "suppression",
    "sign_ins": "sign_in",
    "policy_results": "result",
}
"""Tables with a column `user_id`, and the column whose JSON says it again."""


def statements(joined: Sequence[tuple[str, str]]) -> list[tuple[str, list[tuple[Any, ...]]]]:
    """What moves everything of the first key of each pair to the second, in that order."""
    if not joined:
        return []
    moved: list[tuple[str, list[tuple[Any, ...]]]] = [
        (
            f"UPDATE OR REPLACE {table} SET user_id = ?,"  # noqa: S608  # only constants
            f" {body} = CAST(json_set({body}, '$.userId', ?) AS BLOB) WHERE user_id = ?",
            [(new, new, old) for old, new in joined],
        )
        for table, body in _OWNED.items()
    ]
    gone: list[tuple[Any, ...]] = [(old,) for old, _ in joined]
    return [
        *moved,
        *(
            (
                f"UPDATE OR REPLACE {table} SET user_id = ? WHERE user_id = ?",  # noqa: S608
                [(new, old) for old, new in joined],
            )
            for table in ("steps", "look_back")
        ),
        (
            "UPDATE OR REPLACE notified SET user_id = ? WHERE user_id = ?",
            [(new, old) for old, new in joined],
        ),
        ("DELETE FROM users WHERE id = ?", list(gone)),
        ("DELETE FROM people WHERE id = ?", list(gone)),
    ]
