from __future__ import annotations

from contextlib import closing
from pathlib import Path

from notify.office import Desk
from risk.ledger_stories import HOUR, NOON
from risktui.model.risk import RiskLevel
from risktui.store.alerts import alerts, latest
from risktui.store.database import reader


def test_a_console_hears_once_of_everybody_who_has_just_reached_its_level(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "")
    desk.finds("dave", "e0", "medium")
    with closing(reader(desk.database)) as connection:
        begin = latest(connection)
        desk.finds("carol", "e1", "medium")
        desk.finds("carol", "e2", "high", kind="newCountry", at=NOON + HOUR)
        found, place = alerts(connection, begin)
        assert [(a.title, a.line) for a in found] == [
            ("carol@contoso.com: high risk", "newCountry of carol")
        ]
        assert alerts(connection, place) == ([], place)
        both, _ = alerts(connection, 0, RiskLevel.MEDIUM)
        assert len(both) == 2


def test_who_was_judged_meanwhile_rings_no_bell(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "")
    desk.finds("carol", "e1")
    desk.person("carol").judged("dismiss")
    desk.commit(desk.person("carol"))
    with closing(reader(desk.database)) as connection:
        assert alerts(connection, 0)[0] == []
