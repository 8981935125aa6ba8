"""The application with one more view, which writes a row for each visit; run by gunicorn."""

from uuid import uuid4

from flask import Blueprint, Response

from app import create_app
from app.sessions.current import current_user
from app.unit_of_work import commit_later
from app.users.accounts import has_users
from tests.view_site import add

blueprint = Blueprint("rows", __name__)


@blueprint.post("/rows")
def add_row() -> Response:
    """Read, write a row, and return its email, which the test then looks for."""
    assert has_users()
    email = add(f"{uuid4()}@rows.example").email
    commit_later()
    return Response(f"{email} {current_user.email}", 201, mimetype="text/plain")


app = create_app()
app.register_blueprint(blueprint)
