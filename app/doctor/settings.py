"""Check combinations of settings. config.py rejects values that are invalid on their own."""

from collections.abc import Iterator

from app.application import Application
from app.checks import Finding, error, ok, warning
from app.web.rate_limits import counters

# Words in the secret keys of examples and tutorials.
SAMPLES = ("change", "secret", "example", "password", "your-", "replace")


def check_secret(app: Application) -> Iterator[Finding]:
    keys = [app.config["SECRET_KEY"], *app.config["SECRET_KEY_FALLBACKS"]]
    if any(sample in key.lower() for key in keys for sample in SAMPLES):
        yield error(
            "SECRET_KEY comes from an example, so attackers may know it. Generate one with "
            "`python -c 'import secrets; print(secrets.token_urlsafe(32))'`."
        )
    else:
        yield ok("SECRET_KEY is long enough and does not come from an example.")


def check_https(app: Application) -> Iterator[Finding]:
    if not app.config["BASE_URL"].startswith("https://"):
        yield warning("BASE_URL is not https: passwords and cookies are sent unencrypted.")
    elif not app.config["TRUSTED_PROXIES"]:
        yield warning(
            "BASE_URL is https but TRUSTED_PROXIES is 0: behind a proxy, requests count as http, "
            "cookies are not Secure, and every request has the proxy's IP address."
        )
    else:
        yield ok("BASE_URL is https, and TRUSTED_PROXIES is set.")
    if not app.config["TRUSTED_HOSTS"]:
        yield warning("TRUSTED_HOSTS is empty: the site accepts any Host header.")


def check_hosts(app: Application) -> Iterator[Finding]:
    hosts = app.config["HOSTS"]
    if hosts > 1 and app.config["DATABASE_URL"].startswith("sqlite"):
        yield error(
            f"DATABASE_URL is SQLite but HOSTS is {hosts}: each host would have its own data. "
            "Use PostgreSQL."
        )
    if hosts > 1 and app.config["MAIL_URL"].startswith("file:"):
        yield warning(f"MAIL_URL is a folder but HOSTS is {hosts}: each host has its own emails.")


def check_rate_limits(app: Application) -> Iterator[Finding]:
    if not app.config["RATE_LIMITS_ENABLED"]:
        yield warning("RATE_LIMITS_ENABLED is false: no request is rate limited.")
    if not counters.items(app):
        yield ok("Rate limits are counted in the database, for all processes together.")


def check_optional(app: Application) -> Iterator[Finding]:
    if not app.config["MAIL_URL"]:
        yield warning("MAIL_URL is not set: emails wait in the outbox and none is sent.")
    if app.debug:
        yield warning("Debug mode is on: never use it in production.")
