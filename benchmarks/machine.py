"""Read from /proc the CPU time, the memory and the children of processes, and the CPU model."""

import os
import platform
import re
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return the user and system time of a process, in seconds; 0 if it has ended.

    Fields 14 and 15 of /proc/PID/stat, counted after the name, which may contain spaces: proc(5).
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_megabytes(pid: int) -> float:
    """Return the proportional set size: shared pages are divided among their processes."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    size = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(size[1]) / 1024 if size else 0.0


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def description() -> str:
    text = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    name = re.sub(r"\s+", " ", model[1]) if model else platform.machine()
    return f"{name}, {len(os.sched_getaffinity(0))} CPUs"
