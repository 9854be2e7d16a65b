"""Themes are TOML files: ours, the user's, checked key by key before anything is coloured."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import platformdirs
from rich.errors import StyleSyntaxError
from rich.style import Style
from textual.app import App
from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from risktui.content import content

DEFAULT = "night-shift"
PLAIN = "terminal"
"""The theme in the terminal's own colours; what NO_COLOR wears."""

ROLES: tuple[str, ...] = (
    "",
    "muted",
    "strong",
    "primary",
    "accent",
    "good",
    "warn",
    "bad",
    "new",
    "match",
    "risk-high",
    "risk-medium",
    "risk-low",
    "risk-none",
)
"""The style names a table's cell may carry; "" is plain text."""

VARIABLES: dict[str, str] = {
    "risk-high": "#ff736b",
    "risk-medium": "#ffb454",
    "risk-low": "#f2e9a0",
    "risk-none": "#a0abbb",
    "map-land": "#6d7d96",
    "map-hop": "#5fd0c5",
    "spark": "#6cb2eb",
    "muted": "#a0abbb",
    "cursor": "#26354b",
    "cursor-blurred": "#222b3a",
    "cursor-text-style": "none",
    "cursor-blurred-text-style": "none",
}
"""Our own variables in a theme that does not know them (Textual's), for the app's defaults."""

TEXTUALS = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "success",
    "warning",
    "error",
)
OURS = tuple(name for name in VARIABLES if not name.endswith("-style"))
STYLES = tuple(name for name in VARIABLES if name.endswith("-style"))
SETTINGS = {"name": str, "description": str, "dark": bool, "ansi": bool, "variables": dict}


class ThemeError(ValueError):
    """A theme that cannot be worn: file, line, key, and what to do about it."""


def theme_folders() -> list[Path]:
    """Where themes are looked for: ours, then the user's, whose files replace ours by name."""
    return [content("themes"), Path(platformdirs.user_config_dir("risktui")) / "themes"]


def load_theme(path: Path) -> Theme:
    """The theme in `path`, named after the file unless it names itself; raises ThemeError."""
    file = _File(path)
    file.check_keys()
    ansi, dark = bool(file.raw.get("ansi")), bool(file.raw.get("dark", True))
    ours = {name: file.colour(name) for name in OURS}
    ours |= {name: file.text_style(name) for name in STYLES}
    base = BUILTIN_THEMES["ansi-dark" if dark else "ansi-light"].variables if ansi else {}
    return Theme(
        name=file.raw.get("name", path.stem),
        dark=dark,
        ansi=ansi,
        variables={**base, **_derived(file.raw), **ours, **file.variables()},
        primary=file.colour("primary"),
        secondary=file.colour("secondary"),
        accent=file.colour("accent"),
        foreground=file.colour("foreground"),
        background=file.colour("background"),
        surface=file.colour("surface"),
        panel=file.colour("panel"),
        success=file.colour("success"),
        warning=file.colour("warning"),
        error=file.colour("error"),
    )


def load_themes(folders: Iterable[Path]) -> tuple[dict[str, Theme], list[ThemeError]]:
    """Every theme in `folders` by name, and what failed; a later folder's replaces an earlier's."""
    themes: dict[str, Theme] = {}
    problems: list[ThemeError] = []
    for path in (path for folder in folders for path in sorted(folder.glob("*.toml"))):
        try:
            theme = load_theme(path)
        except ThemeError as problem:
            problems.append(problem)
        else:
            themes[theme.name] = theme
    return themes, problems


def install(
    app: App[Any], name: str = DEFAULT, folders: Iterable[Path] | None = None
) -> list[ThemeError]:
    """Registers every theme with `app` and puts `name` on; returns what could not be used.

    With NO_COLOR it is the plain one, whatever was asked for.
    """
    themes, problems = load_themes(theme_folders() if folders is None else folders)
    for theme in themes.values():
        app.register_theme(theme)
    wanted = PLAIN if no_colour() else name
    if wanted not in app.available_themes:
        problems.append(ThemeError(f"no theme {wanted!r}{_nearest(wanted, app.available_themes)}"))
        wanted = DEFAULT if DEFAULT in themes else app.theme
    app.theme = wanted
    return problems


def put_on_first(app: App[Any], name: str, folders: Iterable[Path] | None = None) -> bool:
    """Puts on the theme in the file called `name`, and reads no other: the first screen waits.

    Whether that could be done; where not, `install` says why or finds it under another name.
    """
    wanted = PLAIN if no_colour() else name
    known = theme_folders() if folders is None else list(folders)
    path = next((p for f in reversed(known) if (p := f / f"{wanted}.toml").is_file()), None)
    try:
        theme = load_theme(path) if path is not None else None
    except ThemeError:
        return False
    if theme is None or theme.name != wanted:
        return False
    app.register_theme(theme)
    app.theme = wanted
    return True


