"""The configuration of the engine, and the detectors and feeds it names."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from risktui.config import Config
    from risktui.engine.setup import Parts


class Machinery:
    """The configuration, and the detectors and feeds it names; loaded when first asked for."""

    def __init__(self, config: Config | None = None) -> None:
        self._config = config
        self._parts: Parts | None = None
        self._problem = ""
        self._lock = threading.Lock()

    @property
    def config(self) -> Config:
        """The configuration: that of this console, else what goes without saying."""
        if self._config is None:
            from risktui.config import Config  # the first screen needs none

            self._config = Config()
        return self._config

    def parts(self) -> Parts | None:
        """Detectors and feeds; None where they cannot be loaded. May take a second."""
        with self._lock:
            if self._parts is None and not self._problem:
                # Only who opens the screen of detectors waits for all of them.
                from risktui.detect.loader import DetectorError
                from risktui.engine.setup import assemble
                from risktui.enrich.sources import SourceError

                try:
                    self._parts = assemble(self.config)
                except (DetectorError, SourceError, OSError) as error:
                    self._problem = str(error)
        return self._parts

    @property
    def problem(self) -> str:
        """Why they cannot be loaded, "" where they can or nobody has asked."""
        return self._problem
