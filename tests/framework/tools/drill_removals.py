"""W3: the starter works without each of its optional parts, and without all of them.

`make removals` removes each part, and all parts and languages together, in a clone and runs a
selection of the tests (suite.py). `make removals-full` runs the whole suite after each removal.
"""

import os

import pytest

from tests.framework.tools.conftest import ROOT, Clone
from tests.framework.tools.suite import check_everything, check_selected
from tools.parts import read_parts, with_dependents

PARTS = {name: part for name, part in read_parts(ROOT).items() if not part.starter}
IS_FULL = os.environ.get("REMOVALS") == "full"

# Their texts, emails or files contain the name of the site.
WITH_THE_NAME = [
    "tests/dev",
    "tests/mail",
    "tests/framework/test_deploy.py",
    "tests/framework/test_containers.py",
    "tests/framework/test_new_developers.py",
    "tests/two_factor/test_two_factor.py",
    "tests/users",
]


@pytest.mark.parametrize("name", PARTS)
def test_the_starter_works_without_a_part(name: str, pure_clone: Clone) -> None:
    done = pure_clone.make("without", PART=" ".join(with_dependents(PARTS, name)))
    assert done.returncode == 0, done.stderr
    check = check_everything if IS_FULL else check_selected
    check(pure_clone.folder)


def test_all_parts_can_be_removed_together(pure_clone: Clone) -> None:
    done = pure_clone.make("without", PART=" ".join(PARTS))
    assert done.returncode == 0, done.stderr
    check = check_everything if IS_FULL else check_selected
    check(pure_clone.folder)


@pytest.mark.parametrize("name", ["Bücher & Söhne's"])
def test_the_suite_passes_with_another_name(name: str, pure_clone: Clone) -> None:
    done = pure_clone.make("mine", NAME=name)
    assert done.returncode == 0, done.stderr
    check = check_everything if IS_FULL else check_selected
    check(pure_clone.folder, *WITH_THE_NAME)
