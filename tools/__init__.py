"""Rename, strip and update this product: `make mine`, `make without`, `make update`.

Standard library and git only, so that they run in a fresh clone. See docs/make-it-yours.md.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # this file also runs on older ones, to say so
    raise SystemExit("Python 3.11 or newer is needed. Name it: make … PYTHON=python3.13")
