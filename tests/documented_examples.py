"""Run the Python examples of a page of the documentation as printed."""

import re
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

DOCUMENTS = Path(__file__).parent.parent / "docs"
EXAMPLES = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@cache
def example_with(page: str, text: str) -> Any:
    """Return a module made of the only example on the page that contains `text`."""
    examples = EXAMPLES.findall((DOCUMENTS / page).read_text())
    [example] = [example for example in examples if text in example]
    module = ModuleType(page)
    exec(compile(example, page, "exec"), module.__dict__)  # noqa: S102  # our own document
    return module
