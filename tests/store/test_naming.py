"""A detection tells of other people by their names."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from risktui.model.risk import Detection, Evidence, Explanation, LevelAlgebra, RiskLevel
from risktui.store.database import prepare, writer
from risktui.store.naming import with_names

KNOWN, UNKNOWN = "1df2c0f4-aa61-4154-80cc-a4e83f209d82", "23195b0e-4ae4-495b-9afb-fd47df2ce759"


def tried(observed: str) -> Detection:
    evidence = (Evidence(label="Others tried", observed=observed),)
    level = LevelAlgebra(base=RiskLevel.HIGH, final=RiskLevel.HIGH)
    return Detection(
        id="1",
        risk_event_type="passwordSpray",
        risk_level=RiskLevel.HIGH,
        activity_date_time=0,
        detected_date_time=0,
        last_updated_date_time=0,
        user_id="carol",
        explanation=Explanation(headline="", evidence=evidence, level=level),
    )


def test_others_are_told_by_name_where_the_directory_knows_them(tmp_path: Path) -> None:
    path = tmp_path / "risk.db"
    prepare(path)
    with closing(writer(path)) as connection:
        connection.execute("INSERT INTO people VALUES (?, 'dan@contoso.com', 'Dan')", (KNOWN,))
        named = with_names(connection, tried(f"{KNOWN.upper()}, {UNKNOWN}"))
        assert named.explanation.evidence[0].observed == f"dan@contoso.com, {UNKNOWN}"
        plain = tried("nobody else is remembered")
        assert with_names(connection, plain) is plain
