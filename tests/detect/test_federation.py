from __future__ import annotations

import msgspec

from risktui.detect import DAY, DirectoryChange, Verdict
from risktui.detect.federation import MAX_CHANGES, MAX_DOMAINS, Change, Domain, Memory


def change(time: int, by: str, *, by_newcomer: bool = False, is_risky: bool = False) -> Change:
    return Change(
        time=time,
        id=f"{by}-{time}",
        operation="Set domain authentication",
        by=by,
        by_newcomer=by_newcomer,
        is_risky=is_risky,
    )


def kept(*changes: Change) -> list[str]:
    domain = Domain()
    for each in changes:
        domain.changed(each, each.time - 7 * DAY)
    assert len(domain.changes) <= MAX_CHANGES
    return [each.id for each in domain.changes]


def test_the_only_one_of_its_author_is_forgotten_after_repeats_of_others() -> None:
    flood = [change(time, "b") for time in range(2, 40)]
    assert "a-1" in kept(change(1, "a"), *flood)


def test_what_speaks_louder_is_forgotten_last_and_the_latest_is_always_known() -> None:
    risky = change(1, "a", is_risky=True)
    others = [change(time, f"other{time}", by_newcomer=bool(time % 2)) for time in range(2, 40)]
    left = kept(risky, *others)
    assert left[0] == "a-1"
    assert left[-1] == "other39-39"
    assert all(int(each.rpartition("-")[2]) % 2 for each in left)


def test_a_louder_one_of_the_same_author_stays_for_a_later_that_says_less() -> None:
    first = change(1, "a", by_newcomer=True)
    left = kept(first, *(change(time, "a") for time in range(2, 40)))
    assert (left[0], left[-1]) == ("a-1", "a-39")


def test_what_is_a_week_old_speaks_against_nothing_any_more() -> None:
    assert kept(change(0, "a", is_risky=True), change(8 * DAY, "b")) == [f"b-{8 * DAY}"]


def test_a_new_domain_takes_the_place_of_the_least_used() -> None:
    memory = Memory()
    memory.domain("ours.example", 0).managed = 500
    for number in range(3 * MAX_DOMAINS):
        memory.domain(f"made-up-{number}.example", number)
    assert len(memory.domains) == MAX_DOMAINS
    assert memory.domains["ours.example"].managed == 500
    assert f"made-up-{3 * MAX_DOMAINS - 1}.example" in memory.domains


def act(number: int, by: str, *domains: str) -> DirectoryChange:
    return DirectoryChange(
        time=number,
        id=f"{'x' * 3_000}{number}",
        operation="Set domain authentication" + 2_000 * "!",
        user_principal_name=by,
        target_names=domains,
    )


def test_names_without_end_take_no_room() -> None:
    memory = Memory()
    for number in range(1, 1_000):
        names = [f"{'d' * 4_000}{number % 60 + part}" for part in range(4)]
        memory.changed(act(number, f"{'a' * 4_000}{number % 40}@x.example", *names), 0, 7 * DAY)
    assert len(memory.domains) == MAX_DOMAINS
    assert len(msgspec.msgpack.encode(memory)) < 100_000


def test_two_long_names_that_differ_at_the_end_are_two() -> None:
    memory = Memory()
    names = [f"{'d' * 4_000}.{end}" for end in ("one", "two")]
    olga, mallory = (f"{'a' * 300}@{end}.example" for end in ("olga", "mallory"))
    memory.changed(act(1, olga, names[0]), 0, 7 * DAY)
    memory.changed(act(2, mallory, names[1]), 0, 7 * DAY)
    memory.judged(Verdict(time=3, id="v", action="confirmCompromised", user_principal_name=mallory))
    one, two = (memory.domain(name, 4) for name in names)
    assert len(memory.domains) == 2
    assert [change.is_risky for change in one.changes] == [False]
    assert [change.is_risky for change in two.changes] == [True]
    assert two.changes[0].by_newcomer
