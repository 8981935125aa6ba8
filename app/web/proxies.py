"""The client address, the scheme and the host of a request, as trusted proxies report them."""

import re
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from flask import abort, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted
from werkzeug.wsgi import get_content_length

from app.application import Application
from app.web.networks import plain_address

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# A label is the text between two dots, and has 1 to 63 characters (RFC 1035, 2.3.4).
INVALID_HOST = re.compile(r"^\.|\.\.|[^.:]{64}")


def init_app(app: Application) -> None:
    app.wsgi_app = normalize_environ(app.wsgi_app)  # type: ignore[method-assign, assignment]  # documented by Flask
    trust_proxies(app, app.config["TRUSTED_PROXIES"])
    hosts = app.config["TRUSTED_HOSTS"]
    # Flask would check too early for an error page: the response would be 500 instead of 400.
    app.config["TRUSTED_HOSTS"] = None
    if hosts:
        app.before_request(partial(reject_untrusted_host, hosts))


def normalize_environ(serve: "WSGIApplication") -> "WSGIApplication":
    """Correct the values of the WSGI environment that Flask would reject or misread."""

    def serve_normalized(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        # Flask rejects an invalid host too early for an error page.
        if INVALID_HOST.search(environ.get("HTTP_HOST", "")):
            environ["HTTP_HOST"] = ""
        # A proxy may pass a port, which differs for each connection, or any other text.
        environ["REMOTE_ADDR"] = plain_address(environ.get("REMOTE_ADDR") or "")
        # With this key, Werkzeug does not compare the body with its Content-Length, and takes the
        # end of a broken connection for the end of the body. "" is a header that was not sent.
        if environ.get("CONTENT_LENGTH") and get_content_length(environ) is not None:
            environ.pop("wsgi.input_terminated", None)
        return serve(environ, start_response)

    return serve_normalized


def reject_untrusted_host(hosts: tuple[str, ...]) -> None:
    """Respond with 400 to a request for a host that is not in TRUSTED_HOSTS (ASVS 5.0 V13)."""
    if not host_is_trusted(request.host, hosts):
        abort(400)


def trust_proxies(app: Application, count: int) -> None:
    """Take the client's address from the last `count` proxies, and the scheme from the last one.

    Each proxy adds to X-Forwarded-For, and most replace X-Forwarded-Proto. X-Forwarded-Host is
    never used: proxies pass Host itself, and many forward whatever a client wrote there.
    """
    if count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # documented by Flask
            app.wsgi_app, x_for=count, x_proto=1, x_host=0, x_port=0, x_prefix=0
        )
