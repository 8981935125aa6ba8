"""Proving it twice: what somebody has, beside what they know.

It stands after the doorway, which keeps a place for it (app/auth/sign_in.py) and does not know it;
and nothing below imports it but what is a second factor itself. Take out the folder and its line
in PARTS, and the site asks for passwords alone.
"""

from app.application import Application
from app.sessions.current import current_user
from app.two_factor import commands, factors, requirement, second_step, trusted_devices
from app.two_factor.kinds import AUTHENTICATOR
from app.two_factor.recovery_code_views import blueprint
from app.two_factor.recovery_codes import count_codes
from app.web.rendering import slots


def init_app(app: Application) -> None:
    factors.init_app(app)
    commands.init_app(app)
    factors.add_factor_kind(app, AUTHENTICATOR)
    second_step.init_app(app)
    trusted_devices.init_app(app)
    requirement.init_app(app)
    app.register_blueprint(blueprint)
    app.add_template_global(lambda: count_codes(current_user), "recovery_codes_left")
    slots.add_to_slot(app, "account", "two_factor/components/account.html")
