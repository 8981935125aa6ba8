"""Every template of a page and of an email is translated."""

import pytest

from tests.framework.starter import require
from tests.framework.templates import MAILS, PAGES
from tests.languages.catalogs import in_every_language, messages, translation

TEMPLATES = [f"{page}.html" for page in PAGES]
TEMPLATES += [f"{mail}{ending}" for mail in MAILS for ending in (".txt", ".html")]


@in_every_language
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_translated(template: str, locale: str) -> None:
    words = [
        word
        for word in messages(translation(locale)).values()
        if (f"app/templates/{template}", None) in word.locations
    ]
    advice = f"{template} contains no translated text: use _(), and run `make translations`."
    require(bool(words), advice, path=f"templates/{template}")
    missing = [word.id for word in words if not word.string or word.fuzzy]
    advice = f"Translate in {locale}, for {template}: {missing}"
    require(not missing, advice, path=f"templates/{template}")
