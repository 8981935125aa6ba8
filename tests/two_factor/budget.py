"""The statements that this part adds to pages (tests/framework/test_budget.py).

Pages about the account find the factors of the user, which are ways to reauthenticate; the page of
devices finds those that the user trusts.
"""

STATEMENTS = {"/account": 1, "/account/password": 1, "/devices": 1, "POST /login": 1}
