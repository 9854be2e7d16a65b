"""`risktui report`: an incident report about one person, in Markdown."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import click

from risktui.cli.find import resolve
from risktui.cli.options import config_option, database_option, existing_database, load_config
from risktui.engine.clock import now_ms
from risktui.model.risk import RiskyUser
from risktui.output.report import Incident, report
from risktui.store import queries
from risktui.store.database import reader
from risktui.store.naming import with_names
from risktui.store.people import whoami
from risktui.store.sessions import stories


@click.command("report")
@config_option
@database_option
@click.argument("who")
def report_command(who: str, **options: Any) -> None:
    """Print an incident report in Markdown: WHO is a principal name, object or detection id."""
    settings = load_config(options["config_path"])
    with closing(reader(existing_database(options["database"]))) as connection:
        target = resolve(connection, who)
        user = queries.user(connection, target.user_id)
        incident = Incident(
            user=user
            or RiskyUser(id=target.user_id, user_principal_name=target.user_principal_name),
            detections=[
                with_names(connection, one)
                for one in queries.detections(connection, user_id=target.user_id)
            ],
            history=queries.history(connection, user_id=target.user_id),
            sessions=stories(connection, target.user_id),
            suppressions=queries.suppressions(connection, user_id=target.user_id),
        )
    text = report(incident, written=now_ms(), author=whoami(), label=settings.console.label)
    click.echo(text, nl=False)
