"""The form on which users choose topics."""

from wtforms import SelectMultipleField

from app.mail.topics import topics
from app.web.forms import Form
from app.web.i18n import lazy_gettext as _


def topic_choices() -> list[tuple[str, str]]:
    return [(topic.name, topic.title) for topic in topics.items()]


class TopicsForm(Form):
    topics = SelectMultipleField(_("Topics"), choices=topic_choices)
