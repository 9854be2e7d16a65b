"""What observers remember is packed without names: a field that moves is read as its neighbour.

`shapes.txt` has of every observer what its state consists of, in the order in which it is packed.
One that changes is another version's, or what was kept for one field is taken for another.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from msgspec import inspect

from risktui.content import content
from risktui.detect import KeyedState, Profile
from risktui.detect.loader import load, name_of
from risktui.detect.organisation import BUILT_IN
from risktui.engine.given import built_in
from risktui.engine.identities import Aliases
from risktui.risk.state import UserRisk

RECORDED = Path(__file__).with_name("shapes.txt")
WRITES = os.environ.get("RISKTUI_SNAPSHOTS") == "write"
RECORD = "RISKTUI_SNAPSHOTS=write pytest tests/detectors/test_state_shapes.py"
OUR_PARTS: dict[str, Any] = {"alias": Aliases, "profile": Profile, "risk": UserRisk}
"""What rows hold that is no observer's, by the names of `Row.part`: these have no version."""
MENDED = (
    f"raise its `version` and record it: {RECORD}; the latter is enough where fields with defaults"
    " were only added at the end, behind `last`, and before the first release",
    "it is what is known of people, and has no version: a field may only be added, with a default,"
    f" and at the end where it is packed in order; then record it: {RECORD}",
)

MODULE = __name__.rpartition(".")[2]

Shapes: TypeAlias = dict[str, list[str]]
"""By `name@version`, or a name alone, the class it is packed from; by class its fields in words."""


def shapes_of(parts: Iterable[tuple[str, Any]]) -> Shapes:
    """What each part is packed as, and all structs in it."""
    found: Shapes = {}
    structs: dict[str, type[Any]] = {}
    for part, kind in parts:
        found[part] = [_named(kind, structs)]
    while missing := [name for name in structs if name not in found]:
        told = inspect.type_info(structs[missing[0]])
        assert isinstance(told, inspect.StructType)
        tag = f", tagged {told.tag}" if told.tag is not None else ""
        found[missing[0]] = [
            ("in order" if told.array_like else "by names") + tag,
            *(f"{each.encode_name}: {_words(each.type, structs)}" for each in told.fields),
        ]
    return dict(sorted(found.items()))


def _named(kind: type[Any], structs: dict[str, type[Any]]) -> str:
    module = re.sub(r"risktui_detectors_[0-9a-f]*_|.*\.", "", kind.__module__)
    name = f"{module}.{kind.__qualname__}"
    assert structs.setdefault(name, kind) is kind, f"two classes are called {name}"
    return name


def _words(kind: inspect.Type, structs: dict[str, type[Any]]) -> str:
    """A type in words; structs in it are added to `structs`."""
    match kind:
        case inspect.StructType(cls=cls):
            return _named(cls, structs)
        case inspect.EnumType(cls=cls):
            return " ".join(str(each.value) for each in cls)
        case inspect.LiteralType(values=values):
            return " ".join(map(str, values))
        case inspect.DictType(key_type=key, value_type=value):
            return f"{{{_words(key, structs)}: {_words(value, structs)}}}"
        case inspect.TupleType(item_types=items):
            return f"({', '.join(_words(item, structs) for item in items)})"
        case inspect.UnionType(types=types):
            return " | ".join(_words(each, structs) for each in types)
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return f"[{_words(item, structs)}]"
        case inspect.SetType(item_type=item) | inspect.FrozenSetType(item_type=item):
            return f"set[{_words(item, structs)}]"
    return type(kind).__name__.removesuffix("Type").lower()


@cache
def of_today() -> Shapes:
    """Of all that rows hold."""
    catalogue = load([content("detectors")], {}, built_in())
    observers: list[Any] = [*BUILT_IN, *catalogue.detectors, *catalogue.trackers]
    parts = [
        (f"{name_of(observer)}@{observer.version}", observer.State)
        for observer in observers
        if observer.State is not KeyedState
    ]
    return shapes_of([*OUR_PARTS.items(), *parts])


def written(shapes: Shapes) -> str:
    """As `shapes.txt` has them: parts, then classes."""
    told = [f"{part} {shapes[part][0]}" for part in _parts(shapes)]
    for name in sorted(shapes.keys() - _parts(shapes)):
        told += ["", f"{name} {shapes[name][0]}", *(f"    {line}" for line in shapes[name][1:])]
    return "\n".join(told) + "\n"


def read(text: str) -> Shapes:
    """What `written` has written."""
    found: Shapes = {}
    for block in re.findall(r"^\S.*(?:\n .*)*", text, re.MULTILINE):
        head, *fields = block.split("\n")
        name, _, first = head.partition(" ")
        found[name] = [first, *map(str.strip, fields)]
    return found


