"""Connections to PostgreSQL on which nobody waits for ever.

The server's own limit on statements needs a server that still works, and those of TCP a network
that says when something is lost. A proxy that accepts everything and passes nothing on satisfies
both. So the last word is the client's.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from psycopg import Connection, OperationalError
from sqlalchemy import Engine, event

from app.application import Application
from app.connections import PlainCursor

# What the server has, after it stopped a statement by itself, to say so.
GRACE = timedelta(seconds=2)


class AnswerOverdue(OperationalError):
    """The database did not answer in time; what it did meanwhile nobody knows."""


def limit_waiting(app: Application, engines: Iterable[Engine]) -> None:
    """Have these engines give up on PostgreSQL after STATEMENT_TIMEOUT."""
    for engine in engines:
        if engine.dialect.name == "postgresql":
            _limit_waiting(
                engine, app.config["STATEMENT_TIMEOUT"], app.config["DATABASE_BEHIND_PGBOUNCER"]
            )


def _limit_waiting(engine: Engine, limit: timedelta, behind_pgbouncer: bool) -> None:
    connection_class = _bounded(limit + GRACE)

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, record: Any, words: Any, names: dict[str, Any]) -> Connection[Any]:
        """Limit what can be limited with no round trip: by parameters of the start."""
        milliseconds = limit // timedelta(milliseconds=1)
        names = {
            "keepalives_idle": 5,
            "keepalives_interval": 5,
            "keepalives_count": 2,
            "tcp_user_timeout": milliseconds,
        } | names
        if behind_pgbouncer:
            # It knows neither these nor, in transaction mode, a statement prepared elsewhere.
            names.pop("options", None)
            names["prepare_threshold"] = None
        else:
            options = names.get("options", "")
            names["options"] = f"{options} -c statement_timeout={milliseconds}"
        return connection_class.connect(*words, cursor_factory=PlainCursor, **names)


def _bounded(limit: timedelta) -> type[Connection[Any]]:
    """Return a class of connections that give up on an answer, and are closed then.

    None of them is used again, because the answer may still come.
    """
    seconds = limit.total_seconds()

    class Bounded(Connection[Any]):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            try:
                return super().wait(gen, interval, seconds if timeout is None else timeout)
            except OperationalError as error:
                # psycopg has no public name for it, and its own callers bring a limit.
                if timeout is None and type(error).__name__ == "_WaitTimeout":
                    self.close()
                    raise AnswerOverdue(f"no answer within {seconds:g} seconds") from error
                raise

    return Bounded
