"""Open the pages of staff without a second factor, except where a test is about it."""

from tests.conftest import SETTINGS

SETTINGS["STAFF_SECOND_FACTOR"] = False
