"""Remove requirements from pyproject.toml, and their dependencies from lock files.

The comments of a lock file say which packages require a package, so this needs no network.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace

PIN = re.compile(r"^(?P<name>[a-z0-9][\w.-]*)(?:\[[^]]*\])?==")
PROJECT = "(pyproject.toml)"


@dataclass(frozen=True)
class Pin:
    """A package in a lock file: its lines, and the packages and files that require it."""

    name: str
    lines: tuple[str, ...]
    sources: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        if len(self.sources) == 1:
            comment = [f"    # via {self.sources[0]}"]
        else:
            comment = ["    # via", *(f"    #   {source}" for source in self.sources)]
        return "".join(f"{line}\n" for line in [*self.lines, *comment])

    @property
    def is_required_by_a_file(self) -> bool:
        return any(source.endswith(PROJECT) or source.startswith("-r ") for source in self.sources)


def without_requirements(pyproject: str, names: Collection[str]) -> str:
    """Return pyproject.toml without the lines of these requirements."""
    listed = "|".join(re.escape(name) for name in names)
    return re.sub(rf'(?im)^ *"(?:{listed})[^\w.-].*\n', "", pyproject) if names else pyproject


def read_lock(text: str) -> list[Pin]:
    pins: list[Pin] = []
    for line in text.splitlines():
        if found := PIN.match(line):
            pins.append(Pin(found["name"], (line,)))
        elif line.startswith("    # via") or line.startswith("    #   "):
            source = line.removeprefix("    # via").removeprefix("    #").strip()
            added = (source,) if source else ()
            pins[-1] = replace(pins[-1], sources=pins[-1].sources + added)
        elif pins:
            pins[-1] = replace(pins[-1], lines=(*pins[-1].lines, line))
    return pins


def prune_lock(text: str, removed: Collection[str], constraints: Collection[str]) -> str:
    """Return a lock file without these requirements and the packages that only they required.

    `constraints` are the packages of requirements.txt, by which other lock files are constrained.
    """
    pins = [
        without_source(pin, PROJECT) if pin.name in removed else pin for pin in read_lock(text)
    ]
    kept = reachable(pins)
    return "".join(str(tidy(pin, kept, constraints)) for pin in pins if pin.name in kept)


def without_source(pin: Pin, end: str) -> Pin:
    return replace(pin, sources=tuple(it for it in pin.sources if not it.endswith(end)))


def reachable(pins: list[Pin]) -> set[str]:
    """Return the packages that a file requires, and those that these require."""
    found = {pin.name for pin in pins if pin.is_required_by_a_file}
    before = -1
    while len(found) > before:
        before = len(found)
        found |= {pin.name for pin in pins if found.intersection(pin.sources)}
    return found


def tidy(pin: Pin, kept: Collection[str], constraints: Collection[str]) -> Pin:
    """Leave out the sources that were removed."""
    sources = [
        source
        for source in pin.sources
        if source in kept
        or source.endswith(PROJECT)
        or source.startswith("-r ")
        or (source.startswith("-c ") and pin.name in constraints)
    ]
    return replace(pin, sources=tuple(sources))


def merge_locks(base: str, ours: str, theirs: str) -> str:
    """Merge two versions of a lock file package by package. Packages that ours added are kept."""
    old, own = by_name(base), by_name(ours)
    new = by_name(theirs)
    merged = {name: pins for name, pins in new.items() if name in own or name not in old}
    merged |= {name: pins for name, pins in own.items() if name not in new and name not in old}
    for name in set(own) & set(new):
        if new[name] == old.get(name):
            merged[name] = own[name]
        elif own[name] != old.get(name):
            merged[name] = join_sources(own[name], new[name])
    return "".join(str(pin) for name in sorted(merged) for pin in merged[name])


def by_name(text: str) -> dict[str, list[Pin]]:
    pins: dict[str, list[Pin]] = {}
    for pin in read_lock(text):
        pins.setdefault(pin.name, []).append(pin)
    return pins


def join_sources(own: list[Pin], new: list[Pin]) -> list[Pin]:
    """Return the new version, required by all that require either."""
    ours = {source for pin in own for source in pin.sources}
    return [replace(pin, sources=(*pin.sources, *sorted(ours - set(pin.sources)))) for pin in new]
