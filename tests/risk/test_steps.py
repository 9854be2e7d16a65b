from __future__ import annotations

import base64
import uuid

import pytest

from risktui.detect.examples import LONDON, STRANGER, TOKYO, at, does, reads, sets_rule, signs_in
from risktui.model.events import ApiCall, Client, DirectoryChange, Verdict
from risktui.risk.steps import LONGEST, request_of, step_of

NINE = "2026-03-02 09:00"
REQUEST = "22608a25-1d9b-44b5-b0f2-cb94f06b2d00"


@pytest.mark.parametrize(
    "token",
    [
        "JYpgIpsdtUSw8suU8GstAA",  # as sign-ins of today write it
        "JYpgIpsdtUSw8suU8GstAA==",
        base64.b64encode(REQUEST.encode()).decode(),  # as those of 2022 did
    ],
)
def test_the_id_of_a_token_is_that_of_the_sign_in_that_issued_it(token: str) -> None:
    assert request_of(token) == REQUEST


@pytest.mark.parametrize("token", ["", "tok-1", "ÄÖÜ" * 9, "a" * 21, str(uuid.UUID(int=7))])
def test_another_token_stays_what_it_is(token: str) -> None:
    assert request_of(token) == token


def test_steps_are_told_in_plain_words() -> None:
    sign_in = step_of(signs_in("alice", TOKYO, NINE, STRANGER, mfa="fresh"))
    assert sign_in is not None
    assert sign_in.kind == "sign-in"
    assert sign_in.text.startswith("signed in to ")
    assert sign_in.text.endswith(", MFA passed")
    assert sign_in.place == "Tokyo, JP"
    token = step_of(signs_in("alice", TOKYO, NINE, is_interactive=False))
    assert token is not None
    assert (token.kind, token.text.split(" to ")[0]) == ("token", "used a token")
    rule = step_of(
        sets_rule(
            "alice", LONDON, NINE, rule_name="..", forward_to=("x@evil.example",), redirects=True
        )
    )
    assert rule is not None
    assert rule.text == "inbox rule “..” set: redirects to x@evil.example, deletes mail"
    file = step_of(reads("alice", LONDON, NINE, item="plan.docx", how="download"))
    assert file is not None
    assert file.text.startswith("downloaded plan.docx")


def test_secrets_in_the_address_of_a_call_are_not_kept() -> None:
    call = does(
        ApiCall,
        "alice",
        TOKYO,
        at(NINE),
        Client(),
        request_method="GET",
        request_uri="https://graph.microsoft.com/v1.0/me/messages?sig=hunter2",
        response_status_code=200,
    )
    step = step_of(call)
    assert step is not None
    assert step.text.startswith("GET graph.microsoft.com/v1.0/me/messages → 200")
    assert "hunter2" not in repr(step)


def test_a_step_is_no_longer_than_is_read() -> None:
    step = step_of(reads("alice", LONDON, NINE, item="x" * 10_000))
    assert step is not None
    assert len(step.text) == LONGEST


def test_a_verdict_and_an_application_take_no_steps() -> None:
    assert step_of(does(Verdict, "alice", None, at(NINE), Client())) is None
    by_an_app = does(DirectoryChange, "alice", None, at(NINE), Client(), actor="servicePrincipal")
    assert step_of(by_an_app) is None
