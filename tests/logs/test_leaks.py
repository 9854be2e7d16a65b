from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from risktui.detect.examples import TOKYO, at, signs_in
from risktui.logs.leaks import LeakFeed, Leaks
from risktui.model.events import CredentialLeak, Event

NOW = signs_in("alice", TOKYO, "2026-03-10 09:00")
SECRET = "correct-horse-battery"  # stands in the files, and must stand nowhere else


def told(path: Path, *, domains: tuple[str, ...] = (), **feed: Any) -> list[CredentialLeak]:
    """What the engine gets of a feed once the logs have come to `NOW`."""
    leaks = Leaks([LeakFeed(path, **feed)], domains)
    leaks.look()
    found = leaks.merged([NOW], caught_up=True)
    assert SECRET not in repr(found) + repr(leaks.reports)
    return [event for event in found if isinstance(event, CredentialLeak)]


def written(folder: Path, text: str, name: str = "leaks.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_the_table_of_the_documentation(tmp_path: Path) -> None:
    (leak,) = told(
        written(
            tmp_path,
            "username,source,leaked_at,observed_at\n"
            "Alice@Contoso.com,paste site,2026-03-01,2026-03-02T09:00:00Z\n",
        )
    )
    assert (leak.user_principal_name, leak.leak) == ("alice@contoso.com", "paste site")
    assert (leak.leaked_at, leak.time) == (at("2026-03-01 00:00"), at("2026-03-02 09:00"))
    assert leak.validated


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_further_columns_are_not_read_the_password_least_of_all(
    tmp_path: Path, separator: str
) -> None:
    header = separator.join(("Email Address", "password", "Observed At", "fingerprint"))
    row = separator.join(("alice@contoso.com", SECRET, "2026-03-02", "f1"))
    (leak,) = told(written(tmp_path, f"{header}\n{row}\n"))
    assert (leak.time, leak.fingerprint) == (at("2026-03-02 00:00"), "f1")


@pytest.mark.parametrize("separator", [":", ";", "|", "\t", " "])
def test_of_a_dump_only_names_are_read(tmp_path: Path, separator: str) -> None:
    text = f"alice@contoso.com{separator}{SECRET}\n{SECRET}\nbob@contoso.com{separator}{SECRET}\n"
    names = [leak.user_principal_name for leak in told(written(tmp_path, text, "combo.txt"))]
    assert names == ["alice@contoso.com", "bob@contoso.com"]


def test_what_says_no_date_is_found_when_the_logs_have_come_so_far(tmp_path: Path) -> None:
    (leak,) = told(written(tmp_path, f"alice@contoso.com:{SECRET}\n", "combo.txt"))
    assert (leak.time, leak.leaked_at, leak.leak) == (NOW.time, 0, "combo")


def test_records_a_line_with_other_names(tmp_path: Path) -> None:
    records = [
        {
            "upn": "alice@contoso.com",
            "source": "market",
            "observedDateTime": "2026-03-02T09:00:00Z",
            "leakDate": "2026-03-01",
            "validated": False,
            "password": SECRET,
        },
        {"upn": "bob@contoso.com", "source": "market"},
    ]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    alice, bob = told(written(tmp_path, lines + "{torn\n", "exposures.ndjson"))
    assert (alice.validated, alice.leaked_at) == (False, at("2026-03-01 00:00"))
    assert (bob.validated, bob.time) == (True, NOW.time)


def test_a_domain_search_of_have_i_been_pwned(tmp_path: Path) -> None:
    def breach(name: str, *classes: str, **more: Any) -> dict[str, Any]:
        dates = {"BreachDate": "2026-02-20", "AddedDate": "2026-03-01T06:00:00Z"}
        return {"Name": name, "Title": name, "DataClasses": list(classes), **dates, **more}

    found = {
        "BreachSearchResults": [
            {
                "Alias": "alice",
                "DomainName": "contoso.com",
                "Breaches": [
                    breach("Shop", "Email addresses", "Passwords", IsVerified=True),
                    breach("Census", "Email addresses"),
                    breach("Spam", "Passwords", IsSpamList=True),
                    breach("Rumour", "Passwords", IsVerified=False),
                ],
            }
        ],
        "PasteSearchResults": [],
    }
    leaks = told(written(tmp_path, json.dumps(found), "contoso.json"))
    assert {leak.leak: leak.validated for leak in leaks} == {"Shop": True, "Rumour": False}
    assert {leak.leaked_at for leak in leaks} == {at("2026-02-20 00:00")}


def test_people_of_other_domains_are_nobodys_business(tmp_path: Path) -> None:
    text = f"alice@contoso.com:{SECRET}\nmallory@elsewhere.example:{SECRET}\n"
    leaks = told(written(tmp_path, text), domains=("contoso.com",))
    assert [leak.user_principal_name for leak in leaks] == ["alice@contoso.com"]


def test_a_feed_of_raw_lists_is_not_sure(tmp_path: Path) -> None:
    path = written(tmp_path, f"alice@contoso.com:{SECRET}\n")
    assert [leak.validated for leak in told(path, validated=False)] == [False]


def test_a_folder_is_watched_for_new_files(tmp_path: Path) -> None:
    leaks = Leaks([LeakFeed(tmp_path)])
    assert not leaks.look()
    leaks.merged([NOW], caught_up=True)
    written(tmp_path, "username,observed_at\nalice@contoso.com,2026-03-11\n", "new.csv")
    assert leaks.look()
    assert len(leaks.merged([], caught_up=True)) == 1
    assert not leaks.look()


def test_entries_come_between_the_events_of_the_logs(tmp_path: Path) -> None:
    days = [signs_in("bob", TOKYO, f"2026-03-{day:02d} 09:00") for day in (1, 2, 3)]
    path = written(
        tmp_path,
        "username,observed_at\na@contoso.com,2026-03-02\nb@contoso.com,2026-03-20\n",
    )
    leaks = Leaks([LeakFeed(path)])
    leaks.look()
    first: list[Event] = leaks.merged(days, caught_up=False)
    assert [type(event).__name__ for event in first] == [
        "SignIn",
        "CredentialLeak",
        "SignIn",
        "SignIn",
    ]
    assert [event.time for event in leaks.merged([], caught_up=True)] == [at("2026-03-20 00:00")]


def test_the_same_entry_in_two_files_has_the_same_id(tmp_path: Path) -> None:
    text = "username,source,observed_at\nalice@contoso.com,paste,2026-03-02\n"
    for name in ("one.csv", "two.csv"):
        written(tmp_path, text, name)
    assert len({leak.id for leak in told(tmp_path)}) == 1


def test_a_file_that_is_nothing_of_the_kind_is_counted_and_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "noise.bin"
    path.write_bytes(bytes(range(256)) * 40 + SECRET.encode())
    leaks = Leaks([LeakFeed(path)])
    leaks.look()
    (report,) = leaks.reports.values()
    assert report.entries == 0
    assert report.refused > 0


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"username": "x@contoso.com"}\n{' + '"a":{' * 50_000,
        '{"BreachSearchResults": [{"Alias": "x", "DomainName": "c.com", "Breaches": [5]}]}',
        '{"BreachSearchResults": [{"Alias": "x", "DomainName": "c.com", "Breaches": 5}]}',
        '{"BreachSearchResults": [{"Breaches": [{"DataClasses": 5}]}, 5]}',
        '[{"username": ["x@contoso.com"]}, {"username": {"a": 1}}, {"username": 5}]',
    ],
    ids=["deep", "a deep line", "numbers", "a number", "classes", "no text"],
)
def test_a_dump_made_to_break_readers_breaks_none(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text, "dump.json")
    (tmp_path / "good.txt").write_text(f"alice@contoso.com:{SECRET}\n")
    names = [leak.user_principal_name for leak in told(path.parent)]
    assert names[-1] == "alice@contoso.com"
    assert set(names[:-1]) <= {"x@contoso.com"}


@pytest.mark.parametrize(
    "text",
    [
        f'username,source,password\n"bob@contoso.com,x,{SECRET}\n',
        f"username,source\nbob@contoso.com:{SECRET},x\n",
        json.dumps({"username": f"bob@contoso.com:{SECRET}"}),
        json.dumps({"username": f"bob@contoso.com|{SECRET}"}),
        f"bob@contoso.com,'{SECRET}'\nbob@contoso.com=>{SECRET}\n",
    ],
    ids=["a quote without end", "in the cell", "in JSON", "with a bar", "an arrow"],
)
def test_no_secret_passes_as_a_part_of_the_name(tmp_path: Path, text: str) -> None:
    names = [leak.user_principal_name for leak in told(written(tmp_path, text))]
    assert set(names) <= {"bob@contoso.com"}


def test_names_with_an_apostrophe_or_a_dash_are_names(tmp_path: Path) -> None:
    text = f"o'brien@contoso.com:{SECRET}\nann-marie+x@big-corp.example;{SECRET}\n"
    names = [leak.user_principal_name for leak in told(written(tmp_path, text))]
    assert sorted(names) == ["ann-marie+x@big-corp.example", "o'brien@contoso.com"]
