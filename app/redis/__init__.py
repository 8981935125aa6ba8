"""Redis, if REDIS_URL is set: rate limits are counted in it, and sessions can be stored in it."""

from app.application import Application
from app.checks import readiness_checks, setting_checks
from app.redis import checks, client
from app.redis.rate_limits import RedisCounter
from app.redis.sessions import RedisSessions
from app.redis.settings import Settings, refuse_missing_url
from app.web.rate_limits import counters

SETTINGS = Settings


def init_app(app: Application) -> None:
    refuse_missing_url(app.config)
    if app.config["REDIS_URL"]:
        client.init_app(app)
        counters.add(app, RedisCounter(app))
        setting_checks.add(app, checks.check_rate_limits)
        readiness_checks.add(app, checks.check_server)
    if app.config["SESSION_STORE"] == "redis":
        app.session_interface = RedisSessions()
