"""A product keeps its audit actions and their texts in its own file, as docs/audit.md prints."""

from collections.abc import Callable

from sqlalchemy import select

from app.application import Application
from app.audit.models import SecurityEvent
from app.database import db
from app.mail.models import Message
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.documented_examples import example_with


def test_alice_sees_the_texts_of_the_product(
    make_app: Callable[..., Application], alice: User, mailed: Callable[[str], list[Message]]
) -> None:
    app, notes = make_app(), example_with("audit.md", "NOTE_DELETED")
    notes.init_app(app)
    with app.app_context(), unit_of_work():
        notes.delete_note(7, alice.id)
        notes.record(notes.NOTE_SHARED, alice.id, note=7)
    with app.app_context():
        events = db.session.scalars(select(SecurityEvent).order_by(SecurityEvent.id)).all()
        assert [str(event.label) for event in events] == ["Note deleted", "Note shared"]
    assert [mail.subject for mail in mailed(alice.email)] == ["Note shared"]
