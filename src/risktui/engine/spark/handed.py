"""Decisions on their way to Spark: a folder of small files, beside a folder of results.

A console without a database of Spark's writes them, every later run reads them.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

import msgspec

from risktui.logs.clean import clean
from risktui.model.events import Verdict
from risktui.model.ids import stable_id
from risktui.store.verdicts import Request, cleaned, verdict_of

SUFFIX = ".json"
LONGEST_ID = 200
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
"""An id that is a file's name; programs choose their own, and they may hold a path."""


class Decision(Request, kw_only=True, omit_defaults=True, rename="camel"):
    """A decision with all that an engine has to know of it."""

    tenant_id: str = ""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Decision).decode


def beside(results: Path) -> Path:
    """Where decisions about `results` are: not in it, for it may be written as a whole again."""
    return results.with_name(results.name + ".verdicts")


def hand_in(folder: Path, verdict: Verdict) -> None:
    """Write `verdict` into `folder`, as a whole or not at all; one that is there stays."""
    decision = Decision(
        action=verdict.action,
        user_id=verdict.user_id,
        user_principal_name=verdict.user_principal_name,
        detection_id=verdict.detection_id,
        author=verdict.author,
        place=verdict.place,
        note=verdict.note,
        author_account=verdict.author_account,
        about="servicePrincipal" if verdict.actor == "servicePrincipal" else "user",
        time=verdict.time,
        id=verdict.id,
        tenant_id=verdict.tenant_id,
    )
    folder.mkdir(parents=True, exist_ok=True)
    name = verdict.id if _PLAIN.fullmatch(verdict.id) else stable_id(verdict.id)
    path, part = folder / f"{name}{SUFFIX}", folder / f".{name}.part"
    with part.open("wb") as file:
        file.write(_encode(decision) + b"\n")
        file.flush()
        os.fsync(file.fileno())  # its author is told that it was handed on
    part.rename(path)


def decided(text: str | bytes) -> Verdict:
    """The verdict in a file. Raises `msgspec.DecodeError` where there is none.

    Whoever may write into the folder may judge, so it is an operator's whatever it says.
    """
    decision = cleaned(_decode(text))
    if not 0 < len(decision.id) <= LONGEST_ID:
        raise msgspec.ValidationError("it has no id of its own")
    verdict = verdict_of(decision, clean(decision.id))
    verdict.tenant_id = decision.tenant_id
    return verdict


def readable(folder: str) -> str:
    """`folder`, made where it is a path and nobody has decided anything yet."""
    if "://" not in folder:
        with suppress(FileExistsError):
            Path(folder).mkdir(parents=True)
    return folder
