"""What the site of the browser tests needs, so that it has topics."""

from tests.mail_topics.weekly import init_app as init_app
