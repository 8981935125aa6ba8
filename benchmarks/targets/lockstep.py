"""Lockstep as in production, with one page added as in a product."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import Length

from app.database import db
from app.sessions.current import current_user
from app.unit_of_work import commit_later
from app.web.forms import Form, Required
from benchmarks.targets.lockstep_app import Feedback, app, prepare

__all__ = ["app", "prepare"]

blueprint = Blueprint("feedback", __name__, template_folder="templates")


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


app.register_blueprint(blueprint)
