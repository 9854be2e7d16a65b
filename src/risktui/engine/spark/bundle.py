"""The configuration with everything it names, as bytes: what is broadcast to where Spark works.

Executors have neither the driver's folders nor its lists, so both travel: files of detectors, of
networks, places and patterns. They are unpacked once in each process, below a folder that is named
by their content.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from risktui import config as configuration
from risktui.engine.setup import Parts, Recipe, assemble
from risktui.settings import Notify

LONGEST = 1_024
"""Characters of a path."""


class Bundle(msgspec.Struct):
    """A recipe and the files that it names, by their names on the driver."""

    recipe: Recipe
    files: dict[str, bytes] = {}


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(type(value).__name__)


def _path(kind: type[Any], value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError(kind.__name__)


_encode = msgspec.msgpack.Encoder(enc_hook=_plain, order="deterministic").encode
_decode = msgspec.msgpack.Decoder(Bundle, dec_hook=_path).decode


def packed_up(recipe: Recipe) -> bytes:
    """`recipe` and its files; what only the driver needs stays there, secrets above all."""
    settings = msgspec.structs.replace(
        recipe.settings, leaks=[], notify=Notify(), sources=configuration.Sources()
    )
    own = configuration.user_folder("detectors")
    places = tuple(
        place.absolute() for place in (*recipe.folders, *([own] if own.exists() else []))
    )
    files: dict[str, bytes] = {}
    for place in places:
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.is_file() and path.suffix in {".py", ".toml"}:
                files[str(path)] = path.read_bytes()
    for path in _named(msgspec.to_builtins(settings, enc_hook=_plain), settings):
        if settings.path is None or path != settings.path.absolute():  # it may hold secrets
            files[str(path)] = path.read_bytes()
    return _encode(Bundle(Recipe(settings, places), files))


def unpacked(bundle: bytes) -> Parts:
    """The parts that the bundle's detectors, lists and settings make."""
    found = _decode(bundle)
    settings, own = found.recipe.settings, configuration.user_folder("detectors").absolute()
    if all(_is_here(Path(name), body) for name, body in found.files.items()):
        return assemble(settings, [place for place in found.recipe.folders if place != own])
    root = Path(tempfile.mkdtemp(prefix="risktui-"))  # for this process and nobody else
    for name, body in found.files.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    plain = _moved(msgspec.to_builtins(settings, enc_hook=_plain), settings, root)
    moved = msgspec.convert(plain, configuration.Config, dec_hook=_path)
    places = [root / str(place).lstrip("/") for place in found.recipe.folders]
    return assemble(moved, [place for place in places if place.exists()])


def _is_here(path: Path, body: bytes) -> bool:
    return path.is_file() and path.read_bytes() == body


def _file(value: Any, settings: configuration.Config) -> Path | None:
    """The file that a text of the configuration names, if it does."""
    if not isinstance(value, str) or "." not in value or len(value) > LONGEST:
        return None
    path = settings.file(value)
    return path.absolute() if path is not None else None


def _named(plain: Any, settings: configuration.Config) -> Iterator[Path]:
    if isinstance(plain, dict | list):
        for each in plain.values() if isinstance(plain, dict) else plain:
            yield from _named(each, settings)
    elif (path := _file(plain, settings)) is not None and path.is_file():
        yield path


def _moved(plain: Any, settings: configuration.Config, root: Path) -> Any:
    if isinstance(plain, dict):
        return {key: _moved(each, settings, root) for key, each in plain.items()}
    if isinstance(plain, list):
        return [_moved(each, settings, root) for each in plain]
    path = _file(plain, settings)
    moved = root / str(path).lstrip("/") if path is not None else None
    return str(moved) if moved is not None and moved.is_file() else plain
