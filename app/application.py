"""Flask, with the three seams on which one request is one unit."""

from collections.abc import Iterable, Iterator
from contextvars import Context
from typing import TYPE_CHECKING, Any

from blinker import Namespace
from flask import Flask, Response, after_this_request, g, has_app_context
from flask.typing import ResponseReturnValue

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

request_begins = Namespace().signal("request-begins")
exception_left_view = Namespace().signal("exception-left-view")

# What describes one body and would be wrong of another, and cookies, which say what was done.
NEVER_CARRIED_OVER = frozenset(
    [
        "accept-ranges",
        "content-encoding",
        "content-language",
        "content-location",
        "content-range",
        "etag",
        "last-modified",
        "set-cookie",
        "vary",
    ]
)


class Application(Flask):
    def wsgi_app(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Serve one request, in a context of its own if an app context is already there.

        Flask 3.1 lets a request share the app context that a shell or a test has pushed, and with
        it `g`, the database session and the person signed in. A server never pushes one.
        """
        if not has_app_context():
            return super().wsgi_app(environ, start_response)
        context = Context()
        return _InContext(context, context.run(super().wsgi_app, environ, start_response))

    def preprocess_request(self) -> ResponseReturnValue | None:
        """Tell that a request begins, before anything of an application's own could ask for it."""
        request_begins.send(self)
        return super().preprocess_request()

    def handle_user_exception(self, e: Exception) -> Any:
        """Tell that an exception left the view, before any handler answers it.

        A handler turns the exception into a response, and nothing after it can tell the two apart.
        """
        g.view_failed = True
        exception_left_view.send(self, exception=e)
        return super().handle_user_exception(e)

    def handle_exception(self, e: Exception) -> Response:
        """Tell the same of what no handler knew and of what `after_request` functions raise."""
        g.view_failed = True
        exception_left_view.send(self, exception=e)
        return super().handle_exception(e)

    def process_response(self, response: Response) -> Response:
        """Keep apart which headers are the view's own, and which `after_request` functions add."""
        g.headers_answered = response.headers.copy()
        after_this_request(_end_view)
        return super().process_response(response)

    def make_error_response(self, error: Exception, refused: Response) -> Response:
        """Answer `error` in place of a response that the view had finished and that is not true.

        The `after_request` functions have run and do not run again, so what they added is carried
        over, and nothing of the view's. Raises `error` itself where no handler knows it.
        """
        answer: ResponseReturnValue = self.handle_user_exception(error)
        response = self.make_response(answer)
        own = {name.lower() for name, _ in response.headers}
        dropped = own | g.headers_of_view | NEVER_CARRIED_OVER
        for name, value in refused.headers:
            if name.lower() not in dropped:
                response.headers.add(name, value)
        return response


def is_file(endpoint: str | None) -> bool:
    """Return whether this is a style sheet, a script or a picture, the same for everybody."""
    return endpoint is not None and (endpoint == "static" or endpoint.endswith(".static"))


def _end_view(response: Response) -> Response:
    """Take what `after_this_request` did as the view's own, and undo it if the view failed."""
    if "view_failed" in g:
        response.headers = g.headers_answered
    g.headers_of_view = {name.lower() for name, _ in response.headers}
    return response


class _InContext:
    """A response body that goes on in the context in which it began."""

    def __init__(self, context: Context, body: Iterable[bytes]) -> None:
        self.context = context
        self.body = body
        self.chunks: Iterator[bytes] = context.run(iter, body)

    def __iter__(self) -> "_InContext":
        return self

    def __next__(self) -> bytes:
        return self.context.run(next, self.chunks)

    def close(self) -> None:
        close = getattr(self.body, "close", None)
        if close is not None:
            self.context.run(close)
