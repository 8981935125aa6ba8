"""The statements that this part adds to pages (tests/framework/test_budget.py).

The account page finds whether the user has a role, to show the link to the pages of staff.
"""

STATEMENTS = {"/account": 1}
