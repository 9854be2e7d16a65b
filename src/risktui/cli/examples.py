"""Examples for `--help` and the manual, by the words of the command; a test runs them all.

They speak of `logs`, `tenant.db` and the people of the sample tenant's kind.
"""

from __future__ import annotations

import click

EXAMPLES: dict[str, tuple[str, ...]] = {
    "console": ("risktui logs", "risktui console logs --theme paper-lamp --read-only"),
    "watch": (
        "risktui watch logs --json",
        "risktui watch logs --resume siem -f ecs >> alerts.ndjson",
        "risktui watch --attach -f table --where level:high",
    ),
    "scan": (
        "risktui scan logs --json | jq -r .userPrincipalName",
        "risktui scan logs -f csv --where level:medium+ > found.csv",
        "risktui scan logs --db tenant.db --fail-on high",
    ),
    "demo": (
        "risktui demo",
        "risktui demo --for 2m --theme stage",
        "risktui demo --headless | jq -r .riskEventType",
    ),
    "users": (
        "risktui users --where 'level:high -user:svc*'",
        "risktui users -f csv --fields userPrincipalName,riskLevel,risktui.reason",
    ),
    "detections": (
        "risktui detections --since 24h --min-level medium",
        "risktui detections --where 'type:spray country:ng' -f ocsf",
    ),
    "history": ("risktui history", "risktui history carol@contoso.com -f csv > carol.csv"),
    "show": ("risktui show carol@contoso.com", "risktui show carol@contoso.com --json | jq"),
    "story": ("risktui story carol@contoso.com", "risktui story 3f9a81c2 --json | jq .steps"),
    "report": ("risktui report carol@contoso.com > carol.md",),
    "confirm-compromised": (
        "risktui confirm-compromised carol@contoso.com --note 'did not sign in herself'",
    ),
    "confirm-safe": ("risktui confirm-safe carol@contoso.com --note 'on holiday, asked her'",),
    "dismiss": ("risktui dismiss carol@contoso.com --note 'penetration test'",),
    "undo": ("risktui undo carol@contoso.com",),
    "apply": (
        "risktui apply verdicts.ndjson",
        "risktui apply - < verdicts.ndjson",
        "risktui apply",
    ),
    "principals": ("risktui principals list",),
    "principals list": (
        "risktui principals list",
        "risktui principals list --min-level medium --json | jq .displayName",
    ),
    "principals show": ("risktui principals show contoso-backup",),
    "principals confirm-compromised": (
        "risktui principals confirm-compromised contoso-backup --note 'nobody of ours'",
    ),
    "principals dismiss": (
        "risktui principals dismiss contoso-backup --note 'the new backup server'",
    ),
    "principals undo": ("risktui principals undo contoso-backup",),
    "policies": ("risktui policies --since 30d --differs",),
    "notify": ("risktui notify status",),
    "notify digest": ("risktui notify digest",),
    "notify retry": ("risktui notify retry",),
    "notify send": ("risktui notify send",),
    "notify status": ("risktui notify status",),
    "notify test": ("risktui notify test",),
    "db": ("risktui db check",),
    "db backup": ("risktui db backup backup.db",),
    "db check": ("risktui db check --db tenant.db",),
    "db compact": ("risktui db compact",),
    "db rebuild": ("risktui db rebuild logs",),
    "audit": ("risktui audit verify",),
    "audit show": ("risktui audit show",),
    "audit verify": ("risktui audit verify",),
    "why": ("risktui why 3f9a81c2", "risktui why 3f9a81c2 --json | jq .risktui.explanation"),
    "why-not": (
        "risktui why-not --user bob@contoso.com --type newCountry --at 2026-03-02T09:00:00Z",
    ),
    "backtest": (
        "risktui backtest --set detectors.newCountry.learning_days=14 --since 30d",
        "risktui backtest logs --set detectors.unfamiliarFeatures.enabled=false --json",
    ),
    "tune": ("risktui tune", "risktui tune logs --db tenant.db --json"),
    "serve": (
        "risktui serve --db tenant.db --token-file tokens",
        "risktui serve --db tenant.db --socket api.sock",
    ),
    "detectors": ("risktui detectors list",),
    "detectors list": ("risktui detectors list", "risktui detectors list --json | jq -r .title"),
    "detectors show": ("risktui detectors show newCountry",),
    "detectors new": ("risktui detectors new my_detector.py",),
    "detectors test": ("risktui detectors test my_detector.py",),
    "formats": ("risktui formats list",),
    "formats list": ("risktui formats list",),
    "formats sniff": ("risktui formats sniff export.json",),
    "geo": ("risktui geo status",),
    "geo status": ("risktui geo status",),
    "intel": ("risktui intel status",),
    "intel status": ("risktui intel status", "risktui intel status --json | jq -r .name"),
    "intel update": ("risktui intel update", "risktui intel update tor"),
    "doctor": ("risktui doctor --db tenant.db",),
    "config": ("risktui config init", "risktui config check"),
    "config init": ("risktui config init",),
    "config check": ("risktui config check --config risktui.toml",),
    "completion": (
        "risktui completion bash > ~/.local/share/bash-completion/completions/risktui",
        "risktui completion zsh > ~/.zfunc/_risktui",
        "risktui completion fish > ~/.config/fish/completions/risktui.fish",
    ),
    "man": ("risktui man > risktui.1",),
}


def with_examples(command: click.Command, words: str) -> click.Command:
    """The command with its examples below its help, and its subcommands with theirs."""
    examples = EXAMPLES.get(words)
    if examples:
        lines = "\n".join(f"  {example}" for example in examples)
        command.epilog = f"Examples:\n\n\b\n{lines}"
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            inner.short_help = " ".join((inner.help or "").split("\n\n")[0].split())
            with_examples(inner, f"{words} {name}")
    return command
