"""Which keys an action has, the user's own among them, and how one reads them.

Knows nothing of Textual, as the list of actions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from risktui.console.actions import ACTIONS, PLACES, Action, Place, actions_of

KEY_WORDS = {
    "greater_than_sign": ">",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "ctrl+@": "ctrl+space",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "esc",
    "f2": "F2",
    "pageup": "page up",
    "pagedown": "page down",
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
}


def keys_of(action: Action, keymap: Mapping[str, str]) -> list[str]:
    """The keys as one reads them, the user's own where they have rebound it."""
    keys = keymap.get(action.id, action.keys)
    return [_whole(key.split(), action.prefix) for key in keys.split(",") if key.strip()]


def _whole(keys: list[str], prefix: str) -> str:
    """`s` of an action after `g` as `g s`."""
    return in_words([prefix, *keys] if prefix and len(keys) == 1 else keys)


def in_words(keys: Sequence[str]) -> str:
    """Keys one after the other as one reads them: `left_square_bracket` as `[`."""
    return " ".join(KEY_WORDS.get(key, key) for key in keys)


def own_keys(action: Action) -> str:
    """The keys without the one that has to come before."""
    return action.keys.removeprefix(f"{action.prefix} ") if action.prefix else action.keys


def rebound(keymap: Mapping[str, str]) -> dict[str, str]:
    """A user's keymap without the keys that have to come before others: `g x` is bound to `x`."""
    after = {action.id: action.prefix for action in ACTIONS if action.prefix}
    return {
        name: ",".join(key.split()[-1] for key in keys.split(",") if key.strip())
        if name in after
        else keys
        for name, keys in keymap.items()
    }


def after(prefix: str, place: Place, keymap: Mapping[str, str]) -> list[tuple[str, str]]:
    """(key, words) of what can follow the key `prefix` at a place."""
    return [
        (keys[0].split()[-1], action.words)
        for action in actions_of(place)
        if action.prefix == prefix and (keys := keys_of(action, keymap))
    ]


def key_bar(place: Place, keymap: Mapping[str, str]) -> list[tuple[str, str]]:
    """(key, words) of the key bar, most wanted first."""
    shown = sorted((a for a in actions_of(place) if a.bar), key=lambda a: a.bar)
    return [(keys[0], action.words) for action in shown if (keys := keys_of(action, keymap))]


def unknown_ids(keymap: Mapping[str, str]) -> list[str]:
    """Names in a user's keymap that no action has."""
    known = {action.id for action in ACTIONS}
    return sorted(set(keymap) - known)


def clashes(keymap: Mapping[str, str]) -> list[str]:
    """Keys that a user's keymap gives to several actions of one place, and to which."""
    found = set()
    for place in PLACES:
        holders: dict[str, list[str]] = {}
        for action in ACTIONS:
            if place in action.places:
                for key in keys_of(action, keymap):
                    holders.setdefault(key, []).append(action.id)
        found |= {f"{key}: {', '.join(ids)}" for key, ids in holders.items() if len(ids) > 1}
    return sorted(found)


def as_markdown() -> str:
    """The table of docs/keys.md."""
    rows = ["| keys | does | where | id |", "|---|---|---|---|"]
    for action in ACTIONS:
        keys = " ".join(f"`{key}`" for key in keys_of(action, {}))
        where = "everywhere" if action.places == PLACES else ", ".join(action.places)
        rows.append(f"| {keys} | {action.help} | {where} | `{action.id}` |")
    return "\n".join(rows) + "\n"
