"""Words that are translated when they are shown, and not when the module is loaded."""

from typing import cast

from flask_babel import lazy_gettext


def lazy(text: str) -> str:
    """Return the text as it will read in the language of whoever sees it.

    It behaves as a str and is typed as one, because form libraries ask for that.
    """
    return cast(str, lazy_gettext(text))
