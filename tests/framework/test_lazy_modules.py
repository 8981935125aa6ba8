"""Modules that are imported at their first use."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from app.lazy_modules import lazy_module

NAME = "imported_slowly"
THREADS = 8


@pytest.fixture
def slow_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / f"{NAME}.py").write_text("import time\ntime.sleep(0.2)\nvalue = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield NAME
    sys.modules.pop(NAME, None)


def test_a_module_is_imported_when_an_attribute_is_first_used(slow_module: str) -> None:
    module = lazy_module(slow_module)
    assert slow_module not in sys.modules
    assert module.value == 1
    assert slow_module in sys.modules


def test_threads_that_use_a_module_first_wait_for_its_import(slow_module: str) -> None:
    module, start = lazy_module(slow_module), Barrier(THREADS)

    def use() -> int:
        start.wait()
        value: int = module.value
        return value

    with ThreadPoolExecutor(THREADS) as threads:
        uses = [threads.submit(use) for _ in range(THREADS)]
    assert [done.result() for done in uses] == [1] * THREADS


def test_a_missing_attribute_raises_attribute_error(slow_module: str) -> None:
    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        lazy_module(slow_module).absent  # noqa: B018  # the access is what is tested


def test_a_package_that_is_not_installed_raises_at_once() -> None:
    with pytest.raises(ModuleNotFoundError, match="not_installed"):
        lazy_module("not_installed")
