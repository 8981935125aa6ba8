"""The pages of optional email that visitors may open (tests/sessions/test_guards.py)."""

PUBLIC = {"mail_topics.unsubscribe"}
WITHOUT_CSRF_TOKEN = {"mail_topics.unsubscribe"}
