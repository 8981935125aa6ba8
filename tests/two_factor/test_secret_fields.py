"""Recovery codes are never in a page again after they were typed."""

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.conftest import visitor
from tests.two_factor.phones import give_password, phone_of


def test_a_recovery_code_is_not_shown_again(app: Application, alice: User) -> None:
    _, codes = phone_of(app, alice)
    mistyped = codes[0][:-1] + ("a" if codes[0][-1] != "a" else "b")
    client = visitor(app)
    give_password(client, alice)
    fields = client.page("/login/second").fields_for("/login/second")
    wrong = client.post("/login/second", data=fields | {"code": mistyped})
    late = client.post("/login/second", data=fields | {"code": codes[1], "csrf_token": "gone"})
    assert (wrong.status_code, late.status_code) == (422, 422)
    assert mistyped not in wrong.text
    assert codes[1] not in late.text


def test_a_recovery_code_sent_after_the_step_expired_is_not_shown_again(
    client: Client, alice: User
) -> None:
    fields = {"csrf_token": "gone", "code": "abcd-efgh-2345-6789"}
    response = client.post("/login/second", data=fields)
    assert response.status_code == 422
    assert fields["code"] not in response.text
