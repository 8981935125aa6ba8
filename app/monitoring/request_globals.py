"""The name that monitoring adds to `g`."""

from typing import cast

from flask import g as flask_g

from app.request_globals import RequestGlobals


class MonitoringGlobals(RequestGlobals):
    # Whether this request is counted as in progress.
    in_flight: bool = False


g = cast(MonitoringGlobals, flask_g)
