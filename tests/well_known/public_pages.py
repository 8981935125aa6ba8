"""The URLs that programs request (tests/sessions/test_guards.py)."""

PUBLIC = {
    "well_known.change_password",
    "well_known.favicon",
    "well_known.robots",
    "well_known.security",
}
