"""A line to type in that shows no name and no address while the privacy mask is worn."""

from __future__ import annotations

import re

from rich.text import Text
from textual.suggester import SuggestionReady
from textual.widgets import Input

from risktui.console.widgets.ink import Veil

_FIELD = re.compile(r"-?\w+:")
PEOPLE = ("user", "by")
"""Fields whose values are people; those of others may happen to be in a name: `level:high`."""
SIGN = "*"
"""What stands for a letter of a name: as many as it has, so that the cursor stays where it is."""


class VeiledInput(Input):
    """What was typed is what is meant; only what is seen of it is masked."""

    @property
    def _value(self) -> Text:
        """What is drawn."""
        shown = veiled(self.value)
        if shown == self.value:
            return super()._value
        return Text(shown, no_wrap=True, overflow="ignore", end="")

    _suggested = ""
    """What was typed when something was suggested last."""

    async def _on_suggestion_ready(self, event: SuggestionReady) -> None:
        """What would say a name is not suggested."""
        if Veil.hide(event.suggestion) != event.suggestion:
            event.prevent_default()
        else:
            self._suggested = event.value

    def ask_again(self) -> None:
        """More is known than when this was typed: where nothing was suggested, something may be."""
        if self.value and self._suggested != self.value:
            self.run_worker(self._suggest())

    async def _suggest(self) -> None:
        value = self.value
        if self.suggester and (found := await self.suggester.get_suggestion(value)):
            self.post_message(SuggestionReady(value, found))


def veiled(text: str) -> str:
    """`text` with every word that the mask would change in signs of the same number."""
    return "".join(_word(word) for word in re.split(r"(\s+)", text))


def _word(word: str) -> str:
    field = _FIELD.match(word)
    front = field[0] if field else ""
    asked = word[len(front) :]
    names = front.strip("-:").casefold() in PEOPLE if front else True
    # Names are typed in small letters, in which a sentence would have a word, and seldom wholly.
    known = any(Veil.hide(each) != each for each in (word, word.title()))
    return front + SIGN * len(asked) if known or (names and Veil.tells(asked)) else word
