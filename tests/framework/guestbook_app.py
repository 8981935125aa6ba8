"""The site with one more page that writes a row per visit, for gunicorn."""

from uuid import uuid4

from flask import Blueprint, Response

from app import create_app
from app.sessions.current import current_user
from app.unit_of_work import commit_later
from app.users.accounts import has_users
from tests.view_site import add

blueprint = Blueprint("guestbook", __name__)


@blueprint.post("/guestbook")
def sign() -> Response:
    """Read, write, and answer with what was written: only what is answered counts."""
    assert has_users()
    email = add(f"{uuid4()}@guests.example").email
    commit_later()
    return Response(f"{email} {current_user.email}", 201, mimetype="text/plain")


app = create_app()
app.register_blueprint(blueprint)
