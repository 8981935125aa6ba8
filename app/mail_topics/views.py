"""The page on which users choose topics, and the page behind the link to unsubscribe."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.mail.topics import topics
from app.mail_topics import choices
from app.mail_topics.forms import TopicsForm
from app.mail_topics.tokens import read_token
from app.sessions.current import current_user, lock_current_login
from app.sessions.guards import public
from app.unit_of_work import commit_later
from app.web.csrf import csrf

blueprint = Blueprint("mail_topics", __name__)


@blueprint.route("/account/mail", methods=["GET", "POST"])
def mail() -> ResponseReturnValue:
    if not topics.items():
        abort(404)
    form = TopicsForm(data={"topics": choices.wanted_topics(current_user)})
    if not form.validate_on_submit():
        page = render_template("mail_topics/mail.html", form=form, topics=topics.items())
        return page, form.status
    choices.choose_topics(lock_current_login(), form.topics.data or [])
    commit_later()
    flash(_("Your changes have been saved."), "success")
    return redirect(url_for("mail_topics.mail"), 303)


@blueprint.route("/unsubscribe/<token>", methods=["GET", "POST"])
@csrf.exempt  # type: ignore[untyped-decorator]  # Flask-WTF has no types
@public
def unsubscribe(token: str) -> ResponseReturnValue:
    """Turn a topic off with one POST, which email programs send by themselves (RFC 8058).

    They send neither cookies nor a CSRF token: the token in the URL is the permission. The GET of
    a scanner only shows the page. The response is a page, because they do not follow redirects.
    """
    found = read_token(token)
    if found is None:
        return render_template("mail_topics/link_invalid.html"), 400
    user_id, topic = found
    is_done = request.method == "POST"
    if is_done:
        choices.unsubscribe(user_id, topic)
        commit_later()
    return render_template("mail_topics/unsubscribe.html", topic=topic, is_done=is_done)
