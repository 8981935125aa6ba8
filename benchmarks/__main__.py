"""`python -m benchmarks`: compare all targets and write what was found into the docs.

make bench              everything, in less than ten minutes
make bench QUICK=1      lean and Lockstep on PostgreSQL, in a minute; writes nothing
"""

import argparse
import time

from benchmarks.load import require_wrk
from benchmarks.report import tables, write
from benchmarks.rounds import TARGETS, count_statements, measure, measure_starts, say


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--quick", action="store_true", help="lean and Lockstep, and no files")
    parser.add_argument("--rounds", type=int, default=6)
    given = parser.parse_args()
    require_wrk()
    began = time.monotonic()
    if given.quick:
        found = [measure("postgresql", ["lean", "lockstep"], given.rounds, hashing=False)]
    else:
        found = [
            measure("postgresql", TARGETS, given.rounds, hashing=True),
            measure("sqlite", TARGETS, max(1, given.rounds // 2), hashing=False),
        ]
        found[0].start = measure_starts(TARGETS, max(1, given.rounds // 2))
        for target in TARGETS:
            found[0].statements |= count_statements(target)
        write(found)
    print("\n".join(tables(found)))
    say(f"It took {time.monotonic() - began:.0f} seconds.")


main()
