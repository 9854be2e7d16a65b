from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

import msgspec
import pytest

from risktui.model.risk import Detection, RiskyUser
from risktui.output.fields import FieldError, pick, value_at
from risktui.output.formats import FORMATS, Form, Format, FormError
from risktui.output.specimens import SPECIMENS


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("kind", ["detection", "user", "history"])
def test_every_kind_has_a_line_in_every_format_that_takes_it(format_: Format, kind: str) -> None:
    form = Form(format_)
    if format_ == "ocsf" and kind != "detection":
        with pytest.raises(FormError, match="detections only"):
            form.check((kind,))
        return
    form.check((kind,))
    line = form.line(SPECIMENS[kind], ingested=0)
    assert line
    assert "\n" not in line


def test_fields_are_picked_and_stay_where_they_were(detections: Sequence[Detection]) -> None:
    form = Form("graph", ("userPrincipalName", "location.city", "risktui.explanation.headline"))
    form.check(("detection",))
    found = next(each for each in detections if each.location.city)
    shown = json.loads(form.line(found))
    assert list(shown) == ["userPrincipalName", "location", "risktui"]
    assert shown["location"] == {"city": found.location.city}
    assert shown["risktui"]["explanation"]["headline"] == found.explanation.headline


def test_the_columns_of_csv_are_those_of_its_header(users: Sequence[RiskyUser]) -> None:
    form = Form("csv")
    cells = next(csv.reader(io.StringIO(form.line(users[0]))))
    shown = dict(zip(form.headings("user"), cells, strict=True))
    assert shown["userPrincipalName"] == users[0].user_principal_name
    assert shown["riskLevel"] == users[0].risk_level


def test_an_id_of_another_product_is_whole_where_its_beginning_is_a_time(
    detections: Sequence[Detection],
) -> None:
    form, ours = Form("table"), detections[0]
    theirs = msgspec.structs.replace(ours, id="da637578995287051192_756343937")
    at = form.headings("detection").index("id")
    assert [form.cells(each)[at] for each in (ours, theirs)] == [ours.id[:12], theirs.id]


def test_a_display_name_cannot_be_a_formula(users: Sequence[RiskyUser]) -> None:
    mean = msgspec.structs.replace(users[0], user_display_name='=cmd|"/C calc"!A0')
    line = Form("csv", ("userDisplayName",)).line(mean)
    assert next(csv.reader(io.StringIO(line))) == ['\'=cmd|"/C calc"!A0']


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (("userPrincipalNam",), "no field userPrincipalNam: did you mean userPrincipalName?"),
        (("location.cty",), "did you mean location.city?"),
        (("upn",), "did you mean userPrincipalName?"),
        (("city",), "did you mean location.city?"),
        (("principal",), "did you mean userPrincipalName?"),
        (("nothing of the kind",), r"no field nothing of the kind: there are \w+, \w+, \w+ and"),
    ],
)
def test_an_unknown_field_is_answered_with_the_nearest(fields: tuple[str, ...], words: str) -> None:
    with pytest.raises(FieldError, match=words.replace("?", r"\?")):
        Form("graph", fields).check(("detection",))


def test_a_field_may_be_a_group_or_lie_in_a_list() -> None:
    Form("graph", ("location", "risktui.explanation.evidence.0.label")).check(("detection",))
    thing = {"a": {"b": [{"c": 1}]}, "@odata.type": "x"}
    assert value_at(thing, "a.b.0.c") == 1
    assert value_at(thing, "a.b.7.c") is None
    assert value_at(thing, "@odata.type") == "x"
    assert pick(thing, ["@odata.type", "a.x"]) == {"@odata.type": "x", "a": {"x": None}}


def test_formats_with_columns_take_one_kind() -> None:
    formats: tuple[Format, ...] = ("csv", "table")
    for format_ in formats:
        with pytest.raises(FormError, match="name one with --emit"):
            Form(format_).check(("detection", "user"))
