"""The pages of the second step that visitors may open (tests/sessions/test_guards.py)."""

PUBLIC = {"two_factor.second"}
