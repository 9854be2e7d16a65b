"""What is said when the engine has answered verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from risktui.console import list_words as says
from risktui.console.judging import REMINDERS, VERBS
from risktui.language.choice import tr
from risktui.store.verdicts import Action, Answer


def in_words(action: Action, answers: Sequence[Answer], undo_key: str) -> tuple[str, str]:
    """What became of verdicts, what is easily forgotten now, how to undo it; and its role."""
    accepted = [answer for answer in answers if answer.accepted]
    refused = [answer for answer in answers if not answer.accepted]
    why = tr(refused[0].message) if refused else ""
    if not accepted:
        return tr(says.REFUSED).format(why=why), "bad"
    said = tr(_for_people(accepted[0].message)).replace("->", "→")
    if len(answers) > 1:
        some = tr(says.SOME_REFUSED if refused else says.SOME_ACCEPTED)
        said = some.format(count=len(accepted), all=len(answers), why=why)
    reminder = tr(REMINDERS.get(action, ""))
    if action != "undo":
        undo = tr(says.UNDOES_IT).format(key=undo_key)
        reminder = tr(says.BOTH).format(one=reminder, other=undo).lstrip()
    whole = tr(says.SENTENCES).format(first=said, second=reminder).rstrip()
    return whole, "warn" if refused else "good"


def _for_people(message: str) -> str:
    """The engine's answer without the names that verdicts have for programs."""
    for action, verb in VERBS.items():
        message = message.replace(f": {action} taken back", f": {verb} taken back")
    return message
