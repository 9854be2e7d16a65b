"""Works beside the engine: plans what is new, sends what is due, tries again what failed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from risktui.config import Config
from risktui.engine.clock import now_ms
from risktui.notify import deliveries
from risktui.notify.channels import office_of
from risktui.notify.deliveries import Delivery, State
from risktui.notify.digest import plan_digest
from risktui.notify.planner import acts, plan, register
from risktui.notify.sending import GiveUpError, HeldError, TryLaterError
from risktui.store.database import writer

LOOK_SECONDS = 0.5
"""How often the outbox is looked at; the batch window is ten times as long."""
PATIENCE_MS = 60_000
"""How long a backfill's commit is waited for: what was sent must be written down."""
HOUR = 3_600_000


class Postman:
    """One for each engine: only the holder of the database's lock may send."""

    def __init__(
        self,
        database: Path,
        config: Config,
        clock: Callable[[], int] = now_ms,
        notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._notice = notice
        self._said = ""
        self._clock = clock
        self.heed(config)

    def heed(self, config: Config) -> None:
        """From now on, what `config` says."""
        self._config = config
        self._office = office_of(config, str(self._database))
        self._policies = {p.name: p for p in config.policies}

    @property
    def wanted(self) -> bool:
        """Whether anything is set up that has to be told or done."""
        acting = any(p.state == "on" and acts(p) for p in self._config.policies)
        return acting or bool(self._office.channels)

    async def run(self) -> None:
        """Work until cancelled."""
        with closing(self._open()) as connection:
            while True:
                if self.wanted:
                    await self._try_a_round(connection)
                await asyncio.sleep(LOOK_SECONDS)

    async def _try_a_round(self, connection: sqlite3.Connection) -> None:
        """What goes wrong is said once, and the next round tries again."""
        try:
            await self._round(connection, early=0)
        except Exception as error:  # noqa: BLE001  # the engine goes on without messages
            words = f"messages: {type(error).__name__}: {error}"
            if words != self._said:
                self._notice(words)
            self._said = words
        else:
            self._said = ""

    async def once(self) -> int:
        """Plan and send everything that there is, without waiting for more; how many were tried."""
        with closing(self._open()) as connection:
            return await self._round(connection, early=self._office.batch_ms)

    def _open(self) -> sqlite3.Connection:
        connection = writer(self._database, any_thread=True)
        connection.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
        if self.wanted:
            deliveries.recover(connection, self._clock())
            register(connection, self._clock())
        return connection

    async def _round(self, connection: sqlite3.Connection, *, early: int) -> int:
        await asyncio.to_thread(self._plan, connection)
        tried = 0
        while ready := await asyncio.to_thread(deliveries.due, connection, self._clock() + early):
            for delivery in ready:
                await self._deliver(connection, delivery)
            tried += len(ready)
        return tried

    def _plan(self, connection: sqlite3.Connection) -> None:
        while plan(connection, self._office, self._config.policies, self._clock()):
            pass
        digest = self._config.notify.digest
        if digest is not None:
            plan_digest(connection, self._office, digest, self._clock())

    async def _deliver(self, connection: sqlite3.Connection, delivery: Delivery) -> None:
        await asyncio.to_thread(deliveries.begin, connection, delivery.id)
        try:
            await self._try(connection, delivery)
        except Exception as error:  # noqa: BLE001  # one message must not stop all others
            words = f"{type(error).__name__}: {error}"
            if delivery.kind == "action":  # it may have run, and must not run twice
                await self._end(connection, delivery, "dead", f"it may have run; {words}")
            else:
                await self._put_off(connection, delivery, TryLaterError(words))

    async def _try(self, connection: sqlite3.Connection, delivery: Delivery) -> None:
        try:
            said = await self._send(connection, delivery)
        except HeldError as held:
            await self._end(connection, delivery, "held", str(held))
        except GiveUpError as error:
            await self._end(connection, delivery, "dead", str(error))
        except TryLaterError as error:
            await self._put_off(connection, delivery, error)
        else:
            await self._end(connection, delivery, "sent", said)

    async def _end(
        self,
        connection: sqlite3.Connection,
        delivery: Delivery,
        state: State,
        words: str,
    ) -> None:
        await asyncio.to_thread(deliveries.end, connection, delivery, state, self._clock(), words)

    async def _put_off(
        self, connection: sqlite3.Connection, delivery: Delivery, error: TryLaterError
    ) -> None:
        attempts = delivery.attempts + 1
        if attempts >= self._config.notify.max_attempts:
            tried = f"{attempts} {'attempt' if attempts == 1 else 'attempts'}"
            await self._end(connection, delivery, "dead", f"{error} ({tried})")
            return
        wait = max(error.wait_ms, deliveries.wait_after(attempts))
        await asyncio.to_thread(
            deliveries.put_off, connection, delivery.id, self._clock() + wait, str(error)
        )

    async def _send(self, connection: sqlite3.Connection, delivery: Delivery) -> str:
        # Half a second of web and mail libraries, for those who have something to send.
        from risktui.notify.action import act
        from risktui.notify.mail import drop, send
        from risktui.notify.webhook import post

        notify, message, now = self._config.notify, delivery.message, self._clock()
        kind, _, name = delivery.channel.partition(" ")
        if kind == "mail" and notify.mail:
            to = notify.mail.to
            if delivery.kind == "digest" and notify.digest and notify.digest.to:
                to = notify.digest.to
            return await send(self._config, notify.mail, message, to, now)
        if kind == "eml" and notify.eml:
            return await asyncio.to_thread(drop, self._config, notify.eml, message, now)
        if kind == "webhook":
            hook = next((h for h in notify.webhooks if h.name == name), None)
            if hook:
                return await post(self._config, hook, message, now)
        if kind == "action" and name in self._policies:
            done = await asyncio.to_thread(
                deliveries.tried_since, connection, delivery.channel, now - HOUR, delivery.id
            )
            return await act(self._config, self._policies[name], message, done, now)
        raise GiveUpError(f"{delivery.channel} is not in risktui.toml any more")
