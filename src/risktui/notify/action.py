"""Runs what a policy asks for: a program without a shell, or a web server; never by default.

Values from logs go in as whole arguments and as environment; nothing interprets them. What looks
like an option where a value should be is refused.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from contextlib import suppress

import msgspec

from risktui.config import Config
from risktui.logs.clean import clean
from risktui.model.risk import PolicyResult
from risktui.notify.news import Message
from risktui.notify.sending import GiveUpError, HeldError, secret, trust
from risktui.notify.webhook import call
from risktui.output.graph import iso
from risktui.settings import PLACES, Action, Policy

MOST_WORDS = 500
"""Characters kept of what a program says."""
MOST_BYTES = 65_536
"""Bytes looked at of what a program says; the rest is read and forgotten."""
LAST_WORDS_SECONDS = 0.5
"""How long to listen after its end, for where something it left behind holds the pipe open."""
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ")
"""All that a program gets of our environment."""
MINUTE = 60_000
_PLACE = re.compile(r"\{(\w+)\}")


async def act(config: Config, policy: Policy, message: Message, done_in_hour: int, now: int) -> str:
    """Do what the policy says about `message.result`; what came of it in words.

    Raises `HeldError` where it is not done on purpose, and the errors of `notify.sending`.
    """
    result, action = message.result, policy.action
    if result is None:
        raise GiveUpError("an action without a policy's result")
    argv = filled(action, result)
    what = f"would run {argv}" if argv else f"would call {action.webhook}"
    if action.dry_run:
        raise HeldError(f"dry run: {what}")
    if action.max_age_minutes and now - result.time > action.max_age_minutes * MINUTE:
        raise HeldError(f"happened at {iso(result.time)}, too long ago: {what}")
    if done_in_hour >= action.per_hour:
        raise HeldError(f"more than {action.per_hour} in an hour: {what}")
    if argv:
        return await _run(argv, result, action.timeout_seconds)
    body = msgspec.json.encode({"id": message.id, "policyResult": msgspec.to_builtins(result)})
    key = secret(config, action.secret_file)
    context = trust(config, "")
    return await call(action.webhook, body, key, message.id, now, context, action.timeout_seconds)


def filled(action: Action, result: PolicyResult) -> list[str]:
    """The program and its arguments with the values in place."""
    values = values_of(result)
    argv = list(action.command[:1])
    for template in action.command[1:]:
        argument = _PLACE.sub(lambda found: values.get(found[1], found[0]), template)
        if argument.startswith("-") and not template.startswith("-"):
            raise GiveUpError(f"{argument!r} looks like an option; it came from a log")
        argv.append(argument)
    return argv


def values_of(result: PolicyResult) -> dict[str, str]:
    """What an argument may name, by name."""
    built = msgspec.to_builtins(result)
    return {name: str(built.get(name, "")).replace("\x00", "") for name in PLACES}


async def _run(argv: list[str], result: PolicyResult, seconds: float) -> str:
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    for name, value in values_of(result).items():
        environment["RISKTUI_" + re.sub(r"(?=[A-Z])", "_", name).upper()] = value
    ours, theirs = os.pipe()
    heard = asyncio.StreamReader()
    pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(heard), os.fdopen(ours, "rb", buffering=0)
    )
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=theirs,
            stderr=asyncio.subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        pipe.close()
        raise GiveUpError(f"{argv[0]}: {error.strerror}") from error
    finally:
        os.close(theirs)
    said = bytearray()
    listening = asyncio.create_task(_listen(heard, said))
    try:
        await _ended(process, seconds)
        await asyncio.wait({listening}, timeout=LAST_WORDS_SECONDS)
    except TimeoutError as error:
        raise GiveUpError(f"{argv}: not done within {seconds:g} s, ended") from error
    finally:
        listening.cancel()
        pipe.close()
    words = clean(said.decode("utf-8", "replace").strip(), MOST_WORDS)
    if process.returncode:
        raise GiveUpError(f"{argv}: exit code {process.returncode}: {words}")
    return f"{argv}: {words}" if words else f"{argv}"


async def _listen(heard: asyncio.StreamReader, said: bytearray) -> None:
    """Keep the beginning of what is said, and read on, so that the program is not held up."""
    while piece := await heard.read(MOST_BYTES):
        said += piece[: MOST_BYTES - len(said)]


async def _ended(process: asyncio.subprocess.Process, seconds: float) -> None:
    """Wait for the program; past its time, or when we are to stop, all that it began ends too."""
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
