from __future__ import annotations

from risktui.detect import DAY
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
