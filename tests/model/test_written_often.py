"""Fields that are written fast hold what was written, and what may not be written still is not."""

from __future__ import annotations

import copy
import dis
import gc
import weakref
from types import FunctionType
from typing import Any

import msgspec
import pytest

from risktui.detect import Facts, KeyedState, Tracker
from risktui.detect.state import Seen
from risktui.engine.seats import Seat
from risktui.model.events import FileAccess, Location, SignIn
from risktui.model.written_often import written_often


@written_often
class Days(msgspec.Struct, array_like=True):
    """A small memory, as observers have them."""

    count: int = 0
    names: dict[str, int] = {}


@written_often
class DaysThere(Days):
    """The same with a place."""

    place: str = ""


def filled(kind: type[Days]) -> Days:
    """Of which every field was written after it was made."""
    days = kind()
    for count in range(50):  # often enough for CPython to specialise it
        days.count = count
    days.names = {"lagos": 1}
    return days


@pytest.mark.parametrize("kind", [Days, DaysThere])
def test_what_was_written_is_there_and_is_packed_and_copied(kind: type[Days]) -> None:
    days, made = filled(kind), kind(49, {"lagos": 1})
    assert days == made
    assert repr(days) == repr(made)
    packed = msgspec.msgpack.encode(days)
    assert packed == msgspec.msgpack.encode(made)
    assert msgspec.msgpack.decode(packed, type=kind) == days
    assert copy.copy(days) == copy.deepcopy(days) == days
    assert msgspec.structs.replace(days, count=3) == kind(3, {"lagos": 1})


def test_a_field_that_there_is_none_of_is_refused() -> None:
    days: Any = Days()
    with pytest.raises(AttributeError):
        days.cuont = 1
    with pytest.raises(AttributeError):
        del days.cuont


def test_a_frozen_class_stays_frozen() -> None:
    @written_often
    class Fixed(msgspec.Struct, frozen=True):
        count: int = 0

    fixed: Any = Fixed()
    with pytest.raises(AttributeError):
        fixed.count = 1


def test_a_frozen_subclass_stays_frozen_whether_it_is_made_before_or_after() -> None:
    class Base(msgspec.Struct):
        count: int = 0

    class Before(Base, frozen=True):  # type: ignore[misc]  # as a stranger may do it
        pass

    written_often(Base)

    class After(Days, frozen=True):  # type: ignore[misc]
        pass

    for fixed in (Before(), After()):
        with pytest.raises(AttributeError):
            fixed.count = 1  # type: ignore[misc]


def test_a_class_that_writes_in_its_own_way_goes_on_to() -> None:
    class Even(msgspec.Struct):
        count: int = 0

        def __setattr__(self, name: str, value: int) -> None:
            super().__setattr__(name, value // 2 * 2)

    class Half(msgspec.Struct):
        count: int = 0

    class EvenHalf(Half):
        def __setattr__(self, name: str, value: int) -> None:
            super().__setattr__(name, value // 2 * 2)

    for kind in (Even, EvenHalf):
        written_often(Half)
        even: Any = written_often(kind)()
        even.count = 5
        assert even.count == 4


def test_an_object_that_holds_what_was_written_goes_when_nobody_has_it() -> None:
    class Kept(msgspec.Struct, weakref=True):
        inner: Any = None

    outer, inner = written_often(Kept)(), Kept()
    outer.inner = [inner]
    gone = weakref.ref(inner)
    del inner
    assert gone() is not None
    gc.collect()
    assert gone() is not None
    del outer
    assert gone() is None


def _write_last(some: Any) -> None:
    for _ in range(100):
        some.last = some.last


def _write_time(some: Any) -> None:
    for _ in range(100):
        some.time = some.time


def _write_profile(some: Any) -> None:
    for _ in range(100):
        some.profile = some.profile


def is_written_fast(some: msgspec.Struct, write: Any) -> bool:
    """Whether CPython, having done it for a while, writes the field straight to its place."""
    anew = FunctionType(write.__code__.replace(), {"range": range})
    anew(some)
    return any(
        each.opname == "STORE_ATTR_SLOT" for each in dis.get_instructions(anew, adaptive=True)
    )


@pytest.mark.parametrize(
    ("some", "write"),
    [
        (SignIn(time=1, id="a"), _write_time),
        (FileAccess(time=1, id="a"), _write_time),
        (Seen(1.0, 1, 1, 1), _write_last),
        (Facts(), _write_profile),
    ],
    ids=lambda some: type(some).__name__,
)
def test_what_every_event_writes_is_written_straight_to_its_place(some: Any, write: Any) -> None:
    assert is_written_fast(some, write)


def test_the_states_of_ones_own_observers_are_from_when_they_are_seated() -> None:
    class Own(Tracker):
        name = "own"
        keys = ("ip",)
        watches = (SignIn,)

        class State(KeyedState):
            count: int = 0

    assert not is_written_fast(Own.State(), _write_last)
    Seat(Own())
    assert is_written_fast(Own.State(), _write_last)


def test_places_stay_what_they_are() -> None:
    place: Any = Location(city="Bern")
    with pytest.raises(AttributeError):
        place.city = "Basel"
    assert place == Location(city="Bern")
