"""Every command that the documentation and `--help` show is run."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.sandbox import Sandbox
from risktui.cli.examples import EXAMPLES
from risktui.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT)
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md"))
    if "```console" in path.read_text()
)
NOT_RUN = {
    "make": "it is what runs the tests",
    "git": "the reader's own",
    "pipx": "installs from the internet",
    "uvx": "installs from the internet",
    "uv": "installs from the internet",
    "docker": "needs a daemon",
    "sudo": "needs a machine to change",
    "azcopy": "needs a storage account",
}
FINE = {
    "doctor": {0, 1},  # 1: there is something to say
    "audit": {0},
    "scan": {0, 3},  # 3: something was found
    "notify": {0, 1, 2},  # no channel is configured here
    "intel": {0, 1},  # no public list is switched on here
}


def _commands(text: str) -> Iterator[str]:
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        joined = block.replace("\\\n", " ")
        for line in joined.splitlines():
            if line.startswith("$ "):
                yield re.sub(r"\s{2,}#.*$", "", line[2:]).strip()


def _is_run(command: str) -> bool:
    return command.split(maxsplit=1)[0] not in NOT_RUN and not _opens_a_screen(command)


def _opens_a_screen(command: str) -> bool:
    """Consoles have tests of their own, on terminals."""
    words = [*command.split(), ""]
    if not words[0].endswith("risktui") or words[1].startswith("-"):
        return False
    return words[1] in {"console", ""} or words[1] not in COMMANDS or words[1:] == ["demo", ""]


def _check(sandbox: Sandbox, command: str) -> None:
    _make_room(sandbox, command)
    code, said = sandbox.run(command)
    words = [*command.split(), "", ""]
    allowed = FINE.get(words[1], {0}) if words[0].endswith("risktui") else {0}
    assert code in allowed, f"$ {command}\n{code}\n{said}"
    assert "Traceback" not in said, f"$ {command}\n{said}"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    made = Sandbox(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_commands_of_a_page_work_in_their_order(page: Path, sandbox: Sandbox) -> None:
    for command in filter(_is_run, _commands((ROOT / page).read_text())):
        _check(sandbox, command)


GROUPS = sorted({words.split()[0] for words in EXAMPLES})


@pytest.mark.parametrize("part", range(4))
def test_the_examples_of_help_work(part: int, sandbox: Sandbox) -> None:
    for group in GROUPS[part::4]:
        for words, examples in EXAMPLES.items():
            if words.split()[0] != group:
                continue
            for example in filter(_is_run, examples):
                _prepare(sandbox, example)
                _check(sandbox, example)


def _prepare(sandbox: Sandbox, example: str) -> None:
    """Examples stand alone: what one needs, another may have used up."""
    if example.startswith("risktui detectors test"):
        sandbox.run("risktui detectors new my_detector.py")
    if example.startswith("risktui undo"):
        sandbox.run("risktui dismiss carol@contoso.com")
    if example.startswith(("risktui confirm", "risktui dismiss", "risktui apply")):
        sandbox.begin_again()
    if example.startswith("risktui completion"):
        target = example.split("> ")[1].replace("~", str(sandbox.folder))
        Path(target).parent.mkdir(parents=True, exist_ok=True)


def _make_room(sandbox: Sandbox, command: str) -> None:
    """`config init` writes a configuration where there is none; the others need the sandbox's."""
    ours, kept = sandbox.folder / "risktui.toml", sandbox.folder / "kept.toml"
    if "config init" in command:
        ours.rename(kept)
    elif kept.exists():
        kept.replace(ours)


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no clone, and nothing to commit")
def test_nothing_that_the_commands_write_into_a_clone_waits_to_be_committed() -> None:
    every = [c for page in PAGES for c in _commands((ROOT / page).read_text())]
    written = {name for c in every for name in re.findall(r">\s*([\w.-]+)", c) if name != "-"}
    begun = {name for c in every for name in re.findall(r"detectors new (\w+\.py)", c)}
    written |= begun | {f"tests/test_{name}" for name in begun}  # a clone has a folder of tests
    written |= {"risktui.toml", "tenant.db", "tenant.db-wal", "tenant.db.engine.log", "logs/x.json"}
    assert {"tokens", "found.csv"} <= written
    git = ["git", "-C", ROOT, "check-ignore", *sorted(written)]
    ignored = subprocess.run(git, capture_output=True, text=True, check=False).stdout.split()
    assert set(ignored) == written, "see .gitignore"


def test_every_reason_not_to_run_is_still_needed() -> None:
    first = {c.split()[0] for page in PAGES for c in _commands((ROOT / page).read_text())}
    assert set(NOT_RUN) <= first | {"git", "uv"}
