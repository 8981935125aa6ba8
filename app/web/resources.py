"""Resources that a request opens when it needs them, and objects that a process creates once.

    @per_request
    def search() -> Iterator[SearchConnection]:
        connection = connect(current_app.config["SEARCH_URL"])
        yield connection
        connection.close()

`search()` opens the connection at its first call in a request, job or command, and returns the
same one afterwards. The code after `yield` runs when the context ends, on every path.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from flask import current_app

from app.application import Application, this_app
from app.request_globals import g

Resource = TypeVar("Resource")


class OpenResource:
    def __init__(self, name: str, opener: AbstractContextManager[Any]) -> None:
        self.name = name
        self.opener = opener
        self.value = opener.__enter__()

    def close(self) -> None:
        """Run the code after `yield`. An error is logged, so that the others are closed too."""
        try:
            self.opener.__exit__(None, None, None)
        except Exception:
            current_app.logger.exception("the resource %s could not be closed", self.name)


def init_app(app: Application) -> None:
    app.teardown_appcontext(close_resources)


def per_request(open_resource: Callable[[], Iterator[Resource]]) -> Callable[[], Resource]:
    """Keep on `g` what a generator yields, and finish the generator when the context ends.

    Each application context has its own: a request, a command, a job, a `unit_of_work()` and a
    thread never share one. An error while opening leaves nothing behind, so the next call tries
    again. Raises RuntimeError outside an application context.
    """
    opener = contextmanager(open_resource)

    @wraps(open_resource)
    def resource() -> Resource:
        if g.resources is None:
            g.resources = {}
        if opener not in g.resources:
            g.resources[opener] = OpenResource(open_resource.__qualname__, opener())
        value: Resource = g.resources[opener].value
        return value

    return resource


def close_resources(error: BaseException | None) -> None:
    """Close in the reverse order of opening, also what closing another resource opens."""
    while g.resources:
        _, resource = g.resources.popitem()
        resource.close()


def per_process(create: Callable[[], Resource]) -> Callable[[], Resource]:
    """Create a thread-safe object at its first use, once in each process of an application.

    For what is expensive to create and may be shared by threads: clients, pools, parsed files.
    A forked process creates its own, because two processes must not share a connection.
    """
    created: WeakKeyDictionary[Application, Resource] = WeakKeyDictionary()
    locks = [Lock()]

    def forget() -> None:
        created.clear()
        locks[0] = Lock()  # another thread of the parent may hold the old one forever

    os.register_at_fork(after_in_child=forget)

    @wraps(create)
    def resource() -> Resource:
        app = this_app()
        if app not in created:
            with locks[0]:
                if app not in created:
                    created[app] = create()
        return created[app]

    return resource
