"""Who is told of what, and when: the table of docs/notifications.md, row by row."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from notify.office import Desk, names
from risk.ledger_stories import DAY, HOUR, NOON
from risktui.detect.state import MINUTE, SECOND
from risktui.notify.planner import MOST_MESSAGES

EML = '[notify.eml]\nfolder = "mails"\n'
JANUARY = round(datetime(2026, 1, 1, 9, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, EML)


def test_users_at_risk_detected_when_the_configured_level_is_reached(desk: Desk) -> None:
    desk.finds("carol", "e1", "medium")
    desk.plan()
    assert desk.waiting() == []
    desk.finds("carol", "e2", "high", kind="newCountry", at=NOON + HOUR)
    desk.plan()
    assert [names(d) for d in desk.waiting()] == [["carol"]]


@pytest.mark.parametrize(("level", "told"), [("low", 3), ("medium", 2), ("high", 1)])
def test_low_medium_and_high_are_selectable(tmp_path: Path, level: str, told: int) -> None:
    desk = Desk(tmp_path, f'{EML}level = "{level}"\n')
    for hour, (who, theirs) in enumerate((("carol", "low"), ("dave", "medium"), ("erin", "high"))):
        desk.finds(who, f"e-{who}", theirs, at=NOON + hour * HOUR)
    desk.plan()
    assert len(desk.waiting()) == told


def test_repeated_for_each_later_detection_at_the_level(tmp_path: Path) -> None:
    """Medium on 1 January: a mail. Another detection on 5 January, still medium: another mail."""
    desk = Desk(tmp_path, f'{EML}level = "medium"\n')
    desk.finds("carol", "e1", "medium", at=JANUARY)
    desk.send()
    desk.finds("carol", "e2", "medium", at=JANUARY + 4 * DAY)
    desk.send()
    assert [d.start for d in desk.sent()] == [JANUARY, JANUARY + 4 * DAY]


def test_a_repeat_that_only_counts_up_is_no_news(desk: Desk) -> None:
    desk.finds("carol", "e1")
    desk.send()
    desk.finds("carol", "e2", at=NOON + HOUR)  # within the cool-down of the same
    desk.send()
    assert len(desk.sent()) == 1


def test_ordering_an_earlier_sign_in_found_later_is_not_told_again(desk: Desk) -> None:
    """05:10 high: a mail. At 05:15 the sign-in of 05:00 becomes high offline: none."""
    five = NOON - 7 * HOUR
    desk.finds("carol", "s-0510", at=five + 10 * MINUTE)
    desk.send()
    desk.finds("carol", "s-0500", kind="newCountry", at=five)
    desk.send()
    assert [d.start for d in desk.sent()] == [five + 10 * MINUTE]


def test_batching_two_users_within_five_seconds_are_one_mail(desk: Desk) -> None:
    desk.finds("carol", "e1", at=NOON)
    desk.plan()
    desk.finds("dave", "e2", at=NOON + 5 * SECOND)
    desk.plan()
    assert [sorted(names(d)) for d in desk.waiting()] == [["carol", "dave"]]


def test_batching_two_users_six_seconds_apart_are_two_mails(desk: Desk) -> None:
    desk.finds("carol", "e1", at=NOON)
    desk.finds("dave", "e2", at=NOON + 6 * SECOND)
    desk.plan()
    assert [names(d) for d in desk.waiting()] == [["carol"], ["dave"]]


def test_batching_what_was_sent_already_is_not_joined(desk: Desk) -> None:
    desk.finds("carol", "e1", at=NOON)
    desk.send()
    desk.finds("dave", "e2", at=NOON + SECOND)
    desk.send()
    assert [names(d) for d in desk.sent()] == [["carol"], ["dave"]]


def test_batching_the_same_user_twice_in_a_window_is_told_once_as_they_are_now(desk: Desk) -> None:
    desk.finds("carol", "e1", at=NOON)
    desk.finds("carol", "e2", kind="newCountry", at=NOON + SECOND)
    desk.plan()
    message = desk.waiting()[0].message
    assert len(message.items) == 1
    assert message.items[0].open_detections == 2


def test_recipients_are_custom_addresses_and_any_number_of_them(tmp_path: Path) -> None:
    addresses = [f"soc{number}@contoso.com" for number in range(30)]
    desk = Desk(tmp_path, f"{EML}to = {addresses}\n")
    desk.finds("carol", "e1")
    desk.send()
    mail = next((tmp_path / "mails").glob("*.eml")).read_text()
    assert all(address in mail for address in addresses)


def test_licence_without_p2_there_is_no_mail_but_webhooks_show_what_the_view_shows(
    tmp_path: Path,
) -> None:
    hook = '[[notify.webhooks]]\nname = "siem"\nurl = "http://127.0.0.1:9/"\n'
    desk = Desk(tmp_path, f'[tenant]\nlicence = "p1"\n{EML}{hook}')
    desk.finds("carol", "e1", kind="unlikelyTravel")
    desk.plan()
    assert [d.channel for d in desk.waiting()] == ["webhook siem"]
    item = desk.waiting()[0].message.items[0]
    assert item.reasons == ("Additional risk detected",)
    assert item.risk_event_types == ("generic",)


def test_content_is_enough_to_act_on_without_anything_else(desk: Desk) -> None:
    desk.finds("carol", "e1")
    desk.plan()
    item = desk.waiting()[0].message.items[0]
    assert (item.user_principal_name, item.risk_level) == ("carol@contoso.com", "high")
    assert item.reasons == ("passwordSpray of carol",)
    assert item.activity_date_time == NOON
    assert item.command == f"risktui show carol@contoso.com --db {desk.database}"


def test_the_throttle_survives_a_restart(desk: Desk) -> None:
    desk.finds("carol", "s-2", at=NOON)
    desk.send()
    desk.postman = type(desk.postman)(desk.database, desk.config, clock=lambda: desk.now)
    desk.finds("carol", "s-1", kind="newCountry", at=NOON - HOUR)
    desk.send()
    assert len(desk.sent()) == 1


def test_planning_twice_makes_nothing_twice(desk: Desk) -> None:
    desk.finds("carol", "e1")
    desk.plan()
    first = desk.waiting()
    with desk.writing() as connection:  # as if the cursor's step had been lost
        connection.execute("UPDATE cursors SET number = 0")
        connection.execute("DELETE FROM notified")
    desk.plan()
    assert [d.id for d in desk.waiting()] == [d.id for d in first]


def test_old_logs_read_at_once_are_one_message(desk: Desk) -> None:
    for number in range(MOST_MESSAGES + 5):
        desk.finds(f"user{number}", f"e{number}", at=NOON + number * HOUR)
    desk.plan()
    assert [len(d.message.items) for d in desk.waiting()] == [MOST_MESSAGES + 5]


def test_who_was_dealt_with_meanwhile_is_not_told_of(desk: Desk) -> None:
    desk.finds("carol", "e1")
    life = desk.person("carol")
    life.judged("dismiss")
    desk.commit(life)
    desk.plan()
    assert desk.waiting() == []


def test_what_operators_decide_is_no_news_to_them(desk: Desk) -> None:
    life = desk.person("carol")
    life.judged("confirmCompromised")
    desk.commit(life)
    desk.plan()
    assert desk.waiting() == []


def test_only_people_of_a_group_and_only_some_types(tmp_path: Path) -> None:
    hooks = """
    [groups]
    vip = ["Dave@contoso.com"]
    [[notify.webhooks]]
    name = "vip"
    url = "http://127.0.0.1:9/"
    groups = ["vip"]
    [[notify.webhooks]]
    name = "spray"
    url = "http://127.0.0.1:9/"
    types = ["passwordSpray"]
    """
    desk = Desk(tmp_path, hooks)
    desk.finds("carol", "e1", at=NOON)
    desk.finds("dave", "e2", kind="newCountry", at=NOON + HOUR)
    desk.plan()
    assert [names(d) for d in desk.waiting("webhook vip")] == [["dave"]]
    assert [names(d) for d in desk.waiting("webhook spray")] == [["carol"]]


def test_quiet_hours_hold_everything_until_they_end_and_then_it_is_one_message(
    tmp_path: Path,
) -> None:
    quiet = f'{EML}level = "medium"\nquiet_hours = "22:00-07:00"\ntimezone = "Asia/Tokyo"\n'
    desk = Desk(tmp_path, quiet)
    desk.now = NOON + 2 * HOUR  # 23:00 in Tokyo
    desk.finds("carol", "e1", "medium", at=desk.now)
    desk.send()
    desk.finds("dave", "e2", at=desk.now + HOUR)
    assert desk.send(after=2 * HOUR) == 0
    assert desk.send(after=6 * HOUR) == 1  # 07:00 has passed
    assert [sorted(names(d)) for d in desk.sent()] == [["carol", "dave"]]


def test_the_worst_does_not_wait_for_the_end_of_the_night(tmp_path: Path) -> None:
    quiet = f'{EML}level = "medium"\nquiet_hours = "00:00-23:59"\nalways = "high"\n'
    desk = Desk(tmp_path, quiet)
    desk.finds("carol", "e1", "medium")
    assert desk.send() == 0
    desk.finds("dave", "e2", "high", at=NOON + HOUR)
    assert desk.send() == 1
    assert [names(d) for d in desk.sent()] == [["dave"]]


def test_nothing_new_writes_nothing(desk: Desk) -> None:
    desk.finds("carol", "e1")
    desk.plan()
    with desk.writing() as connection:
        before = connection.execute("PRAGMA data_version").fetchone()
        desk.plan()
        assert connection.execute("PRAGMA data_version").fetchone() == before
