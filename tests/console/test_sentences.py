"""Every sentence the console has is in the catalogue, with the same gaps on both sides."""

from __future__ import annotations

import ast
import json
import string
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import pytest

import risktui.console
from risktui.cli import captions
from risktui.console import actions, judging, list_words, phrases, sorting, words
from risktui.console.screens import rows
from risktui.console.widgets import person
from risktui.content import content
from risktui.language.choice import catalogue

MODULES = (captions, list_words, phrases)
TABLES = (
    *(actions.PLACE_WORDS, words.FEW_WORDS, judging.VERBS, judging.REMINDERS),
    *(sorting.ORDER_WORDS, rows.SHORT_STATES, person.DETAIL_WORDS),
)


def sentences() -> Iterator[str]:
    for module in MODULES:
        yield from constants(module)
    for table in TABLES:
        yield from table.values()
    for action in actions.ACTIONS:
        yield from (action.words, action.help)
    for path in Path(risktui.console.__path__[0]).rglob("*.py"):
        yield from written(ast.parse(path.read_text("utf-8")))
    for event in json.loads((content("sample_logs") / "story.json").read_bytes()):
        yield from (event["what"], event["why"])


def constants(module: ModuleType) -> Iterator[str]:
    for name, value in vars(module).items():
        if name.isupper() and isinstance(value, str) and name != "QUIET":
            yield value
        elif name.isupper() and isinstance(value, dict):
            yield from (text for text in value.values() if isinstance(text, str))


def written(tree: ast.Module) -> Iterator[str]:
    """Titles of columns, and what is translated where it stands."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id in {"Column", "tr"} and node.args:
            said = node.args[0]
            if isinstance(said, ast.Constant) and isinstance(said.value, str):
                yield said.value


def test_every_sentence_of_the_console_is_in_the_catalogue() -> None:
    japanese = catalogue("ja")
    missing = {text for text in sentences() if text and japanese.find(text) is None}
    assert not missing, "\n".join(sorted(missing))


@pytest.mark.parametrize("text", sorted({text for text in sentences() if "{" in text}))
def test_a_translation_has_the_gaps_of_the_sentence(text: str) -> None:
    assert gaps(catalogue("ja")(text)) == gaps(text)


def gaps(text: str) -> list[tuple[str, str]]:
    found = string.Formatter().parse(text)
    return sorted((name, form or "") for _, name, form, _ in found if name)


def test_no_two_files_translate_one_sentence_differently() -> None:
    said: dict[str, str] = {}
    for file in files("risktui.language").joinpath("ja").iterdir():
        for english, japanese in tomllib.loads(file.read_text("utf-8")).items():
            assert said.setdefault(english, japanese) == japanese, (file.name, english)
