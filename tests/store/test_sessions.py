"""One session's story, whatever of it the question starts from."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from risk.ledger_stories import DAY, HOUR, NOON, Life
from risktui.model.risk import Outcome, RiskLevel, RiskyUser
from risktui.risk.steps import Taken
from risktui.store import recent, sessions, steps
from risktui.store.commit import Committer, Work
from risktui.store.database import async_writer, prepare, reader

MINUTE = 60_000
CAROL = Life().finds("e1", RiskLevel.HIGH, at=NOON).detections[0].user


def _taken(event_id: str, minute: float, kind: str = "api", **fields: Any) -> Taken:
    return Taken(
        user_id=CAROL,
        time=NOON + round(minute * MINUTE),
        event_id=event_id,
        kind=kind,
        text=fields.pop("text", f"does {event_id}"),
        **fields,
    )


async def _told(path: Path, *steps: Taken, outcome: Outcome | None = None) -> Path:
    prepare(path)
    found = outcome or Life().finds("e1", RiskLevel.HIGH, kind="newCountry", at=NOON)
    connection = await async_writer(path)
    try:
        await Committer(connection).commit(Work(outcome=found, steps=list(steps)), now=1)
    finally:
        await connection.close()
    return path


def _kept(path: Path) -> set[str]:
    with closing(reader(path)) as look:
        owners = [row[0] for row in look.execute("SELECT DISTINCT user_id FROM steps")]
        return {s.event_id for user in owners for s in steps.latest_of(look, user, 10_000)}


def _ids(story: sessions.SessionStory | None) -> list[str]:
    assert story is not None
    return [step.event_id for step in story.steps]


async def test_sign_in_token_call_rule_and_file_are_one_story_in_order(tmp_path: Path) -> None:
    path = await _told(
        tmp_path / "x.db",
        _taken("file", 30, "file", session_id="S"),
        _taken("e1", 0, "sign-in", session_id="S", token="T-1", address="192.0.2.1"),
        _taken("call", 2, "api", token="e1"),  # its token was issued by the sign-in
        _taken("rule", 5, "rule", address="192.0.2.1"),  # only an address
        _taken("audit", 6, "directory", correlation_id="C"),
        _taken("token", 3, "token", session_id="S", correlation_id="C"),
        _taken("else", 4, "api", session_id="of another day", address="192.0.2.9"),
    )
    with closing(reader(path)) as look:
        (story,) = sessions.stories(look, CAROL)
        assert _ids(story) == ["e1", "call", "token", "rule", "audit", "file"]
        assert story.session_id == "S"
        assert story.risk_event_types == ("newCountry",)
        assert story.steps[0].risk_event_types == ("newCountry",)
        assert (story.begin, story.end) == (NOON, NOON + 30 * MINUTE)
        for name in ("S", "call", "rule", "audit", "file", "T-1"):
            assert sessions.story(look, CAROL, name) == story
        everything = sessions.stories(look, CAROL, everything=True)
        assert [each.session_id for each in everything] == ["S", "of another day"]


@pytest.mark.parametrize(
    ("minutes", "device", "together"),
    [(10, "", True), (10, "Edge on Windows", True), (10, "curl", False), (90, "", False)],
)
async def test_without_ids_address_and_device_tie_what_is_near(
    tmp_path: Path, minutes: int, device: str, together: bool
) -> None:
    path = await _told(
        tmp_path / "x.db",
        _taken("e1", 0, "sign-in", session_id="S", address="192.0.2.1", device="Edge on Windows"),
        _taken("rule", minutes, "rule", address="192.0.2.1", device=device),
    )
    with closing(reader(path)) as look:
        assert ("rule" in _ids(sessions.story(look, CAROL, "S"))) is together


@pytest.mark.parametrize(
    ("device", "together"),
    [("Edge on Windows", True), ("Windows", True), ("curl", False), ("", False)],
)
async def test_a_log_without_addresses_is_tied_by_the_device(
    tmp_path: Path, device: str, together: bool
) -> None:
    path = await _told(
        tmp_path / "x.db",
        _taken("e1", 0, "sign-in", session_id="S", address="192.0.2.1", device="Edge on Windows"),
        _taken("audit", 10, "directory", device=device),
    )
    with closing(reader(path)) as look:
        assert ("audit" in _ids(sessions.story(look, CAROL, "S"))) is together


async def test_a_correlation_id_that_comes_again_next_day_ties_nothing(tmp_path: Path) -> None:
    path = await _told(
        tmp_path / "x.db",
        _taken("e1", 0, "sign-in", correlation_id="C"),
        _taken("late", 24 * 60, "directory", correlation_id="C"),
    )
    with closing(reader(path)) as look:
        assert _ids(sessions.story(look, CAROL, "e1")) == ["e1"]


async def test_two_sessions_stay_two_though_a_correlation_id_is_shared(tmp_path: Path) -> None:
    path = await _told(
        tmp_path / "x.db",
        _taken("e1", 0, "sign-in", session_id="S", correlation_id="C"),
        _taken("e2", 1, "sign-in", session_id="R", correlation_id="C"),
    )
    with closing(reader(path)) as look:
        assert _ids(sessions.story(look, CAROL, "S")) == ["e1"]


async def test_what_is_repeated_is_told_once_and_counted(tmp_path: Path) -> None:
    calls = [_taken(f"c{n}", n, text="GET me/messages", session_id="S") for n in range(1, 41)]
    path = await _told(tmp_path / "x.db", _taken("e1", 0, "sign-in", session_id="S"), *calls)
    with closing(reader(path)) as look:
        story = sessions.story(look, CAROL, "S")
    assert story is not None
    assert [(step.text, step.count) for step in story.steps] == [
        ("does e1", 1),
        ("GET me/messages", 40),
    ]
    assert story.steps[1].until == NOON + 40 * MINUTE


async def test_a_long_story_says_what_it_leaves_out_and_never_the_risk(tmp_path: Path) -> None:
    many = [_taken(f"c{n}", -n, session_id="S") for n in range(1, 701)]
    path = await _told(tmp_path / "x.db", _taken("e1", 0, "sign-in", session_id="S"), *many)
    with closing(reader(path)) as look:
        story = sessions.story(look, CAROL, "S")
    assert story is not None
    assert len(story.steps) == sessions.MOST_STEPS
    assert story.left_out == 201
    assert story.risk_event_types == ("newCountry",)


async def test_no_flood_of_calls_hides_the_sign_in_before_it_or_the_rule_within(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST_ROWS", 600)
    calls = [_taken(f"c{n}", n / 60, session_id="S") for n in range(1, 2_001)]
    rule = _taken("rule", 10.001, "rule", session_id="S")
    first = _taken("first", 0, "sign-in", session_id="S")
    late = _taken("e1", 40, "sign-in", session_id="S")
    path = await _told(tmp_path / "x.db", first, *calls, rule, late)
    with closing(reader(path)) as look:
        story = sessions.story(look, CAROL, "S")
    assert story is not None
    told = _ids(story)
    assert told[0] == "first"
    assert {"rule", "e1"} <= set(told)
    assert len(told) == sessions.MOST_STEPS
    assert told == sorted(told, key=[s.event_id for s in story.steps].index)


async def test_a_detection_is_told_even_where_its_steps_were_never_kept(tmp_path: Path) -> None:
    found = Life().finds("e1", RiskLevel.HIGH, at=NOON)
    path = await _told(tmp_path / "x.db", outcome=found)
    with closing(reader(path)) as look:
        assert _ids(sessions.story_of(look, found.detections[0])) == ["e1"]


async def test_steps_go_after_two_days_unless_something_was_detected_around_them(
    tmp_path: Path,
) -> None:
    closed = Life()
    found = closed.finds("e1", RiskLevel.HIGH, at=NOON)
    found.users.clear()  # nobody is at risk any more
    quiet = Taken(user_id="dave", time=NOON, event_id="d", kind="api", text="reads")
    near, far = _taken("near", 60), _taken("far", 3 * 24 * 60)
    path = await _told(tmp_path / "x.db", quiet, near, far, outcome=found)

    async def left(days: int) -> set[str]:
        connection = await async_writer(path)
        await Committer(connection).tidy(NOON + days * DAY)
        await connection.close()
        return _kept(path)

    assert await left(1) == {"d", "near", "far"}
    assert await left(4) == {"near", "far"}
    assert await left(400) == {"near"}


async def test_the_steps_of_somebody_at_risk_are_kept_for_a_month(tmp_path: Path) -> None:
    user = RiskyUser(id=CAROL, risk_level=RiskLevel.HIGH, risk_state="atRisk")  # type: ignore[arg-type]
    path = await _told(
        tmp_path / "x.db", _taken("later", 3 * 24 * 60), outcome=Outcome(users=[user])
    )
    connection = await async_writer(path)
    for days, left in ((29, 1), (40, 0)):
        await Committer(connection).tidy(NOON + days * DAY)
        assert len(_kept(path)) == left
    await connection.close()


async def test_what_was_told_of_an_event_last_counts_and_joined_people_have_one_story(
    tmp_path: Path,
) -> None:
    path = await _told(tmp_path / "x.db", _taken("e2", 1, text="interrupted", session_id="S"))
    again = _taken("e2", 1, text="signed in", session_id="S")
    by_name = [
        Taken(
            user_id="carol@contoso.com", time=NOON + n, event_id=f"n{n}", kind="api", text="reads"
        )
        for n in range(3)
    ]
    connection = await async_writer(path)
    committer = Committer(connection)
    await committer.commit(Work(steps=[again, *by_name]), now=2)
    await committer.commit(Work(joined=[("carol@contoso.com", CAROL)]), now=3)
    await connection.close()
    with closing(reader(path)) as look:
        told = {step.event_id: step for step in steps.latest_of(look, CAROL, 10)}
        assert sorted(told) == ["e2", "n0", "n1", "n2"]
        assert told["e2"].text == "signed in"
        assert {step.user_id for step in told.values()} == {CAROL}
        assert [sessions.owner(look, name) for name in ("S", "n1", "reads", "")] == [
            CAROL,
            CAROL,
            "",
            "",
        ]


async def test_of_what_is_kept_together_only_what_is_old_goes(tmp_path: Path) -> None:
    dave = [
        Taken(user_id="dave", time=NOON + n * HOUR, event_id=f"h{n}", kind="api", text="reads")
        for n in range(10)
    ]
    path = await _told(tmp_path / "x.db", *dave)
    connection = await async_writer(path)
    await Committer(connection).tidy(NOON + 5 * HOUR + 2 * DAY)
    await connection.close()
    assert _kept(path) == {f"h{n}" for n in range(5, 10)}
    with closing(reader(path)) as look:
        row = look.execute("SELECT first, last, count FROM steps WHERE user_id = 'dave'").fetchone()
    assert row == (NOON + 5 * HOUR, NOON + 9 * HOUR, 5)


async def test_there_is_a_bound_to_all_steps_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "MOST", 10)
    monkeypatch.setattr(steps, "TOGETHER", 2)
    path = await _told(tmp_path / "x.db", *(_taken(f"c{n}", n) for n in range(30)))
    connection = await async_writer(path)
    await Committer(connection).tidy(NOON + HOUR)
    await connection.close()
    assert _kept(path) == {f"c{n}" for n in range(18, 30)}


async def test_one_persons_flood_washes_away_neither_their_own_rare_steps_nor_anybody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "MOST_OF_ONE", 10)
    monkeypatch.setattr(steps, "MOST", 20)
    dave = Taken(user_id="dave", time=NOON - HOUR, event_id="d", kind="api", text="reads")
    calls = [_taken(f"c{n}", n) for n in range(30)]
    path = await _told(tmp_path / "x.db", dave, _taken("rule", -9, "rule"), *calls)
    connection = await async_writer(path)
    await Committer(connection).tidy(NOON + HOUR)
    await connection.close()
    assert _kept(path) == {"d", "rule", *(f"c{n}" for n in range(20, 30))}


async def test_one_persons_many_addresses_are_bounded_for_a_second_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "MOST_OF_ONE", 3)
    today = NOON // DAY
    many = [
        recent.Kept(f"93.184.0.{n}", today - n % 2, "mallory", "success", b"") for n in range(9)
    ]
    one = recent.Kept("93.184.1.1", today - 5, "dave", "success", b"")
    prepare(tmp_path / "x.db")
    connection = await async_writer(tmp_path / "x.db")
    await Committer(connection).commit(Work(looked_at=[one, *many]), now=1)
    await Committer(connection).tidy(NOON)
    await connection.close()
    with closing(reader(tmp_path / "x.db")) as look:
        kept = {row[0] for row in look.execute("SELECT ip_address FROM look_back")}
    assert kept == {"93.184.1.1", "93.184.0.4", "93.184.0.6", "93.184.0.8"}
