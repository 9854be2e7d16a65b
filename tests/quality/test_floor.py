"""The product on a small simulated tenant: what a change must not make worse.

Figures worth quoting come from `make quality`; these are floors on one development seed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from quality.report import TYPES, errors
from quality.running import findings_of
from quality.scoring import score
from simulator.tenant import simulate

SEED = 10
PEOPLE, DAYS = 45, 26
MOST_MISSED = 1
"""Attacks of one type that may be missed."""
MOST_FALSE_FROM_MEDIUM, MOST_FALSE = 2, 4
"""False alerts in 1,170 user-days; a detector that takes ordinary life for attacks makes dozens."""


@pytest.mark.timeout(300)  # eight seconds of work; a busy machine takes its time
def test_attacks_are_found_ordinary_life_is_left_alone_and_high_means_high(tmp_path: Path) -> None:
    tenant = simulate(SEED, people=PEOPLE, days=DAYS, density=0.7)
    result = score(tenant, findings_of(tenant, tmp_path))
    told, scores = errors(result), list(result.scores.values())

    tried = {name: result.scores[name] for name in result.detectors if name in result.scores}
    assert sum(each.attacks for each in tried.values()) >= 30
    missed = {n: s.attacks - s.found for n, s in tried.items() if s.attacks - s.found > MOST_MISSED}
    assert not missed, told

    assert sum(each.false for each in scores) <= MOST_FALSE, told
    assert sum(each.false_from_medium for each in scores) <= MOST_FALSE_FROM_MEDIUM, told

    share = result.high_true()
    assert share is not None
    assert share >= 0.95, told
    found = sum(each.found for each in scores)
    assert sum(each.right_level for each in scores) >= 0.95 * found, told


def test_the_report_names_every_type_of_the_catalogue() -> None:
    assert len(TYPES) == len(set(TYPES)) == 24
