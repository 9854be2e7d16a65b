"""The documentation is a site, too, in which every link leads somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it: a dead link fails."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_the_readme_opens_it_and_every_page_is_there(site: Path) -> None:
    first = (ROOT / "README.md").read_text().splitlines()[0].removeprefix("# ")
    assert first in (site / "index.html").read_text()
    for page in (ROOT / "docs").glob("*.md"):
        assert (site / page.stem / "index.html").is_file(), page


def test_what_pages_point_at_outside_docs_is_there(site: Path) -> None:
    assert (site / "packaging" / "risktui.service").read_bytes() == (
        ROOT / "packaging" / "risktui.service"
    ).read_bytes()
    assert 'href="../packaging/risktui.service"' in (site / "operating" / "index.html").read_text()


def test_it_asks_no_other_host_for_anything(site: Path) -> None:
    for page in site.rglob("*.html"):
        asked = re.findall(
            r'<(?:script|link|img)[^>]+(?:src|href)="(https?:[^"]+)', page.read_text()
        )
        assert not [each for each in asked if "canonical" not in each], page
