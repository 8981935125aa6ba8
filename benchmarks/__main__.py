"""`python -m benchmarks`: compare all targets and write what was found into the docs.

make bench              everything, in less than ten minutes
make bench QUICK=1      lean, minimal and Lockstep on PostgreSQL, in two minutes; writes nothing
"""

import argparse
import signal
import sys
import time

from benchmarks.load import require_wrk
from benchmarks.markup import SAME_MARKUP
from benchmarks.report import tables, write
from benchmarks.rounds import TARGETS, count_statements, measure, measure_starts, say


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--quick", action="store_true", help="a few targets, and no files")
    parser.add_argument("--rounds", type=int, default=6)
    given = parser.parse_args()
    require_wrk()
    # Ended from outside, it still stops its servers and drops its databases.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    if given.quick:
        targets = ["lean", "lockstep", *SAME_MARKUP]
        found = [
            measure("postgresql", targets, given.rounds, hashing=False, until=began + 120),
        ]
    else:
        targets = [*TARGETS, *SAME_MARKUP]
        found = [
            measure("postgresql", targets, given.rounds, hashing=True, until=began + 290),
            measure("sqlite", TARGETS, given.rounds // 2 or 1, hashing=False, until=began + 400),
        ]
        found[0].start = measure_starts(TARGETS, given.rounds // 2 or 1, until=began + 460)
        for target in TARGETS:
            found[0].statements |= count_statements(target)
        write(found)
    print("\n".join(tables(found)))
    say(f"It took {time.monotonic() - began:.0f} seconds.")


main()
