"""A browser for tests: fills in forms as they stand, and lints every page it is given."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.page import Page, lint


class Client(FlaskClient):
    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        is_page = response.mimetype == "text/html" and response.status_code not in range(300, 400)
        if is_page and response.data and response.request.method != "HEAD":
            lint(response.text, f"{response.request.method} {response.request.path}")
        return response

    def page(self, path: str, status: int = 200) -> Page:
        """Open a page and return what is on it."""
        response = self.get(path)
        assert response.status_code == status, f"{path} answered {response.status}"
        return Page(response.text)

    def submit(self, path: str, /, **fields: Any) -> TestResponse:
        """Send a form as it stands on the page, with `fields` filled in."""
        filled = self.page(path).fields_for(path) | fields
        return self.post(path, data=filled)

    def csrf_token(self, path: str = "/login") -> str:
        return self.page(path).fields_for(None)["csrf_token"]
