"""Input for the form of the second step (tests/framework/test_input_size.py)."""

from app.two_factor.recovery_codes import _normalize as normalize_code

PLAUSIBLE = {"code": "123456"}
PRIMITIVES = {"normalize_code": normalize_code}
