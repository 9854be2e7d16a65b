"""Hashes of own passwords in lists of leaked ones: found, and kept nowhere."""

from __future__ import annotations

import hashlib
import os
import random
from pathlib import Path

import pytest

from risktui.detect.examples import TOKYO, at, signs_in
from risktui.logs import hashes
from risktui.logs.hashes import HashList, accounts
from risktui.logs.leaks import LeakFeed, Leaks
from risktui.model.events import CredentialLeak

NOW = signs_in("alice", TOKYO, "2026-03-10 09:00")
NTLM = "8846F7EAEE8FB117AD06BDD830B7586C"  # "password", as everybody knows
EMPTY = "31D6CFE0D16AE931B73C59D7E0C089C0"
SHA1 = hashlib.sha1(b"hunter2").hexdigest().upper()


def _ranges(folder: Path, *digests: str, suffix: str = ".txt", count: int = 7) -> Path:
    """A folder as the downloader of Pwned Passwords fills it."""
    folder.mkdir(exist_ok=True)
    for digest in digests:
        with (folder / f"{digest[:5]}{suffix}").open("a") as file:
            file.write(f"{digest[5:]}:{count}\r\n")
    return folder


@pytest.mark.parametrize("digest", [NTLM, SHA1])
@pytest.mark.parametrize("suffix", [".txt", ""])
def test_a_hash_is_found_in_its_range(tmp_path: Path, digest: str, suffix: str) -> None:
    known = HashList(_ranges(tmp_path / "pwned", digest, suffix=suffix))
    assert known.holds(digest)
    assert known.holds(digest.lower())
    other = digest[:-1] + ("0" if digest[-1] != "0" else "1")
    assert not known.holds(other)
    assert not known.holds("F" * len(digest))


def test_padding_is_nobodys_password(tmp_path: Path) -> None:
    assert not HashList(_ranges(tmp_path / "pwned", SHA1, count=0)).holds(SHA1)


@pytest.mark.parametrize("counted", [True, False])
def test_a_sorted_file_of_any_size_is_halved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: bool
) -> None:
    chance = random.Random(7)
    there = sorted({f"{chance.getrandbits(128):032X}" for _ in range(500)})
    path = tmp_path / "pwned.txt"
    for size in (0, 1, 2, 3, 7, 499, 500):
        lines = [
            f"{digest}:{n % 3 * 99_999 + 1}" if counted else digest
            for n, digest in enumerate(there[:size])
        ]
        path.write_text("".join(line + "\n" for line in lines))
        monkeypatch.setattr(hashes, "SMALL", -1)
        known = HashList(path)
        assert [known.holds(digest) for digest in there[:size]] == [True] * size
        assert not any(known.holds(f"{chance.getrandbits(128):032X}") for _ in range(100))
        assert not known.holds("0" * 32)
        assert not known.holds("F" * 32)


def test_a_small_file_need_not_be_sorted(tmp_path: Path) -> None:
    path = tmp_path / "found.txt"
    path.write_text(f"{SHA1}\n{NTLM}:3\nnonsense\n")
    assert HashList(path).holds(NTLM)
    assert HashList(path).holds(SHA1)


def test_a_list_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert not HashList(tmp_path / "nowhere").holds(SHA1)


@pytest.mark.parametrize(
    "line",
    [
        f"carol@contoso.com:{NTLM}",
        f"carol@contoso.com;{NTLM.lower()}",
        f"{NTLM}\tcarol@contoso.com",
        f'"Carol@Contoso.com","{NTLM}","enabled"',
        f"contoso.com\\carol:1104:aad3b435b51404eeaad3b435b51404ee:{NTLM}:::",
    ],
)
def test_accounts_are_read_as_exports_write_them(tmp_path: Path, line: str) -> None:
    path = tmp_path / "accounts"
    path.write_text(f"username,hash\n{line}\n# comment\n\nno hash here\n{NTLM}\n")
    (carol, *rest) = list(accounts(path))
    assert carol is not None
    assert (carol.name, carol.digest) == ("carol@contoso.com", NTLM)
    assert rest == [None, None]
    assert NTLM not in repr(carol)


def test_an_account_that_never_had_a_password_is_not_looked_up(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    path.write_text(f"name,hash\ncarol@contoso.com:{EMPTY}\n")
    assert list(accounts(path)) == [None]


def _found(leaks: Leaks) -> list[CredentialLeak]:
    leaks.look()
    merged = leaks.merged([NOW], caught_up=True)
    return [event for event in merged if isinstance(event, CredentialLeak)]


def test_whose_password_stands_in_the_list_is_told_without_it(tmp_path: Path) -> None:
    export = tmp_path / "accounts.txt"
    export.write_text(f"carol@contoso.com:{NTLM}\nbob@contoso.com:{'A' * 32}\nnobody\n")
    os.utime(export, (at("2026-03-01 00:00") / 1000,) * 2)
    leaks = Leaks([LeakFeed(export, hashes=_ranges(tmp_path / "pwned", NTLM))])
    (leak,) = _found(leaks)
    assert leak.user_principal_name == "carol@contoso.com"
    assert leak.leak == "pwned, a list of leaked passwords"
    assert leak.validated
    assert leak.leaked_at == at("2026-03-01 00:00")  # the password was this one then
    assert leak.time == NOW.time
    (report,) = leaks.report()
    assert (report.entries, report.refused) == (1, 1)
    for digest in (NTLM, NTLM.lower(), NTLM[5:]):
        assert digest not in repr(leak) + repr(leaks.reports)


def test_another_list_or_another_export_is_looked_at_again(tmp_path: Path) -> None:
    export = tmp_path / "accounts.txt"
    export.write_text(f"carol@contoso.com:{NTLM}\nbob@contoso.com:{SHA1}\n")
    folder = _ranges(tmp_path / "pwned", NTLM)
    leaks = Leaks([LeakFeed(export, hashes=folder)])
    assert [leak.user_principal_name for leak in _found(leaks)] == ["carol@contoso.com"]
    assert _found(leaks) == []
    _ranges(folder, SHA1)
    os.utime(folder, (1, 1))  # its date is another one
    names = {leak.user_principal_name for leak in _found(leaks)}
    assert names == {"bob@contoso.com", "carol@contoso.com"}
