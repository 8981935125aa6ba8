"""Add topics to the site of the browser tests."""

from tests.mail_topics.weekly import init_app as init_app
