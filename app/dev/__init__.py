"""Development tools: /dev/mail, /dev/components and `flask seed`.

The pages do not exist in production; `flask seed` needs --not-development there.
"""

from app.application import Application
from app.dev.seeding import seed
from app.lazy_modules import lazy_module
from app.web.rendering.slots import add_to_slot


def init_app(app: Application) -> None:
    if app.debug:
        app.register_blueprint(lazy_module("app.dev.views").blueprint)
        add_to_slot(app, "home", "dev/components/on_home.html")
    app.cli.add_command(seed)
