"""Sends a mail by SMTP, or drops it as a file: the same mail either way."""

from __future__ import annotations

from email.policy import SMTP as SMTP_POLICY
from pathlib import Path

import aiosmtplib

from risktui.config import Config
from risktui.notify.letter import mail
from risktui.notify.news import Message
from risktui.notify.sending import GiveUpError, TryLaterError, secret, trust
from risktui.settings import Drop, Mail

PORTS = {"starttls": 587, "tls": 465, "none": 25}
PERMANENT = range(500, 600)
"""SMTP's answers that will be the same next time (RFC 5321, 4.2.1)."""
LOGIN_REFUSED = frozenset({530, 534, 535, 538})
"""Of these the permanent ones may pass: a password is being changed."""


async def send(config: Config, settings: Mail, message: Message, to: list[str], now: int) -> str:
    """Hand the mail to the server; what it said comes back.

    Raises `TryLaterError` and `GiveUpError`.
    """
    made = mail(message, settings.sender, to, now)
    password = secret(config, settings.password_file, "RISKTUI_SMTP_PASSWORD")
    if settings.username and settings.security == "none":
        raise GiveUpError("a login without TLS would show the password; set security")
    try:
        refused, answer = await aiosmtplib.send(
            made,
            sender=settings.sender,
            recipients=to,
            hostname=settings.host,
            port=settings.port or PORTS[settings.security],
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=None if settings.security == "none" else trust(config, settings.ca_file),
            username=settings.username or None,
            password=password if settings.username else None,
            timeout=settings.timeout_seconds,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        said = "; ".join(f"{r.recipient}: {r.code} {r.message}" for r in error.recipients)
        if all(r.code in PERMANENT for r in error.recipients):
            raise GiveUpError(f"nobody was accepted: {said}") from error
        raise TryLaterError(said) from error
    except aiosmtplib.SMTPResponseException as error:
        said = f"{error.code} {error.message}"
        if error.code in PERMANENT and error.code not in LOGIN_REFUSED:
            raise GiveUpError(said) from error
        raise TryLaterError(said) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise TryLaterError(f"{type(error).__name__}: {error}") from error
    if refused:
        left_out = ", ".join(f"{who} ({code} {why})" for who, (code, why) in refused.items())
        return f"{answer}; not accepted: {left_out}"
    return answer


def drop(config: Config, settings: Drop, message: Message, now: int) -> str:
    """Write the mail into the folder, whole or not at all; its name is its id."""
    folder = config.file(settings.folder) or Path()
    made = mail(message, settings.sender, settings.to, now).as_bytes(policy=SMTP_POLICY)
    path = folder / f"{message.id}.eml"
    unfinished = folder / f".{message.id}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished.write_bytes(made)
        unfinished.chmod(0o600)
        unfinished.replace(path)
    except OSError as error:
        raise TryLaterError(f"{path}: {error.strerror}") from error
    return str(path)
