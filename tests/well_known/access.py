"""Access to the routes of this part (tests/framework/access_table.py)."""

TABLE = """
                                  visitor     user
GET /.well-known/change-password      302      302
GET /.well-known/security.txt         200      200
GET /favicon.ico                      302      302
GET /robots.txt                       200      200
"""
