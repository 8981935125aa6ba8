"""The page on which users request a copy of their data, and download it."""

from flask import Blueprint, Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.forms import ButtonForm
from app.export.archive import latest_export, request_export
from app.sessions.current import current_login, current_user, lock_current_login, user_or_network
from app.sessions.guards import reauthentication_required
from app.unit_of_work import commit_later
from app.web.rate_limits import rate_limit

blueprint = Blueprint("export", __name__)


@blueprint.route("/account/export", methods=["GET", "POST"])
@reauthentication_required
@rate_limit("5 per minute; 20 per hour", by=user_or_network)
def export() -> ResponseReturnValue:
    form = ButtonForm()
    if not form.validate_on_submit():
        latest = latest_export(current_user)
        return render_template("export/export.html", form=form, export=latest), form.status
    user = lock_current_login()
    request_export(user, current_login())
    commit_later()
    return redirect(url_for("export.export"), 303)


@blueprint.get("/account/export/file")
@reauthentication_required
def download() -> Response:
    latest = latest_export(current_user)
    if latest is None or latest.content is None:
        abort(404)
    name = f"{current_user.email}.json"
    response = Response(latest.content, mimetype="application/json")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
