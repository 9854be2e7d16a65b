from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from notify.office import Desk
from risk.ledger_stories import DAY, HOUR, NOON
from risktui.model.risk import RiskLevel
from risktui.notify.channels import office_of
from risktui.notify.digest import last_appointment, plan_digest, week_of
from risktui.notify.letter import subject, text
from risktui.notify.news import Message, Week
from risktui.settings import Digest
from risktui.store.database import reader

SETTINGS = '[notify.eml]\nfolder = "mails"\n[notify.digest]\n'
MONDAY = round(datetime(2026, 3, 2, 8, tzinfo=UTC).timestamp() * 1000)
"""The Monday after the stories' first day, 08:00."""


def _week(desk: Desk, until: int) -> Week:
    with closing(reader(desk.database)) as connection:
        return week_of(connection, office_of(desk.config, "x.db"), until)


def test_weekly_with_counts_new_people_types_aged_out_and_what_is_left_lying(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path, SETTINGS)
    desk.finds("dave", "old", "medium", at=NOON - 30 * DAY)
    desk.finds("carol", "e1", at=NOON)
    carol = desk.person("carol")
    carol.risky_sign_in("s-1", RiskLevel.LOW, at=NOON + HOUR)
    desk.commit(carol)
    erin = desk.person("erin")
    erin.finds("e3", RiskLevel.LOW, at=NOON - 200 * DAY)
    desk.commit(erin)
    erin.days_later(0)
    desk.commit(erin)
    week = _week(desk, MONDAY)
    assert week.open_by_level == {"high": 1, "medium": 1, "low": 0}
    assert [item.user_principal_name for item in week.new_people] == ["carol@contoso.com"]
    assert [item.user_principal_name for item in week.long_open] == ["dave@contoso.com"]
    assert week.new_sign_ins == 1
    assert ("passwordSpray", 1) in week.top_types
    assert week.aged_out == 1
    told = text(Message(id="", kind="digest", week=week))
    for one in (
        "1 person at risk now",
        "0 people at risk now",
        "1 person since",
        "1 detection since",
    ):
        assert one in told
    assert "1 with risk known while it happened" in told
    assert "At risk for more than seven days" in told
    assert "risktui show dave@contoso.com --db x.db" in told
    assert subject(Message(id="", kind="digest", week=week)) == (
        "risktui: the week, 2 people at risk"
    )


def test_the_digest_goes_out_once_a_week_and_not_before_the_first_whole_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path, SETTINGS)
    office, settings = office_of(desk.config, ""), Digest()
    with desk.writing() as connection:
        assert not plan_digest(connection, office, settings, MONDAY + HOUR)
        assert not plan_digest(connection, office, settings, MONDAY + 6 * DAY)
        assert plan_digest(connection, office, settings, MONDAY + 7 * DAY)
        assert not plan_digest(connection, office, settings, MONDAY + 7 * DAY + HOUR)
        assert not plan_digest(connection, office, settings, MONDAY + 13 * DAY)
    assert [d.kind for d in desk.waiting()] == ["digest"]


def test_an_engine_that_slept_over_the_hour_sends_it_when_it_wakes(tmp_path: Path) -> None:
    desk = Desk(tmp_path, SETTINGS)
    desk.now = MONDAY
    desk.send(after=0)
    desk.now = MONDAY + 9 * DAY
    assert desk.send(after=0) == 1
    assert len(list((tmp_path / "mails").iterdir())) == 1


def test_the_appointment_is_in_the_zone_of_the_readers() -> None:
    tokyo = Digest(weekday="monday", hour=8, timezone="Asia/Tokyo")
    assert last_appointment(tokyo, MONDAY) == MONDAY - 9 * HOUR
    assert last_appointment(Digest(weekday="tuesday"), MONDAY) == MONDAY - 6 * DAY
    assert last_appointment(Digest(), MONDAY) == MONDAY
    assert last_appointment(Digest(), MONDAY - 1) == MONDAY - 7 * DAY
