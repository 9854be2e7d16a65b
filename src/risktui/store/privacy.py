"""Who may read the database: its maker alone, or one group of the host."""

from __future__ import annotations

import grp
import os
import shlex
import stat
from contextlib import suppress
from pathlib import Path

OTHERS = stat.S_IRWXO
BESIDE = ("", "-wal", "-shm", ".lock", ".engine.log")
"""Files that belong to one database, by what is added to its name."""


def keep_private(path: Path, group: str = "") -> None:
    """Make folder and file with no more rights than needed, and take from others what they have.

    A folder that was there before is left as it is: it may be somebody's working folder. Raises
    `OSError` where the file cannot be made; where it belongs to somebody else its rights stay.
    """
    path = Path(os.path.realpath(path))  # a link's target is what is opened
    shared = _number(group) if group else None
    if not path.parent.exists():
        path.parent.mkdir(parents=True, mode=0o2770 if group else 0o700)
        if shared is not None:
            os.chown(path.parent, -1, shared)
            path.parent.chmod(0o2770)
    with suppress(FileExistsError):
        # Only a new file may be opened here: closing one drops SQLite's locks of this process.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o660 if group else 0o600))
    for ending in BESIDE:
        with suppress(PermissionError, FileNotFoundError):
            _tighten(path.with_name(path.name + ending), shared)


def exposed(path: Path) -> str:
    """What is wrong with the rights of the database at `path`; "" where nothing is."""
    files = [path.with_name(path.name + ending) for ending in BESIDE]
    bare = [str(each) for each in files if each.exists() and each.stat().st_mode & OTHERS]
    if bare:
        return f"{bare[0]} can be read by everybody on this host; chmod o= {shlex.join(bare)}"
    if path.parent.stat().st_mode & stat.S_IWOTH and not path.parent.stat().st_mode & stat.S_ISVTX:
        return f"{path.parent} can be written by everybody on this host"
    return ""


def _tighten(file: Path, shared: int | None) -> None:
    mode = stat.S_IMODE(file.stat().st_mode)
    wanted = mode & ~OTHERS
    if shared is not None:
        os.chown(file, -1, shared)
        wanted |= stat.S_IRGRP | stat.S_IWGRP
    if wanted != mode:
        file.chmod(wanted)


def _number(group: str) -> int:
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError as error:
        raise OSError(f"[database] group = {group!r}: no such group on this host") from error
