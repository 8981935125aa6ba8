"""The second step of signing in and of reauthentication, after the password was verified."""

import re
from datetime import timedelta

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from app.application import Application
from app.audit.models import SecurityEvent
from app.audit.trail import record_regardless
from app.auth.known_devices import find_device
from app.auth.sign_in import PendingSignIn, SignInStep, finish_sign_in, sign_in_steps
from app.auth.throttle import SECOND_STEP, count_attempt, counters, reset_after_success
from app.clock import now
from app.database import db
from app.sessions.cookies import seen_session
from app.sessions.current import current_login
from app.sessions.logins import has_login_by_nonce
from app.two_factor.actions import SECOND_FACTOR_FAILED, SECOND_FACTOR_GUESSED
from app.two_factor.authenticators import accept_code, has_authenticator
from app.two_factor.factors import has_second_factor
from app.two_factor.forms import SecondStepForm
from app.two_factor.pending_sign_in import (
    PendingSecondStep,
    forget_pending,
    is_still_valid,
    save_pending,
)
from app.two_factor.recovery_codes import count_codes, find_code, record_code_used, use_code
from app.two_factor.trusted_devices import find_this_device, trust_this_device
from app.unit_of_work import reading
from app.users.models import User

# The time within which a second submission of the same form counts as a double click.
DOUBLE_CLICK = timedelta(seconds=5)
TOTP_CODE = re.compile(r"[0-9]{6}")
# Wrong codes per day after which the owner gets a warning. Typing errors are fewer.
FAILURES_TO_WARN = 5
FAILURES_PERIOD = timedelta(days=1)


def init_app(app: Application) -> None:
    sign_in_steps.add(app, SignInStep(has_second_factor, require_second_step))
    app.add_template_test(accepts_codes_of, "using_codes")


def require_second_step(sign_in: PendingSignIn) -> ResponseReturnValue | None:
    """Return a response that asks for the second factor, or None if the user has none.

    The user is not signed in before it is verified, except on a trusted device.
    """
    if not has_second_factor(sign_in.user):
        return None
    device = None if sign_in.is_reauthentication else find_this_device(sign_in.user)
    if device is not None:
        response = finish_sign_in(sign_in)
        login = current_login()
        if login is not None:
            device.login_id = login.id
            # A trusted device does not count as reauthentication: critical actions still ask.
            login.authenticated_at = None
        return response
    save_pending(sign_in)
    if not sign_in.saved_form:
        return redirect(url_for("two_factor.second"), 303)
    form = SecondStepForm(
        formdata=None,
        saved_form=sign_in.saved_form,
        asks_to_trust=not sign_in.is_reauthentication,
    )
    return render_template("two_factor/second.html", form=form, pending_sign_in=sign_in)


def accepts_codes_of(user: User) -> bool:
    """Return whether the user has an authenticator app or recovery codes."""
    return has_authenticator(user) or count_codes(user) > 0


def verify_code(pending: PendingSecondStep, code: str, *, address: str) -> bool:
    """Return True, and mark the code as used, if it is a valid TOTP or recovery code.

    Raises TooManyAttempts before the code is compared. These attempts have counters of their own,
    which a correct password does not reset. The caller requests the commit.
    """
    user = pending.sign_in.user
    with reading():
        device = find_device(user.email)
        counted = counters(user.email, address=address, device=device, at=SECOND_STEP)
    count_attempt(counted)
    if not _accept(pending, code):
        if was_sent_twice(pending.sign_in):
            return False
        record_regardless(SECOND_FACTOR_FAILED, user.id)
        warn_of_guesses(user)
        return False
    reset_after_success(counted)
    return True


def was_sent_twice(sign_in: PendingSignIn) -> bool:
    """Return whether the same form, sent a moment ago, has completed the second step already.

    This grants nothing: the first response has set the cookies.
    """
    login = current_login()
    if not sign_in.is_reauthentication:
        return has_login_by_nonce(sign_in.user, seen_session().get("csrf_token"))
    if login is None:
        return False
    db.session.refresh(login)
    return login.was_authenticated_within(DOUBLE_CLICK)


def warn_of_guesses(user: User) -> None:
    """Email the owner at the fifth wrong code of a day (ASVS 5.0 6.3.5).

    The attacker knows the password. More emails would hide this one.
    """
    failures = select(func.count()).where(
        SecurityEvent.user_id == user.id,
        SecurityEvent.action == SECOND_FACTOR_FAILED,
        SecurityEvent.at > now() - FAILURES_PERIOD,
    )
    # The current failure is not stored before this unit of work has ended.
    if db.session.scalar(failures) == FAILURES_TO_WARN - 1:
        record_regardless(SECOND_FACTOR_GUESSED, user.id)


def complete_second_step(
    pending: PendingSecondStep, *, trusts_device: bool
) -> ResponseReturnValue:
    """Finish the sign-in after any second factor was verified.

    The caller has verified with is_still_valid() that nothing has changed meanwhile.
    """
    forget_pending()
    response = finish_sign_in(pending.sign_in)
    if trusts_device and not pending.sign_in.is_reauthentication:
        trust_this_device(pending.sign_in.user, current_login())
    return response


def _accept(pending: PendingSecondStep, code: str) -> bool:
    user = pending.sign_in.user
    typed = "".join(code.split())
    if TOTP_CODE.fullmatch(typed):
        return is_still_valid(pending) and accept_code(user, typed)
    with reading():
        code_id = find_code(user, code)
    if code_id is None or not is_still_valid(pending) or not use_code(code_id):
        return False
    record_code_used(user)
    return True
