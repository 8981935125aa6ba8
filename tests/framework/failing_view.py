"""Changes of a view that then fails, and the check that none of them happened."""

from flask import Response, flash

from app.database import db
from app.unit_of_work import commit_later
from tests.view_site import Site, add


def change_everything() -> None:
    add("bob@example.com")
    db.session.flush()
    commit_later()
    flash("Saved!")


def assert_nothing_happened(response: Response, site: Site) -> None:
    assert site.emails == []
    assert "Set-Cookie" not in response.headers
    assert site.connections == 0
