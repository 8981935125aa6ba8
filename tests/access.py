"""Access to the routes of the parts that cannot be removed (tests/framework/access_table.py)."""

TABLE = """
                                  visitor     user
GET /                                 200      200
GET /account                      sign-in      200
POST /account                     sign-in      303
GET /account/delete               sign-in      200
POST /account/delete              sign-in      303
GET /account/email                sign-in      200
POST /account/email               sign-in      422
GET /account/email/keep/<token>       410      410
POST /account/email/keep/<token>      410      410
POST /account/email/retry         sign-in      303
GET /account/password             sign-in      200
POST /account/password            sign-in      422
GET /check-mail                       200      200
POST /check-mail                      422      422
GET /confirm/<token>                  410      410
POST /confirm/<token>                 410      410
GET /devices                      sign-in      200
POST /devices/<int:login_id>/end  sign-in      404
POST /devices/end-others          sign-in      303
GET /healthz                          200      200
GET /login                            200      302
POST /login                           422      422
POST /logout                          303      303
GET /preferences                      200      200
POST /preferences                     303      303
GET /prove                        sign-in      200
POST /prove                       sign-in      422
GET /readyz                           200      200
GET /register                         200      200
POST /register                        422      422
GET /reset                            200      200
POST /reset                           422      422
GET /reset/<token>                    410      410
POST /reset/<token>                   410      410
GET /stay                         sign-in      200
POST /stay                        sign-in      303
"""
