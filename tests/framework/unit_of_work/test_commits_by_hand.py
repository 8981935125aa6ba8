"""R9: only the unit of work commits."""

from collections.abc import Callable

import pytest
from sqlalchemy import insert, text

from app.database import db
from app.unit_of_work import CommitOutsideUnit
from app.users.models import User
from tests.view_site import Site, add

BY_HAND = {
    "commit": lambda: db.session.commit(),
    "commit in a savepoint": lambda: (db.session.begin_nested(), db.session.commit()),
    "begin": lambda: db.session().get_transaction().commit(),
    "the connection": lambda: db.session.connection().commit(),
    "its transaction": lambda: db.session.connection().get_transaction().commit(),
    "plain SQL": lambda: db.session.execute(text("COMMIT")),
    "plain SQL behind another": lambda: db.session.execute(text("SELECT 1; COMMIT")),
    "plain SQL, undoing": lambda: db.session.execute(text("ROLLBACK")),
}


@pytest.mark.parametrize("commit", BY_HAND.values(), ids=BY_HAND)
def test_r9_only_the_unit_of_work_commits(commit: Callable[[], object], site: Site) -> None:
    @site.view()
    def act() -> dict[str, str]:
        add("bob@example.com")
        db.session.flush()
        commit()
        return {}

    with pytest.raises(CommitOutsideUnit, match="commit_later"):
        site.post()
    assert site.emails == []


def test_r9_another_connection_cannot_commit(site: Site) -> None:
    @site.view()
    def act() -> dict[str, str]:
        with db.engine.begin() as connection:
            connection.execute(insert(User).values(email="bob@example.com"))
        return {}

    with pytest.raises(CommitOutsideUnit):
        site.post()
    assert site.emails == []


def test_r9_a_get_and_a_shell_cannot_commit_by_hand(site: Site) -> None:
    @site.view("GET")
    def act() -> dict[str, str]:
        db.session.commit()
        return {}

    with pytest.raises(CommitOutsideUnit):
        site.get()
    with site.app.app_context(), pytest.raises(CommitOutsideUnit):
        db.session.commit()
