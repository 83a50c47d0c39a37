"""Modules that are imported at the first use of one of their attributes."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from chartly.platform.lazy import lazy_module

_THREADS = 16


def _run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_module_is_imported_at_first_use() -> None:
    """Naming a lazy module imports nothing; using one of its attributes imports it."""
    code = (
        "import sys\n"
        "from chartly.platform.lazy import lazy_module\n"
        "colorsys = lazy_module('colorsys')\n"
        "before = 'colorsys' in sys.modules\n"
        "red = colorsys.rgb_to_hsv(1.0, 0.0, 0.0)\n"
        "print(before, 'colorsys' in sys.modules, red)\n"
    )
    assert _run(code) == "False True (0.0, 1.0, 1.0)"


def test_attribute_is_the_modules_own() -> None:
    """An attribute of the stand-in is the very object of the real module."""
    import json.decoder as real  # noqa: PLC0415 - compared with the lazy one

    assert lazy_module("json.decoder").JSONDecoder is real.JSONDecoder


def test_missing_attribute_is_an_attribute_error() -> None:
    """An attribute that the real module lacks is refused as the real module refuses it."""
    with pytest.raises(AttributeError, match="no_such_function"):
        _ = lazy_module("json").no_such_function


def test_missing_module_is_an_import_error() -> None:
    """A module that is not installed is refused at its first use."""
    missing = lazy_module("chartly_has_no_such_module")
    with pytest.raises(ModuleNotFoundError, match="chartly_has_no_such_module"):
        _ = missing.anything


def test_threads_see_a_complete_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that use a lazy module first at the same time all see it completely imported."""
    (tmp_path / "slow_to_import.py").write_text("import time\nfirst = 1\ntime.sleep(0.2)\nlast = 2\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    slow = lazy_module("slow_to_import")
    start = Barrier(_THREADS)

    def use(_: int) -> tuple[int, int]:
        start.wait()
        return slow.first, slow.last

    with ThreadPoolExecutor(_THREADS) as threads:
        assert set(threads.map(use, range(_THREADS))) == {(1, 2)}
