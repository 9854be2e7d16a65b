"""Finds the files that travel with risktui: detectors, themes and sample logs."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def content(kind: str) -> Path:
    """The folder of built-in `kind`: "detectors", "themes" or "sample_logs".

    A checkout has them at the top of the repository, and is preferred, since an editable install
    leaves a copy in the package that nobody updates. An installed wheel has them in
    risktui/_content. Raises FileNotFoundError.
    """
    checkout = PACKAGE.parents[1]
    folders = [PACKAGE / "_content" / kind]
    if (checkout / "pyproject.toml").is_file() and PACKAGE.parent.name == "src":
        folders.insert(0, checkout / kind)
    for folder in folders:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"risktui was installed without its {kind}")
