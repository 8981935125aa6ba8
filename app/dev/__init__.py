"""Development tools: /dev/mail, /dev/components and `flask seed`.

The pages do not exist in production; `flask seed` needs --not-development there.
"""

from collections.abc import Iterator

from app.application import Application, this_app
from app.dev.seeding import seed
from app.lazy_modules import lazy_module
from app.users import first_steps_hints
from app.web.rendering.slots import add_to_slot


def init_app(app: Application) -> None:
    if app.debug:
        app.register_blueprint(lazy_module("app.dev.views").blueprint)
        add_to_slot(app, "home", "dev/components/on_home.html")
        add_to_slot(app, "check_mail", "dev/components/on_check_mail.html")
        first_steps_hints.add(app, hint_at_emails)
    app.cli.add_command(seed)


def hint_at_emails() -> Iterator[str]:
    yield f"Emails are not sent. Read them at {this_app().config['BASE_URL']}/dev/mail"
