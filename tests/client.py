"""A test client that fills in forms as they are on the page, and lints each whole page."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.page import Page, lint, parse

# Of each test user.
PASSWORD = "correct horse battery staple"


class Client(FlaskClient):
    """A browser: its cookies are those of one device."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        is_page = response.mimetype == "text/html" and response.status_code not in range(300, 400)
        if is_page and b"<html" in response.data:
            lint(response.text, f"{response.request.method} {response.request.path}")
        return response

    def page(self, path: str, status: int = 200) -> Page:
        response = self.get(path)
        assert response.status_code == status, f"{path} returned {response.status}"
        return parse(response.text)

    def submit(self, path: str, /, **fields: Any) -> TestResponse:
        """Open the page and send its form, with `fields` filled in."""
        filled = self.page(path).fields_for(path) | fields
        return self.post(path, data=filled)

    def csrf_token(self, path: str = "/login") -> str:
        return self.page(path).fields_for(None)["csrf_token"]

    def sign_in(
        self, email: str, password: str = PASSWORD, *, remember: bool = False, **fields: str
    ) -> TestResponse:
        """Send the sign-in form."""
        if remember:
            fields["remember"] = "y"
        return self.submit("/login", email=email, password=password, **fields)

    def sign_out(self) -> TestResponse:
        return self.post("/logout", data={"csrf_token": self.csrf_token("/")})

    @property
    def is_signed_in(self) -> bool:
        """Return whether this browser can open a page that requires a sign-in."""
        return self.get("/account").status_code == 200
