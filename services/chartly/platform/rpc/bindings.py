"""The REST bindings of the protos: verb, path and body of each external method. It sends nothing anywhere; the edge does."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.api import annotations_pb2, http_pb2
from google.protobuf.descriptor import Descriptor

from .methods import Method, describe, descriptors

_PLACE = re.compile(r"\{([^}=]+)(=\*\*)?\}")


@dataclass(frozen=True, slots=True)
class Binding:
    """One way to call a method by REST."""

    method: Method
    verb: str
    template: str
    """As in the proto: ``/v1/runs/{run_id}:cancel``."""
    body: str
    """``*`` when the body is the request's message, the name of the field that it is, or empty."""
    message: Descriptor
    """The request's message."""

    @property
    def places(self) -> frozenset[str]:
        """Names of the fields that stand in the path."""
        return frozenset(found[1] for found in _PLACE.finditer(self.template))


@cache
def bindings() -> tuple[Binding, ...]:
    """List all bindings in the protos' order."""
    return tuple(_bindings())


def find(verb: str, path: str) -> Binding | None:
    """Find what a request calls, by its path without the query; None when no binding fits."""
    return next((binding for pattern, binding in _patterns() if binding.verb == verb and pattern.fullmatch(path)), None)


def _bindings() -> Iterator[Binding]:
    for descriptor in descriptors():
        options: Any = descriptor.GetOptions()  # extensions are typed in no stub
        if not options.HasExtension(annotations_pb2.http):
            continue
        rule: http_pb2.HttpRule = options.Extensions[annotations_pb2.http]
        for each in (rule, *rule.additional_bindings):
            verb = each.WhichOneof("pattern")
            if verb is not None:
                yield Binding(describe(descriptor), verb.upper(), getattr(each, verb), each.body, descriptor.input_type)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Binding], ...]:
    # A path with a verb of its own (`/v1/runs/x:cancel`) fits `/v1/runs/{run_id}`, too: the longer template is meant.
    longest_first = sorted(bindings(), key=lambda binding: -len(binding.template))
    return tuple((re.compile(_regex(binding.template)), binding) for binding in longest_first)


def _regex(template: str) -> str:
    parts: list[str] = []
    end = 0
    for place in _PLACE.finditer(template):
        parts += (re.escape(template[end : place.start()]), ".+" if place[2] else "[^/]+")
        end = place.end()
    return "".join((*parts, re.escape(template[end:])))
