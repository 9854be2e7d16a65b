"""`risktui intel`: which lists of networks there are, how old they are, and fetching them anew."""

from __future__ import annotations

import asyncio
from typing import Any

import click
import msgspec

from risktui.cli.doctor import lasting
from risktui.cli.groups import Group
from risktui.cli.options import config_option, json_option, load_config, say, tell
from risktui.cli.table import counted
from risktui.config import Config
from risktui.engine.clock import now_ms
from risktui.enrich.networks import Networks
from risktui.enrich.sources import SourceError
from risktui.intel.known import BY_NAME, KNOWN, Known
from risktui.intel.shelf import Shelf
from risktui.intel.subscriptions import Subscription, named, subscriptions
from risktui.intel.update import Update
from risktui.intel.update import update as fetch
from risktui.model.risk import Json
from risktui.output import graph

STALE = 7
"""A list that is so many times older than its interval is called old."""


@click.group(cls=Group)
def intel() -> None:
    """Lists of networks: Tor, VPNs, actors, bad addresses; how fresh they are."""


@intel.command()
@config_option
@json_option
def status(**options: Any) -> int:
    """Every list: entries, age, licence, and what went wrong. Exit code 1 where one is missing.

    Public lists that are known but not switched on come last; nothing is fetched for that.
    """
    settings = load_config(options["config_path"])
    found = [_state(each) for each in subscriptions(settings)]
    on = {each.settings.feed for each in subscriptions(settings)}
    off = [known for known in KNOWN if known.name not in on]
    if options["as_json"]:
        for state in found:
            click.echo(graph.line(state))
        for known in off:
            click.echo(graph.line(_off(known)))
    else:
        for state in found:
            tell("\n".join(_lines(state)))
        if off:
            tell('not switched on; [[intel]] feed = "NAME" in the configuration does it')
        for known in off:
            tell(f"  {known.name:17} {known.tag:6} {known.licence}\n  {'':17} {known.home}")
    return 1 if any(state["error"] or not state["exists"] for state in found) else 0


@intel.command("update")
@config_option
@json_option
@click.option("--force", is_flag=True, help="Fetch all of it, and take a list that has shrunk.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
def update_(names: tuple[str, ...], **options: Any) -> int:
    """Fetch the lists that the configuration switches on, or those of the NAMEs.

    A server is asked for what has changed only. Where it cannot be reached, or what it gives cannot
    be used, the old list stays. An engine that runs takes a new list over by itself and looks at
    the last seven days of sign-ins again. Exit code 1 where a list could not be had.
    """
    settings = load_config(options["config_path"])
    wanted = _wanted(settings, names)
    failed = False
    for done in asyncio.run(_updated(settings, wanted, force=options["force"])):
        failed = failed or bool(done.error)
        if options["as_json"]:
            click.echo(graph.line(msgspec.to_builtins(done)))
        else:
            tell(_told(done, next(each for each in wanted if each.name == done.name)))
    return 1 if failed else 0


async def _updated(settings: Config, wanted: list[Subscription], *, force: bool) -> list[Update]:
    return [await _kept(settings, each, force=force) for each in wanted]


async def _kept(settings: Config, each: Subscription, *, force: bool) -> Update:
    try:
        return await fetch(settings, each, now=now_ms, force=force)
    except OSError as error:  # the other lists can be kept all the same
        said = f"{error.filename or each.path}: {error.strerror or error}"
        return Update(name=each.name, error=said)


def _wanted(settings: Config, names: tuple[str, ...]) -> list[Subscription]:
    try:
        wanted = named(subscriptions(settings), names)
    except KeyError as error:
        name = str(error.args[0])
        if name in BY_NAME:
            raise click.ClickException(
                f'{name} is not switched on: add [[intel]] feed = "{name}" to the configuration; '
                f"its terms: {BY_NAME[name].licence}, {BY_NAME[name].home}"
            ) from error
        raise click.ClickException(
            f"{name}: no such list is fetched; see `risktui intel status`"
        ) from error
    if not wanted:
        say("no list is fetched; `risktui intel status` shows what is known")
    return wanted


def _state(each: Subscription) -> Json:
    card = Shelf(each.path).card() if each.is_fetched else None
    exists = each.path.is_file()
    entries, left_out = (card.entries, card.left_out) if card else _own(each)
    age = now_ms() - card.fetched if card and card.fetched else None
    return {
        "name": each.name,
        "tag": each.tag,
        "kind": each.kind if each.is_fetched else "file",
        "on": True,
        "path": str(each.path),
        "url": each.url.partition("?")[0],
        "exists": exists,
        "entries": entries if exists else 0,
        "leftOut": left_out if exists else 0,
        "fetchedDateTime": graph.iso(card.fetched) if card and card.fetched else None,
        "changedDateTime": graph.iso(card.changed) if card and card.changed else None,
        "ageSeconds": age // 1000 if age is not None else None,
        "isOld": age is not None and age > STALE * each.every_ms,
        "licence": each.licence,
        "home": each.home,
        "error": card.error if card else "",
    }


def _own(each: Subscription) -> tuple[int, int]:
    """Entries of a file of one's own that count, and lines that do not; none where it is away."""
    try:
        (feed,) = Networks(intel=[(each.path, each.tag)]).feeds
    except SourceError:
        return 0, 0
    return feed.entries, feed.skipped + feed.private


def _off(known: Known) -> Json:
    return {
        "name": known.name,
        "tag": known.tag,
        "kind": known.kind,
        "on": False,
        "url": known.url,
        "licence": known.licence,
        "home": known.home,
    }


def _lines(state: Json) -> list[str]:
    age = "" if state["ageSeconds"] is None else f", {lasting(state['ageSeconds'] * 1000)} old"
    if state["isOld"]:
        age += " (OLD)"
    what = f"{_entries(state['entries'])}{age}" if state["exists"] else "not fetched yet"
    if state["kind"] == "file" and not state["exists"]:
        what = "no such file"
    left = f", {state['leftOut']:,} left out" if state["leftOut"] else ""
    lines = [f"{state['name']:19} {state['tag']:6} {what}{left}"]
    if state["url"].startswith("http://"):
        lines.append(f"{'':19} over http, not https: anybody on the way can change it")
    lines += [f"{'':19} {said}" for said in (state["url"], state["licence"], state["path"]) if said]
    if state["error"]:
        lines.append(f"{'':19} FAIL {state['error']}")
    return lines


def _told(done: Update, feed: Subscription) -> str:
    if done.error:
        kept = f"; the old list with {_entries(done.entries)} stays" if done.entries else ""
        return f"{done.name}: FAIL {done.error}{kept}"
    left = f", {done.left_out:,} left out" if done.left_out else ""
    waiting = f"{counted(done.waiting, 'event')} {'waits' if done.waiting == 1 else 'wait'}"
    more = f", {waiting} for the next time" if done.waiting else ""
    changed = f"{done.new:,} new, {done.gone:,} gone" if done.changed else "unchanged"
    terms = f"; {feed.licence}" if feed.licence else ""
    return f"{done.name}: {_entries(done.entries)}, {changed}{left}{more}{terms}"


def _entries(count: int) -> str:
    return counted(count, "entry", "entries")
