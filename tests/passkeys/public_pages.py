"""The pages of passkeys that visitors may open (tests/sessions/test_guards.py)."""

PUBLIC = {"passkeys.login", "passkeys.second"}
