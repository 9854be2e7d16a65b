from __future__ import annotations

import grp
import os
import stat
from pathlib import Path

import pytest

from risktui.settings import People
from risktui.store.database import DatabaseError, async_writer, prepare
from risktui.store.people import Role, groups_of, role_of, whoami
from risktui.store.privacy import exposed


def _mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


async def test_the_database_and_what_lies_beside_it_are_the_makers_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "risktui.db"
    os.umask(0)
    try:
        prepare(path)
        connection = await async_writer(path)
        await connection.execute("INSERT INTO meta (name, value) VALUES ('a', 'b')")
        modes = {file.name: _mode(file) for file in path.parent.iterdir()}
        await connection.close()
    finally:
        os.umask(0o022)
    assert _mode(path.parent) == "0o700"
    assert set(modes.values()) == {"0o600"}
    assert {"risktui.db", "risktui.db-wal", "risktui.db-shm"} <= modes.keys()


def test_rights_that_others_have_are_taken_from_them(tmp_path: Path) -> None:
    path = tmp_path / "risktui.db"
    prepare(path)
    path.chmod(0o646)
    assert "can be read by everybody" in exposed(path)
    prepare(path)
    assert _mode(path) == "0o640"
    assert exposed(path) == ""


def test_a_database_that_a_link_names_before_it_is_there_is_private_too(tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "far" / "x.db")
    os.umask(0)
    try:
        prepare(link)
    finally:
        os.umask(0o022)
    assert _mode(tmp_path / "far" / "x.db") == "0o600"
    assert _mode(tmp_path / "far") == "0o700"


def test_a_folder_that_was_there_before_is_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    prepare(tmp_path / "risktui.db")
    assert _mode(tmp_path) == "0o755"


def test_a_group_of_the_host_may_share_it(tmp_path: Path) -> None:
    group = grp.getgrgid(os.getgid()).gr_name
    path = tmp_path / "new" / "risktui.db"
    prepare(path, group)
    assert _mode(path) == "0o660"
    assert _mode(path.parent) == "0o2770"


def test_a_group_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="no such group"):
        prepare(tmp_path / "x.db", "no-such-group-here")


def test_roles_by_name_and_by_group() -> None:
    people = People(viewers=["@helpdesk"], operators=["erin", "@soc"], administrators=["root"])
    for name, groups, role in (
        ("root", (), Role.ADMINISTRATOR),
        ("erin", ("helpdesk",), Role.OPERATOR),
        ("dave", ("soc",), Role.OPERATOR),
        ("carol", ("helpdesk",), Role.VIEWER),
        ("mallory", (), Role.NOBODY),
    ):
        assert role_of(name, people, frozenset(groups)) is role
    assert role_of("anybody", People()) is Role.ADMINISTRATOR


def test_the_operating_system_says_who_one_is() -> None:
    mine = grp.getgrgid(os.getgid()).gr_name
    assert mine in groups_of(whoami())
