"""Links and paths in the pages lead to something that exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NOT_OURS = frozenset({"node_modules", "target", "vendor"})
PAGES = sorted(
    path for path in ROOT.rglob("*.md") if not any(part in NOT_OURS or part.startswith(".") for part in path.relative_to(ROOT).parts[:-1])
)
BASES = (ROOT, ROOT / "services" / "chartly")
"""The folders that a path of a source file in ``docs/`` starts from."""

_FENCE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_SOURCE = re.compile(r"`([\w./-]+/[\w-]+\.(?:py|rs))`")


def broken_links(page: Path, text: str) -> Iterator[str]:
    """Yield the relative links of a page whose file, or whose heading in a page, doesn't exist."""
    for link in _LINK.findall(_FENCE.sub("", text)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target.read_text("utf-8"))):
            yield link


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    headings = _HEADING.findall(_FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_resolve(page: Path) -> None:
    """Each relative link names an existing file, and an existing heading if it names one."""
    assert list(broken_links(page, page.read_text("utf-8"))) == []


@pytest.mark.parametrize("page", [page for page in PAGES if ROOT / "docs" in page.parents], ids=lambda page: str(page.relative_to(ROOT)))
def test_paths_of_source_files_resolve(page: Path) -> None:
    """Each Python or Rust file that a page of ``docs/`` names exists, from the repository's root or from the package."""
    named = _SOURCE.findall(_FENCE.sub("", page.read_text("utf-8")))
    assert [path for path in named if not any((base / path).is_file() for base in BASES)] == []


def test_every_decision_is_listed() -> None:
    """The list of decisions links each page of its folder with the page's title."""
    folder = ROOT / "docs" / "adr"
    titles = {path.name: path.read_text("utf-8").splitlines()[0].removeprefix("# ") for path in folder.glob("*.md")}
    del titles["README.md"]
    listed = re.findall(r"\[(.+)\]\(([\w-]+\.md)\)", (folder / "README.md").read_text("utf-8"))
    assert {name: title for title, name in listed} == titles


def test_a_broken_link_is_found() -> None:
    """A link to a missing file and a link to a missing heading are both reported; web addresses and code blocks aren't checked."""
    page = ROOT / "docs" / "README.md"
    text = "[a](none.md) [b](glossary.md#none) [c](glossary.md#stored) [d](https://x.test)\n```\n[e](none.md)\n```\n"
    assert list(broken_links(page, text)) == ["none.md", "glossary.md#none"]
    assert len(PAGES) > 40
