"""R6: after a failed commit the user is as signed in, or signed out, as before."""

import pytest

from tests.client import Client
from tests.commit_failures import deferred_refusal
from tests.view_site import run

ALICE = "alice@example.com"


@pytest.fixture
def refused_commits(database_url: str, client: Client):
    with deferred_refusal(database_url, "login_sessions"):
        yield


def test_r6_a_failed_sign_in_signs_no_user_in(client: Client, alice, refused_commits) -> None:
    client.get("/login")
    before = client.get_cookie("session")
    response = client.sign_in(ALICE, remember=True)
    assert response.status_code == 409
    assert "Set-Cookie" not in response.headers
    assert client.get_cookie("session") == before
    assert not client.is_signed_in


def test_r6_the_next_sign_in_works_after_a_failed_commit(client: Client, alice) -> None:
    with deferred_refusal(client.application.config["DATABASE_URL"], "login_sessions"):
        assert client.sign_in(ALICE).status_code == 409
    assert client.sign_in(ALICE).location == "/account"
    assert client.is_signed_in


def test_r6_a_failed_sign_out_leaves_alice_signed_in(as_alice: Client, refused_commits) -> None:
    response = as_alice.sign_out()
    assert response.status_code == 409
    assert not {"Set-Cookie", "Clear-Site-Data"} & {*response.headers.keys()}
    assert as_alice.is_signed_in


def test_r6_a_failed_sign_in_leaves_no_login_session(
    client: Client, alice, refused_commits, database_url: str
) -> None:
    client.sign_in(ALICE)
    assert run(database_url, "SELECT count(*) FROM login_sessions") == [(0,)]
