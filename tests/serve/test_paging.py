"""A page in the database's order is that of the whole list, and no more is read for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from risktui.serve.listing import Page, Query, read_page, read_query, take_page
from risktui.serve.risk_lists import RiskDetections, RiskyUsers, in_order
from risktui.store.database import reader, writer

ORDERS = {
    "riskDetections": ("", "activityDateTime", "detectedDateTime desc", "lastUpdatedDateTime asc"),
    "riskyUsers": ("", "riskLastUpdatedDateTime", "riskLastUpdatedDateTime desc"),
}
FILTERS = (
    *("", "riskState eq 'atRisk'", "not(userDisplayName eq 'Bob')", "riskLevel eq 'high'"),
    *("startswith(userPrincipalName,'c') or riskState eq 'dismissed'",),
)


@pytest.fixture(scope="module", params=["riskDetections", "riskyUsers"])
def kind(request: pytest.FixtureRequest) -> Any:
    return RiskDetections() if request.param == "riskDetections" else RiskyUsers()


@pytest.fixture
def alike(tenant: Path) -> Path:
    """A database in which several things happened at the same moment."""
    with closing(writer(tenant / "x.db")) as connection:
        whole = "FROM {0} WHERE {1} = (SELECT max({1}) FROM {0})"
        for table, column in (
            ("detections", "last_updated_date_time"),
            ("users", "risk_last_updated_date_time"),
        ):
            body = "detection" if table == "detections" else "user"
            name = "lastUpdatedDateTime" if table == "detections" else "riskLastUpdatedDateTime"
            moment = connection.execute(
                f"SELECT max({column}) {whole.format(table, column)}"
            ).fetchone()[0]
            connection.execute(
                f"UPDATE {table} SET {column} = ?, {body} ="
                f" CAST(json_set({body}, '$.{name}', ?) AS BLOB) WHERE rowid % 2",
                (moment, moment),
            )
    return tenant / "x.db"


def whole_list(kind: Any, connection: Any, query: Query) -> list[Any]:
    return [place[-1] for place in read_page(query, kind.all(connection, query)).places]


def by_pages(kind: Any, connection: Any, options: dict[str, str]) -> Iterator[Page]:
    while True:
        query = read_query(options, kind.properties, kind.order)
        ids = in_order(connection, kind.table, query)
        assert ids is not None
        page = take_page(query, kind.ordered(connection, query, ids))
        yield page
        if not page.more:
            return
        options = {key: value for key, value in options.items() if key != "$skip"}
        options["$skiptoken"] = page.more


def test_pages_in_the_databases_order_are_those_of_the_whole_list(kind: Any, alike: Path) -> None:
    orders = ORDERS[kind.type + "s"]
    with closing(reader(alike)) as connection:
        for order, text, top, skip in product(orders, FILTERS, ("1", "3", "500"), ("0", "2")):
            options = {"$orderby": order, "$filter": text, "$skip": skip}
            query = read_query({**options, "$top": "500"}, kind.properties, kind.order)
            expected = whole_list(kind, connection, query)
            pages = list(by_pages(kind, connection, {**options, "$top": top}))
            found = [place[-1] for page in pages for place in page.places]
            assert found == expected, options
            assert len(pages) == max(1, -(-len(expected) // int(top)))


def test_no_more_is_read_than_a_page(kind: Any, alike: Path) -> None:
    with closing(reader(alike)) as connection:
        query = read_query({"$top": "2"}, kind.properties, kind.order)
        ids = in_order(connection, kind.table, query)
        assert ids is not None
        take_page(query, kind.ordered(connection, query, ids))
        assert len(list(ids)) >= 4  # of seven; one more than the page says that there are more


def test_an_order_that_is_no_time_is_left_to_the_whole_list(kind: Any, alike: Path) -> None:
    with closing(reader(alike)) as connection:
        for order in ("riskLevel", "riskState desc", f"{kind.order.path} desc,riskLevel"):
            query = read_query({"$orderby": order}, kind.properties, kind.order)
            assert in_order(connection, kind.table, query) is None
