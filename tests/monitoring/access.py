"""Access to the routes of this part (tests/framework/access_table.py)."""

TABLE = """
              visitor     user
GET /metrics      404      404
"""
