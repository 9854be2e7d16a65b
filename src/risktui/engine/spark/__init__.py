"""The detectors on Apache Spark; `detect` is for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from risktui.engine.spark.frames import detect

__all__ = ["detect"]


def __getattr__(name: str) -> Any:
    """`detect`, which asks for pyspark only when somebody asks for it."""
    if name == "detect":
        from risktui.engine.spark.frames import detect

        return detect
    raise AttributeError(name)
