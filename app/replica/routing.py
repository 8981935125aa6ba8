"""Which requests read from the replica.

Only GET requests do. After a write, the same browser reads from the primary for a while, because
the replica may not have the change yet. A replica that is down or behind is not used: one request
per second checks it, and all others use the result. So a login session that was ended on one
device may still be seen on another for about a second.
"""

from typing import cast

from flask import Response, current_app, has_request_context, request
from sqlalchemy import Connection, Engine, event

from app import expiring
from app.application import Application
from app.database import READING, add_reading_engine, db, reading_routes
from app.replica.health import Replica
from app.replica.request_globals import ReplicaGlobals, g
from app.replica.settings import url_of_replica

REPLICA = "replica"
WROTE = "lockstep.wrote"


def init_app(app: Application) -> None:
    """Route reads and watch for commits, before any other part listens, so that none is missed."""
    app.declare_globals(ReplicaGlobals)
    url = url_of_replica(app.config)
    if not url:
        return
    engine = add_reading_engine(app, REPLICA, url)
    with app.app_context():
        app.extensions[REPLICA] = Replica(engine, primary=db.engines[READING])
        event.listen(db.engine, "commit", note_write)
    app.after_request(remember_write)
    reading_routes.add(app, engine_of_replica)


def engine_of_replica() -> Engine | None:
    """Return the engine of the replica if this request reads from it."""
    replica = cast(Replica, current_app.extensions[REPLICA])
    return replica.engine if has_request_context() and reads_from(replica) else None


def reads_from(replica: Replica) -> bool:
    """Return whether this request reads from the replica; decided once, by its first query."""
    if g.reads_from_replica is None:
        g.reads_from_replica = (
            request.method in {"GET", "HEAD", "OPTIONS"}
            and not has_just_written()
            and replica.is_usable()
        )
    return g.reads_from_replica


def has_just_written() -> bool:
    """Return whether this browser has just written. Reading the session adds `Vary: Cookie`."""
    return bool(g.cookie_session) and expiring.get(WROTE) is not None


def note_write(connection: Connection) -> None:
    """Record it in the environ, which units inside the request share, unlike `g`."""
    if has_request_context():
        request.environ[WROTE] = True


def remember_write(response: Response) -> Response:
    """Make this browser read from the primary until the replica has the change too."""
    if WROTE in request.environ and response.status_code < 400:
        expiring.put(WROTE, True, current_app.config["PRIMARY_READS_LIFETIME"])
    return response
