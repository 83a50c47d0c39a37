"""Every reason is explained, and every one is reached: a word in the list that nothing says would mislead who reads it."""

import re
from pathlib import Path

import pytest

from chartly.v1.error_reason_pb2 import Reason

ROOT = Path(__file__).parents[3]
NAMES = sorted(name.removeprefix("REASON_") for name, number in Reason.items() if number)


@pytest.fixture(scope="module")
def said() -> set[str]:
    """Every reason that stands as a literal in the platform's or the core's own sources."""
    files = [*(ROOT / "services" / "chartly").rglob("*.py"), *(ROOT / "native").glob("*/src/**/*.rs")]
    words = re.compile(r'"([A-Z][A-Z_]+)"')
    return {word for file in files if file.parent.name != "v1" for word in words.findall(file.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("name", NAMES)
def test_a_reason_is_explained(name: str) -> None:
    """With the condition that makes it, as a sentence."""
    page = (ROOT / "docs" / "reference" / "reasons.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| `{name}` \| [A-Z`].+\. \|", page, re.MULTILINE)


def test_no_reason_is_without_use(said: set[str]) -> None:
    """A reason that nothing can say is taken out of the enum."""
    assert [name for name in NAMES if name not in said] == []
