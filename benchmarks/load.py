"""Load made by wrk, which checks each answer."""

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.browser import Request, WrongPage
from benchmarks.sites import Site

SCRIPT = """
local requests = {{ {requests} }}
local right = {{ {statuses} }}
local threads, n = {{}}, 0
wrong = 0
function setup(thread) table.insert(threads, thread) end
function init(args)
  for i, it in ipairs(requests) do requests[i] = wrk.format(it[1], it[2], it[3], it[4]) end
end
function request() n = n % #requests + 1; return requests[n] end
function response(status, headers, body)
  if not right[status] or not string.find(body, {says}, 1, true) then wrong = wrong + 1 end
end
function done(summary, latency, requests)
  local failed = 0
  for _, thread in ipairs(threads) do failed = failed + thread:get("wrong") end
  for _, count in pairs(summary.errors) do failed = failed + count end
  io.write(string.format("\\n{{\\"requests\\": %d, \\"seconds\\": %f, \\"wrong\\": %d, ",
    summary.requests, summary.duration / 1e6, failed))
  io.write(string.format("\\"p50\\": %f, \\"p99\\": %f}}\\n",
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


@dataclass
class Run:
    """What one run of wrk saw, and what it cost; times in milliseconds."""

    per_second: float
    cpu: float
    database_cpu: float
    p50: float
    p99: float


def require_wrk() -> None:
    if not shutil.which("wrk"):
        raise SystemExit("The load comes from wrk, which is not here. Debian: apt install wrk")


def load(site: Site, requests: list[Request], connections: int, seconds: float) -> Run:
    """Send these requests in turn. Raises WrongPage if one answer was not the right one."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(written(requests))
        script.flush()
        cpu, database_cpu = site.cpu(), site.database_cpu()
        said = wrk(script.name, site.port, connections, seconds)
        if not said["requests"] and not said["wrong"]:
            # A busy machine may have answered nothing in so short a time.
            return load(site, requests, connections, seconds * 2)
        cpu, database_cpu = site.cpu() - cpu, site.database_cpu() - database_cpu
    if said["wrong"] or not said["requests"]:
        raise WrongPage(f"{site.target} gave {said['wrong']} wrong answers: {said}")
    count = said["requests"]
    return Run(
        count / said["seconds"],
        cpu * 1000 / count,
        database_cpu * 1000 / count,
        said["p50"],
        said["p99"],
    )


def wrk(script: str, port: int, connections: int, seconds: float) -> dict[str, float]:
    words = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout=30s", "-s", script]
    done = subprocess.run(
        ["wrk", *words, f"http://127.0.0.1:{port}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(script).parent,
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


def written(requests: list[Request]) -> str:
    """Return the script that sends these; what JSON writes for a text, Lua reads as the same."""
    statuses = ", ".join(f"[{status}]=true" for status in requests[0].statuses)
    said = ", ".join(map(in_lua, requests))
    return SCRIPT.format(requests=said, statuses=statuses, says=json.dumps(requests[0].says))


def in_lua(it: Request) -> str:
    headers = ", ".join(
        f"[{json.dumps(name)}]={json.dumps(it.headers[name])}" for name in it.headers
    )
    method, path, body = map(json.dumps, (it.method, it.path, it.body))
    return f"{{{method}, {path}, {{{headers}}}, {body}}}"
