"""Optional email: users choose its topics, and unsubscribe in one click without signing in.

The pages exist once a part or the product has declared a topic (app/mail/topics.py).
"""

from app.application import Application
from app.mail.topics import Subscriptions, subscriptions, topics
from app.mail_topics import views
from app.mail_topics.choices import is_wanted
from app.mail_topics.commands import mail_topics
from app.mail_topics.optional_mail import find_subscription
from app.mail_topics.settings import Settings
from app.web.rendering.slots import add_to_slot

SETTINGS = Settings


def init_app(app: Application) -> None:
    app.register_blueprint(views.blueprint)
    subscriptions.add(app, Subscriptions(find=find_subscription, is_wanted=is_wanted))
    app.add_template_global(topics.items, "mail_topics")
    app.cli.add_command(mail_topics)
    add_to_slot(app, "account", "mail_topics/components/account.html")
