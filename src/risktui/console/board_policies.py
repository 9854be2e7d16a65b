"""Risk policies: what each would have done, beside what Conditional Access did."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial

from textual.content import Content

from risktui.console import phrases
from risktui.console.asking import Asked, Facts
from risktui.console.boards import Board, Lines, cells, facts, heading
from risktui.console.machinery import Machinery
from risktui.console.widgets.ink import ink, line, wrapped
from risktui.console.widgets.rows import Column, Row
from risktui.console.words import date_and_clock, plural, short_name
from risktui.language.choice import tr
from risktui.model.risk import PolicyResult
from risktui.settings import Policy
from risktui.store import policies

COLUMNS = (
    Column("policy", minimum=16, share=4),
    Column("state", 10, drop=2),
    Column("control", 15, drop=1),
    Column("people", 7, align="right"),
    Column("sign-ins", 10, align="right"),
    Column("differ", 7, align="right"),
)
RESULTS = 50
"""Results of one policy that are listed, the latest."""
LOOKED_THROUGH = 20_000
"""Results of one policy that are looked through for what is asked, the latest."""


def board(connection: sqlite3.Connection, machinery: Machinery, now: int, asked: Asked) -> Board:
    """The configured policies, then those that are gone and have matched before."""
    known = {policy.name: policy for policy in machinery.config.policies}
    tallies = policies.tallies(connection)
    rows: list[Row] = []
    details: dict[str, Lines] = {}
    told: dict[str, tuple[Facts, ...]] = {}
    most = LOOKED_THROUGH if asked else RESULTS
    for name in dict.fromkeys([*known, *sorted(tallies)]):
        tally = tallies.get(name, policies.Tally(name, 0, 0, 0))
        found = policies.results(connection, policy=name, limit=most)
        rows.append(_row(name, known.get(name), tally))
        told[name] = _facts(name, known.get(name), found)
        if asked.terms:  # of the results only those that it is asked for
            found = [
                one
                for one, each in zip(found, told[name], strict=False)
                if asked.any_of([each], now)
            ]
        details[name] = partial(_lines, known.get(name), tally, tuple(found[:RESULTS]), now)
    differs = sum(tally.differs for tally in tallies.values())
    title = tr(phrases.POLICIES_TITLE).format(count=len(rows), differs=plural(differs, "sign-in"))
    title = title if rows else tr(phrases.NO_POLICIES)
    return Board(COLUMNS, title, tuple(rows), details, facts=told, warns=bool(differs))


def _row(name: str, policy: Policy | None, tally: policies.Tally) -> Row:
    return Row(
        name,
        cells(
            (name, "strong"),
            (policy.state if policy else tr(phrases.REMOVED), "muted"),
            (policy.control if policy else "", ""),
            (f"{tally.people:,}", ""),
            (f"{tally.sign_ins:,}", ""),
            (f"{tally.differs:,}" if tally.differs else "", "risk-high"),
        ),
        notable=bool(tally.differs),
    )


def _facts(name: str, policy: Policy | None, found: Sequence[PolicyResult]) -> tuple[Facts, ...]:
    """Of each result, and of the policy itself where it has none."""
    own = {
        "policy": (name,),
        "state": (policy.state if policy else phrases.REMOVED,),
        "control": (policy.control,) if policy else (),
    }
    results = tuple(
        Facts(
            own
            | {
                "user": (one.user_principal_name, one.user_id),
                "level": (one.risk_level.value,),
                "differs": ("yes" if one.differs else "no",),
            },
            one.time,
        )
        for one in found
    )
    return results or (Facts(own | {"level": tuple(policy.levels) if policy else ()}),)


def _lines(
    policy: Policy | None,
    tally: policies.Tally,
    found: tuple[PolicyResult, ...],
    now: int,
    width: int,
) -> list[Content]:
    values = {
        "people": f"{tally.people:,}",
        "sign_ins": f"{tally.sign_ins:,}",
        "differs": f"{tally.differs:,}",
    }
    if policy is not None:
        values |= {
            "state": policy.state,
            "control": policy.control,
            "levels": ", ".join(policy.levels),
            "applies": policy.applies_to,
            "include": ", ".join(policy.include_groups),
            "exclude": ", ".join([*policy.exclude_groups, *policy.exclude_users]),
        }
    rows = facts(phrases.POLICY_FACTS, values, width)
    if found:
        rows += heading(tr(phrases.LATEST))
    for one in found:
        text = tr(phrases.POLICY_RESULT).format(
            when=date_and_clock(one.time, now),
            user=short_name(one.user_principal_name, one.user_id),
            level=tr(one.risk_level.value),
            expected=tr(one.expected),
            actual=tr(one.actual or phrases.NOT_YET),
        )
        mark = ink(f"{tr(phrases.DIFFERS)} ", "risk-high") if one.differs else ""
        rows += wrapped(line(mark, ink(text)), width, indent="  ")
    return rows
