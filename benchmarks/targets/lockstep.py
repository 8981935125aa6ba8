"""Lockstep as it is served in production, with one page added as its adopters add theirs."""

from importlib import import_module
from pathlib import Path

from argon2 import PasswordHasher
from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import TextAreaField
from wtforms.validators import Length

from app import create_app
from app.database import Model, db
from app.forms import Form, Required
from app.sessions.current import current_user
from app.unit_of_work import commit_later, unit_of_work
from app.users import hashing
from app.users.people import add_user
from benchmarks.targets import HASHES_CHEAPLY

MIGRATIONS = Path(__file__).parents[2] / "migrations"

if HASHES_CHEAPLY:
    hashing._hasher = PasswordHasher(1, 8, 1)

blueprint = Blueprint("feedback", __name__, template_folder="templates")


class Feedback(Model):
    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(String(280))


class FeedbackForm(Form):
    text = TextAreaField("Feedback", [Required(), Length(max=280)])


@blueprint.route("/feedback", methods=["GET", "POST"])
def feedback() -> ResponseReturnValue:
    form = FeedbackForm()
    if form.validate_on_submit():
        db.session.add(Feedback(user_id=current_user.id, text=form.text.data))
        commit_later()
        return redirect(url_for("feedback.feedback"), 303)
    return render_template("lockstep/feedback.html", form=form), form.status


app = create_app()
app.register_blueprint(blueprint)


def prepare(addresses: list[str], password: str) -> None:
    # Not loaded by whoever serves, and so not by what is measured.
    upgrade = import_module("flask_migrate").upgrade
    with app.app_context():
        upgrade(directory=str(MIGRATIONS))
        db.metadata.create_all(db.engine, [db.metadata.tables["feedback"]])
    with app.app_context(), unit_of_work():
        password_hash = hashing.hash_password(password)
        for address in addresses:
            add_user(address, password_hash)
