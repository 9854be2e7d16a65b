"""The detectors on Apache Spark; `detect` and `results` are for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from risktui.engine.spark.frames import detect, results

__all__ = ["detect", "results"]


def __getattr__(name: str) -> Any:
    """Those two, which ask for pyspark only when somebody asks for them."""
    if name in __all__:
        from risktui.engine.spark import frames

        return getattr(frames, name)
    raise AttributeError(name)
