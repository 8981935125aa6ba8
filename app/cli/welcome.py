"""What `make run` prints last: the URL of the site, and how to get an account."""

import click
from werkzeug.serving import is_running_from_reloader

from app.application import Application
from app.users.accounts import has_users


def welcome(app: Application) -> None:
    """Print it in the process that serves, not in the one that watches the files."""
    if app.debug and is_running_from_reloader():
        with app.app_context():
            click.echo(first_steps(app))


def first_steps(app: Application) -> str:
    url = app.config["BASE_URL"]
    if has_users():
        return f"Open {url}"
    return (
        f"Open {url}\n"
        "To get an account, run this in another terminal, then sign in:\n"
        "    .venv/bin/flask users create you@example.com"
    )
