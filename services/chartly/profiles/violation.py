"""A broken rule of a document, with its place. It never contains a value, which may be a secret."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from chartly.contracts.json_value import is_array, is_object
from chartly.contracts.validator import pointer
from chartly.platform.errors import FieldViolation

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """A broken rule and its place."""

    file: str
    """The file name that the caller gave; empty for a document without a file."""
    line: int
    """From 1; 0 when the rule concerns the whole document."""
    column: int
    """From 1; 0 when the rule concerns the whole document."""
    path: str
    """JSON Pointer into the document, such as ``/spec/mapping/amount``."""
    rule: str
    """The rule's stable name, such as ``unknown-key``."""
    message: str
    """The message, one sentence."""

    def __str__(self) -> str:
        if not self.file and not self.line:  # a request's JSON has no lines
            return f"{self.rule}: {self.path or '/'} {self.message}"
        return f"{self.file or '<document>'}:{self.line}:{self.column}: {self.rule}: {self.path or '/'} {self.message}"

    @property
    def json_path(self) -> str:
        """The place as a normalized RFC 9535 path, such as ``$['spec']['mapping']['amount']``."""
        parts = [part.replace("~1", "/").replace("~0", "~") for part in self.path.split("/")[1:]]
        return "$" + "".join(f"[{part}]" if part.isdigit() else f"['{_quoted(part)}']" for part in parts)

    def as_field_violation(self) -> FieldViolation:
        """Return the violation as a field violation: the place is the field; line and column, if known, precede the message."""
        field = self.path.replace("/", ".").strip(".")
        place = f"line {self.line}, column {self.column}: " if self.line else ""
        return FieldViolation(field, f"{place}{self.message}", self.rule)


def _quoted(part: str) -> str:
    return part.replace("\\", "\\\\").replace("'", "\\'")


class TextPlace(NamedTuple):
    """A place in a text."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Places:
    """The place of each value and each key of a document; after a merge, also its file."""

    file: str
    values: dict[Path, TextPlace]
    keys: dict[Path, TextPlace]

    def violation(self, path: Path, rule: str, message: str, *, at_key: bool = False) -> Violation:
        """Return a violation at ``path``, or at the nearest enclosing place that the text has."""
        return Violation(*self.locate(path, at_key=at_key), pointer(path), rule, message)

    def locate(self, path: Path, *, at_key: bool = False) -> TextPlace:
        """Return the place of a value or of its key; line and column are 0 if unknown."""
        if at_key and path in self.keys:
            return self.keys[path]
        for length in range(len(path), -1, -1):
            if path[:length] in self.values:
                return self.values[path[:length]]
        return TextPlace(self.file, 0, 0)


def field_violations(violations: Iterable[Violation]) -> tuple[FieldViolation, ...]:
    """Return violations as field violations."""
    return tuple(violation.as_field_violation() for violation in violations)


def path_of(pointer: str, document: Any) -> Path:
    """Return the keys of a JSON Pointer, with positions as numbers where the document has a list."""
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
