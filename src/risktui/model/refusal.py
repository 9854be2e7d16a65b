"""Says in a person's words what a typed decoder refused, and where."""

from __future__ import annotations

import re

import msgspec

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
    "bytes": "text",
}
_WRONG_KIND = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_BOUND = re.compile(r"Expected `([^`]+)` (>=|<=|>|<) (\S+)")
_MISSING = re.compile(r"Object missing required field `([^`]+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `([^`]+)`")
_CHOICE = re.compile(r"Invalid enum value (.+)")


def place_of(error: msgspec.ValidationError) -> str:
    """Where it is, as `tenant.licence` or `intel[0].tag`; "" for the whole."""
    _, at, where = str(error).rpartition(" - at `")
    return re.sub(r"^\$\.?", "", where.rstrip("`")) if at else ""


def in_words(error: msgspec.ValidationError) -> str:
    """What was wrong, without the place; msgspec's own words where there are no better ones."""
    text = str(error).rpartition(" - at `")[0] or str(error)
    if found := _WRONG_KIND.fullmatch(text):
        return f"expected {_kinds(found[1])}, got {_kinds(found[2])}"
    if found := _BOUND.fullmatch(text):
        return f"expected {_kinds(found[1])} {found[2]} {found[3]}"
    if found := _MISSING.fullmatch(text):
        return f"{found[1]} is missing"
    if found := _UNKNOWN.fullmatch(text):
        return f"{found[1]} is unknown"
    if found := _CHOICE.fullmatch(text):
        return f"{found[1]} is none of the values allowed here"
    return text


def _kinds(names: str) -> str:
    return " or ".join(_KINDS.get(name.strip(), name.strip()) for name in names.split("|"))
