from __future__ import annotations

from collections.abc import Iterator

import pytest

from intel.publisher import Publisher


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    made = Publisher()
    yield made
    made.stop()
