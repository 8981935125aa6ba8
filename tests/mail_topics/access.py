"""Access to the routes of this part (tests/framework/access_table.py)."""

TABLE = """
                           visitor     user
GET /account/mail          sign-in      404
POST /account/mail         sign-in      404
GET /unsubscribe/<token>       400      400
POST /unsubscribe/<token>      400      400
"""
# The token in the URL is the permission (tests/sessions/test_guards.py).
WITHOUT_CSRF_TOKEN = {"mail_topics.unsubscribe"}
