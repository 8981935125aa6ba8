"""Signed in on a device.

The pages about devices, `sessions.views`, are a part of their own: they follow the preferences of
the user, who has to be known first.
"""

from app.application import Application
from app.sessions import commands, cookies, current, guards


def init_app(app: Application) -> None:
    cookies.init_app(app)
    current.init_app(app)
    guards.init_app(app)
    app.cli.add_command(commands.sessions)
