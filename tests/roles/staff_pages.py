"""Pages of staff as a product may write them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask import Blueprint, render_template_string, request

from app.database import db
from app.roles import Permission, requires
from app.roles.granting import grant_role, require_power_over, revoke_role
from app.roles.tables import role_tables
from app.sessions.current import lock_current_login
from app.unit_of_work import commit_later
from app.users.models import User


class NotesPermission(StrEnum):
    SEE_NOTES = "notes.see"


NOTES_ROLES = {
    "admin": {NotesPermission.SEE_NOTES},
    "editor": {NotesPermission.SEE_NOTES},
    "support": {NotesPermission.SEE_NOTES},
}


def staff_pages() -> Blueprint:
    views = Blueprint("people", __name__)
    views.record(lambda state: role_tables.add(state.app, NOTES_ROLES))  # type: ignore[arg-type]  # an Application

    @views.get("/people")
    @requires(Permission.SEE_PEOPLE)
    def people() -> Any:
        return {"people": []}

    @views.get("/notes-of-all")
    @requires(NotesPermission.SEE_NOTES)
    def notes_of_all() -> Any:
        return {"notes": []}

    @views.get("/menu/<permission>")
    def menu(permission: str) -> Any:
        condition = "{% if may(permission) %}link{% endif %}"
        return {"menu": render_template_string(condition * 3, permission=permission)}

    @views.get("/plain")
    def plain() -> Any:
        return {}

    @views.post("/people/<int:user_id>/end-logins")
    @requires(Permission.END_LOGINS)
    def end_logins(user_id: int) -> Any:
        user = db.get_or_404(User, user_id)
        require_power_over(lock_current_login(user), user, Permission.END_LOGINS)
        return {"ended": True}

    @views.post("/people/<int:user_id>/<any(grant, revoke):way>")
    @requires(Permission.GRANT_ROLES)
    def change_role(user_id: int, way: str) -> Any:
        user = db.get_or_404(User, user_id)
        change = revoke_role if way == "revoke" else grant_role
        until = request.form.get("until")
        values = {"expires_at": datetime.fromisoformat(until)} if until else {}
        changed = change(lock_current_login(user), user, request.form["role"], **values)
        commit_later()
        return {"changed": changed}

    return views
