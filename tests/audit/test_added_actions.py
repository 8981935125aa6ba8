"""A product keeps its audit actions and their texts in its own file, as docs/audit.md prints."""

from collections.abc import Callable

from app.application import Application
from app.mail.models import Message
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.conftest import signed_in
from tests.documented_examples import example_with


def test_alice_sees_the_texts_of_the_product_on_her_activity_page(
    make_app: Callable[..., Application], alice: User, mailed: Callable[[str], list[Message]]
) -> None:
    app, notes = make_app(), example_with("audit.md", "NOTE_DELETED")
    notes.init_app(app)
    with app.app_context(), unit_of_work():
        notes.delete_note(7, alice.id)
        notes.record(notes.NOTE_SHARED, alice.id, note=7)
    page = signed_in(app, alice).page("/activity")
    assert "Note deleted" in page.text
    assert "Note shared" in page.text
    assert [mail.subject for mail in mailed(alice.email)] == ["Note shared"]
