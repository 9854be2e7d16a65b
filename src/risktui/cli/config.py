"""`risktui config`: begin a configuration, or check the one there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from risktui.cli.options import config_option, load_config
from risktui.cli.parts import load_parts

TEMPLATE = """\
# risktui configuration. Paths are relative to this file. Everything here is optional.

[sources]
paths = ["logs"]                      # folders of logs, followed recursively

[tenant]
# accepted_domains = ["contoso.com"]  # a list, or a file with one a line
# named_locations = "named_locations.csv"   # name,cidr,trusted
# federation_issuers = "federation.csv"     # a list, or a file: who may issue tokens
licence = "p2"                        # whose view: p2, p1, free

[geo]
# city = "GeoLite2-City.mmdb"         # instead of the embedded database
# asn = "GeoLite2-ASN.mmdb"
# asn_kinds = "asn_kinds.csv"         # asn,kind: isp, mobile, hosting, corp

# [[intel]]                           # as many as there are lists
# path = "tor_exit_nodes.txt"
# tag = "tor"                         # tor vpn proxy residential relay actor bad aitm
# feed = "tor"                        # or a public list, fetched: risktui intel status

# [[indicators]]                      # patterns of tools and actors of your own
# path = "ti_indicators.jsonl"        # {"id", "description", "cidr", "userAgent", "level"}

# [[leaks]]                           # secrets in it are never kept
# path = "leaked_credentials.csv"     # username,source,leaked_at,observed_at; a dump; a folder
# validated = true                    # false: raw lists, which lead to low risk only
# hashes = "pwned-passwords"          # path holds one's own hashes, looked up in this list

[output]
# keep_days = 30                      # how long lines wait for a reader that has stopped reading

[engine]
# workers = 0                         # processes of --engine parallel; 0: one a core, up to six

[risk]
# compound = true                     # several lesser detections raise a person's level
# on_prem_password_clears_risk = false

[retention]                           # days of event time; 0 keeps for ever
# low_risk_days = 180

# [groups]                            # names for policies and messages
# vip = ["ceo@contoso.com"]           # a list, or a file with one a line

# [[policies]]                        # see docs/policies.md; nothing is enforced
# name = "risky sign-ins"
# applies_to = "signIn"               # signIn, user
# levels = ["medium", "high"]
# control = "mfa"                     # allow, mfa, passwordChange, riskRemediation, block

# [notify.mail]                       # see docs/notifications.md; try it: risktui notify test
# host = "smtp.contoso.com"
# sender = "risktui@contoso.com"
# to = ["soc@contoso.com"]

# [people]                            # without it whoever can write the database may judge
# viewers = ["@helpdesk"]             # a name of this host, or @group
# operators = ["@soc"]
# administrators = ["root"]

[console]
# theme = "night-shift"
# label = "PROD"
# alert = "high"                      # rings the terminal; "off" is silent

# [detectors.newCountry]              # see: risktui detectors show newCountry
# learning_days = 7
"""


@click.group()
def config() -> None:
    """Begin or check a configuration."""


@config.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), default="risktui.toml")
def init(path: Path) -> None:
    """Write a commented configuration to PATH (./risktui.toml)."""
    if path.exists():
        raise click.ClickException(f"{path}: exists already; nothing was written")
    path.write_text(TEMPLATE, "utf-8")
    click.echo(f"wrote {path}; check it with: risktui config check --config {path}", err=True)


@config.command()
@config_option
def check(**options: Any) -> None:
    """Read the configuration, its feeds and detectors, and say what is wrong with it."""
    settings = load_config(options["config_path"])
    parts = load_parts(settings)
    _check_keys(settings.console.keys)
    click.echo(f"{settings.path or 'defaults'}: fine; {len(parts.catalogue.detectors)} detectors")
    for kind, lack in parts.blind:
        click.echo(f"{kind} is blind: {lack}")


def _check_keys(keymap: dict[str, str]) -> None:
    """Names of actions must exist, and no key may do two things in one place."""
    from risktui.console.actions import clashes, unknown_ids  # without Textual, but only here

    usual = set(clashes({}))
    wrong = [f"[console.keys] {name}: no such action" for name in unknown_ids(keymap)]
    wrong += [f"[console.keys] {clash}" for clash in clashes(keymap) if clash not in usual]
    if wrong:
        raise click.UsageError("; ".join(wrong) + "; docs/keys.md lists the actions")
