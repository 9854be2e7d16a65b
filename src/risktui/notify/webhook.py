"""Posts a message to a web server: as JSON, or as Slack and Teams want it; signed."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import aiohttp
import msgspec

from risktui.config import Config
from risktui.language.choice import catalogue
from risktui.model.risk import Json
from risktui.notify.letter import mark, subject, text
from risktui.notify.news import Item, Message
from risktui.notify.sending import GiveUpError, TryLaterError, secret, trust
from risktui.output.graph import iso
from risktui.settings import Style, Webhook

PATIENCE = frozenset({408, 425, 429})
"""Answers below 500 that may change by themselves."""
LONGEST_WAIT_SECONDS = 3_600
SLACK_ITEMS = 20
"""Slack takes 50 blocks in a message; each person is two."""


async def post(config: Config, settings: Webhook, message: Message, now: int) -> str:
    """Post the message; the server's answer comes back."""
    body = msgspec.json.encode(payload(message, settings.style))
    key = secret(config, settings.secret_file)
    context = trust(config, settings.ca_file)
    return await call(settings.url, body, key, message.id, now, context, settings.timeout_seconds)


async def call(
    url: str,
    body: bytes,
    key: str,
    delivery_id: str,
    now: int,
    context: Any,
    timeout_seconds: float,
) -> str:
    """One POST, no redirects followed. Raises `TryLaterError` and `GiveUpError`."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "risktui",
        "Idempotency-Key": delivery_id,
        **signature(key, body, now),
    }
    limit = aiohttp.ClientTimeout(total=timeout_seconds)
    try:
        async with (
            # Proxies and ~/.netrc of whoever runs this are nothing that was set up here.
            aiohttp.ClientSession(timeout=limit, trust_env=False) as session,
            session.post(
                url, data=body, headers=headers, allow_redirects=False, ssl=context
            ) as answer,
        ):
            return _judged(answer.status, answer.headers.get("Retry-After", ""), answer.headers)
    except aiohttp.InvalidURL as error:
        raise GiveUpError(f"{url}: no address of a web server") from error
    except TimeoutError as error:
        raise TryLaterError(f"no answer within {timeout_seconds:g} s") from error
    except aiohttp.ClientConnectorCertificateError as error:
        why = error.certificate_error
        raise TryLaterError(f"{error.host}:{error.port}: no good certificate: {why}") from error
    except aiohttp.ClientConnectorError as error:  # its own words show objects of Python's
        why = error.os_error
        raise TryLaterError(f"{error.host}:{error.port} cannot be reached: {why}") from error
    except (aiohttp.ClientError, OSError) as error:
        raise TryLaterError(f"{type(error).__name__}: {error}") from error


def _judged(status: int, retry_after: str, headers: Any) -> str:
    if 200 <= status < 300:  # HTTP's successes
        return f"{status}"
    if 300 <= status < 400:  # HTTP's redirects
        raise GiveUpError(
            f"{status}: redirects to {headers.get('Location', 'nowhere')}, which is not followed;"
            " set url to where it should go"
        )
    if status in PATIENCE or status >= 500:  # HTTP's own faults
        wait = min(int(retry_after), LONGEST_WAIT_SECONDS) if retry_after.isdecimal() else 0
        raise TryLaterError(f"the server answers {status}", wait * 1000)
    raise GiveUpError(f"the server answers {status}")


def signature(key: str, body: bytes, now: int) -> dict[str, str]:
    """`t=seconds,v1=hex` of HMAC-SHA256 over `seconds.body`; nothing without a key.

    The time is signed, so that a receiver can refuse what is old.
    """
    if not key:
        return {}
    seconds = now // 1000
    signed = hmac.new(key.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Risktui-Signature": f"t={seconds},v1={signed}"}


def payload(message: Message, style: Style) -> Json:
    """The body in the receiver's own shape."""
    return {"json": _json, "slack": _slack, "teams": _teams}[style](message)


def _json(message: Message) -> Json:
    message = msgspec.structs.replace(message, language="en")  # for programs
    return {
        "@odata.type": "#risktui.notification",
        "id": message.id,
        "kind": message.kind,
        "title": subject(message),
        "users": [_user(item) for item in message.items],
        "week": msgspec.to_builtins(message.week) if message.week else None,
        "policyResult": msgspec.to_builtins(message.result) if message.result else None,
    }


def _user(item: Item) -> Json:
    built: Json = msgspec.to_builtins(item)
    built["activityDateTime"] = iso(item.activity_date_time)
    return built


def _slack(message: Message) -> Json:
    """Block Kit with plain text only: names from logs are no markup."""
    said = catalogue(message.language)
    blocks: list[Json] = [{"type": "header", "text": _plain(subject(message), 150)}]
    if not message.items:
        blocks.append({"type": "section", "text": _plain(text(message), 2900)})
    for item in message.items[:SLACK_ITEMS]:
        lines = [
            f"{mark(item, said)}  {item.name}  ({', '.join(item.risk_event_types)})",
            *(f"• {said(reason)}" for reason in item.reasons),
            f"{said('activity')} {iso(item.activity_date_time)} {item.ip_address}"
            f" {item.where}".rstrip(),
        ]
        blocks.append({"type": "section", "text": _plain("\n".join(lines), 2900)})
        blocks.append({"type": "context", "elements": [_plain(item.command, 1900)]})
    left = len(message.items) - SLACK_ITEMS
    if left > 0:
        blocks.append({"type": "section", "text": _plain(said(f"and {left} more"), 100)})
    return {"text": _escaped(subject(message)), "blocks": blocks}


def _plain(words: str, limit: int) -> Json:
    return {"type": "plain_text", "text": words[:limit], "emoji": False}


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams(message: Message) -> Json:
    """An adaptive card of text runs, in which nothing is markup."""
    said = catalogue(message.language)
    body: list[Json] = [_runs(subject(message), weight="Bolder", size="Medium")]
    if not message.items:
        body += [_runs(line) for line in text(message).splitlines() if line]
    for item in message.items:
        body.append(_runs(f"{mark(item, said)}  {item.name}", weight="Bolder"))
        body += [_runs(f"• {said(reason)}") for reason in item.reasons]
        place = f"{item.ip_address} {item.where}".strip()
        body.append(_runs(f"{said('activity')} {iso(item.activity_date_time)} {place}".rstrip()))
        body.append(_runs(item.command, fontType="Monospace"))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    return {
        "type": "message",
        "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
        ],
    }


def _runs(words: str, **look: str) -> Json:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": words, **look}]}
