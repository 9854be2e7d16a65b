"""Makes one site of docs/ and of the pages and files beside it: the README is its first page."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
BESIDE = {
    "index.md": "README.md",
    **{name: name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "NOTICE", "LICENSE")},
    "sample_logs/EXPECTED.md": "sample_logs/EXPECTED.md",
}
"""Where a page stands in the site, and in the repository."""
FOLDERS = ("packaging",)
"""Folders whose files pages point at."""
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add what stands beside docs/."""
    names = dict(BESIDE)
    for folder in FOLDERS:
        names |= {f"{folder}/{each.name}": f"{folder}/{each.name}" for each in _in(folder)}
    for place, name in names.items():
        files.append(File.generated(config, place, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Point links where their targets stand in the site."""
    return _LINK.sub(lambda found: f"]({_moved(found['target'])})", markdown)


def _moved(target: str) -> str:
    for folder in FOLDERS:
        if target.rstrip("/") == f"../{folder}":
            return f"{folder}/{_in(folder)[0].name}"
    return re.sub(r"^(?:docs/|\.\./)(?!/)", "", target)


def _in(folder: str) -> list[Path]:
    return sorted(each for each in (ROOT / folder).iterdir() if each.is_file())
