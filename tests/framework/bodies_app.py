"""The application with views for other request bodies: gunicorn tests.framework.bodies_app:app."""

from uuid import uuid4

from flask import Blueprint, Response, request

from app import create_app
from app.sessions.guards import public
from app.unit_of_work import commit_later
from app.web.csrf import csrf
from tests.view_site import add

blueprint = Blueprint("bodies", __name__)
csrf.exempt(blueprint)


def saved() -> Response:
    email = add(f"{uuid4()}@letters.example").email
    commit_later()
    return Response(email, 201, mimetype="text/plain")


@blueprint.post("/unread")
@public
def save_unread() -> Response:
    """Save a row without reading the body."""
    return saved()


@blueprint.post("/json")
@public
def save_json() -> Response:
    assert request.get_json()
    return saved()


@blueprint.post("/upload")
@public
def save_upload() -> Response:
    """Return the size of the body, or of the file in a form."""
    files = list(request.files.values())
    size = len(files[0].read() if files else request.stream.read())
    saved()
    return Response(str(size), 201, mimetype="text/plain")


app = create_app()
app.register_blueprint(blueprint)
