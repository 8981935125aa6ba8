"""The applications that are compared: each has a sign-in page, and a page with a form.

Each serves `/login`, and `/feedback` for signed-in users: a page of about the same size with a
form, whose POST inserts one row and redirects. `prepare(emails, password)` creates the tables and
the users.
"""

import os

DATABASE_URL = os.environ.get("DATABASE_URL", "")
# Whether passwords are hashed cheaply, to measure the rest of a sign-in.
HASHES_CHEAPLY = os.environ.get("HASHING") == "cheap"
SECRET_KEY = "for the benchmark only, 0123456789abcdef"
LONGEST_TEXT = 280
