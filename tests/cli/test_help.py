from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from cli.test_scan import run
from risktui.cli.examples import EXAMPLES
from risktui.cli.main import COMMANDS, cli
from risktui.enrich.embedded import geo_facts


def _all(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*words, name)
        if isinstance(command, click.Group):
            yield from _all(command, (*words, name))


EVERY = sorted(_all(cli))


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_every_command_explains_itself_with_examples(words: tuple[str, ...]) -> None:
    helped = run(*words, "--help")
    assert helped.exit_code == 0
    assert "Examples:" in helped.stdout, f"cli/examples.py: add {' '.join(words)}"
    for example in EXAMPLES[" ".join(words)]:
        assert example in helped.stdout


@pytest.mark.parametrize("group", sorted({words[0] for words in EVERY if len(words) == 2}))
def test_a_list_of_commands_ends_its_sentences(group: str) -> None:
    assert "..." not in run(group, "--help").stdout.partition("Commands:")[2]


def test_there_are_examples_of_commands_that_exist_only() -> None:
    assert set(EXAMPLES) == {" ".join(words) for words in EVERY}


def test_version_names_the_date_of_the_data() -> None:
    facts = geo_facts()
    assert facts
    assert re.fullmatch(
        rf"risktui \d+\.\d+\.\d+, geo data of {facts.build_date}\n", run("--version").stdout
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion(shell: str) -> None:
    script = run("completion", shell).stdout
    assert "_RISKTUI_COMPLETE" in script
    if shutil.which(shell):
        done = subprocess.run(
            [shell, "-n"], input=script, capture_output=True, text=True, check=False
        )
        assert done.stderr == ""


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("risktui conf", {"confirm-compromised", "confirm-safe", "config"}),
        ("risktui detections --min", {"--min-level"}),
        ("risktui detections --format ", {"graph", "ocsf", "ecs", "csv", "table"}),
        ("risktui detectors ", {"list", "show", "test", "new"}),
    ],
)
def test_words_are_completed(typed: str, offered: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from risktui.cli.main import cli; cli(prog_name='risktui')"],
        env={
            "_RISKTUI_COMPLETE": "bash_complete",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(typed.split(" ")) - 1),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert {line.split(",")[1] for line in done.stdout.splitlines()} == offered, done.stderr


def test_the_manual_names_every_command_and_option() -> None:
    page = run("man").stdout.replace("\\-", "-")
    option_of_help = re.compile(r"^ +(?:-\w, )?(--[\w-]+)", re.MULTILINE)
    for words in EVERY:
        assert f".SS risktui {' '.join(words)} " in page
        for option in option_of_help.findall(run(*words, "--help").stdout):
            assert option in page
    assert all(name in page for name in COMMANDS)


@pytest.mark.skipif(shutil.which("groff") is None, reason="no groff here")
def test_the_manual_is_sound_roff() -> None:
    done = subprocess.run(
        ["groff", "-man", "-ww", "-z"],
        input=run("man").stdout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
