"""The keys of a place as Textual's bindings, from the list of actions."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from risktui.console import actions, keyboard


def bindings_of(place: actions.Place) -> list[BindingType]:
    """The bindings of a place, from the list of actions."""
    return [_binding(action) for action in actions.actions_of(place) if action.function]


def _binding(action: actions.Action) -> Binding:
    """A key after another goes before all that the key means alone, while the first one holds.

    The first one has priority too: it must be known before a second that was typed quickly comes.
    """
    if not action.prefix:
        first = action.function.startswith("prefix(")
        return Binding(
            action.keys, action.function, action.words, show=False, priority=first, id=action.id
        )
    function = f"after({action.prefix!r}, {action.id!r})"
    keys = keyboard.own_keys(action)
    return Binding(keys, function, action.words, show=False, priority=True, id=action.id)


REPAINT = next(_binding(action) for action in actions.ACTIONS if action.id == "app.repaint")
"""For what stands over a place, where the keys of the place are nobody's."""
