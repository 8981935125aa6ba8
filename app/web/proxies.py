"""Whom we believe about where a request came from, and under which names we answer."""

import re
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from flask import abort, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

from app.application import Application
from app.web.networks import plain_address

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# A label is between dots, and has 1 to 63 characters (RFC 1035, 2.3.4).
NO_NAME = re.compile(r"^\.|\.\.|[^.:]{64}")


def init_app(app: Application) -> None:
    app.wsgi_app = without_impossible_host(app.wsgi_app)  # type: ignore[method-assign, assignment]  # Flask asks for it
    app.wsgi_app = with_plain_address(app.wsgi_app)  # type: ignore[method-assign, assignment]  # Flask asks for it
    trust_proxies(app, app.config["TRUSTED_PROXIES"])
    names = app.config["TRUSTED_HOSTS"]
    # Flask would refuse so early that no error page can be made: it answers 500 instead of 400.
    app.config["TRUSTED_HOSTS"] = None
    if names:
        app.before_request(partial(refuse_other_names, names))


def without_impossible_host(serve: "WSGIApplication") -> "WSGIApplication":
    """Take away a Host that no host can have; Flask refuses it too early for an error page."""

    def serve_without(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if NO_NAME.search(environ.get("HTTP_HOST", "")):
            environ["HTTP_HOST"] = ""
        return serve(environ, start_response)

    return serve_without


def with_plain_address(serve: "WSGIApplication") -> "WSGIApplication":
    """Leave in REMOTE_ADDR the client's address and nothing else, or nothing at all.

    What a proxy passed on may have a port, which differs with each connection, or be any text.
    """

    def serve_with(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["REMOTE_ADDR"] = plain_address(environ.get("REMOTE_ADDR") or "")
        return serve(environ, start_response)

    return serve_with


def refuse_other_names(names: tuple[str, ...]) -> None:
    """Answer 400 to whoever asks for a site of another name (ASVS 5.0 V13)."""
    if not host_is_trusted(request.host, names):
        abort(400)


def trust_proxies(app: Application, count: int) -> None:
    """Take the client's address from as many proxies as there are, and the scheme from the last.

    Each proxy adds to X-Forwarded-For, and most replace X-Forwarded-Proto. X-Forwarded-Host is
    never believed: proxies pass Host itself, and many let through what a stranger wrote there.
    """
    if count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask asks for it
            app.wsgi_app, x_for=count, x_proto=1, x_host=0, x_port=0, x_prefix=0
        )
