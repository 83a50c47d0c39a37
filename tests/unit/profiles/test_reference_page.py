"""The reference page lists exactly the rules of the code."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "profiles.md").read_text("utf-8")
SOURCES = [
    *(ROOT / "services/chartly/profiles").glob("*.py"),
    ROOT / "services/chartly/contracts/rules.py",
    ROOT / "services/chartly/registry/domain/workflow_check.py",
]
# A rule is the string after a path, or the first of a pair, before its sentence.
_NAMED = re.compile(r"""(?:violation\([^"]*?|NotJson\(|\(event, |\bevent, |, "", |, |\(|: \()"([a-z]+(?:-[a-z0-9]+)+)",? """)


def test_every_rule_of_the_code_is_documented() -> None:
    """Each rule that the code reports is on the page."""
    rules = {rule for source in SOURCES for rule in _NAMED.findall(source.read_text("utf-8"))}

    assert len(rules) > 40
    assert {rule for rule in rules if f"`{rule}`" not in PAGE} - {"utf-16"} == set()


def test_every_documented_rule_exists() -> None:
    """Each rule in the page's table is one that the code reports."""
    table = PAGE.split("## Rules")[1].split("Transforms add")[0]
    code = "".join(source.read_text("utf-8") for source in SOURCES)

    assert {rule for rule in re.findall(r"`([a-z][a-z-]+)`", table) if f'"{rule}"' not in code} <= {"extends"}
