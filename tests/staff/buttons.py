"""Press the buttons on the lists of staff."""

from tests.client import Client


def press(browser: Client, page: str, action: str, **query: str) -> str:
    """Send the form of a button on this page; return the text of the page that it leads to."""
    form = {"csrf_token": browser.csrf_token(page)}
    response = browser.post(page + action, data=form, query_string=query)
    assert response.status_code == 303, response.text
    return browser.page(response.location).text
