"""Load Django and prepare its database."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.targets.django_site.settings"
app = get_wsgi_application()


def prepare(emails: list[str], password: str) -> None:
    # Imported late: Django loads models when the application is created.
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)
    password_hash = make_password(password)
    User.objects.bulk_create(User(username=it, password=password_hash) for it in emails)
