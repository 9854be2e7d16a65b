"""An error in somebody's own file, in words: what it is, and which line has led to it."""

from __future__ import annotations

import linecache
import traceback
from difflib import get_close_matches
from pathlib import Path


def blame(error: BaseException, folder: Path) -> str:
    """Of a failed assertion without words its line is what it says.

    The line is the innermost of the files below `folder`, where one's own detectors and tests lie.
    """
    own = folder.resolve()
    frames = traceback.extract_tb(error.__traceback__)
    lines = [
        (path, frame.lineno or 0)
        for frame in frames
        if (path := Path(frame.filename).resolve()).is_relative_to(own)
    ]
    said = str(error)
    if not isinstance(error, AssertionError):
        said = f"{type(error).__name__}: {said}{_hint(error)}"
    elif lines and not said:
        said = linecache.getline(str(lines[-1][0]), lines[-1][1]).strip()
    return f"{said} ({lines[-1][0].name}:{lines[-1][1]})" if lines else said


def _hint(error: BaseException) -> str:
    """Fields that somebody who has guessed one may have meant."""
    if not isinstance(error, AttributeError) or not error.name:
        return ""
    fields = [name for name in dir(error.obj) if not name.startswith("_")]
    same_word = [name for name in fields if error.name in name.split("_")]
    near = (same_word or get_close_matches(error.name, fields))[:3]
    return f"; did you mean {' or '.join(near)}?" if near else ""
