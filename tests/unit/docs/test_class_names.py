"""Class names: one name for one thing."""

import ast
from collections import defaultdict
from pathlib import Path

SERVICES = Path(__file__).parents[3] / "services" / "chartly"


def repeated(root: Path) -> dict[str, list[str]]:
    """Return the public classes that more than one file below a folder defines, with these files."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(root.rglob("*.py")):
        if "v1" in path.relative_to(root).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(path.relative_to(root).as_posix())
    return {name: places for name, places in found.items() if len(places) > 1}


def test_class_names_are_unique() -> None:
    """No two classes of the services have the same name."""
    assert repeated(SERVICES) == {}


def test_a_repeated_name_is_found(tmp_path: Path) -> None:
    """A name that two files define is reported with both files."""
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text("class Same:\n    pass\n", "utf-8")
    assert repeated(tmp_path) == {"Same": ["one.py", "two.py"]}
