"""compose.yaml is valid, and its settings, commands and ports match the application."""

import json
import re
from urllib.parse import urlsplit

import pytest
from compose_spec import PyCompose

from app import declared_settings
from config import Config
from tests.framework.compose import APPLICATION, ROOT, SERVICES, SITE, read, service
from tests.processes import SECRET_KEY

# Servers, each with the setting that names it.
SERVERS = {
    "postgres": "DATABASE_URL",
    "redis": "REDIS_URL",  # part: redis
    "broker": "CELERY_BROKER_URL",  # part: celery
}
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
    settings = service(name)["environment"]
    example = dict(
        line.split("=", 1)
        for line in (ROOT / "deploy" / "example.env").read_text().splitlines()
        if "=" in line and not line.startswith("#")
    )
    config = Config({**example, **settings, "SECRET_KEY": SECRET_KEY}, *declared_settings())
    config.refuse_weak_secret()
    for server, setting in SERVERS.items():
        assert urlsplit(getattr(config, setting)).hostname == server
    assert set(service(name)["depends_on"]) == set(SERVERS)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_until_the_others_are_healthy(name: str) -> None:
    """The health check of web is in the Dockerfile."""
    for other, dependency in service(name).get("depends_on", {}).items():
        assert dependency["condition"] == "service_healthy"
        assert other == "web" or "healthcheck" in service(other)


@pytest.mark.parametrize("name", SITE)
def test_the_site_signs_in_as_a_role_that_owns_nothing(name: str) -> None:
    settings = service("postgres")["environment"]
    url = urlsplit(service(name)["environment"]["DATABASE_URL"])
    assert f"\\set site {url.username}\n" in ROLES
    assert (url.password, url.path) == (settings["SITE_PASSWORD"], f"/{settings['POSTGRES_DB']}")
    assert "POSTGRES_USER" not in settings, "the superuser keeps its default name"


def test_migrations_run_as_the_owner_of_the_tables() -> None:
    settings = service("postgres")["environment"]
    url = urlsplit(service("migrate")["environment"]["DATABASE_URL"])
    assert f"\\set owner {url.username}\n" in ROLES
    assert (url.password, url.path) == (settings["OWNER_PASSWORD"], f"/{settings['POSTGRES_DB']}")
    assert service("migrate")["command"] == ["flask", "db", "upgrade"]
    assert service("migrate")["profiles"], "an operator runs it, before the site starts"


def test_the_roles_are_created_with_the_database() -> None:
    [mounted] = [it for it in service("postgres")["volumes"] if "roles.sql" in it]
    assert mounted.split(":")[1].startswith("/docker-entrypoint-initdb.d/")


@pytest.mark.parametrize("name", SITE)
@pytest.mark.parametrize("password", ["POSTGRES_OWNER_PASSWORD", "POSTGRES_ADMIN_PASSWORD"])
def test_the_site_has_no_passwords_of_other_services(name: str, password: str) -> None:
    """The containers read .env, which has them; `environment` overrides that file."""
    assert service(name)["environment"][password] == ""


@pytest.mark.parametrize("name", APPLICATION)
@pytest.mark.parametrize("server", [name for name in SERVERS if name != "postgres"])
def test_a_server_requires_a_password_and_the_site_has_it(name: str, server: str) -> None:
    started = service(server)
    password = started["command"][started["command"].index("--requirepass") + 1]
    assert password == f"{server.upper()}_PASSWORD"
    assert password in started["environment"].values(), "the health check signs in too"
    assert urlsplit(service(name)["environment"][SERVERS[server]]).password == password


def test_containers_have_time_to_finish_requests_and_jobs() -> None:
    [graceful] = re.findall(r"graceful_timeout = (\d+)", (ROOT / "gunicorn.conf.py").read_text())
    for name in APPLICATION:
        grace_period = int(service(name)["stop_grace_period"].removesuffix("s"))
        assert grace_period > int(graceful)
        assert grace_period > Config.JOB_STOP_LIMIT.total_seconds()
