"""The second step: after the right password, at signing in and at proving it again."""

import re
from datetime import timedelta

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.application import Application
from app.audit.actions import Action
from app.audit.trail import record, record_regardless
from app.auth.known_devices import find_device
from app.auth.sign_in import PendingSignIn, SignInStep, finish_sign_in, sign_in_steps
from app.auth.throttle import SECOND_STEP, count_attempt, counters, forgive_attempts
from app.database import db
from app.sessions.cookies import seen_session
from app.sessions.current import current_login
from app.sessions.logins import has_login_by_nonce
from app.two_factor.authenticators import accept_code, has_authenticator
from app.two_factor.factors import has_second_factor
from app.two_factor.forms import SecondStepForm
from app.two_factor.guesses import warn_of_guesses
from app.two_factor.pending import Pending, forget_pending, is_still_valid, save_pending
from app.two_factor.recovery_codes import count_codes, find_code, spend_code
from app.two_factor.recovery_mail import mail_code_used
from app.two_factor.trusted_devices import find_this_device, trust_this_device
from app.unit_of_work import reading
from app.users.models import User

# Two presses of a button, on a slow line.
DOUBLE_CLICK = timedelta(seconds=5)
TOTP_CODE = re.compile(r"[0-9]{6}")


def init_app(app: Application) -> None:
    sign_in_steps.add(app, SignInStep(has_second_factor, require_second_step))
    app.add_template_global(accepts_codes_of)


def require_second_step(pending_sign_in: PendingSignIn) -> ResponseReturnValue | None:
    """Ask for the second factor of who has one; nobody is signed in before it is proved."""
    if not has_second_factor(pending_sign_in.user):
        return None
    device = (
        None if pending_sign_in.is_reauthentication else find_this_device(pending_sign_in.user)
    )
    if device is not None:
        answer = finish_sign_in(pending_sign_in)
        login = current_login()
        if login is not None:
            device.login_id = login.id
            # The device stood in for the second factor; whatever is dangerous still asks for it.
            login.authenticated_at = None
        return answer
    save_pending(pending_sign_in)
    if not pending_sign_in.saved_form:
        return redirect(url_for("two_factor.second"), 303)
    form = SecondStepForm(
        formdata=None,
        saved_form=pending_sign_in.saved_form,
        asks_to_trust=not pending_sign_in.is_reauthentication,
    )
    return render_template("two_factor/second.html", form=form, pending_sign_in=pending_sign_in)


def accepts_codes_of(user: User) -> bool:
    """Return whether there is any code that would open the second step."""
    return has_authenticator(user) or count_codes(user) > 0


def verify_code(pending: Pending, code: str, *, address: str) -> bool:
    """Return whether the code is right, and spend it; an authenticator's or a recovery code.

    Raises TooManyAttempts before it is looked at. Tries count by themselves, so that knowing the
    password clears none of them. The caller asks for the commit.
    """
    user = pending.pending_sign_in.user
    with reading():
        device = find_device(user.email)
        counted = counters(user.email, address=address, device=device, at=SECOND_STEP)
    count_attempt(counted)
    if not _accept(pending, code):
        if was_sent_twice(pending.pending_sign_in):
            return False
        record_regardless(Action.SECOND_FACTOR_FAILED, user.id)
        warn_of_guesses(user)
        return False
    forgive_attempts(counted)
    return True


def was_sent_twice(pending_sign_in: PendingSignIn) -> bool:
    """Return whether the same form, sent a moment ago, has done already what it was for.

    Nothing is granted for it: the first answer brought whatever there was to bring.
    """
    login = current_login()
    if not pending_sign_in.is_reauthentication:
        return has_login_by_nonce(pending_sign_in.user, seen_session().get("csrf_token"))
    if login is None:
        return False
    db.session.refresh(login)
    return login.was_authenticated_within(DOUBLE_CLICK)


def complete_second_step(pending: Pending, *, trusts_device: bool) -> ResponseReturnValue:
    """Let in who has proved the second factor, too: by a code, or by what another part knows.

    The caller has made sure that nothing changed meanwhile: still_holds().
    """
    forget_pending()
    answer = finish_sign_in(pending.pending_sign_in)
    if trusts_device and not pending.pending_sign_in.is_reauthentication:
        trust_this_device(pending.pending_sign_in.user, current_login())
    return answer


def _accept(pending: Pending, code: str) -> bool:
    user = pending.pending_sign_in.user
    typed = "".join(code.split())
    if TOTP_CODE.fullmatch(typed):
        return is_still_valid(pending) and accept_code(user, typed)
    with reading():
        code_id = find_code(user, code)
    if code_id is None or not is_still_valid(pending) or not spend_code(code_id):
        return False
    record_code_used(user)
    return True


def record_code_used(user: User) -> None:
    record(Action.RECOVERY_CODE_USED, user.id)
    mail_code_used(user)
