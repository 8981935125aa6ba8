"""The site that the browser opens, with the additions of the tests of its parts."""

from tests.contributions import contributed
from wsgi import app as app

for init_app in contributed("browser_site", "init_app"):
    init_app(app)
