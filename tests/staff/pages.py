"""The tests of pages that are named otherwise (tests/framework/test_pages_and_mails.py)."""

TESTED_WITH = {
    "staff/person": "staff/test_actions",
    "staff/keep_factors": "staff/test_factor_reset",
}
