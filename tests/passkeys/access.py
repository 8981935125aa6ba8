"""Access to the routes of this part (tests/framework/access_table.py)."""

TABLE = """
                                        visitor     user
GET /login/passkey                          302      302
POST /login/passkey                         422      422
GET /login/second/passkey                   303      303
POST /login/second/passkey                  303      303
GET /passkeys                           sign-in      200
POST /passkeys                          sign-in      422
GET /passkeys/<int:passkey_id>          sign-in      404
POST /passkeys/<int:passkey_id>         sign-in      404
POST /passkeys/<int:passkey_id>/remove  sign-in      404
GET /passkeys/new                       sign-in      302
POST /passkeys/password/remove          sign-in      303
GET /prove/passkey                      sign-in      302
POST /prove/passkey                     sign-in      422
"""
