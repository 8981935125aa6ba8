"""`python -m benchmarks`: compare all targets and write the tables into the docs.

make bench              all targets, in less than ten minutes
make bench QUICK=1      lean, minimal and Lockstep on PostgreSQL, in two minutes; writes nothing
"""

import argparse
import signal
import sys
import time

from benchmarks.load import require_wrk
from benchmarks.markup import SAME_MARKUP
from benchmarks.report import tables, write
from benchmarks.rounds import (
    TARGETS,
    count_statements,
    measure,
    measure_startup,
    print_progress,
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--quick", action="store_true", help="fewer targets; write no files")
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    require_wrk()
    # Turned into an exception, so that servers are stopped and databases are dropped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    rounds = options.rounds
    start = time.monotonic()
    if options.quick:
        targets = ["lean", "lockstep", *SAME_MARKUP]
        results = [
            measure("postgresql", targets, rounds, hashing=False, deadline=start + 120),
        ]
    else:
        targets = [*TARGETS, *SAME_MARKUP]
        results = [
            measure("postgresql", targets, rounds, hashing=True, deadline=start + 290),
            measure("sqlite", TARGETS, rounds // 2 or 1, hashing=False, deadline=start + 400),
        ]
        results[0].startup = measure_startup(TARGETS, rounds // 2 or 1, deadline=start + 460)
        for target in TARGETS:
            results[0].statements |= count_statements(target)
        write(results)
    print("\n".join(tables(results)))
    print_progress(f"finished in {time.monotonic() - start:.0f} seconds")


main()
