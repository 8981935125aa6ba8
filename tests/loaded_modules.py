"""Which modules the start of the site loads."""

import subprocess
import sys

from tests.serving import ROOT, TIMEOUT, environment


def loaded_by_start(database_url: str, **settings: str) -> set[str]:
    """Return the modules of a site with these settings, before its first request."""
    variables = environment(DATABASE_URL=database_url, **settings)
    command = [sys.executable, "-c", "import sys, wsgi; print(*sys.modules)"]
    printed = subprocess.check_output(command, text=True, cwd=ROOT, env=variables, timeout=TIMEOUT)
    return set(printed.split())
