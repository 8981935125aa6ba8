"""Generate load with wrk, which also checks each response."""

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.browser import Request, UnexpectedResponse
from benchmarks.sites import Site

SCRIPT = """
local requests = {{ {requests} }}
local expected_statuses = {{ {statuses} }}
local threads, n = {{}}, 0
failures = 0
function setup(thread) table.insert(threads, thread) end
function init(args)
  for i, it in ipairs(requests) do requests[i] = wrk.format(it[1], it[2], it[3], it[4]) end
end
function request() n = n % #requests + 1; return requests[n] end
function response(status, headers, body)
  if not expected_statuses[status] or not string.find(body, {expected_text}, 1, true) then
    failures = failures + 1
  end
end
function done(summary, latency, requests)
  local failed = 0
  for _, thread in ipairs(threads) do failed = failed + thread:get("failures") end
  for _, count in pairs(summary.errors) do failed = failed + count end
  io.write(string.format("\\n{{\\"requests\\": %d, \\"seconds\\": %f, \\"failures\\": %d, ",
    summary.requests, summary.duration / 1e6, failed))
  io.write(string.format("\\"p50\\": %f, \\"p99\\": %f}}\\n",
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


@dataclass
class Run:
    """The results of one run of wrk, per request; times in milliseconds."""

    per_second: float
    cpu: float
    database_cpu: float
    p50: float
    p99: float


def require_wrk() -> None:
    if not shutil.which("wrk"):
        raise SystemExit("The benchmark needs wrk. On Debian: apt install wrk")


def load(site: Site, requests: list[Request], connections: int, seconds: float) -> Run:
    """Send these requests in turn. Raises UnexpectedResponse if a response is not as expected."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(make_script(requests))
        script.flush()
        cpu, database_cpu = site.cpu(), site.database_cpu()
        summary = run_wrk(script.name, site.port, connections, seconds)
        if not summary["requests"] and not summary["failures"]:
            # On a busy machine, no request may have finished in so short a time.
            return load(site, requests, connections, seconds * 2)
        cpu, database_cpu = site.cpu() - cpu, site.database_cpu() - database_cpu
    if summary["failures"] or not summary["requests"]:
        raise UnexpectedResponse(f"{site.target}: {summary['failures']} failed: {summary}")
    count = summary["requests"]
    return Run(
        count / summary["seconds"],
        cpu * 1000 / count,
        database_cpu * 1000 / count,
        summary["p50"],
        summary["p99"],
    )


def run_wrk(script: str, port: int, connections: int, seconds: float) -> dict[str, float]:
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout=30s", "-s", script]
    done = subprocess.run(
        ["wrk", *options, f"http://127.0.0.1:{port}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(script).parent,
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


def make_script(requests: list[Request]) -> str:
    """Return the Lua script for wrk. Strings are written as JSON, which is valid Lua for ASCII."""
    return SCRIPT.format(
        requests=", ".join(map(format_request, requests)),
        statuses=", ".join(f"[{status}]=true" for status in requests[0].statuses),
        expected_text=json.dumps(requests[0].expected_text),
    )


def format_request(it: Request) -> str:
    """Return the request as a Lua table."""
    headers = ", ".join(
        f"[{json.dumps(name)}]={json.dumps(it.headers[name])}" for name in it.headers
    )
    method, path, body = map(json.dumps, (it.method, it.path, it.body))
    return f"{{{method}, {path}, {{{headers}}}, {body}}}"
