"""What was looked at, counted while it is looked at, and said at the end of the run."""

from dataclasses import dataclass, field


@dataclass
class Counted:
    pages: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=set)
    themes: set[str] = field(default_factory=set)
    widths: set[int] = field(default_factory=set)
    # Rules that found something on a page to judge, and all that were asked.
    rules_that_applied: set[str] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)
    runs: int = 0

    def lines(self) -> list[str]:
        if not self.runs:
            return []
        return [
            f"Looked at {len(self.pages)} pages in {len(self.states)} states, "
            f"{len(self.themes)} themes and {len(self.widths)} widths: {self.runs} runs of axe, "
            f"{len(self.rules)} rules, {len(self.rules_that_applied)} of them with work to do."
        ]


COUNTED = Counted()
