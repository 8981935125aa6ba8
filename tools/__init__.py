"""Rename, strip, update and extend this product: make mine, without, update, feature.

Standard library and git only, so that they run in a fresh clone. See docs/make-it-yours.md
and docs/features.md.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # this file also runs on older ones, to say so
    raise SystemExit("Python 3.11 or newer is needed. Name it: make … PYTHON=python3.13")
