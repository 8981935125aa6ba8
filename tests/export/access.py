"""Access to the routes of this part (tests/framework/access_table.py)."""

TABLE = """
                          visitor     user
GET /account/export       sign-in      200
POST /account/export      sign-in      303
GET /account/export/file  sign-in      404
"""
