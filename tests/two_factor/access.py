"""Access to the routes of this part (tests/framework/access_table.py)."""

TABLE = """
                                           visitor     user
GET /login/second                              303      303
POST /login/second                             303      303
POST /trusted-devices/<int:device_id>/end  sign-in      404
GET /two-factor                            sign-in      200
POST /two-factor                           sign-in      422
GET /two-factor/recovery-codes             sign-in      303
POST /two-factor/recovery-codes            sign-in      303
POST /two-factor/turn-off                  sign-in      303
"""
