"""compose.yaml is valid, and its settings, commands and ports match the application."""

import json
import re
from urllib.parse import urlsplit

import pytest
from celery.bin.celery import celery
from compose_spec import PyCompose

from app import create_app
from config import Config
from tests.framework.compose import APPLICATION, ROOT, SERVICES, SITE, read, service
from tests.processes import SECRET_KEY

ROLES = (ROOT / "deploy" / "postgres" / "roles.sql").read_text()


def test_the_file_is_valid() -> None:
    shared = {name: part for name, part in read().items() if not name.startswith("x-")}
    compose = PyCompose.from_json(json.dumps(shared))
    compose.validate_volumes()
    assert list(compose.to_spec().services or {}) == SERVICES


@pytest.mark.parametrize("name", APPLICATION)
def test_a_container_of_the_site_has_few_privileges(name: str) -> None:
    assert service(name)["read_only"]
    assert service(name)["cap_drop"] == ["ALL"]
    assert service(name)["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", APPLICATION)
def test_the_settings_are_valid(name: str) -> None:
    """Host names in URLs are those of services that are started first."""
    given = service(name)["environment"]
    example = dict(
        line.split("=", 1)
        for line in (ROOT / "deploy" / "example.env").read_text().splitlines()
        if "=" in line and not line.startswith("#")
    )
    config = Config({**example, **given, "SECRET_KEY": SECRET_KEY})
    config.refuse_weak_secret()
    for url in (config.DATABASE_URL, config.REDIS_URL, config.CELERY_BROKER_URL):
        assert urlsplit(url).hostname in service(name)["depends_on"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_until_the_others_are_healthy(name: str) -> None:
    """The health check of web is in the Dockerfile."""
    for other, given in service(name).get("depends_on", {}).items():
        assert given["condition"] == "service_healthy"
        assert other == "web" or "healthcheck" in service(other)


@pytest.mark.parametrize("name", SITE)
def test_the_site_signs_in_as_a_role_that_owns_nothing(name: str) -> None:
    given = service("postgres")["environment"]
    url = urlsplit(service(name)["environment"]["DATABASE_URL"])
    assert f"\\set site {url.username}\n" in ROLES
    assert (url.password, url.path) == (given["SITE_PASSWORD"], f"/{given['POSTGRES_DB']}")
    assert "POSTGRES_USER" not in given, "the superuser keeps its default name"


def test_migrations_run_as_the_owner_of_the_tables() -> None:
    given = service("postgres")["environment"]
    url = urlsplit(service("migrate")["environment"]["DATABASE_URL"])
    assert f"\\set owner {url.username}\n" in ROLES
    assert (url.password, url.path) == (given["OWNER_PASSWORD"], f"/{given['POSTGRES_DB']}")
    assert service("migrate")["command"] == ["flask", "db", "upgrade"]
    assert service("migrate")["profiles"], "an operator runs it, before the site starts"


def test_the_roles_are_created_with_the_database() -> None:
    [mounted] = [it for it in service("postgres")["volumes"] if "roles.sql" in it]
    assert mounted.split(":")[1].startswith("/docker-entrypoint-initdb.d/")


@pytest.mark.parametrize("name", SITE)
@pytest.mark.parametrize("password", ["POSTGRES_OWNER_PASSWORD", "POSTGRES_ADMIN_PASSWORD"])
def test_the_site_does_not_know_the_passwords_of_others(name: str, password: str) -> None:
    """The containers read .env, which has them; `environment` overrides that file."""
    assert service(name)["environment"][password] == ""


@pytest.mark.parametrize("name", APPLICATION)
def test_redis_requires_a_password_and_the_site_has_it(name: str) -> None:
    redis = service("redis")
    password = redis["command"][redis["command"].index("--requirepass") + 1]
    assert password == redis["environment"]["REDISCLI_AUTH"] == "REDIS_PASSWORD"
    for setting in ("REDIS_URL", "CELERY_BROKER_URL"):
        assert urlsplit(service(name)["environment"][setting]).password == password


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_celery_has_the_commands(name: str) -> None:
    program, *words = service(name)["command"]
    assert program == "celery"
    assert words[:2] == ["-A", "wsgi:celery"]
    command = celery.commands[words[2]]
    command.make_context(words[2], [*words[3:]], resilient_parsing=True)
    assert service(name)["build"]["args"] == {"EXTRA": "-celery"}, "the image would lack Celery"
    assert (ROOT / "requirements-celery.txt").is_file()


def test_beat_writes_no_file() -> None:
    """Its file system is read-only."""
    app = create_app({"CELERY_BROKER_URL": "redis://127.0.0.1:1/0", "TESTING": True})
    conf = app.extensions["workers"].celery.conf
    assert conf.beat_scheduler == "celery.beat.Scheduler"
    assert {"sweep", "prune"} == set(conf.beat_schedule)


def test_containers_have_time_to_finish_requests_and_jobs() -> None:
    [graceful] = re.findall(r"graceful_timeout = (\d+)", (ROOT / "gunicorn.conf.py").read_text())
    for name in APPLICATION:
        given = int(service(name)["stop_grace_period"].removesuffix("s"))
        assert given > int(graceful)
        assert given > Config.JOB_STOP_LIMIT.total_seconds()
