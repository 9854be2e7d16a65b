from __future__ import annotations

import os
from pathlib import Path

import pytest

from risktui.detect.loader import (
    DetectorError,
    foreign_imports,
    load,
    name_of,
    refuse_strangers,
)

DETECTORS = Path(__file__).parents[2] / "detectors"
SMALL = '''
"""Small."""
from risktui.detect import Detector, SignIn

class Small(Detector):
    risk_event_type = "x_small"
    title = "Small"
    watches = (SignIn,)
'''


def test_a_detectors_tracker_reads_the_settings_of_its_detector() -> None:
    catalogue = load([DETECTORS], {"passwordSpray": {"fast_ip": 7}})
    detector = catalogue.detector("passwordSpray")
    tracker = next(t for t in catalogue.trackers if t.name == "passwordSprayCampaigns")
    assert detector is not None
    assert detector.settings.fast_ip == tracker.settings.fast_ip == 7


def test_a_tracker_without_settings_leaves_its_detectors_section_alone() -> None:
    catalogue = load([DETECTORS], {"nationStateIP": {"grace_days": 3}})
    detector = catalogue.detector("nationStateIP")
    assert detector is not None
    assert detector.settings.grace_days == 3


def test_every_setting_of_every_detector_can_be_set() -> None:
    values = {
        name_of(detector): {
            name: getattr(detector.settings, name)
            for name in detector.settings.__struct_fields__
            if isinstance(getattr(detector.settings, name), int | float | str)
        }
        for detector in load([DETECTORS], {}).detectors
    }
    set_by_hand = load([DETECTORS], values).detectors
    assert {name_of(detector) for detector in set_by_hand} == set(values)


def test_a_detector_that_is_not_enabled_takes_its_tracker_along() -> None:
    catalogue = load([DETECTORS], {"passwordSpray": {"enabled": False}})
    assert catalogue.detector("passwordSpray") is None
    assert not [t for t in catalogue.trackers if t.part_of == "passwordSpray"]


def test_a_single_file_can_be_loaded(tmp_path: Path) -> None:
    path = tmp_path / "small.py"
    path.write_text(SMALL, "utf-8")
    assert load([path], {}).detector("x_small") is not None


def test_two_files_of_one_type_are_refused_by_name(tmp_path: Path) -> None:
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(SMALL, "utf-8")
    with pytest.raises(DetectorError, match=r"two\.py: x_small is already defined by .*one\.py"):
        load([tmp_path], {})


def test_a_field_that_the_engine_keeps_is_refused_in_a_state(tmp_path: Path) -> None:
    path = tmp_path / "small.py"
    text = SMALL.replace("import Detector", "import Detector, KeyedState")
    path.write_text(f"{text}\n    class State(KeyedState):\n        last: int = 0\n")
    with pytest.raises(DetectorError, match="State: `last` is kept by the engine"):
        load([path], {})


def test_unknown_detectors_and_settings_suggest_the_nearest() -> None:
    with pytest.raises(DetectorError, match="did you mean newCountry"):
        load([DETECTORS], {"newCountri": {}})
    with pytest.raises(DetectorError, match="did you mean learning_days"):
        load([DETECTORS], {"newCountry": {"learningdays": 3}})
    with pytest.raises(DetectorError, match=r"\[detectors.newCountry\]"):
        load([DETECTORS], {"newCountry": {"learning_days": "many"}})


def test_only_the_public_api_and_harmless_modules_may_be_imported(tmp_path: Path) -> None:
    path = tmp_path / "nosy.py"
    path.write_text(
        "import math\nimport os\nfrom risktui.engine import keys\n"
        "from risktui.detect import words\nfrom risktui.detect.examples import HQ\n",
        "utf-8",
    )
    assert foreign_imports(path) == ["nosy.py:2: os", "nosy.py:3: risktui.engine"]


def _stranger(folder: Path, text: str = SMALL) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "small.py"
    path.write_text(text, "utf-8")
    path.chmod(0o644)
    folder.chmod(0o755)
    return path


def test_a_detector_of_ones_own_that_nobody_else_may_write_is_run(tmp_path: Path) -> None:
    _stranger(tmp_path / "mine" / "inner")
    refuse_strangers(tmp_path / "mine")


@pytest.mark.parametrize("what", ["mine", "mine/inner", "mine/inner/small.py"])
def test_what_others_may_write_is_not_run_and_the_remedy_told(tmp_path: Path, what: str) -> None:
    _stranger(tmp_path / "mine" / "inner")
    (tmp_path / "mine").chmod(0o755)
    open_to_all = tmp_path / what
    open_to_all.chmod(0o777)
    with pytest.raises(DetectorError, match=rf"others may write .*; chmod o-w {open_to_all}$"):
        refuse_strangers(tmp_path / "mine")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_another_user_or_group_could_change_is_not_run(tmp_path: Path) -> None:
    path = _stranger(tmp_path / "mine")
    os.chown(path, 12345, -1)
    with pytest.raises(DetectorError, match=r"belongs to another user, 12345; .*chown 0 "):
        refuse_strangers(tmp_path / "mine")
    os.chown(path, 0, 12345)
    path.chmod(0o664)
    with pytest.raises(DetectorError, match=rf"group 12345 may write .*; chmod g-w {path}$"):
        refuse_strangers(tmp_path / "mine")
