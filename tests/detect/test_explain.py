from __future__ import annotations

from risktui.detect import Check, Evidence, Finding, RiskLevel, Suppressed, Weighing, activity_of
from risktui.detect.examples import TOKYO, signs_in

YES = Check("A1", "hosting network", True, "rented")
NO = Check("A2", "tool user agent", False, "no tool")
SOFT = Check("M3", "fresh MFA", True, "passed now")
ABOUT = activity_of(signs_in("alice", TOKYO, "2026-03-02 09:00"))


def finding(weighing: Weighing) -> Finding:
    found = weighing.result(
        headline="x",
        about=ABOUT,
        evidence=(
            Evidence(label="a", observed="1", weight=3),
            Evidence(label="b", observed="2", weight=1),
        ),
    )
    assert isinstance(found, Finding)
    return found


def test_what_applies_moves_the_level_and_everything_is_told() -> None:
    weighing = Weighing(RiskLevel.LOW, "base")
    assert weighing.up(YES)
    assert not weighing.up(NO)
    found = finding(weighing)
    assert found.risk_level == "medium"
    assert found.algebra.modifiers == ("+1 A1 hosting network",)
    assert [(c.rule, c.applied, c.effect) for c in found.counter_evidence] == [
        ("A1", True, "+1 level"),
        ("A2", False, ""),
    ]


def test_a_rule_whose_id_is_a_word_is_told_by_its_label() -> None:
    word = Check("Act", "does damage", True, "a mail was sent")
    raised = Weighing(RiskLevel.LOW, "base")
    raised.up(word)
    capped = Weighing(RiskLevel.HIGH, "base")
    capped.cap(RiskLevel.LOW, word)
    least = Weighing(RiskLevel.LOW, "base")
    least.at_least(RiskLevel.HIGH, word)
    told = [finding(each).algebra.modifiers for each in (raised, capped, least)]
    assert told == [("+1 does damage",), ("max low does damage",), ("min high does damage",)]
    assert finding(raised).counter_evidence[0].rule == "Act"


def test_weights_add_up_to_one() -> None:
    assert [line.weight for line in finding(Weighing(RiskLevel.LOW, "")).evidence] == [0.75, 0.25]


def test_below_low_is_held_back_by_what_lowered_it() -> None:
    weighing = Weighing(RiskLevel.LOW, "base")
    weighing.down(SOFT)
    assert weighing.result() == Suppressed(rule="M3", reason="passed now")
    assert weighing.held_back is not None


def test_a_gate_holds_back_whatever_the_level() -> None:
    weighing = Weighing(RiskLevel.HIGH, "base")
    assert weighing.gate(Check("G1", "credentials", True, "wrong"))
    assert weighing.result() == Suppressed(rule="G1", reason="wrong")


def test_never_above_a_ceiling_nor_high_and_never_below_a_floor() -> None:
    capped = Weighing(RiskLevel.LOW, "base")
    capped.cap(RiskLevel.LOW, YES)
    capped.up(YES)
    assert capped.level == "low"
    floored = Weighing(RiskLevel.MEDIUM, "base")
    floored.at_least(RiskLevel.MEDIUM, YES)
    floored.down(SOFT)
    assert floored.level == "medium"


def test_a_rule_that_moves_no_level_says_what_it_did() -> None:
    weighing = Weighing(RiskLevel.LOW, "base")
    weighing.looked_at(SOFT, "closed at once")
    weighing.looked_at(NO, "never said")
    assert [c.effect for c in finding(weighing).counter_evidence] == ["closed at once", ""]


def outlined(weighing: Weighing, read: list[str]) -> Finding | Suppressed:
    def tell() -> dict[str, object]:
        read.append("told")
        return {"headline": "x", "evidence": (Evidence(label="a", observed="1", weight=3),)}

    return weighing.outline(tell, about=ABOUT, cooldown_key="NG")


def test_an_outline_is_put_into_words_where_somebody_reads_them_and_then_says_the_same() -> None:
    read: list[str] = []
    weighing = Weighing(RiskLevel.LOW, "base")
    weighing.up(YES)
    outline = outlined(weighing, read)
    assert isinstance(outline, Finding)
    assert (outline.risk_level, outline.about, outline.cooldown_key) == ("medium", ABOUT, "NG")
    assert read == []
    full = outline.in_full()
    assert type(full) is Finding
    for field in Finding.__struct_fields__:
        assert getattr(outline, field) == getattr(full, field), field
    assert (full.headline, full.evidence[0].weight, len(full.counter_evidence)) == ("x", 1.0, 1)
    assert read == ["told"]
    assert full.in_full() is full


def test_an_outline_that_is_held_back_says_so_and_nobody_is_asked_for_words() -> None:
    read: list[str] = []
    weighing = Weighing(RiskLevel.LOW, "base")
    weighing.gate(SOFT)
    assert outlined(weighing, read) == Suppressed(rule="M3", reason="passed now")
    assert outlined(Weighing(RiskLevel.NONE, "base"), read) == Weighing(RiskLevel.NONE, "").result()
    assert read == []
