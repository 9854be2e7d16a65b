"""What could come next in a filter that is being typed: a field, one of its values, a name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from textual.suggester import Suggester

from risktui.console.asking import Facts, Language
from risktui.model.risk import Detection, RiskyUser
from risktui.store.search_terms import FIELDS, LEVELS, STATES

SPANS = ("24h", "7d", "1h", "30d")


class Completer(Suggester):
    """Completes the last part of a text from the language and from what the lists hold."""

    def __init__(self, fields: Iterable[str] = FIELDS) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._fields = tuple(fields)
        self._values: Callable[[], Mapping[str, Sequence[str]]] = dict
        self._told: Mapping[str, Sequence[str]] | None = None
        """What that has told: the lists may be long, and a key is not to wait for each of them."""

    def learn(self, values: Callable[[], Mapping[str, Sequence[str]]]) -> None:
        """`values` tells, when it is asked for, what can be looked for by each field."""
        self._values, self._told = values, None

    async def get_suggestion(self, value: str) -> str | None:
        """The text with its last part completed; None where nothing is known."""
        if self._told is None:
            self._told = self._values()
        return complete(value, self._told, self._fields)


def values_of(
    users: Iterable[RiskyUser], found: Iterable[Detection]
) -> Mapping[str, Sequence[str]]:
    """What can be looked for by each field in lists of people and detections."""
    people: list[RiskyUser | Detection] = [*users, *found]
    found = [one for one in people if isinstance(one, Detection)]
    return {
        "level": [*LEVELS, "medium+"],
        "state": [*STATES],
        "type": distinct(one.risk_event_type for one in found),
        "user": distinct(one.user_principal_name for one in people),
        "ip": distinct(one.ip_address for one in found),
        "country": distinct(one.location.country_or_region for one in found),
        "since": SPANS,
        "until": SPANS,
    }


def values_of_facts(
    language: Language, told: Iterable[Iterable[Facts]]
) -> Mapping[str, Sequence[str]]:
    """The same of what the rows of a table tell."""
    values: dict[str, Sequence[str]] = {"level": LEVELS, "since": SPANS, "until": SPANS}
    values |= language.values
    facts = [each for row in told for each in row]
    for field in language.fields:
        if field not in values:
            values[field] = distinct(v for each in facts for v in each.values.get(field, ()))
    return values


def complete(
    text: str, values: Mapping[str, Sequence[str]], fields: Iterable[str] = FIELDS
) -> str | None:
    """`text` with its last part completed: `user:ca` to `user:carol@contoso.com`."""
    head, gap, part = text.rpartition(" ")
    before = head + gap
    sign = "-" if part.startswith("-") else ""
    body = part.removeprefix("-")
    if not body:
        return None
    field, colon, value = body.partition(":")
    if not colon:
        return next((f"{before}{sign}{n}:" for n in fields if n.startswith(body)), None)
    first, comma, last = value.rpartition(",")
    known = values.get(field.casefold(), ())
    wanted = last.casefold()
    found = next((one for one in known if one.casefold().startswith(wanted)), None)
    if found is None or not last or found.casefold() == wanted:
        return None
    # What was typed stays as it is: a suggestion goes on from there.
    return f"{before}{sign}{field}:{first}{comma}{last}{found[len(last) :]}"


def distinct(texts: Iterable[str]) -> list[str]:
    """Each of `texts` once, as they come; none that is empty."""
    return list(dict.fromkeys(text for text in texts if text))
