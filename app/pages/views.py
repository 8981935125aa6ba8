"""The home page. The pages of your product begin here."""

from flask import Blueprint, render_template

from app.sessions.guards import public

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
@public
def home() -> str:
    return render_template("pages/home.html")
