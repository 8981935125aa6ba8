"""The statements that this part adds to pages (tests/framework/test_budget.py).

The account page finds whether the user has a role, to show the link to the pages of staff. For a
user with a second factor, which Alice does not have, it also finds whether a reset of it waits.
"""

STATEMENTS = {"/account": 1}
