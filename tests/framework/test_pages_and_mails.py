"""Every page and email has its tests and its states in the browser tests.

Each failure names what is missing. For a page or email of the product it is only advice
(tests/framework/starter.py).
"""

import re
from pathlib import Path

import pytest

from app.audit.actions import KINDS
from tests.contributions import contributed
from tests.framework.starter import require
from tests.framework.templates import MAILS, PAGES, TEMPLATES

ROOT = Path(__file__).parent.parent.parent
# Pages that are a step of a longer process, and the file that tests them.
TESTED_WITH = {
    "accounts/choose_password": "accounts/test_register",
    "accounts/confirm": "accounts/test_email",
    "accounts/link_expired": "accounts/test_register",
    "accounts/set_password": "accounts/test_reset",
    "auth/continue": "sessions/test_saved_forms",
    "auth/prove": "sessions/test_reauthentication",
    "error": "framework/test_errors",
    "send_again": "framework/test_saved_forms",
    "sessions/stay": "sessions/test_expiry",
}
for added in contributed("pages", "TESTED_WITH"):
    TESTED_WITH |= added
MENTIONED_IN_TESTS = "\n".join(
    path.read_text() for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)
)


def subjects(mail: str) -> list[str]:
    """Return the possible subjects in English; that of a notice is the label of its event."""
    first = (TEMPLATES / f"{mail}.txt").read_text().splitlines()[0]
    named = re.fullmatch(r'Subject: \{\{ _\("(.*?)"(?:, .*)?\) \}\}', first)
    return [named[1]] if named else [kind.label.format() for kind in KINDS if kind.is_mailed]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_its_test_file(page: str) -> None:
    feature, _, name = page.rpartition("/")
    test = ROOT / "tests" / f"{TESTED_WITH.get(page, f'{feature}/test_{name}')}.py"
    advice = f"Write {test.relative_to(ROOT)}, or name the file that tests it in TESTED_WITH."
    require(test.is_file(), advice, path=f"templates/{page}.html")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_its_states_for_the_browser(page: str) -> None:
    states = (ROOT / "tests/framework/browser/states").glob("*.py")
    shown = "\n".join(path.read_text() for path in states)
    advice = "Add each state of it to a file in tests/framework/browser/states/."
    require(f'PageState("{page}", ' in shown, advice, path=f"templates/{page}.html")


@pytest.mark.parametrize("mail", MAILS)
def test_an_email_has_a_text_and_an_html_template(mail: str) -> None:
    for ending in (".txt", ".html"):
        exists = (TEMPLATES / f"{mail}{ending}").is_file()
        require(exists, f"{mail}{ending} is missing.", path=f"templates/{mail}{ending}")


@pytest.mark.parametrize("mail", MAILS)
def test_an_email_is_sent_in_some_test(mail: str) -> None:
    if not (TEMPLATES / f"{mail}.txt").is_file():
        pytest.skip("It has no text: test_an_email_has_a_text_and_an_html_template says so.")
    found = [subject.partition("%(")[0].strip() for subject in subjects(mail)]
    is_read = any(subject in MENTIONED_IN_TESTS for subject in found)
    require(
        is_read, f"No test reads an email with the subject {found}.", path=f"templates/{mail}.txt"
    )
