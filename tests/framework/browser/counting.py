"""The number of pages, states and axe rules that were checked, printed at the end."""

from dataclasses import dataclass, field


@dataclass
class Counted:
    pages: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=set)
    themes: set[str] = field(default_factory=set)
    widths: set[int] = field(default_factory=set)
    # The axe rules that applied to some page, and all rules.
    rules_that_applied: set[str] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)
    runs: int = 0

    def lines(self) -> list[str]:
        if not self.runs:
            return []
        return [
            f"Checked {len(self.pages)} pages in {len(self.states)} states, "
            f"{len(self.themes)} themes and {len(self.widths)} widths: {self.runs} runs of axe, "
            f"{len(self.rules)} rules, {len(self.rules_that_applied)} of which applied."
        ]


COUNTED = Counted()
