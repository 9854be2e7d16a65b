"""Connections that ask for nothing are closed, so that nobody holds them all."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE_SECONDS = 10.0
"""How long a connection may stand without a whole request on it; Apache's RequestReadTimeout allows
10 to 20 s for the head of a request."""
MOST_CONNECTIONS = 200
"""Connections and requests at once; loopback clients use a handful. Whoever comes when there are so
many takes the place of who has stood there longest without asking for anything; where all have
asked, a further request gets 503."""


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that looks now and then whether somebody still wants something."""

    patience = PATIENCE_SECONDS
    most = MOST_CONNECTIONS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch the time."""
        super().connection_made(transport)
        self.since = self.loop.time()
        if len(self.connections) > self.most:
            idle = [each for each in self.connections if isinstance(each, PatientProtocol)]
            idle = [each for each in idle if each is not self and each.is_idle] or [self]
            min(idle, key=lambda each: each.since).transport.close()
        self._answered: Any = None
        self._look = self.loop.call_later(self.patience, self._still_there)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._look.cancel()
        super().connection_lost(exc)

    @property
    def is_idle(self) -> bool:
        """Whether no request stands here that is not answered."""
        cycle: Any = self.cycle
        return cycle is None or bool(cycle.response_complete)

    def _still_there(self) -> None:
        """Close when nothing was asked since the last look; an answer under way has its time."""
        if self.is_idle and self.cycle is self._answered:
            self.transport.close()
            return
        self._answered = self.cycle
        self._look = self.loop.call_later(self.patience, self._still_there)
