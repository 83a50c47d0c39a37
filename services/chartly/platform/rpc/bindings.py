"""The REST bindings in the protos: verb, path and body of each external method."""

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
    """One REST call of a method."""

    method: Method
    verb: str
    template: str
    """As in the proto: ``/v1/runs/{run_id}:cancel``."""
    body: str
    """``*`` if the body is the whole request, the name of a field if the body is this field, or empty."""
    message: Descriptor
    """The request's message."""

    @property
    def places(self) -> frozenset[str]:
        """Names of the fields in the path."""
        return frozenset(found[1] for found in _PLACE.finditer(self.template))


@cache
def bindings() -> tuple[Binding, ...]:
    """Return all bindings in the order of the protos."""
    return tuple(_bindings())


def find(verb: str, path: str) -> Binding | None:
    """Return the binding of a request by verb and path without the query; None if there is none."""
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
    # A path with a custom verb (`/v1/runs/x:cancel`) also matches `/v1/runs/{run_id}`: the longer template is right.
    longest_first = sorted(bindings(), key=lambda binding: -len(binding.template))
    return tuple((re.compile(_regex(binding.template)), binding) for binding in longest_first)


def _regex(template: str) -> str:
    parts: list[str] = []
    end = 0
    for place in _PLACE.finditer(template):
        parts += (re.escape(template[end : place.start()]), ".+" if place[2] else "[^/]+")
        end = place.end()
    return "".join((*parts, re.escape(template[end:])))
