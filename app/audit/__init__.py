"""What happened, and from where: the record of security events.

The page that shows it to people, `audit.views`, is a part of its own. It has to know who is signed
in, while being signed in is itself something that is recorded.
"""

from app.application import Application
from app.audit import commands


def init_app(app: Application) -> None:
    app.cli.add_command(commands.audit)
