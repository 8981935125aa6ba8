"""/metrics for Prometheus."""

from hmac import compare_digest

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from app.monitoring.metrics import exposition
from app.sessions.guards import polling, public

blueprint = Blueprint("monitoring", __name__)


@blueprint.get("/metrics")
@public
@polling
def metrics() -> ResponseReturnValue:
    """Return the metrics if METRICS_TOKEN is set and sent as a bearer token, else 404.

    A rule such as "loopback only" would not do: behind a proxy on the same machine, every request
    comes from there. 404 and not 401, so that the page does not reveal itself.
    """
    token = current_app.config["METRICS_TOKEN"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not compare_digest(given.encode(), token.encode()):
        abort(404)
    return Response(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")
