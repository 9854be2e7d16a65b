"""The language of `/` at each place: words everywhere, and the fields that rows have there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeAlias

import msgspec

from risktui.console.actions import Place
from risktui.store.search import FIELDS, SearchError, parse, parts
from risktui.store.search_terms import levels_of, matcher, moment, part_of, term_of

Meets: TypeAlias = Callable[[Any, int], bool]
"""Judges what a row tells of itself at a time (ms)."""


class Facts(msgspec.Struct, frozen=True):
    """What fields can be asked of: of a row, or of one of the things behind it."""

    values: Mapping[str, tuple[str, ...]] = {}
    time: int = 0
    """When it happened (ms); 0 where that cannot be said."""
    text: str = ""
    """What it says besides what its row shows, where that need not be drawn to be known."""


class Asked(msgspec.Struct, frozen=True):
    """All conditions of a text on the rows of a place."""

    text: str = ""
    words: tuple[tuple[str, bool], ...] = ()
    """Each with whether it must not be there."""
    terms: tuple[tuple[Meets, bool], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.terms)

    def has_words(self, text: str) -> bool:
        """Whether `text` has the words that are asked for, and no other one of them."""
        folded = text.casefold()
        return all((word in folded) != negated for word, negated in self.words)

    def any_of(self, told: Iterable[object], now: int) -> bool:
        """Whether one of the things behind a row has all that is wanted, and none the unwanted."""
        found = list(told)
        wanted = [meets for meets, negated in self.terms if not negated]
        unwanted = [meets for meets, negated in self.terms if negated]
        if any(meets(each, now) for meets in unwanted for each in found):
            return False
        return not wanted or any(all(meets(each, now) for meets in wanted) for each in found)


class HasText(Protocol):
    """Anything that a text was understood as."""

    @property
    def text(self) -> str:
        """As it was written, without blanks around it."""


class Language(msgspec.Struct, frozen=True):
    """The fields of a place, each with examples, and how a text is understood there."""

    fields: Mapping[str, str]
    check: Callable[[str], HasText]
    """Raises `SearchError`, which says what is wrong."""
    values: Mapping[str, tuple[str, ...]] = {}
    """What a field can be, where that is known beforehand."""


def _of_person(text: str) -> Asked:
    """Fields of a detection, which mean what they mean everywhere."""

    def meets(field: str, values: list[str]) -> Meets:
        return term_of(f"{field}:{','.join(values)}").detection

    return _asked(text, PERSON, meets)


def _of_rows(fields: Mapping[str, str], known: Mapping[str, tuple[str, ...]]) -> Language:
    def meets(field: str, values: list[str]) -> Meets:
        if field == "level":
            return _among(field, levels_of(values))
        if field in {"since", "until"}:
            return _when(field, values)
        if field in known:
            return _among(field, _chosen(field, values, known[field]))
        matches = matcher(values)
        return lambda facts, _now: any(map(matches, facts.values.get(field, ())))

    return Language(fields, lambda text: _asked(text, fields, meets), known)


def _among(field: str, wanted: frozenset[str]) -> Meets:
    return lambda facts, _now: not wanted.isdisjoint(facts.values.get(field, ()))


def _when(field: str, values: list[str]) -> Meets:
    bound = moment(field, values)
    if field == "since":
        return lambda facts, now: facts.time >= max(1, bound(now))
    return lambda facts, now: 0 < facts.time < bound(now)


def _chosen(field: str, values: list[str], known: tuple[str, ...]) -> frozenset[str]:
    """The known values that are meant, in any case."""
    folded = {each.casefold(): each for each in known}
    for value in values:
        if value.casefold() not in folded:
            raise SearchError(f"{field}: {value!r} is none of {', '.join(known)}")
    return frozenset(folded[value.casefold()] for value in values)


def _asked(text: str, fields: Mapping[str, str], meets: Callable[[str, list[str]], Meets]) -> Asked:
    words: list[tuple[str, bool]] = []
    terms: list[tuple[Meets, bool]] = []
    for each in parts(text):
        part = part_of(each, fields)
        if part.field:
            terms.append((meets(part.field, list(part.values)), part.negated))
        else:
            words.append((part.values[0].casefold(), part.negated))
    return Asked(text.strip(), tuple(words), tuple(terms))


PERSON = {field: examples for field, examples in FIELDS.items() if field != "user"}
"""Fields of the detections of one person."""
_TIMES = {field: FIELDS[field] for field in ("since", "until")}
SOURCE_STATES = ("newest", "behind", "silent", "partly", "wholly")
"""Of formats: how far behind the others; of files: how much of them was read."""
DETECTOR_STATES = ("inForce", "blind", "provider")
"""`provider`: detections of that type come from another product alone."""
YES_OR_NO = ("yes", "no")

LANGUAGES: Mapping[Place, Language] = {
    "overview": Language(FIELDS, parse),
    "user": Language(PERSON, _of_person),
    "sources": _of_rows(
        {
            "kind": "kind:file  kind:quarantine,unread",
            "state": "state:silent  state:partly",
            **_TIMES,
        },
        {"kind": ("format", "quarantine", "unread", "file"), "state": SOURCE_STATES},
    ),
    "detectors": _of_rows(
        {
            "type": "type:passwordSpray  type:spray",
            "state": "state:blind  state:inForce",
            "attack": "attack:T1110",
            **_TIMES,
        },
        {"state": DETECTOR_STATES},
    ),
    "policies": _of_rows(
        {
            "policy": 'policy:"block high"  policy:block*',
            "state": "state:on  state:reportOnly",
            "control": "control:mfa  control:block",
            "user": FIELDS["user"],
            "level": "level:high  level:medium+",
            "differs": "differs:yes",
            **_TIMES,
        },
        {"differs": YES_OR_NO},
    ),
    "audit": _of_rows(
        {
            "by": "by:olga  by:ol*",
            "did": "did:dismiss  did:confirm*",
            "user": FIELDS["user"],
            **_TIMES,
        },
        {},
    ),
}
"""What `/` understands, by place; in a detection it looks for a word in the record."""


def asked(place: Place, text: str) -> Asked:
    """What `text` asks of the rows of `place`. Raises `SearchError`."""
    found = LANGUAGES[place].check(text)
    return found if isinstance(found, Asked) else Asked(found.text)


def language_of(place: Place) -> Language:
    """What `/` understands at `place`."""
    return LANGUAGES.get(place, LANGUAGES["overview"])
