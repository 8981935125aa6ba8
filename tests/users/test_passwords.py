"""What a password has to be."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.users.passwords import LONGEST_PASSWORD, PasswordRefused, require_good_password


@pytest.mark.parametrize(
    "password", ["a" * 15, "ü" * LONGEST_PASSWORD, "🔐" * 15, "               ", "五" * 15]
)
def test_any_characters_will_do(app: Application, password: str) -> None:
    with app.app_context():
        require_good_password(password)


@pytest.mark.parametrize("password", ["", "a" * 14, "🔐" * 14])
def test_a_short_one_is_refused_with_a_way_out(app: Application, password: str) -> None:
    with app.app_context(), pytest.raises(PasswordRefused, match="at least 15 characters; a few"):
        require_good_password(password)


def test_one_nobody_could_type_is_refused(app: Application) -> None:
    with app.app_context(), pytest.raises(PasswordRefused, match="at most 128"):
        require_good_password("a" * (LONGEST_PASSWORD + 1))


def test_a_site_may_ask_for_less(make_app: Callable[..., Application]) -> None:
    with make_app(PASSWORD_MIN_LENGTH="8").app_context():
        require_good_password("a" * 8)
        with pytest.raises(PasswordRefused, match="at least 8"):
            require_good_password("a" * 7)
