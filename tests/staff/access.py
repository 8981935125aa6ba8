"""Access to the pages of staff (tests/framework/access_table.py)."""

from tests.framework.access_table import new_user

SAMPLES = {"user_id": lambda app: new_user(app).id}

TABLE = """
                                               visitor     user    admin  support  auditor
GET /staff                                     sign-in      404      303      303      303
GET /staff/people                              sign-in      404      200      200      200
GET /staff/people/<int:user_id>                sign-in      404      200      200      200
POST /staff/people/<int:user_id>/disable       sign-in      404      422      404      404
POST /staff/people/<int:user_id>/enable        sign-in      404      422      404      404
POST /staff/people/<int:user_id>/end-logins    sign-in      404      422      422      404
POST /staff/people/<int:user_id>/grant-role    sign-in      404      422      404      404
POST /staff/people/<int:user_id>/reset-factors  sign-in      404      422      404      404
POST /staff/people/<int:user_id>/revoke-role   sign-in      404      422      404      404
POST /staff/people/<int:user_id>/send-reset    sign-in      404      422      422      404
GET /two-factor/keep/<token>                       410      410      410      410      410
POST /two-factor/keep/<token>                      410      410      410      410      410
"""
