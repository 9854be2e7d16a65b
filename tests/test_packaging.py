"""Detectors, themes and sample logs are found however risktui was installed."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FIND = (
    "from risktui.content import content\n"
    "from risktui.detect.loader import load\n"
    "print(content('detectors'), content('themes'), content('sample_logs'), sep='\\n')\n"
    "print(len(load([content('detectors')], {}).detectors))"
)


@pytest.fixture(scope="module")
def site() -> Path:
    """Where this environment keeps its packages."""
    return Path(next(p for p in sys.path if p.endswith("site-packages")))


def _found(python: Path | str, cwd: Path, **environment: str) -> list[str]:
    done = subprocess.run(
        [str(python), "-c", FIND],
        cwd=cwd,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def _environment(folder: Path, site: Path) -> Path:
    """A fresh environment that sees our dependencies, and no risktui."""
    venv.create(folder, with_pip=False, symlinks=True)
    packages = next((folder / "lib").glob("python*")) / "site-packages"
    for entry in site.iterdir():
        if "risktui" not in entry.name.lower() and entry.name != "__pycache__":
            (packages / entry.name).symlink_to(entry)
    return folder / "bin" / "python"


def _pip_free_install(wheel: Path, python: Path) -> None:
    """A wheel is a zip; unpacking it into site-packages is all that installing this one takes."""
    unpack = (
        "import sys, sysconfig, zipfile\n"
        "zipfile.ZipFile(sys.argv[1]).extractall(sysconfig.get_path('purelib'))"
    )
    subprocess.run([str(python), "-c", unpack, str(wheel)], check=True)


def _build(out: Path) -> Path:
    subprocess.run(
        [
            sys.executable,
            "-m",
            "build",
            "--no-isolation",
            "--outdir",
            str(out),
            str(ROOT),
        ],
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


def test_a_wheel_carries_its_content(tmp_path: Path, site: Path) -> None:
    python = _environment(tmp_path / "env", site)
    _pip_free_install(_build(tmp_path / "dist"), python)  # by way of the sdist
    detectors, themes, samples, number = _found(python, tmp_path)
    for place in (detectors, themes, samples):
        assert "site-packages/risktui/_content" in place
    assert int(number) >= 5


def test_an_editable_install_uses_the_checkout(tmp_path: Path, site: Path) -> None:
    python = _environment(tmp_path / "env", site)
    out = tmp_path / "dist"
    make = (
        "import sys; from hatchling.build import build_editable; print(build_editable(sys.argv[1]))"
    )
    out.mkdir()
    subprocess.run([sys.executable, "-c", make, str(out)], cwd=ROOT, check=True)
    _pip_free_install(next(out.glob("*.whl")), python)
    detectors, themes, samples, number = _found(python, tmp_path)
    assert [detectors, themes, samples] == [
        str(ROOT / kind) for kind in ("detectors", "themes", "sample_logs")
    ]
    assert int(number) >= 5


def test_a_plain_checkout_works_without_any_install(tmp_path: Path, site: Path) -> None:
    python = _environment(tmp_path / "env", site)
    found = _found(python, tmp_path, PYTHONPATH=str(ROOT / "src"))
    assert found[0] == str(ROOT / "detectors")
