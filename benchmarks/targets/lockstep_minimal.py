"""Lockstep with the pages of `minimal`, to compare the stacks with the same markup.

The sign-in page is Lockstep's own view with a template that replaces its own; the other page is
plain HTML without the forms, macros and layout of Lockstep.
"""

from pathlib import Path

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2 import ChoiceLoader, FileSystemLoader

from app.database import db
from app.sessions.current import current_user
from app.unit_of_work import commit_later
from benchmarks.targets import LONGEST_TEXT
from benchmarks.targets.lockstep_app import Feedback, app, prepare

__all__ = ["app", "prepare"]

# Searched before app/templates/, so that auth/login.html in it replaces Lockstep's.
OWN_TEMPLATES = Path(__file__).parent / "templates/lockstep_minimal"

blueprint = Blueprint("feedback", __name__)


@blueprint.get("/feedback")
def feedback() -> str:
    return render_template("feedback.html")


@blueprint.post("/feedback")
def write() -> ResponseReturnValue:
    text = request.form.get("text", "")
    if not 0 < len(text) <= LONGEST_TEXT:
        abort(400)
    db.session.add(Feedback(user_id=current_user.id, text=text))
    commit_later()
    return redirect(url_for("feedback.feedback"), 303)


app.jinja_loader = ChoiceLoader([FileSystemLoader(OWN_TEMPLATES), app.jinja_loader])
app.register_blueprint(blueprint)
