"""A cookie that names this browser by a random token and signs nobody in."""

from flask import Response, g, request

from app.application import Application
from app.sessions.limits import setting
from app.sessions.store import cookie_name
from app.unit_of_work import rolled_back


class TokenCookie:
    """One such cookie: its name, and the setting that says how long the browser keeps it."""

    def __init__(self, name: str, lifetime: str) -> None:
        self.name = name
        self.lifetime = lifetime

    def init_app(self, app: Application) -> None:
        app.after_request(self._send)
        rolled_back.connect(self._take_back, app)

    @property
    def token(self) -> str | None:
        """Return what the browser brought."""
        return request.cookies.get(cookie_name(self.name))

    def keep(self, token: str) -> None:
        """Have the response carry the token, if the request comes to a good end."""
        setattr(g, self.name, token)

    def _send(self, response: Response) -> Response:
        if self.name in g:
            response.set_cookie(
                cookie_name(self.name),
                g.get(self.name),
                max_age=setting(self.lifetime),
                secure=request.is_secure,
                httponly=True,
                samesite="Lax",
            )
        return response

    def _take_back(self, app: Application) -> None:
        g.pop(self.name, None)
