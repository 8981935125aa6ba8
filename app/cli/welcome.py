"""What `make run` prints last: the URL of the site, and how to get an account."""

import click
from werkzeug.serving import is_running_from_reloader

from app.application import Application
from app.users import first_steps_hints
from app.users.accounts import has_users


def welcome(app: Application) -> None:
    """Print it in the process that serves, not in the one that watches the files."""
    if app.debug and is_running_from_reloader():
        with app.app_context():
            click.echo(first_steps(app))


def first_steps(app: Application) -> str:
    steps = [f"Open {app.config['BASE_URL']}"]
    if not has_users():
        steps.append(
            "To get an account, run this in another terminal, then sign in:\n"
            "    .venv/bin/flask users create you@example.com"
        )
    for hints in first_steps_hints.items(app):
        steps.extend(hints())
    return "\n".join(steps)
