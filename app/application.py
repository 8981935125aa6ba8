"""Flask, with the three seams on which one request is one unit."""

from collections.abc import Iterable, Iterator
from contextvars import Context
from typing import TYPE_CHECKING, Any

from blinker import Namespace
from flask import Flask, Response, g, has_app_context
from flask.typing import ResponseReturnValue

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

exception_left_view = Namespace().signal("exception-left-view")


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

    def handle_user_exception(self, e: Exception) -> Any:
        """Tell that an exception left the view, before any handler answers it.

        A handler turns the exception into a response, and nothing after it can tell the two apart.
        """
        exception_left_view.send(self, exception=e)
        return super().handle_user_exception(e)

    def process_response(self, response: Response) -> Response:
        """Note which headers are the view's own, before `after_request` functions add theirs."""
        g.headers_of_view = {name.lower() for name, _ in response.headers}
        return super().process_response(response)

    def make_error_response(self, error: Exception, refused: Response) -> Response:
        """Answer `error` in place of a response that the view had finished and that is not true.

        The `after_request` functions have run and do not run again, so what they added is carried
        over, and nothing of the view's. Raises `error` itself where no handler knows it.
        """
        answer: ResponseReturnValue = self.handle_user_exception(error)
        response = self.make_response(answer)
        of_view = g.get("headers_of_view", frozenset())
        for name, value in refused.headers.items():
            if (
                name.lower() not in of_view | {"set-cookie", "vary"}
                and name not in response.headers
            ):
                response.headers.add(name, value)
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