def reload(app: App[Any], path: Path) -> None:
    """Registers the theme in `path` again, and paints with it if it is worn; raises ThemeError."""
    theme = load_theme(path)
    app.register_theme(theme)
    if app.theme == theme.name:
        app.refresh_css(animate=False)


def no_colour(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the user wants no colour at all (https://no-color.org)."""
    return "NO_COLOR" in environ


def ansi_colour(environ: Mapping[str, str] = os.environ) -> bool | None:
    """For `App(ansi_color=…)`: True makes Textual leave colours out rather than grey them."""
    return True if no_colour(environ) else None


class _File:
    """A theme's file, and where in it a key stands."""

    def __init__(self, path: Path) -> None:
        self.place = f"{path.parent.name}/{path.name}"
        try:
            self.text = path.read_text("utf-8")
            self.raw: dict[str, Any] = tomllib.loads(self.text)
        except (OSError, UnicodeDecodeError) as error:
            raise ThemeError(f"{self.place}: cannot be read: {error}") from error
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"line (\d+)", str(error))
            line = f":{at[1]}" if at else ""
            raise ThemeError(f"{self.place}{line}: not TOML: {error}") from error

    def check_keys(self) -> None:
        """Every key is known and of its kind, and none is missing."""
        known = [*SETTINGS, *TEXTUALS, *OURS, *STYLES]
        for key, value in self.raw.items():
            if key not in known:
                raise self.error(key, f"unknown key{_nearest(key, known)}")
            kind = SETTINGS.get(key, str)
            if not isinstance(value, kind):
                raise self.error(key, f"{value!r} is not a {_KINDS[kind]}")
        for key in (*TEXTUALS, *OURS):
            if key not in self.raw:
                raise ThemeError(f"{self.place}: {key} is missing; give it a colour")

    def colour(self, key: str) -> str:
        """The colour under `key`."""
        return self.check_colour(key, self.raw[key])

    def check_colour(self, key: str, value: str) -> str:
        """`value`, if it is a colour."""
        try:
            Color.parse(value)
        except ColorParseError as error:
            hint = "; write it as #rrggbb, a name, or ansi_red"
            raise self.error(key, f"{value!r} is not a colour{hint}") from error
        return value

    def text_style(self, key: str) -> str:
        """The text style under `key`: bold, reverse, underline, none."""
        return self.check_text_style(key, self.raw.get(key, VARIABLES[key]))

    def check_text_style(self, key: str, value: str) -> str:
        """`value`, if it is a text style."""
        try:
            Style.parse(value)
        except StyleSyntaxError as error:
            raise self.error(key, f"{value!r} is not a text style; try bold or reverse") from error
        return value

    def variables(self) -> dict[str, str]:
        """What the file says of Textual's own variables."""
        found: dict[str, str] = self.raw.get("variables", {})
        known = Theme("any", primary="#000000").to_color_system().generate()
        for key, value in found.items():
            if key not in known:
                raise self.error(key, f"unknown variable{_nearest(key, known)}")
            if not isinstance(value, str):
                raise self.error(key, f"{value!r} is not a text")
            if key.endswith("style") or "-style-" in key:
                self.check_text_style(key, value)
            else:  # "auto 60%" and "#123456 40%" are colours with a strength
                self.check_colour(key, re.sub(r"^auto\b|\s+\d+%$", "", value).strip() or "#000000")
        return found

    def error(self, key: str, why: str) -> ThemeError:
        """The error that says where `key` is."""
        pattern = re.compile(
            rf"""^\s*["']?{re.escape(key)}["']?\s*[=.\]]|^\s*\[{re.escape(key)}\]"""
        )
        lines = enumerate(self.text.splitlines(), 1)
        line = next((f":{number}" for number, text in lines if pattern.match(text)), "")
        return ThemeError(f"{self.place}{line}: {key}: {why}")


_KINDS: dict[type, str] = {str: "text", bool: "true or false", dict: "table"}


def _derived(raw: Mapping[str, Any]) -> dict[str, str]:
    """What Textual's own widgets take from our roles, so that a theme says it once."""
    return {
        "text-muted": raw["muted"],
        "block-cursor-background": raw["cursor"],
        "block-cursor-foreground": raw["foreground"],
        "block-cursor-text-style": raw.get("cursor-text-style", "none"),
        "block-cursor-blurred-background": raw["cursor-blurred"],
        "block-cursor-blurred-foreground": raw["foreground"],
        "border": raw["primary"],
        "border-blurred": raw["muted"],
        "footer-key-foreground": raw["accent"],
        "footer-description-foreground": raw["foreground"],
        "input-cursor-text-style": "reverse",
    }


def _nearest(word: str, known: Iterable[str]) -> str:
    matches = difflib.get_close_matches(word, list(known), 1)
    return f", did you mean {matches[0]}?" if matches else ""
