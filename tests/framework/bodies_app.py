"""The site with views that take other bodies, or none: gunicorn tests.framework.bodies_app:app."""

from uuid import uuid4

from flask import Blueprint, Response, request

from app import create_app
from app.sessions.guards import public
from app.unit_of_work import commit_later
from app.web.csrf import csrf
from tests.view_site import add

blueprint = Blueprint("letterbox", __name__)
csrf.exempt(blueprint)


def saved() -> Response:
    email = add(f"{uuid4()}@letters.example").email
    commit_later()
    return Response(email, 201, mimetype="text/plain")


@blueprint.post("/unread")
@public
def save_unread() -> Response:
    """Save a row, whatever the body is."""
    return saved()


@blueprint.post("/json")
@public
def save_json() -> Response:
    assert request.get_json()
    return saved()


@blueprint.post("/upload")
@public
def save_upload() -> Response:
    """Answer the size of what came as a stream or as a file of a form."""
    files = list(request.files.values())
    size = len(files[0].read() if files else request.stream.read())
    saved()
    return Response(str(size), 201, mimetype="text/plain")


app = create_app()
app.register_blueprint(blueprint)
