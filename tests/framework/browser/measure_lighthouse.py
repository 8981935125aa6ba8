"""Run Lighthouse with a throttled phone against gunicorn: `make lighthouse`.

Performance is measured up to three times, because it depends on the load of the machine.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.framework.browser.conftest import ARGUMENTS, CHROMIUM
from tests.framework.browser.served_site import Site

LIGHTHOUSE = Path(__file__).parent.parent.parent / "lighthouse/node_modules/.bin/lighthouse"
MIN_SCORES = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
TIMINGS = ("first-contentful-paint", "largest-contentful-paint", "cumulative-layout-shift")
MAX_TRIES = 3


def examine(url: str, cookies: str, report: Path) -> tuple[dict[str, int], list[str]]:
    """Return the score of each category, the timings, and the failed audits."""
    options = [
        "--output=json",
        f"--output-path={report}",
        f"--only-categories={','.join(MIN_SCORES)}",
    ]
    browser = f"--chrome-flags={' '.join(['--headless=new', *ARGUMENTS])}"
    headers = f"--extra-headers={json.dumps({'Cookie': cookies})}"
    command = [str(LIGHTHOUSE), url, "--quiet", *options, browser, *([headers] if cookies else [])]
    subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": str(CHROMIUM)})
    found = json.loads(report.read_text())
    scores = {name: round(100 * found["categories"][name]["score"]) for name in MIN_SCORES}
    audits = found["audits"]
    wrong = [f"{name}: {it['title']}" for name, it in audits.items() if it["score"] == 0]
    return scores, [*(f"{name}: {audits[name]['displayValue']}" for name in TIMINGS), *wrong]


@pytest.mark.parametrize(
    ("path", "person"), [("/", None), ("/login", None), ("/account", "alice")]
)
def test_a_page_has_the_minimal_scores(
    path: str,
    person: str | None,
    site: Site,
    context: BrowserContext,
    people: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if person:
        site.sign_in(context, person)
    cookies = "; ".join(f"{it['name']}={it['value']}" for it in context.cookies())
    for _ in range(MAX_TRIES):
        scores, found = examine(f"{site.url}{path}", cookies, tmp_path / "report.json")
        if scores["performance"] >= MIN_SCORES["performance"]:
            break
    with capsys.disabled():
        print(f"\n{path:9}", scores, *found[: len(TIMINGS)], sep="  ")
    assert all(scores[name] >= least for name, least in MIN_SCORES.items()), found
