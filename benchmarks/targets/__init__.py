"""The applications that are compared: each shows a sign-in page, a page and takes a form.

Every one has `/login`, and `/feedback` for people who are signed in: a page of the same size with
a form, whose POST writes one row and redirects. `prepare(addresses, password)` makes the tables
and the people.
"""

import os

DATABASE_URL = os.environ.get("DATABASE_URL", "")
# Without the cost of the hash, to see what else a sign-in costs.
HASHES_CHEAPLY = os.environ.get("HASHING") == "cheap"
SECRET_KEY = "for the benchmark only, 0123456789abcdef"
LONGEST_TEXT = 280
