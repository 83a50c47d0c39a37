"""The Python examples in the reference pages run unchanged."""

import doctest
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[3] / "docs" / "reference"
WITH_EXAMPLES = sorted(page.name for page in PAGES.glob("*.md") if ">>> " in page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", WITH_EXAMPLES)
def test_examples_give_what_the_page_says(page: str) -> None:
    """Every example of a page prints the output below it."""
    text = (PAGES / page).read_text(encoding="utf-8")
    examples = doctest.DocTestParser().get_doctest(text, {}, page, page, 0)
    failures: list[str] = []
    results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=failures.append)
    assert results.failed == 0, "".join(failures)
    assert results.attempted > 0


def test_the_engines_pages_have_examples() -> None:
    """The pages on mapping, paths, contracts and canonical bytes have examples that run."""
    assert {"canonical-json.md", "contracts-validation.md", "jsonpath.md", "mapping.md"} <= set(WITH_EXAMPLES)
