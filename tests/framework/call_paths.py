"""Count the files and functions of app/ that a request runs, which a reader has to follow.

`python -m tests.framework.call_paths` prints the numbers, and with -v the functions. Lambdas,
comprehensions and templates are not counted.
"""

import os
import sys
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

from app.application import Application
from tests.client import PASSWORD, Client
from tests.conftest import create_user, migrate, new_app, visitor
from tests.stores import with_signed_cookies

APP = f"{Path(__file__).parent.parent.parent / 'app'}{os.sep}"
EMAIL = "alice@example.com"
# The file, below app/, and the name of a function.
Function = tuple[str, str]


def called(send: Callable[[], Any]) -> set[Function]:
    """Return the functions of app/ that `send` calls in this thread."""
    functions: set[Function] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if code.co_filename.startswith(APP) and not code.co_name.startswith("<"):
            functions.add((code.co_filename.removeprefix(APP), code.co_qualname))

    sys.setprofile(note)
    try:
        send()
    finally:
        sys.setprofile(None)
    return functions


def called_by_any_request(app: Application) -> set[Function]:
    """Return what GET /healthz calls, except its view: no session and no database."""
    client = visitor(app)
    client.get("/healthz")  # the first request fills the caches of the process
    functions = called(lambda: client.get("/healthz"))
    return functions - {("doctor/views.py", "healthz")}


def called_by_sign_in(client: Client, email: str) -> set[Function]:
    """Return what POST /login calls in this browser, and sign out again."""
    fields = client.page("/login").fields_for("/login")
    form = fields | {"email": email, "password": PASSWORD}
    functions = called(lambda: client.post("/login", data=form))
    assert client.is_signed_in
    client.sign_out()
    return functions


def known_device(app: Application, email: str) -> Client:
    """Return a browser that the user has signed in with; this also fills the caches."""
    client = visitor(app)
    for _ in range(2):
        client.sign_in(email)
        client.sign_out()
    return client


def summary(functions: set[Function]) -> str:
    files = {file for file, _ in functions}
    return f"{len(files)} files, {len(functions)} functions"


def listing(functions: set[Function]) -> str:
    by_file = groupby(sorted(functions), key=lambda function: function[0])
    return "\n".join(
        f"  {file}: {', '.join(name for _, name in names)}" for file, names in by_file
    )


def main() -> None:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/calls.sqlite3"
        migrate(url)
        app = with_signed_cookies(new_app(DATABASE_URL=url))
        create_user(url, EMAIL)
        known = known_device(app, EMAIL)
        paths = {
            "any request": called_by_any_request(app),
            "sign-in, known device": called_by_sign_in(known, EMAIL),
            "sign-in, new device": called_by_sign_in(visitor(app), EMAIL),
        }
    for name, functions in paths.items():
        print(f"{name}: {summary(functions)}")
        if "-v" in sys.argv:
            print(listing(functions))


if __name__ == "__main__":
    main()
