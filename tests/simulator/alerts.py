"""What other products say about somebody: their alerts, as Defender sends them."""

from __future__ import annotations

from typing import Any

from risktui.model.events import ProductAlert
from simulator.company import Person
from simulator.journal import Journal

OFFICE_365 = "Microsoft Defender for Office 365"
ENDPOINT = "Microsoft Defender for Endpoint"
XDR = "Microsoft 365 Defender"


def alert(
    journal: Journal,
    time: int,
    person: Person,
    title: str,
    product: str,
    *,
    drawn_as: str = "alert",
    **fields: Any,
) -> ProductAlert:
    """An alert about a person; `fields` are those of `ProductAlert`.

    `drawn_as` names the draw of its id: two kinds that meet in person, time and title differ in it.
    """
    usual = {"severity": "medium", "category": "SuspiciousActivity"}
    return journal.does(
        ProductAlert,
        journal.company.rng(drawn_as, person.number, time, title),
        time,
        person,
        operation=title,
        product=product,
        title=title,
        **(usual | fields),
    )
