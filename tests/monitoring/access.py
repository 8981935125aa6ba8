"""Access to the routes of this part (tests/framework/access_table.py)."""

TABLE = """
              visitor     user
GET /healthz      200      200
GET /metrics      404      404
GET /readyz       200      200
"""
