"""/healthz for whoever restarts the process, /readyz for whoever sends it people, /metrics."""

from hmac import compare_digest

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from app.doctor.checks import examine
from app.doctor.connections import check_database, check_redis
from app.doctor.findings import Weight
from app.jobs.background import this_app
from app.monitoring.metrics import exposition
from app.sessions.guards import polling, public

blueprint = Blueprint("monitoring", __name__)


@blueprint.get("/healthz")
@public
@polling
def healthz() -> ResponseReturnValue:
    """Say that this process is alive. It asks nobody: a restart mends no database."""
    return {"status": "alive"}


@blueprint.get("/readyz")
@public
@polling
def readyz() -> ResponseReturnValue:
    """Say whether people may be sent here: database, migrations and Redis; 503 with which one."""
    findings = list(examine(this_app(), (check_database, check_redis)))
    wrong = [finding.about for finding in findings if finding.weight is Weight.WRONG]
    if wrong:
        return {"status": "not ready", "because": wrong}, 503
    return {"status": "ready"}


@blueprint.get("/metrics")
@public
@polling
def metrics() -> ResponseReturnValue:
    """Tell the numbers to whoever brings METRICS_TOKEN.

    A token and not "loopback only": behind a proxy on the same machine everybody comes from there.
    Without the right one the page is not there, as before a stranger it should not be.
    """
    token = current_app.config["METRICS_TOKEN"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not compare_digest(given.encode(), token.encode()):
        abort(404)
    return Response(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")
