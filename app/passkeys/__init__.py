"""Passkeys (WebAuthn Level 3): sign-in without a password, or as a second factor.

A passkey is bound to the host name of this site, so a phishing site cannot use it, and the device
verifies the user with a fingerprint, a face or a PIN, so it counts as both factors
(NIST SP 800-63B-4). This part adds a kind of second factor to two_factor.
"""

from app.application import Application, doctor_warnings
from app.audit.actions import action_kinds
from app.auth.forms import email_autofill
from app.passkeys.actions import KINDS
from app.passkeys.challenges import prune_challenges
from app.passkeys.models import Passkey
from app.passkeys.registration import PASSKEY_KIND, count_passkeys
from app.passkeys.relying_party import has_host_name, warn_without_host_name
from app.passkeys.sign_in_views import blueprint
from app.two_factor.factors import FactorKind, factor_kinds
from app.unit_of_work.batches import pruning
from app.web.rendering.slots import add_to_slot

ON_SECOND_STEP = "passkeys/components/on_second.html"


def init_app(app: Application) -> None:
    action_kinds.add(app, *KINDS)
    app.register_blueprint(blueprint)
    factor_kinds.add(app, FactorKind(PASSKEY_KIND, Passkey, template=ON_SECOND_STEP))
    for page in ("login", "prove", "account", "two_factor"):
        add_to_slot(app, page, f"passkeys/components/on_{page}.html")
    email_autofill.add(app, "webauthn")
    pruning.add(app, ("used passkey challenges", prune_challenges))
    doctor_warnings.add(app, warn_without_host_name)
    app.add_template_global(has_host_name, "passkeys_are_available")
    app.add_template_filter(count_passkeys)