def _parts(shapes: Shapes) -> dict[str, None]:
    """The names of parts; those of classes are qualified."""
    return dict.fromkeys(sorted(name for name in shapes if "." not in name))


def whole(shapes: Shapes, part: str) -> list[tuple[str, str]]:
    """All that is packed of a part, a line for each field: as it is told, and compared.

    What classes are called makes no difference, only which of them it is.
    """
    numbers = {shapes[part][0]: "0"}
    found = []
    for name in (waiting := list(numbers)):
        for field in shapes[name]:
            inner = [each for each in re.findall(r"\w+(?:\.\w+)+", field) if each in shapes]
            waiting += dict.fromkeys(each for each in inner if each not in numbers)
            for each in inner:
                numbers.setdefault(each, str(len(numbers)))
            bare = re.sub(r"\w+(?:\.\w+)+", lambda m: numbers.get(m[0], m[0]), field)
            found.append((f"{name} {field}", f"{numbers[name]} {bare}"))
    return found


def complaints(now: Shapes, before: Shapes) -> Iterator[str]:
    """What is to be done about each part that is not as it was recorded."""
    for part in sorted(_parts(now) | _parts(before)):
        if part not in before or part not in now:
            how = "no more" if part in before else "new"
            yield f"{part} is {how}; record it: {RECORD}"
            continue
        old, new = whole(before, part), whole(now, part)
        if [same for _, same in old] != [same for _, same in new]:
            changed = [f"    - {line}" for line, _ in old if line not in dict(new)]
            changed += [f"    + {line}" for line, _ in new if line not in dict(old)]
            what = "\n".join(changed or ["    the order of fields"])
            yield f"{part} is not packed as before:\n{what}\n  {MENDED['@' not in part]}"


def test_what_is_remembered_has_the_shape_that_was_recorded_for_its_version() -> None:
    if WRITES:
        RECORDED.write_text(written(of_today()), "utf-8")
    found = list(complaints(of_today(), read(RECORDED.read_text("utf-8"))))
    assert not found, "\n" + "\n".join(found)


def test_everything_that_is_recorded_is_in_use() -> None:
    assert RECORDED.read_text("utf-8") == written(of_today()), f"record it: {RECORD}"


class Place(msgspec.Struct, array_like=True):
    """Where."""

    city: str


class Before(KeyedState):
    """As it was."""

    places: dict[str, Place] = {}


class After(KeyedState):
    """With a field that takes the place of `last`, which is packed last."""

    places: dict[str, Place] = {}
    times: int = 0


def test_a_field_that_takes_the_place_of_another_is_said_with_what_to_do() -> None:
    kept = msgspec.msgpack.encode(Before(last=1_772_420_400_000))
    assert msgspec.msgpack.decode(kept, type=After).times == 1_772_420_400_000  # that is why
    before = read(written(shapes_of([("x@1", Before), ("y", Before)])))
    assert list(complaints(shapes_of([("x@1", Before), ("y", Before)]), before)) == []
    now = {**before, f"{MODULE}.Before": shapes_of([("x", After)])[f"{MODULE}.After"]}
    theirs, ours = complaints(now, before)
    assert theirs.startswith(f"x@1 is not packed as before:\n    + {MODULE}.Before times: int")
    assert "raise its `version`" in theirs
    assert "has no version: a field may only be added" in ours


def test_so_is_one_of_a_struct_in_it_and_one_that_only_moves() -> None:
    before = shapes_of([("x@1", After)])
    name = next(each for each in before if each.endswith("Place"))
    (said,) = complaints({**before, name: ["in order", "city: int"]}, before)
    assert f"    - {name} city: str\n    + {name} city: int" in said
    name = next(each for each in before if each.endswith("After"))
    form, *fields = before[name]
    (said,) = complaints({**before, name: [form, *reversed(fields)]}, before)
    assert "the order of fields" in said


def test_a_class_may_be_called_otherwise() -> None:
    text = written(shapes_of([("x@1", Before)]))
    renamed = read(text.replace(f"{MODULE}.Place", "elsewhere.Spot"))
    assert "elsewhere.Spot" in renamed
    assert list(complaints(renamed, read(text))) == []


def test_a_new_version_asks_to_be_recorded() -> None:
    before, now = shapes_of([("x@1", Before)]), shapes_of([("x@2", After)])
    assert [said.partition(";")[0] for said in complaints(now, before)] == [
        "x@1 is no more",
        "x@2 is new",
    ]
