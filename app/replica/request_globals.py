"""The name that the replica adds to `g`."""

from typing import cast

from flask import g as flask_g

from app.request_globals import RequestGlobals


class ReplicaGlobals(RequestGlobals):
    # Whether this request reads from the replica, decided once.
    reads_from_replica: bool | None = None


g = cast(ReplicaGlobals, flask_g)
