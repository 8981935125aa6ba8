"""The settings that `django-admin startproject` writes, for production, without the admin."""

import os
from urllib.parse import urlsplit

from benchmarks.targets import DATABASE_URL, HASHES_CHEAPLY
from benchmarks.targets import SECRET_KEY as SECRET_KEY

url = urlsplit(DATABASE_URL)
IS_POSTGRESQL = url.scheme.startswith("postgresql")
SQLITE_OPTIONS = {
    "init_command": "PRAGMA journal_mode=WAL",
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
}
DATABASES = {
    "default": {
        "ENGINE": f"django.db.backends.{'postgresql' if IS_POSTGRESQL else 'sqlite3'}",
        "NAME": url.path[1:],
        "USER": url.username or os.environ.get("PGUSER", ""),
        "PASSWORD": url.password or "",
        "HOST": url.hostname or "",
        "PORT": url.port or "",
        "ATOMIC_REQUESTS": True,
        # Connections stay open, as in the other targets. By default each request opens one.
        "CONN_MAX_AGE": None,
        # On SQLite, without these, concurrent writes fail with "database is locked".
        "OPTIONS": {} if IS_POSTGRESQL else SQLITE_OPTIONS,
    }
}
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "benchmarks.targets.django_site",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
if HASHES_CHEAPLY:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROOT_URLCONF = "benchmarks.targets.django_site.urls"
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/feedback"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
STATIC_URL = "static/"
