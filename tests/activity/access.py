"""Access to the routes of this part (tests/framework/access_table.py)."""

TABLE = """
               visitor     user
GET /activity  sign-in      200
"""
