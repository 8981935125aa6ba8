"""The Flask subclass: the extension points behind the request contract, and between parts."""

from collections.abc import Callable, Iterable
from contextvars import Context
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from blinker import Namespace
from flask import Flask, Response, after_this_request, current_app, has_app_context
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers

from app.request_globals import RequestGlobals, g

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Item = TypeVar("Item")

# Sent with an exception that leaves a view, before any handler responds: afterwards a returned
# response and a handled exception look the same.
view_raised = Namespace().signal("view-raised")

# Headers that describe one body and would be wrong for another, and cookies, which belong to the
# result that is replaced.
NEVER_CARRIED_OVER = frozenset(
    {
        "accept-ranges",
        "content-encoding",
        "content-language",
        "content-location",
        "content-range",
        "etag",
        "last-modified",
        "set-cookie",
        "vary",
    }
)


class Application(Flask):
    app_ctx_globals_class = RequestGlobals

    def declare_globals(self, names: type) -> None:
        """Add the names of a part to what a request keeps on `g` (app/request_globals.py)."""
        known = self.app_ctx_globals_class
        inherited = known.INHERITED | getattr(names, "INHERITED", frozenset())
        bases, members = (names, known), {"INHERITED": inherited}
        self.app_ctx_globals_class = cast(Any, type("RequestGlobals", bases, members))

    def wsgi_app(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Serve one request, in a context of its own if an application context is already pushed.

        Flask 3.1 lets a request share the application context of a shell or a test, and with it
        `g`, the database session and the user. A server never pushes one.
        """
        if not has_app_context():
            return super().wsgi_app(environ, start_response)
        return Context().run(self._serve_whole, environ, start_response)

    def _serve_whole(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> list[bytes]:
        body = super().wsgi_app(environ, start_response)
        try:
            return list(body)
        finally:
            cast(Any, body).close()

    def handle_user_exception(self, e: Exception) -> Any:
        g.view_failed = True
        view_raised.send(self, exception=e)
        return super().handle_user_exception(e)

    def handle_exception(self, e: Exception) -> Response:
        """Handle what no handler caught, and what `after_request` functions raise."""
        g.view_failed = True
        view_raised.send(self, exception=e)
        return super().handle_exception(e)

    def process_response(self, response: Response) -> Response:
        """Record which headers the view set, before `after_request` functions add theirs."""
        g.view_headers = list(response.headers)
        after_this_request(end_view)
        return super().process_response(response)

    def make_error_response(self, error: Exception, replaced: Response) -> Response:
        """Return a response for `error` that replaces one which is no longer true.

        The `after_request` functions have run and do not run again, so the headers they added are
        kept, and those of the view are dropped. Raises `error` itself if no handler knows it.
        """
        answer: ResponseReturnValue = self.handle_user_exception(error)
        response = self.make_response(answer)
        dropped = {name.lower() for name, _ in [*response.headers, *g.view_headers]}
        dropped |= NEVER_CARRIED_OVER
        for name, value in replaced.headers:
            if name.lower() not in dropped:
                response.headers.add(name, value)
        return response


class ExtensionPoint(Generic[Item]):
    """A list to which parts add items, used by a part that must not import them.

    A part adds its items in `init_app`. Items keep the order of PARTS.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def add(self, app: Flask, *items: Item) -> None:
        app.extensions.setdefault(self.name, []).extend(items)

    def items(self, app: Flask | None = None) -> list[Item]:
        return cast("list[Item]", (app or current_app).extensions.get(self.name, []))


# Functions that yield a sentence for each setting that does not suit their part.
doctor_warnings: ExtensionPoint[Callable[[], Iterable[str]]] = ExtensionPoint("doctor_warnings")


def this_app() -> Application:
    return cast(Any, current_app)._get_current_object()  # type: ignore[no-any-return]  # a proxy


def is_static_file(endpoint: str | None) -> bool:
    return endpoint is not None and (endpoint == "static" or endpoint.endswith(".static"))


def end_view(response: Response) -> Response:
    """Count headers of `after_this_request` as the view's, and undo them if the view failed."""
    names = g.itself
    if names.view_failed:
        response.headers = Headers(names.view_headers)
    else:
        names.view_headers = list(response.headers)
    return response
