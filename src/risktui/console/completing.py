"""What could come next in a filter that is being typed: a field, one of its values, a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from textual.suggester import Suggester

from risktui.model.risk import Detection, RiskyUser
from risktui.store.search_terms import FIELDS, LEVELS, STATES

SPANS = ("24h", "7d", "1h", "30d")


class Completer(Suggester):
    """Completes the last part of a text from the language and from what the lists hold."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._known: tuple[tuple[RiskyUser, ...], tuple[Detection, ...]] = (), ()

    def learn(self, users: Iterable[RiskyUser], detections: Iterable[Detection]) -> None:
        """These can be looked for."""
        self._known = tuple(users), tuple(detections)

    async def get_suggestion(self, value: str) -> str | None:
        """The text with its last part completed; None where nothing is known."""
        return complete(value, self._values())

    def _values(self) -> Mapping[str, Sequence[str]]:
        users, found = self._known
        people: list[RiskyUser | Detection] = [*users, *found]
        return {
            "level": [*LEVELS, "medium+"],
            "state": [*STATES],
            "type": _distinct(one.risk_event_type for one in found),
            "user": _distinct(one.user_principal_name for one in people),
            "ip": _distinct(one.ip_address for one in found),
            "country": _distinct(one.location.country_or_region for one in found),
            "since": SPANS,
            "until": SPANS,
        }


def complete(text: str, values: Mapping[str, Sequence[str]]) -> str | None:
    """`text` with its last part completed: `user:ca` to `user:carol@contoso.com`."""
    head, gap, part = text.rpartition(" ")
    before = head + gap
    sign = "-" if part.startswith("-") else ""
    body = part.removeprefix("-")
    if not body:
        return None
    field, colon, value = body.partition(":")
    if not colon:
        return next((f"{before}{sign}{n}:" for n in FIELDS if n.startswith(body)), None)
    first, comma, last = value.rpartition(",")
    known = values.get(field.casefold(), ())
    wanted = last.casefold()
    found = next((one for one in known if one.casefold().startswith(wanted)), None)
    if found is None or not last or found.casefold() == wanted:
        return None
    # What was typed stays as it is: a suggestion goes on from there.
    return f"{before}{sign}{field}:{first}{comma}{last}{found[len(last) :]}"


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))
