"""Two-factor authentication: authenticator app codes, recovery codes and trusted devices.

It adds a step to every sign-in (app/auth/sign_in.py), which does not import it. Without this
part, the password alone signs in.
"""

from app.application import Application
from app.audit.actions import action_kinds
from app.two_factor import actions, commands, factors, requirement, second_step, trusted_devices
from app.two_factor.authenticators import AUTHENTICATOR
from app.two_factor.recovery_codes import count_codes
from app.two_factor.settings import Settings
from app.two_factor.views import blueprint
from app.web.rendering import slots

SETTINGS = Settings


def init_app(app: Application) -> None:
    action_kinds.add(app, *actions.KINDS)
    factors.init_app(app)
    commands.init_app(app)
    factors.factor_kinds.add(app, AUTHENTICATOR)
    second_step.init_app(app)
    trusted_devices.init_app(app)
    requirement.init_app(app)
    app.register_blueprint(blueprint)
    app.add_template_filter(count_codes, "recovery_codes_left")
    slots.add_to_slot(app, "account", "two_factor/components/account.html")
