"""Connections that ask for nothing are closed, so that nobody holds them all."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE_SECONDS = 10.0
"""How long a connection may stand without a whole request on it; Apache's RequestReadTimeout allows
10 to 20 s for the head of a request."""
MOST_CONNECTIONS = 200
"""Connections and requests at once; further ones get 503. Loopback clients use a handful."""


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that looks now and then whether somebody still wants something."""

    patience = PATIENCE_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch the time."""
        super().connection_made(transport)
        self._answered: Any = None
        self._look = self.loop.call_later(self.patience, self._still_there)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._look.cancel()
        super().connection_lost(exc)

    def _still_there(self) -> None:
        """Close when nothing was asked since the last look; an answer under way has its time."""
        cycle: Any = self.cycle
        idle = cycle is None or cycle.response_complete
        if idle and cycle is self._answered:
            self.transport.close()
            return
        self._answered = cycle
        self._look = self.loop.call_later(self.patience, self._still_there)
