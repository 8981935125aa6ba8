"""The kinds of login: in each session store, once remembered and once not."""

import pytest

# The value of SESSION_STORE, and the fields of the sign-in form.
LOGIN_KINDS = [
    pytest.param(("cookie", {}), id="cookie"),
    pytest.param(("cookie", {"remember": "y"}), id="cookie remembered"),
    pytest.param(("redis", {}), id="redis"),
    pytest.param(("redis", {"remember": "y"}), id="redis remembered"),
]
