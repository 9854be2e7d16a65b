"""The small language of `/` and `--find`: words and `level:high user:al* since:24h`.

`parse` turns a text into a `Search`, a predicate over people and detections; a mistake is a
`SearchError` that says what is wrong and what would be right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import msgspec

from risktui.model.risk import Detection, RiskyUser
from risktui.store.search_terms import FIELDS, SearchError, Term, term_of

__all__ = ["FIELDS", "Search", "SearchError", "parse", "parts"]

EARLIEST, LATEST = -(2**62), 2**62
"""Before and after any activity (ms)."""
_SPAN = re.compile(r"\b(?:since|until):\d+[smhdw]\b", re.IGNORECASE)
_PARTS = re.compile(r'(?:[^\s"]|"[^"]*")+')


class Search(msgspec.Struct, frozen=True):
    """All conditions of a text; an empty one is met by everybody."""

    text: str = ""
    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def says_state(self) -> bool:
        """Whether it asks for states itself, so that nobody else should leave closed ones out."""
        return any(term.field == "state" for term in self.terms)

    @property
    def counts_back(self) -> bool:
        """Whether it names a span of time before now, such as `since:24h`."""
        return _SPAN.search(self.text) is not None

    def detection(self, detection: Detection, now: int) -> bool:
        """Whether `detection` meets it at `now` (ms)."""
        return all(term.detection(detection, now) != term.negated for term in self.terms)

    def person(
        self, user: RiskyUser, detections: Callable[[], Iterable[Detection]], now: int
    ) -> bool:
        """Whether `user` meets it at `now` (ms).

        What a person does not carry (addresses, countries) one of their detections has to meet;
        `detections` is only called where that matters.
        """
        wanted: list[Term] = []
        unwanted: list[Term] = []
        for term in self.terms:
            told = term.person(user, now)
            if told is None:
                (unwanted if term.negated else wanted).append(term)
            elif told == term.negated:
                return False
        if not wanted and not unwanted:
            return True
        found = list(detections())
        if any(term.detection(detection, now) for term in unwanted for detection in found):
            return False
        return not wanted or any(
            all(term.detection(detection, now) for term in wanted) for detection in found
        )

    def left_open(self, user: RiskyUser, now: int) -> Search:
        """The conditions that only the detections of `user` can tell."""
        return Search(self.text, tuple(t for t in self.terms if t.person(user, now) is None))

    def span(self, now: int) -> tuple[int, int]:
        """From when on and before when (ms) the activity of every detection is that meets it."""
        bounds = [(term, term.bound(now)) for term in self.terms if term.bound]
        since = [time for term, time in bounds if (term.field == "since") != term.negated]
        until = [time for term, time in bounds if (term.field == "until") != term.negated]
        return max(since, default=EARLIEST), min(until, default=LATEST)

    def may_meet(self, body: bytes) -> bool:
        """Whether the detection with the JSON `body` may meet it: False saves decoding it."""
        if any(term.negated for term in self.terms):
            return True
        text = body.lower()
        return all(
            any(trace in text for trace in term.traces) for term in self.terms if term.traces
        )


def parse(text: str) -> Search:
    """The search that `text` describes; raises `SearchError`."""
    return Search(text.strip(), tuple(term_of(part) for part in parts(text)))


def parts(text: str) -> list[str]:
    """The words and fields of `text`, with their quotation marks; raises `SearchError`."""
    if text.count('"') % 2:
        raise SearchError('a quotation mark is open: close it with "')
    found: list[str] = _PARTS.findall(text)
    return [part for part in found if part == "-" or part.removeprefix("-").replace('"', "")]
