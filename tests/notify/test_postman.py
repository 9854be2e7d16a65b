"""Kill the postman anywhere: nothing is lost, and a repeat is known as one."""

from __future__ import annotations

import email
import email.policy
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from notify.office import Desk, names
from risk.ledger_stories import HOUR, NOON
from risktui.notify import deliveries
from risktui.notify.postman import Postman
from risktui.store import audit
from risktui.store.database import reader, writer

EML = '[notify.eml]\nfolder = "mails"\n'
POSTMAN = (
    "import asyncio, sys, pathlib\n"
    "from risktui import config\n"
    "from risktui.notify.postman import Postman\n"
    "from risktui.notify import deliveries, mail\n"
    "real = mail.drop\n"
    "def slow(*args):\n"
    "    import time; time.sleep(0.05)\n"
    "    return real(*args)\n"
    "mail.drop = slow\n"
    "db = pathlib.Path(sys.argv[1])\n"
    "asyncio.run(Postman(db, config.load(db.with_name('risktui.toml'))).once())\n"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, EML)


def _subjects(folder: Path) -> list[str]:
    mails = [
        email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        for file in folder.glob("*.eml")
    ]
    return sorted(str(mail["Subject"]) for mail in mails)


def test_killed_again_and_again_every_mail_is_there_once(desk: Desk, tmp_path: Path) -> None:
    for number in range(8):
        desk.finds(f"user{number}", f"e{number}", at=NOON + number * HOUR)
    arguments = [sys.executable, "-c", POSTMAN, str(desk.database)]
    kills = 0
    for _ in range(40):
        process = subprocess.Popen(arguments, stderr=subprocess.PIPE)
        before = len(_subjects(tmp_path / "mails"))
        while process.poll() is None and len(_subjects(tmp_path / "mails")) < before + 2:
            time.sleep(0.005)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        _, words = process.communicate()
        assert kills or process.returncode == 0, words.decode()
        if process.returncode == 0:
            break
    assert kills >= 2
    assert _subjects(tmp_path / "mails") == [
        f"risktui: user{number}@contoso.com at high risk" for number in range(8)
    ]
    assert len(desk.sent()) == 8
    with closing(reader(desk.database)) as connection:
        assert audit.verify(connection) is None
        assert len(audit.read(connection)) == 8


def test_a_message_on_its_way_in_a_crash_goes_out_again_under_the_same_id(desk: Desk) -> None:
    desk.finds("carol", "e1")
    desk.plan()
    first = desk.waiting()[0]
    with desk.writing() as connection:
        deliveries.begin(connection, first.id)
    desk.send()
    assert [(d.id, d.attempts) for d in desk.sent()] == [(first.id, 2)]


def test_the_outbox_is_kept_until_it_was_read_here(desk: Desk) -> None:
    with desk.writing() as connection:
        from risktui.notify.planner import CURSOR, register
        from risktui.store import outbox

        register(connection, 0)
        assert outbox.cursor(connection, CURSOR) == 0


def test_a_channel_that_was_taken_out_of_the_configuration_is_said(
    desk: Desk, tmp_path: Path
) -> None:
    desk.finds("carol", "e1")
    desk.plan()
    hook = '[[notify.webhooks]]\nname = "x"\nurl = "http://127.0.0.1:1/"\n'
    other = Desk(tmp_path, hook)
    other.send()
    assert other.dead()[0].error == "eml is not in risktui.toml any more"


def test_new_settings_are_heeded_at_once(desk: Desk, tmp_path: Path) -> None:
    from risktui import config

    (tmp_path / "risktui.toml").write_text(f'{EML}level = "low"\n')
    desk.postman.heed(config.load(tmp_path / "risktui.toml"))
    desk.finds("carol", "e1", "low")
    desk.send()
    assert [names(d) for d in desk.sent()] == [["carol"]]


async def test_what_goes_wrong_in_a_round_is_said_once_and_the_next_goes_on(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path, EML)
    said: list[str] = []
    postman = Postman(desk.database, desk.config, notice=said.append)
    with desk.writing() as connection:
        connection.execute("ALTER TABLE deliveries RENAME TO elsewhere")
    with closing(writer(desk.database, any_thread=True)) as connection:
        for _ in range(3):
            await postman._try_a_round(connection)
        assert said == ["messages: OperationalError: no such table: deliveries"]
        connection.execute("ALTER TABLE elsewhere RENAME TO deliveries")
        await postman._try_a_round(connection)
        assert postman._said == ""


def test_one_message_that_cannot_be_written_down_is_tried_later_and_stops_no_other(
    desk: Desk,
) -> None:
    for number, who in enumerate(("carol", "dave")):
        desk.finds(who, f"e{number}", at=NOON + number * HOUR)
    desk.plan()
    first, second = desk.waiting()
    with desk.writing() as connection:
        connection.execute(
            "CREATE TRIGGER stubborn BEFORE UPDATE ON deliveries WHEN NEW.state = 'sent'"
            f" AND NEW.id = '{first.id}' BEGIN SELECT raise(ABORT, 'no'); END"
        )
    desk.send()
    assert [d.id for d in desk.sent()] == [second.id]
    assert [(d.id, d.attempts, d.error) for d in desk.waiting()] == [
        (first.id, 1, "IntegrityError: no")
    ]


def test_without_anything_set_up_nothing_is_touched(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "")
    assert not desk.postman.wanted
    with closing(sqlite3.connect(desk.database)) as connection:
        assert connection.execute("SELECT count(*) FROM cursors").fetchone() == (0,)
