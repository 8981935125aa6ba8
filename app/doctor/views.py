"""/healthz for liveness probes, /readyz for readiness probes."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.application import this_app
from app.checks import Severity
from app.doctor.checks import check_readiness
from app.sessions.guards import polling, public

blueprint = Blueprint("doctor", __name__)


@blueprint.get("/healthz")
@public
@polling
def healthz() -> ResponseReturnValue:
    """Answer while the process serves. Checks nothing else: a restart repairs no database."""
    return {"status": "alive"}


@blueprint.get("/readyz")
@public
@polling
def readyz() -> ResponseReturnValue:
    """Return 200, or 503 and what is not ready, such as the database or its migrations."""
    findings = check_readiness(this_app())
    failed = [finding.subject for finding in findings if finding.severity is Severity.ERROR]
    if failed:
        return {"status": "not ready", "because": failed}, 503
    return {"status": "ready"}
