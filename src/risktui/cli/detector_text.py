"""Tells a detector as plain text: what `risktui detectors show` prints."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
from rich.cells import cell_len

from risktui import config as configuration
from risktui.cli.fitting import room
from risktui.cli.folding import wrapped
from risktui.cli.table import counted
from risktui.content import content
from risktui.detect import Detector, Lead, Tracker
from risktui.detect.loader import name_of
from risktui.engine.stories import stories_of
from risktui.language.choice import tr

WIDTH = 100
"""Cells of a line, where the terminal has them: a longer one is hard to read."""
IN_WORDS = {
    "SignIn": "sign-ins",
    "FileAccess": "files and mail that are opened",
    "MailSent": "mail that is sent",
    "MailboxRule": "mailbox rules and forwarding",
    "ApiCall": "calls to Microsoft Graph",
    "DirectoryChange": "changes of the directory",
    "PasswordChange": "password changes",
    "AccountChange": "accounts that are made, disabled, deleted",
    "ProductAlert": "alerts of other products",
    "CredentialLeak": "leaked credentials",
    "UserReport": "what people report",
    "Verdict": "verdicts of operators",
}
"""Classes of event as somebody says them who reads logs."""
IN_SHORT = {
    "SignIn": "sign-ins",
    "FileAccess": "files",
    "MailSent": "sent mail",
    "MailboxRule": "mail rules",
    "ApiCall": "API calls",
    "DirectoryChange": "directory",
    "PasswordChange": "passwords",
    "AccountChange": "accounts",
    "ProductAlert": "alerts",
    "CredentialLeak": "leaks",
    "UserReport": "reports",
    "Verdict": "verdicts",
}
"""The same where there is little room."""
POINTS = {
    "low_at": "So many points are low.",
    "medium_at": "So many points are medium.",
    "high_at": "So many points are high.",
}
"""What settings mean that many detectors have."""
KEYS = {
    "user": "person",
    "ip": "address",
    "prefix": "range",
    "agent": "user agent",
    "client": "network and program",
    "client_app": "program and application",
    "network_app": "network and application",
    "tenant": "organisation",
    "principal": "application",
}


def detector_text(
    detector: Detector,
    own: Mapping[str, Any],
    given: Mapping[str, Any],
    blind: str | None,
    trackers: Iterable[Tracker] = (),
) -> str:
    """Everything about one detector.

    `own` is its section of the configuration, `given` what [tenant] and the like hand to it,
    `blind` what it lacks, and `trackers` those that work for it.
    """
    head = _head(detector, blind, tuple(trackers))
    return "\n".join((*head, *_lines(detector, own, given))) + "\n"


def _head(detector: Detector, blind: str | None, trackers: Sequence[Tracker]) -> Iterator[str]:
    kind, name = detector.risk_event_type, name_of(detector)
    called = kind if name == kind else f"{kind} ({name})"
    yield " · ".join(dict.fromkeys((called, detector.title, tr(detector.title))))
    yield from _paragraphs(inspect.getdoc(sys.modules[type(detector).__module__]) or "")
    yield ""
    licence = "Premium: P2 shows it, others see `generic`" if detector.premium else "every licence"
    facts = {
        tr("watches"): _watched(detector, trackers),
        tr("needs"): _needs(detector.needs),
        tr("now"): tr(f"BLIND: {blind}" if blind else "it can see"),
        tr("says it"): f"{tr(detector.timing)}; {tr(licence)}",
        "ATT&CK": ", ".join(detector.attack) or tr("none"),
    }
    width = max(map(cell_len, facts))
    for head, text in facts.items():
        yield from _wrapped(head + " " * (width - cell_len(head) + 2), text)


def _lines(detector: Detector, own: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    for fires, title in ((True, "it fires, for instance"), (False, "it stays quiet")):
        stories = [example for example in detector.examples if example.fires is fires]
        if stories:
            yield f"\n{tr(title)}"
        for example in stories:
            level = f" ({tr(example.level)})" if example.level else ""
            yield from _wrapped("  - ", f"{tr(example.name)}{level}")
    yield from _settings(detector, own, given)
    yield f"\n{tr('what to do about it')}"
    for number, tip in enumerate(detector.tips, 1):
        yield from _wrapped(f"  {number}. ", tr(tip))
    yield f"\n{tr('tests')}"
    yield from _tests(detector, name_of(detector))


def watched(detector: Detector, trackers: Iterable[Tracker]) -> list[str]:
    """Classes of what it sees and what its trackers see for it; leads are between themselves."""
    mine = [t for t in trackers if t.part_of == name_of(detector)]
    kinds = dict.fromkeys([*detector.watches, *(kind for t in mine for kind in t.watches)])
    return [kind.__name__ for kind in kinds if kind is not Lead]


def _watched(detector: Detector, trackers: Sequence[Tracker]) -> str:
    names = [tr(IN_WORDS.get(kind, kind)) for kind in watched(detector, trackers)]
    keys = dict.fromkeys([detector.key, *(key for t in trackers for key in t.keys)])
    each = tr(", ".join(KEYS.get(key, key) for key in keys))
    return f"{', '.join(names)}; {tr(f'for each {each}')}"


def _needs(needs: tuple[str, ...]) -> str:
    """What it is blind without; of several lists any one suffices."""
    lists = [need for need in needs if need != "location"]
    told = ["places of addresses"] if "location" in needs else []
    told += [f"a list of {' or '.join(lists)} addresses"] if lists else []
    return tr(" and ".join(told) or "nothing but its logs")


def _settings(
    detector: Detector, own: Mapping[str, Any], given: Mapping[str, Any]
) -> Iterator[str]:
    fields = msgspec.structs.fields(detector.settings)
    yield "\n" + tr(f"settings, [detectors.{name_of(detector)}] in risktui.toml")
    if not fields:
        yield f"  {tr('none')}"
        return
    settings = type(detector.settings)
    # Not `inspect.getdoc`, which gives a class without words those of what it inherits from.
    yield from _paragraphs(inspect.cleandoc(settings.__doc__ or ""), "  ")
    yield ""
    meanings, standard = meanings_of(settings), settings()
    for field in fields:
        value, usual = getattr(detector.settings, field.name), getattr(standard, field.name)
        if field.name in own:
            origin = f"from risktui.toml; {shown(usual)} unless set"
        elif field.name in given and value != usual:
            origin = "from the rest of the configuration"
        else:
            origin = "the default"
        yield from _wrapped("  ", f"{field.name} = {shown(value)}  ({tr(origin)})")
        meaning = meanings.get(field.name, POINTS.get(field.name, ""))
        yield from _paragraphs(meaning, "      ")


def meanings_of(settings: type[msgspec.Struct]) -> dict[str, str]:
    """The text below each field of `settings`, as its source has it; {} where there is none."""
    try:
        source = textwrap.dedent(inspect.getsource(settings))
    except (OSError, TypeError):
        return {}
    body = next((n.body for n in ast.parse(source).body if isinstance(n, ast.ClassDef)), [])
    found: dict[str, str] = {}
    for field, below in pairwise(body):
        named = isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if named and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[field.target.id] = inspect.cleandoc(str(below.value.value))  # type: ignore[attr-defined]
    return found


def _tests(detector: Detector, name: str) -> Iterator[str]:
    file = Path(inspect.getfile(type(detector)))
    examples = counted(len(detector.examples), "example")
    yield from _wrapped("  ", tr(f"its {examples}: risktui detectors test {file}"))
    shared = file.parents[2] / "tests" / "detectors" / f"test_{file.stem}.py"
    shared = stories_of(file) or shared
    if shared.is_file():
        stories = counted(shared.read_text("utf-8").count("\ndef test_"), "story", "stories")
        yield from _wrapped("  ", tr(f"{stories}: pytest {shared}"))
    usual = content("detectors"), configuration.user_folder("detectors")
    named = "" if set(usual) & set(file.parents) else f" --detectors {file}"
    command = f"risktui backtest{named} --set detectors.{name}.SETTING=VALUE"
    yield from _wrapped("  ", tr(f"on your logs: {command}"))


def shown(value: Any) -> str:
    """A setting for reading: of indicators only their numbers, and of long lists the beginning."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, tuple):
        return str(value)
    texts = [getattr(one, "id", None) or shown(one) for one in value]
    more = f", … {len(texts)} in all" if len(texts) > 12 else ""
    return f"[{', '.join(texts[:12])}{more}]"


def _paragraphs(text: str, indent: str = "") -> Iterator[str]:
    for number, paragraph in enumerate(filter(None, text.split("\n\n"))):
        if number:
            yield ""
        yield from _wrapped(indent, tr(" ".join(paragraph.split())))


def _wrapped(head: str, text: str) -> Iterable[str]:
    return wrapped(head, text, min(WIDTH, room() or WIDTH))
