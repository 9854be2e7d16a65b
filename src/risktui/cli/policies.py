"""`risktui policies`: what risk policies would have done, and what Conditional Access did."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import click
import msgspec

from risktui.cli.options import (
    config_option,
    counting_from,
    database_option,
    existing_database,
    json_option,
    load_config,
    moment,
    say,
    since_option,
)
from risktui.cli.table import echo_table
from risktui.output import graph
from risktui.settings import Policy
from risktui.store import policies as stored
from risktui.store.database import reader

NONE = "no [[policies]] in risktui.toml, and none has matched before"


@click.command()
@config_option
@database_option
@json_option
@since_option
@click.option("--name", default="", help="Only this policy's results.")
@click.option("--differs", is_flag=True, help="Only where Conditional Access let more happen.")
@click.option("--sign-ins", "each", is_flag=True, help="Every sign-in and person, not the sums.")
@click.option("--limit", type=click.IntRange(min=1), help="At the most so many.")
def policies(**options: Any) -> None:
    """What each `[[policies]]` would have done, beside what was really done.

    One line a policy; with --sign-ins, --name or --differs every sign-in and person it has met.
    """
    settings = load_config(options["config_path"])
    with closing(reader(existing_database(options["database"]))) as connection:
        now = counting_from(connection, options["since"])
        since = moment(options["since"], now) or 0
        tallies = stored.tallies(connection, since)
        if not (options["each"] or options["name"] or options["differs"]):
            _sums(settings.policies, tallies, as_json=options["as_json"])
            return
        known = {*(policy.name for policy in settings.policies), *tallies}
        if options["name"] and options["name"] not in known:
            there = f"there are {', '.join(sorted(known))}" if known else NONE
            say(f"no policy is called {options['name']!r}; {there}")
        found = stored.results(
            connection,
            policy=options["name"],
            differing=options["differs"],
            since=since,
            limit=options["limit"] or -1,
        )
    if options["as_json"]:
        for result in found:
            click.echo(graph.line(graph.policy_result(result)))
        return
    rows = [
        (
            graph.iso(result.time),
            "DIFFERS" if result.differs else "",
            result.policy,
            result.user_principal_name or result.user_id,
            str(result.risk_level),
            result.expected,
            result.actual or "at the next sign-in",
        )
        for result in found
    ]
    echo_table(("time", "", "policy", "user", "risk", "would have been", "was"), rows)
    say(f"{len(found):,} results")


def _sums(known: list[Policy], tallies: dict[str, stored.Tally], *, as_json: bool) -> None:
    if not known and not tallies:
        say(f"{NONE}; see docs/policies.md")
        return
    names = [policy.name for policy in known]
    names += [name for name in tallies if name not in names]
    configured = {policy.name: policy for policy in known}
    rows = []
    for name in names:
        tally = tallies.get(name, stored.Tally(name, 0, 0, 0))
        policy = configured.get(name)
        if as_json:
            shown = {
                **msgspec.to_builtins(tally),
                "state": policy.state if policy else "removed",
                "control": policy.control if policy else None,
            }
            click.echo(graph.line(shown))
            continue
        rows.append(
            (
                name,
                policy.state if policy else "removed",
                policy.control if policy else "",
                f"{tally.people:,}",
                f"{tally.sign_ins:,}",
                f"{tally.differs:,}",
            )
        )
    if not as_json:
        echo_table(("policy", "state", "control", "people", "sign-ins", "differs"), rows)
