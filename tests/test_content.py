"""Where the files that travel with risktui are found."""

from __future__ import annotations

import pytest

from risktui.content import content


def test_the_checkout_comes_before_the_copy_in_the_package() -> None:
    assert content("themes").joinpath("night-shift.toml").is_file()
    assert content("themes").parent.joinpath("pyproject.toml").is_file()


def test_what_was_not_installed_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="without its sagas"):
        content("sagas")
