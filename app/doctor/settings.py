"""Checks of what the settings say together. What one says alone is refused by config.py."""

from collections.abc import Iterator

from app.application import Application
from app.doctor.findings import Finding, fine, warning, wrong

# A key as examples and tutorials have it.
SAMPLES = ("change", "secret", "example", "password", "your-", "replace")


def check_secret(app: Application) -> Iterator[Finding]:
    keys = [app.config["SECRET_KEY"], *app.config["SECRET_KEY_FALLBACKS"]]
    if any(sample in key.lower() for key in keys for sample in SAMPLES):
        yield wrong(
            "SECRET_KEY is an example's, and whoever read that can be anybody. Make one with "
            "`python -c 'import secrets; print(secrets.token_urlsafe(32))'`."
        )
    else:
        yield fine("SECRET_KEY is long enough and no example.")


def check_https(app: Application) -> Iterator[Finding]:
    if not app.config["BASE_URL"].startswith("https://"):
        yield warning("BASE_URL is not https: passwords and cookies travel readable.")
    elif not app.config["TRUSTED_PROXIES"]:
        yield warning(
            "BASE_URL is https and TRUSTED_PROXIES is 0: behind a proxy requests count as http, "
            "cookies are not Secure, and everybody seems to come from the proxy's address."
        )
    else:
        yield fine("The site is https, and its proxies are counted.")
    if not app.config["TRUSTED_HOSTS"]:
        yield warning("TRUSTED_HOSTS is empty: the site answers under any name.")


def check_hosts(app: Application) -> Iterator[Finding]:
    hosts = app.config["HOSTS"]
    if hosts > 1 and app.config["DATABASE_URL"].startswith("sqlite"):
        yield wrong(
            f"DATABASE_URL is SQLite and HOSTS is {hosts}: each would have its own data. "
            "Use PostgreSQL."
        )
    if hosts > 1 and app.config["MAIL_URL"].startswith("file:"):
        yield warning(f"MAIL_URL is a folder and HOSTS is {hosts}: mails land on each of them.")
    if app.config["REDIS_URL"]:
        yield fine("Rate limits are counted in Redis, for all processes together.")
    else:
        yield fine("Rate limits are counted in the database, for all processes together.")


def check_optional(app: Application) -> Iterator[Finding]:
    if not app.config["MAIL_URL"]:
        yield warning("MAIL_URL is not set: mails wait in the outbox and none is sent.")
    if not app.config["METRICS_TOKEN"]:
        yield warning("METRICS_TOKEN is not set: there is no /metrics.")
    if app.debug:
        yield warning("Debugging is on: never where strangers come.")
    if not app.config["RATE_LIMITS_ENABLED"]:
        yield warning("RATE_LIMITS_ENABLED is false: nobody is slowed down.")
