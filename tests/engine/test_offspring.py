"""A worker is a copy of the engine where nothing is lost or shared by that, and ends with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

STORY = """
import os, signal, sqlite3, sys, threading
from pathlib import Path
from risktui.engine.offspring import Copied, can_copy

database = Path(sys.argv[1])
held = database.with_name("lock").open("w")
parent = os.getpid()

def obey(orders, answers):
    print("this goes to stderr")
    answers.write(orders.readline().upper())
    there = sorted(map(int, os.listdir("/proc/self/fd")))
    answers.write(f"{there} {os.getsid(0) != parent}".encode())
    answers.flush()
    orders.readline()

assert can_copy(database)
copy, other = Copied(obey), Copied(obey)
os.write(copy.orders, b"hello\\n")
said = b""
while not said.endswith(b"True"):
    said += os.read(copy.words, 100)
hello, rest = said.decode().split("\\n")
assert hello == "HELLO", said
open_there = eval(rest.rpartition("]")[0] + "]")
assert len(open_there) == 6, open_there  # three, two pipes, and the folder that is looked through
assert copy.wait(0) is None
os.kill(copy.pid, signal.SIGTERM)  # is not for it
copy.close()
copy.close()
assert copy.wait(30) == 0
other.kill()
assert other.wait(30) == -9
other.kill()
other.close()

stumbling = Copied(lambda orders, answers: 1 / 0)
assert stumbling.wait(30) == 1
stumbling.close()

with sqlite3.connect(database) as connection:
    connection.execute("CREATE TABLE t (x)")
    assert not can_copy(database)
connection.close()
assert can_copy(database)
done = threading.Event()
thread = threading.Thread(target=done.wait)
thread.start()
assert not can_copy(database)
done.set()
thread.join()
held.close()
print("so it is")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="copies are made on Linux only")
def test_a_copy_has_its_pipes_only_and_is_made_without_threads_and_connections(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-W", "error", "-c", STORY, str(tmp_path / "x.db")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "so it is\n"), done.stderr
    assert "this goes to stderr" in done.stderr
    assert "ZeroDivisionError" in done.stderr
