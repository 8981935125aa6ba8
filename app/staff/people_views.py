"""The list of users, the page of a user, and the actions on it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _

from app.application import Application
from app.database import db
from app.roles import Permission
from app.roles.access import get_permission_ends, get_permissions, may
from app.roles.granting import grant_role, grants_by_end, require_power_over, revoke_role
from app.roles.refusals import OwnAccount, RoleRefused, UserHoldsMore
from app.roles.tables import known_roles
from app.sessions.current import current_user, get_current_user, lock_current_login
from app.sessions.device_labels import device_label
from app.staff.events import record_look
from app.staff.factor_reset import find_factor_reset, request_factor_reset
from app.staff.forms import ActionForm, RoleForm
from app.staff.pages import StaffPage, open_pages, staff_page, staff_pages
from app.staff.people import (
    Person,
    disable,
    enable,
    end_all_logins,
    find_due_at,
    people_starting_with,
    read_person,
    send_reset,
    version_of,
)
from app.unit_of_work import commit_later
from app.users.models import User
from app.web.i18n import lazy_gettext
from app.web.pagination import paginate
from app.web.search import search_term

blueprint = Blueprint("staff", __name__)

# The permissions of the buttons below the field for the reason.
ACTIONS = (
    Permission.SEND_RESET,
    Permission.END_LOGINS,
    Permission.RESET_FACTORS,
    Permission.DISABLE_PEOPLE,
)


def init_app(app: Application) -> None:
    app.register_blueprint(blueprint)
    staff_pages.add(app, StaffPage("staff.people", lazy_gettext("People"), Permission.SEE_PEOPLE))


@blueprint.get("/staff")
def start() -> ResponseReturnValue:
    """Redirect to the first page of staff that the user may open."""
    pages = open_pages(get_current_user()) or abort(404)
    return redirect(url_for(pages[0].endpoint), 303)


@blueprint.get("/staff/people")
@staff_page(Permission.SEE_PEOPLE)
def people() -> ResponseReturnValue:
    term = search_term()
    page = paginate(people_starting_with(term))
    return render_template("staff/people.html", page=page, term=term)


@blueprint.get("/staff/people/<int:user_id>")
@staff_page(Permission.SEE_PEOPLE)
def person(user_id: int) -> ResponseReturnValue:
    shown = read_person(db.get_or_404(User, user_id))
    unsent = {"formdata": None, "version": shown.version}
    return person_page(shown, ActionForm(**unsent), RoleForm(**unsent))


def person_page(shown: Person, form: ActionForm, role_form: RoleForm) -> ResponseReturnValue:
    """Return the page of a user. A role may allow an action on the user, but not this page."""
    if not may(Permission.SEE_PEOPLE):
        abort(404)
    record_look(get_current_user(), shown.user, [event for event, *_ in shown.events])
    roles = {*known_roles(), *(held.role for held in shown.roles)}
    role_form.role.choices = [("", _("Choose a role")), *((role, role) for role in sorted(roles))]
    role_form.role.description = hint_at_ends()
    page = render_template(
        "staff/person.html",
        person=shown,
        form=form,
        role_form=role_form,
        refusal=refusal_for(shown),
        may_act=any(map(may, ACTIONS)),
        device_label=device_label,
    )
    return page, max(form.status, role_form.status)


def hint_at_ends() -> str:
    """Return which roles end if the signed-in user grants them, or an empty text."""
    return " ".join(
        _(
            "A role that you grant (%(roles)s) ends on %(when)s, together with your own "
            "permissions.",
            roles=", ".join(roles),
            when=format_datetime(end, "medium"),
        )
        for end, roles in grants_by_end(get_permission_ends(current_user.id)).items()
    )


def refusal_for(person: Person) -> RoleRefused | None:
    """Return why the signed-in user may do nothing to this one, or None."""
    if person.user.id == current_user.id:
        return OwnAccount()
    is_above = person.permissions - get_permissions(current_user.id)
    return UserHoldsMore() if is_above else None


# --- Actions


@blueprint.post("/staff/people/<int:user_id>/disable")
@staff_page(Permission.DISABLE_PEOPLE)
def disable_person(user_id: int) -> ResponseReturnValue:
    return act_on(
        user_id,
        Permission.DISABLE_PEOPLE,
        lambda actor, user, form: disable(user, form.reason.data or ""),
        _("The account is disabled, and all its logins have ended."),
    )


@blueprint.post("/staff/people/<int:user_id>/enable")
@staff_page(Permission.DISABLE_PEOPLE)
def enable_person(user_id: int) -> ResponseReturnValue:
    return act_on(
        user_id,
        Permission.DISABLE_PEOPLE,
        lambda actor, user, form: enable(user, form.reason.data or ""),
        _("The account is enabled. The user can sign in again."),
    )


@blueprint.post("/staff/people/<int:user_id>/end-logins")
@staff_page(Permission.END_LOGINS)
def end_logins(user_id: int) -> ResponseReturnValue:
    return act_on(
        user_id,
        Permission.END_LOGINS,
        lambda actor, user, form: end_all_logins(user, form.reason.data or ""),
        _("The user is signed out of all devices."),
    )


@blueprint.post("/staff/people/<int:user_id>/send-reset")
@staff_page(Permission.SEND_RESET)
def send_password_reset(user_id: int) -> ResponseReturnValue:
    return act_on(
        user_id,
        Permission.SEND_RESET,
        lambda actor, user, form: send_reset(user, form.reason.data or ""),
        _("The user is sent a link to set a new password."),
        done_already=_(
            "Nothing was sent: the user was sent such a link a moment ago. Ask them to look for "
            "it, or try again later."
        ),
    )


@blueprint.post("/staff/people/<int:user_id>/reset-factors")
@staff_page(Permission.RESET_FACTORS)
def reset_second_factors(user_id: int) -> ResponseReturnValue:
    return act_on(
        user_id,
        Permission.RESET_FACTORS,
        lambda actor, user, form: request_factor_reset(actor, user, form.reason.data or ""),
        _("The reset of two-factor authentication is saved. The user gets an email about it."),
    )


@blueprint.post("/staff/people/<int:user_id>/grant-role")
@staff_page(Permission.GRANT_ROLES)
def grant(user_id: int) -> ResponseReturnValue:
    return act_on(
        user_id,
        Permission.GRANT_ROLES,
        lambda actor, user, form: grant_role(
            actor, user, form.role.data, reason=form.reason.data or ""
        ),
        _("The user has the role from the next request on."),
        RoleForm,
    )


@blueprint.post("/staff/people/<int:user_id>/revoke-role")
@staff_page(Permission.GRANT_ROLES)
def revoke(user_id: int) -> ResponseReturnValue:
    return act_on(
        user_id,
        Permission.GRANT_ROLES,
        lambda actor, user, form: revoke_role(
            actor, user, form.role.data, reason=form.reason.data or ""
        ),
        _("The user no longer has the role."),
        RoleForm,
    )


def act_on(
    user_id: int,
    permission: Permission,
    act: Callable[[User, User, Any], bool],
    done: str,
    form_class: type[ActionForm] = ActionForm,
    done_already: str | None = None,
) -> ResponseReturnValue:
    """Act on a user for the signed-in member of staff, by the rules of roles.

    `act` gets both users and the form. It returns False, having changed nothing, if the user is
    already in the state that was asked for: so a form that is sent twice acts once, and the page
    says `done_already`, or that nothing was changed. Otherwise the user must be as the page showed
    them, or the response is a 409 and nothing is changed. A form without a version, of a program,
    is about the user as they are.
    """
    user = db.get_or_404(User, user_id)
    form = form_class()
    if not form.validate_on_submit():
        return refused_page(user, form)
    actor = lock_current_login(user)
    user = db.session.get(User, user_id, populate_existing=True) or abort(404)
    require_power_over(actor, user, permission)
    version = version_of(user, find_due_at(user), find_factor_reset(user))
    if not act(actor, user, form):
        flash(done_already or _("Nothing was changed: this has been done already."), "info")
    elif form.version.data and form.version.data != version:
        abort(409)
    else:
        flash(done, "success")
    commit_later()
    return redirect(url_for("staff.person", user_id=user_id), 303)


def refused_page(user: User, form: ActionForm) -> ResponseReturnValue:
    """Return the page of the user again, with the errors in the form that was sent."""
    unsent = {"formdata": None, "version": form.version.data}
    if isinstance(form, RoleForm):
        return person_page(read_person(user), ActionForm(**unsent), form)
    return person_page(read_person(user), form, RoleForm(**unsent))
