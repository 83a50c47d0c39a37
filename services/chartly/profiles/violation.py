"""One rule that a document breaks, at its place. It names rule and place, never a value that may be a secret."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from chartly.contracts.json_value import is_array, is_object
from chartly.contracts.validator import pointer
from chartly.platform.errors import FieldViolation

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """What is wrong, and where."""

    file: str
    """The file as the caller named it; empty for a document that came without one."""
    line: int
    """From 1; 0 when the rule concerns the whole."""
    column: int
    """From 1; 0 when the rule concerns the whole."""
    path: str
    """JSON Pointer into the document, such as ``/spec/mapping/amount``."""
    rule: str
    """The rule's stable name, such as ``unknown-key``."""
    message: str
    """One sentence for a person."""

    def __str__(self) -> str:
        if not self.file and not self.line:  # a request's own JSON, which has no lines
            return f"{self.rule}: {self.path or '/'} {self.message}"
        return f"{self.file or '<document>'}:{self.line}:{self.column}: {self.rule}: {self.path or '/'} {self.message}"

    @property
    def json_path(self) -> str:
        """The place as a normalized RFC 9535 path, such as ``$['spec']['mapping']['amount']``."""
        parts = [part.replace("~1", "/").replace("~0", "~") for part in self.path.split("/")[1:]]
        return "$" + "".join(f"[{part}]" if part.isdigit() else f"['{_quoted(part)}']" for part in parts)

    def as_field_violation(self) -> FieldViolation:
        """Give it as errors carry it: the place as the field; line and column, where it has them, before the sentence."""
        field = self.path.replace("/", ".").strip(".")
        place = f"line {self.line}, column {self.column}: " if self.line else ""
        return FieldViolation(field, f"{place}{self.message}", self.rule)


def _quoted(part: str) -> str:
    return part.replace("\\", "\\\\").replace("'", "\\'")


class Place(NamedTuple):
    """Where something stands in a text."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Places:
    """Where each value and each key of a document stands; after a merge, in which of several files."""

    file: str
    values: dict[Path, Place]
    keys: dict[Path, Place]

    def violation(self, path: Path, rule: str, message: str, *, at_key: bool = False) -> Violation:
        """Make a violation at ``path``, or at the nearest place around it that the text has."""
        return Violation(*self.locate(path, at_key=at_key), pointer(path), rule, message)

    def locate(self, path: Path, *, at_key: bool = False) -> Place:
        """Tell where a value stands, or its key; line and column are 0 where nothing is known."""
        if at_key and path in self.keys:
            return self.keys[path]
        for length in range(len(path), -1, -1):
            if path[:length] in self.values:
                return self.values[path[:length]]
        return Place(self.file, 0, 0)


def field_violations(violations: Iterable[Violation]) -> tuple[FieldViolation, ...]:
    """Give violations as errors carry them."""
    return tuple(violation.as_field_violation() for violation in violations)


def path_of(pointer: str, document: Any) -> Path:
    """Read a JSON Pointer as keys and, where the document has a list, as positions."""
    path: list[str | int] = []
    current = document
    for token in pointer.split("/")[1:]:
        key: str | int = token.replace("~1", "/").replace("~0", "~")
        if is_array(current):
            key = int(key) if str(key).isdigit() else key
            current = current[key] if isinstance(key, int) and key < len(current) else None
        else:
            current = current.get(key) if is_object(current) else None
        path.append(key)
    return tuple(path)
