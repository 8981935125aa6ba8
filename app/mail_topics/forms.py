"""The form on which users choose topics."""

from typing import Any

from wtforms import SelectMultipleField

from app.mail.topics import topics
from app.web.forms import Form
from app.web.i18n import lazy_gettext as _


class TopicsForm(Form):
    topics = SelectMultipleField(_("Topics"))

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.topics.choices = [(topic.name, topic.title) for topic in topics.items()]
