"""Read YAML text as a JSON value, with the place of every key and value. Hostile text is refused before a value is built.

It builds the value from PyYAML's events, iteratively: without an object graph, recursion or tags.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml import events

from chartly.contracts.json_value import is_array, is_object
from chartly.contracts.validator import pointer

from .core_schema import NotJson, plain_scalar
from .errors import ProfileInvalid
from .limits import ALIASES_MAX, DEPTH_MAX, DOCUMENT_BYTES_MAX, NODES_MAX
from .violation import Path, Places, TextPlace, Violation

# These are line breaks in YAML 1.1 and plain characters in 1.2. PyYAML folds them within quotes.
_SEPARATOR = re.compile("[\x85\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_STRING_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str"})
_COLLECTION_TAGS = frozenset({None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})


@dataclass(slots=True)
class _Open:
    """A map or list that is not closed yet."""

    value: dict[str, Any] | list[Any]
    path: Path
    anchor: str | None
    key: str | None = None
    waits_for_key: bool = True
    seen: set[str] = field(default_factory=set[str])


@dataclass(frozen=True, slots=True)
class _Anchored:
    value: Any
    nodes: int
    depth: int


def read_yaml(text: str, file: str = "") -> tuple[Any, Places]:
    """Read one YAML document.

    Raises:
        ProfileInvalid: with every violation that was found before reading had to stop.
    """
    reader = _Reader(file)
    if len(text.encode()) > DOCUMENT_BYTES_MAX:
        reader.stop(None, "document-too-large", f"has more than {DOCUMENT_BYTES_MAX} bytes")
    separator = _SEPARATOR.search(text)
    if separator:
        line = text.count("\n", 0, separator.start()) + 1
        message = "has a separator that is a new line to some YAML readers and none to others: escape it within quotes"
        raise ProfileInvalid.of([Violation(file, line, 0, "", "malformed-yaml", message)])
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            reader.take(event)
    except yaml.MarkedYAMLError as failure:
        reader.found.append(_malformed(file, failure))
    except yaml.reader.ReaderError as failure:
        line = text.count("\n", 0, failure.position) + 1
        reader.found.append(Violation(file, line, 0, "", "malformed-yaml", "has a character that YAML forbids"))
    if reader.documents == 0 and not reader.found:
        reader.found.append(Violation(file, 0, 0, "", "empty-document", "is empty"))
    if reader.found:
        raise ProfileInvalid.of(reader.found)
    return reader.root, reader.places


def _malformed(file: str, failure: yaml.MarkedYAMLError) -> Violation:
    mark = failure.problem_mark or failure.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    # PyYAML's message names characters, tokens and aliases, never the text of a scalar, so it can't show a secret.
    return Violation(file, line, column, "", "malformed-yaml", failure.problem or "is not YAML")


class _Reader:
    """Builds the value from events. It collects violations, and stops at one that makes the rest meaningless."""

    def __init__(self, file: str) -> None:
        self.places = Places(file, {}, {})
        self.found: list[Violation] = []
        self.documents = 0
        self.root: Any = None
        self._file = file
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchored] = {}
        self._aliases = 0
        self._nodes = 0

    def stop(self, event: events.Event | None, rule: str, message: str) -> None:
        """Raise ``ProfileInvalid`` with the violations found."""
        raise ProfileInvalid.of([*self.found, Violation(*self._place(event), "", rule, message)])

    def take(self, event: events.Event) -> None:
        """Process the next event."""
        match event:
            case events.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self.stop(event, "several-documents", "must contain one document: put each document into a file of its own")
            case events.ScalarEvent():
                self._scalar(event)
            case events.MappingStartEvent() | events.SequenceStartEvent():
                self._start(event)
            case events.MappingEndEvent() | events.SequenceEndEvent():
                self._end()
            case events.AliasEvent():
                self._alias(event)
            case _:
                pass  # the ends of stream and document have no content

    def _scalar(self, event: events.ScalarEvent) -> None:
        self._count(event, 1)
        self._join_surrogates(event)
        if self._waits_for_key():
            self._key(event)
            return
        value = self._scalar_value(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(value, 1, 0)
        self._put(value, event)

    def _join_surrogates(self, event: events.ScalarEvent) -> None:
        """Join the two escapes of a surrogate pair into one character. PyYAML leaves two halves, which UTF-8 can't encode."""
        if not _SURROGATE.search(event.value):
            return
        try:
            event.value = event.value.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self.stop(event, "lone-surrogate", "has an unpaired surrogate escape: write both halves of the character")

    def _scalar_value(self, event: events.ScalarEvent) -> Any:
        path = self._path()
        if event.tag not in _STRING_TAGS:
            self._note(path, event, "tag", "has a YAML tag, which JSON does not have: remove it")
            return None
        is_plain = event.implicit[0] and event.style is None
        value = plain_scalar(event.value) if is_plain and event.tag is None else event.value
        if isinstance(value, NotJson):
            self._note(path, event, value.rule, value.message)
            return None
        return value

    def _key(self, event: events.ScalarEvent) -> None:
        container = self._open[-1]
        is_plain = event.implicit[0] and event.style is None
        meaning = plain_scalar(event.value) if is_plain else event.value
        path = (*container.path, event.value)
        if event.value == "<<" and is_plain:
            self._note(path, event, "merge-key", "merge keys are not in YAML 1.2; use spec.extends")
        elif event.tag not in _STRING_TAGS or not isinstance(meaning, str):
            self._note(path, event, "key-not-text", "a key must be text: put it in quotes")
        elif event.value in container.seen:
            first = self.places.keys[path].line
            self._note(path, event, "duplicate-key", f"the key {event.value!r} is repeated; it is first in line {first}")
        else:
            self.places.keys[path] = self._place(event)
        container.seen.add(event.value)
        container.key, container.waits_for_key = event.value, False

    def _start(self, event: events.MappingStartEvent | events.SequenceStartEvent) -> None:
        self._count(event, 1)
        if self._waits_for_key():
            self.stop(event, "key-not-text", "a key must be text, not a map or list")
        if len(self._open) >= DEPTH_MAX:
            self.stop(event, "too-deep", f"nests deeper than {DEPTH_MAX} levels")
        path = self._path()
        if event.tag not in _COLLECTION_TAGS:
            self._note(path, event, "tag", "has a YAML tag, which JSON does not have: remove it")
        value: dict[str, Any] | list[Any] = {} if isinstance(event, events.MappingStartEvent) else []
        self._put(value, event, closed=False)
        self._open.append(_Open(value, path, event.anchor))

    def _end(self) -> None:
        closed = self._open.pop()
        if closed.anchor is not None:
            nodes, depth = _measure(closed.value)
            self._anchors[closed.anchor] = _Anchored(closed.value, nodes, depth)
        if self._open:
            self._next()

    def _alias(self, event: events.AliasEvent) -> None:
        self._aliases += 1
        if self._aliases > ALIASES_MAX:
            self.stop(event, "too-many-aliases", f"uses anchors more than {ALIASES_MAX} times")
        if self._waits_for_key():
            self.stop(event, "key-not-text", "a key must be text, not an alias")
        anchored = self._anchors.get(event.anchor or "")
        if anchored is None:
            self.stop(event, "unknown-anchor", "refers to an anchor that is not defined above it")
            return
        self._count(event, anchored.nodes)
        if len(self._open) + anchored.depth > DEPTH_MAX:
            self.stop(event, "too-deep", f"nests deeper than {DEPTH_MAX} levels")
        # A copy: merging a base would otherwise change all places that share the object.
        self._put(_copy(anchored.value), event)

    def _put(self, value: Any, event: events.Event, *, closed: bool = True) -> None:
        self.places.values[self._path()] = self._place(event)
        if not self._open:
            self.root = value
            return
        container = self._open[-1]
        if isinstance(container.value, list):
            container.value.append(value)
        elif container.key is not None:
            container.value.setdefault(container.key, value)
        if closed:
            self._next()

    def _next(self) -> None:
        container = self._open[-1]
        container.waits_for_key, container.key = True, None

    def _waits_for_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].waits_for_key

    def _path(self) -> Path:
        if not self._open:
            return ()
        container = self._open[-1]
        if isinstance(container.value, list):
            return (*container.path, len(container.value))
        return (*container.path, container.key or "")

    def _count(self, event: events.Event, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > NODES_MAX:
            self.stop(event, "too-many-values", f"has more than {NODES_MAX} values; values behind an alias count at each use")

    def _note(self, path: Path, event: events.Event, rule: str, message: str) -> None:
        self.found.append(Violation(*self._place(event), pointer(path), rule, message))

    def _place(self, event: events.Event | None) -> TextPlace:
        mark = None if event is None else event.start_mark
        return TextPlace(self._file, 0, 0) if mark is None else TextPlace(self._file, mark.line + 1, mark.column + 1)


def _measure(value: Any) -> tuple[int, int]:
    """Return the number of values and levels of a complete value within the depth bound."""
    nodes, deepest = 0, 0
    for depth, _ in _walk(value):
        nodes, deepest = nodes + 1, max(deepest, depth)
    return nodes, deepest


def _walk(value: Any) -> Iterator[tuple[int, Any]]:
    pending = [(1, value)]
    while pending:
        depth, current = pending.pop()
        yield depth, current
        if is_object(current):
            pending.extend((depth + 1, part) for part in current.values())
        elif is_array(current):
            pending.extend((depth + 1, part) for part in current)


def _copy(value: Any) -> Any:
    if is_object(value):
        return {key: _copy(part) for key, part in value.items()}
    return [_copy(part) for part in value] if is_array(value) else value
