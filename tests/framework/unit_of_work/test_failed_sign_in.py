"""R6: after a failed commit the user is as signed in, or signed out, as before."""

import pytest

from tests.client import Client
from tests.commit_failures import deferred_refusal
from tests.conftest import PASSWORD
from tests.view_site import run


@pytest.fixture
def refused_commits(database_url: str, client: Client):
    with deferred_refusal(database_url, "login_sessions"):
        yield


def sign_in(client: Client, **fields: str):
    return client.submit("/login", email="alice@example.com", password=PASSWORD, **fields)


def test_r6_a_failed_sign_in_signs_no_user_in(client: Client, alice, refused_commits) -> None:
    client.get("/login")
    before = client.get_cookie("session")
    response = sign_in(client, remember="y")
    assert response.status_code == 409
    assert "Set-Cookie" not in response.headers
    assert client.get_cookie("session") == before
    assert client.get("/account").status_code == 303


def test_r6_the_next_sign_in_works_after_a_failed_commit(client: Client, alice) -> None:
    with deferred_refusal(client.application.config["DATABASE_URL"], "login_sessions"):
        assert sign_in(client).status_code == 409
    assert sign_in(client).location == "/account"
    assert client.get("/account").status_code == 200


def test_r6_a_failed_sign_out_leaves_alice_signed_in(as_alice: Client, refused_commits) -> None:
    token = as_alice.csrf_token("/account")
    response = as_alice.post("/logout", data={"csrf_token": token})
    assert response.status_code == 409
    assert not {"Set-Cookie", "Clear-Site-Data"} & {*response.headers.keys()}
    assert as_alice.get("/account").status_code == 200


def test_r6_a_failed_sign_in_leaves_no_login_session(
    client: Client, alice, refused_commits, database_url: str
) -> None:
    sign_in(client)
    assert run(database_url, "SELECT count(*) FROM login_sessions") == [(0,)]
