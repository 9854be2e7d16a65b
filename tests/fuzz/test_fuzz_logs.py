"""A minute's worth of damaged logs; `python tests/fuzz/fuzz_logs.py` goes on for an hour."""

from __future__ import annotations

import random

import pytest

from fuzz.fuzz_logs import check, check_file, damaged, samples

CORPUS = samples()


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_breaks_a_promise(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(4):
        data = damaged(chance, CORPUS)
        check(data, chance)
        check_file(data)


def test_undamaged_samples_hold_every_promise() -> None:
    chance = random.Random(0)
    assert sum(check(data, chance) for data in CORPUS) > 100
