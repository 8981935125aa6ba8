"""Record the statements that are sent to the database, as the driver sees them."""

import re
from pathlib import Path
from typing import Any

from sqlalchemy import event

from app.application import Application
from app.database import db

# The beginning of a message in libpq's trace. A statement can have several lines.
MESSAGE = re.compile(r"^(?=[FB]\t\d+\t)", re.MULTILINE)
QUERY = re.compile(r'F\t\d+\tQuery\t "(.*)"', re.DOTALL)
PARSE = re.compile(r'F\t\d+\tParse\t "(\w*)" "(.*)" \d', re.DOTALL)
BIND = re.compile(r'F\t\d+\tBind\t "\w*" "(\w*)"')


class SqlTrace:
    """Records the trace of SQLite, or of libpq.

    SQLAlchemy's events would miss what the driver adds, such as BEGIN and ROLLBACK.
    """

    def __init__(self, application: Application, path: Path) -> None:
        self.file = path.open("w+")
        self.start = 0
        self.engines = []
        with application.app_context():
            for engine in db.engines.values():
                engine.dispose()
                event.listen(engine, "connect", self._trace)
                self.engines.append(engine)

    def _trace(self, connection: Any, record: Any) -> None:
        if hasattr(connection, "pgconn"):
            connection.pgconn.trace(self.file.fileno())
            connection.pgconn.set_trace_flags(1)  # without the time of each message
        else:
            connection.set_trace_callback(self._note)

    def _note(self, statement: str) -> None:
        self.file.write(f'F\t0\tQuery\t "{statement}"\n')

    def clear(self) -> None:
        """Discard the statements recorded so far."""
        self.start = len(self._all())

    @property
    def statements(self) -> list[str]:
        """Return every statement since the last clear(), in order."""
        return self._all()[self.start :]

    @property
    def keywords(self) -> list[str]:
        """Return the first keyword of every statement: SELECT, BEGIN, …"""
        return [statement.split(maxsplit=1)[0].upper() for statement in self.statements]

    def _all(self) -> list[str]:
        self.file.flush()
        prepared: dict[str, str] = {}
        found = []
        for message in MESSAGE.split(Path(self.file.name).read_text()):
            if match := QUERY.match(message):
                found.append(match[1])
            elif match := PARSE.match(message):
                prepared[match[1]] = match[2]
            elif match := BIND.match(message):
                found.append(prepared[match[1]])
        return [statement for statement in found if not statement.startswith("PRAGMA")]

    def close(self) -> None:
        for engine in self.engines:
            event.remove(engine, "connect", self._trace)
            engine.dispose()
        self.file.close()
