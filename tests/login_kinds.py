"""The kinds of login: remembered, and not. They are the parameters of a fixture."""

import pytest

LOGIN_KINDS = [
    pytest.param({}, id="not remembered"),
    pytest.param({"remember": "y"}, id="remembered"),
]
