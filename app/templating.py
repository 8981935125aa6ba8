"""Jinja, with what it asks again and again of each page answered once."""

from functools import partial
from types import FunctionType
from typing import Any

from flask.templating import Environment as FlaskEnvironment
from jinja2.runtime import Context as JinjaContext
from jinja2.runtime import Macro

# What asks for nothing of Jinja's, unless it is marked; a page calls some forty of them.
PLAIN = {FunctionType, partial}


class Context(JinjaContext):
    def call(self, called: Any, /, *args: Any, **values: Any) -> Any:
        """Call it without asking it in four ways whether it wants the context.

        The two values are Jinja's own, for whoever does.
        """
        if type(called) is Macro:
            args = (self.eval_ctx, *args)
        elif type(called) not in PLAIN or hasattr(called, "jinja_pass_arg"):
            return super().call(called, *args, **values)
        values.pop("_block_vars", None)
        values.pop("_loop_vars", None)
        return called(*args, **values)


class Environment(FlaskEnvironment):
    context_class = Context

    def make_globals(self, d: Any) -> Any:
        """Share one mapping of globals for all templates, where Jinja chains another before it,
        which every import then walks along."""
        return super().make_globals(d) if d else self.globals
