from __future__ import annotations

import threading
from pathlib import Path

from risktui.store.lock import EngineLock


def test_looking_for_an_engine_never_keeps_one_from_starting(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            EngineLock(path).holder()

    lookers = [threading.Thread(target=look) for _ in range(2)]
    for looker in lookers:
        looker.start()
    try:
        for _ in range(50):
            lock = EngineLock(path)
            assert lock.take()
            lock.release()
    finally:
        done.set()
        for looker in lookers:
            looker.join()


def test_where_nobody_runs_looking_finds_no_ghost(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    lock = EngineLock(path)
    assert lock.take()
    lock.release()
    assert EngineLock(path).holder() is None


def test_a_database_by_another_name_has_the_same_engine(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.db"
    link.symlink_to(tmp_path / "x.db")
    lock = EngineLock(tmp_path / "x.db")
    assert lock.take()
    try:
        assert EngineLock(link).holder() is not None
        assert not EngineLock(link).take()
    finally:
        lock.release()
