"""Signing in without a password: by a key that a device keeps and shows nobody.

A passkey is bound to this site's name, so that no look-alike can ask for it, and opened by a
finger, a face or a PIN, so that it stands for both factors (WebAuthn Level 3; NIST SP 800-63B-4).
After a password it is a second factor like any other: this part adds that kind to two_factor.
"""

from app.application import Application
from app.passkeys.challenges import prune_challenges
from app.passkeys.models import Passkey
from app.passkeys.registration import PASSKEY_KIND, count_passkeys
from app.passkeys.relying_party import has_host_name, warn_without_host_name
from app.passkeys.sign_in_views import blueprint
from app.sessions.current import current_user
from app.two_factor.factors import FactorKind, add_factor_kind
from app.unit_of_work.batches import pruning
from app.web.rendering.slots import add_to_slot

ON_SECOND_STEP = "passkeys/components/on_second.html"


def init_app(app: Application) -> None:
    app.register_blueprint(blueprint)
    add_factor_kind(app, FactorKind(PASSKEY_KIND, Passkey, template=ON_SECOND_STEP))
    for page in ("login", "prove", "account", "two_factor"):
        add_to_slot(app, page, f"passkeys/components/on_{page}.html")
    pruning.add(app, ("answered challenges", prune_challenges))
    app.extensions.setdefault("warnings", []).append(warn_without_host_name)
    app.add_template_global(has_host_name, "passkeys_are_available")
    app.add_template_global(lambda: count_passkeys(current_user), "passkeys_count")
