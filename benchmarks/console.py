"""What the console costs: bytes per row, start-up, and a hundred thousand rows.

    python benchmarks/console_bench.py

Runs the feed of tests/console/apps on a real pty, with our display and with Textual's own.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "console" / "apps")]

import feed  # noqa: E402  (found on the path above)

from console.terminal import Terminal, run  # noqa: E402

ADDED = 20


def bytes_of(keys: str, terminal: Terminal) -> float:
    """Bytes per key, each key settled before the next."""
    terminal.settle()
    before = len(terminal.output)
    for key in keys:
        terminal.type(key)
        terminal.settle(0.1)
    return (len(terminal.output) - before) / len(keys)


def traffic() -> None:
    print("display      size     start-up B  painted ms   B/row   B/cursor key")
    for display in ("ours", "stock"):
        for cols, rows in ((80, 24), (200, 50)):
            started = time.perf_counter()
            env = {"RISKTUI_DISPLAY": display}
            with run("feed", cols=cols, rows=rows, env=env) as terminal:
                terminal.wait_for("passwordSpray 99")
                painted = (time.perf_counter() - started) * 1000
                terminal.settle()
                start_up = len(terminal.output)
                row = bytes_of("a" * ADDED, terminal)
                key = bytes_of("j" * ADDED, terminal)
            size = f"{cols}x{rows}"
            print(f"{display:10s} {size:>8s} {start_up:12d} {painted:9.0f} {row:9.0f} {key:9.0f}")


async def many_rows(count: int) -> None:
    """Milliseconds until idle again, in a headless app, for a table with `count` rows."""
    app = feed.Feed("top", None)
    async with app.run_test(size=(80, 24)) as pilot:
        rows = [feed.row(number) for number in range(count)]
        newer = [feed.row(count + 1), *rows]

        async def timed(what: str, act: object) -> None:
            started = time.perf_counter()
            act()  # type: ignore[operator]
            await pilot.pause()
            print(f"{count:7d} rows  {what:24s} {(time.perf_counter() - started) * 1000:8.1f} ms")

        await timed("show", lambda: app.table.show(rows))
        await timed("show with one more", lambda: app.table.show(newer))
        await timed("append one (first)", lambda: app.table.append([feed.row(count + 2)]))
        await timed("append one", lambda: app.table.append([feed.row(count + 3)]))
        await timed("to the end", app.table.action_last)
        await timed("a row up", app.table.action_cursor_up)
        await timed("select far away", lambda: app.table.select(rows[count // 2].key))


if __name__ == "__main__":
    traffic()
    for count in (1_000, 100_000):
        asyncio.run(many_rows(count))
