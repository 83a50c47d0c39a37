"""api.md: every REST path with what it does, from the protos."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from chartly.platform.config import Limits
from chartly.platform.rpc.bindings import Binding, bindings
from chartly.platform.rpc.rules import Bounds, Rules, is_map, items_sentence, listed, one_required, rules_of, sentence

_LIMITS = Limits()
PROTOS = Path(__file__).resolve().parents[2] / "proto" / "chartly" / "v1"

_HEAD = """# The REST API

Everything here is served at the edge (`http://127.0.0.1:8090`), by gRPC and gRPC-Web under the methods' names, too. `proto/chartly/v1` says
more of each: its fields, bounds and errors.

```console
$ curl -H "Authorization: Bearer $(chartly auth token)" http://127.0.0.1:8090/v1/datasets
```

- **Token.** Every request but those marked *public* needs `Authorization: Bearer …`, else 401, before anything is said about its body.
  What the token's roles don't allow is 403 with the permission that is lacking. `X-Chartly-Project: <tenant>/<project>` picks a project
  where the token has several.
- **Bodies** are JSON, but for pushes. A member that the message doesn't have, and a value of another type, is 400 with a violation for
  each place; so is an unknown query parameter. Bodies above 4 MiB are taken up to 20 MiB, their unknown members are passed over. Names
  may be in snake_case or camelCase; answers are in snake_case.
- **Repeated requests.** Creating and running a workflow, retrying a run, calling a hook and pushing take an `X-Idempotency-Key`: the same
  key with the same body is answered with what the first one made, with another body it is 409.
- **Errors** are a `google.rpc.Status`: `code`, `message` and `details`, with the [reason](reasons.md) and its facts, the field
  violations, and the time to come back after.
- **Lists** take `page_size` (at most 1,000) and `page_token`, the `next_page_token` of the page before; it is empty on the last one.
- **JSON.** 64-bit integers are texts, enums names, bytes base64, times RFC 3339. Streams are a JSON object a line; the last one tells how
  it ended.
- **Compression.** Bodies may come with `Content-Encoding: gzip`; the bounds hold for what they unfold to.
- **Field rules.** The rules of request fields stand below each service's requests, with the default of each configured bound. A request
  that breaks some is 400 `INVALID_REQUEST` with a violation for each. An optional field that is unset (an empty string, the number 0) is
  not checked. A string without a rule has at most `limits.string_bytes_max` bytes; an enum's value is a defined one; times lie in the
  years 1 to 9999.
- **HEAD** is not served: ask with GET. A path that isn't here, or not for the verb, is 404.

This page is written from the protos by `make generate`; don't edit it here.
"""
_COMMENT = re.compile(r"((?:^  //[^\n]*\n)+)^  rpc (\w+)\(", re.MULTILINE)


def comments(service: str) -> dict[str, str]:
    """Give the first sentence about each method of a service, without the method's name."""
    for path in sorted(PROTOS.glob("*.proto")):
        text = path.read_text(encoding="utf-8")
        if f"service {service} {{" in text:
            return {name: _first_sentence(name, comment) for comment, name in _COMMENT.findall(text)}
    raise LookupError(service)


def _first_sentence(name: str, comment: str) -> str:
    text = " ".join(line.strip().removeprefix("//").strip() for line in comment.splitlines())
    sentence = re.split(r"(?<=[^.]\.)\s", text.removeprefix(name).strip(), maxsplit=1)[0]
    return sentence[:1].upper() + sentence[1:]


def _row(binding: Binding, said: str) -> str:
    method = binding.method
    permission = "*public*" if method.public else f"`{method.permission}`"
    return f"| `{binding.verb} {binding.template}` | {said.replace('|', '&#124;')} | {permission} |"


def _bounds(requests: Mapping[str, Descriptor]) -> Iterator[str]:
    """Yield a row for each field of each method's request that has a rule."""
    for method, message in requests.items():
        for path, rule in field_rules(message):
            yield f"| {method} | `{path}` | {rule} |"


def field_rules(message: Descriptor, path: str = "", above: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """Yield path and rule of each field of a request, those of nested messages included; ``above`` ends recursive types."""
    for oneof in message.oneofs:
        if one_required(oneof):
            yield f"{path}{oneof.name}", f"must be {listed([field.name for field in oneof.fields])}"
    for field in message.fields:
        rules = rules_of(field, _LIMITS)
        place = f"{path}{field.name}"
        if field.is_repeated:
            if rules.required or rules.items:
                yield place, _with_limit(items_sentence(rules), rules.items)
            if rules.each:
                yield f"{place}[]", _with_limit(sentence(field, rules.each), rules.each.size or rules.each.value)
        elif rules != Rules():
            yield place, _rule(field, rules)
        inner = field.message_type
        if inner is not None and inner.full_name.startswith("chartly.") and inner.full_name not in above and not is_map(field):
            nested = f"{place}[]." if field.is_repeated else f"{place}."
            yield from field_rules(inner, nested, above | {message.full_name})


def _rule(field: FieldDescriptor, rules: Rules) -> str:
    """Write the rule of a single field; for an optional one, that it may be unset."""
    said = _with_limit(sentence(field, rules), rules.size or rules.value)
    if rules.required and field.message_type is not None and rules.size is not None:
        said = f"is required; {said}"
    return said


def _with_limit(said: str, bounds: Bounds | None) -> str:
    named = f" ([`limits.{bounds.limit}`](limits.md))" if bounds is not None and bounds.limit else ""
    return f"{said}{named}".replace("|", "&#124;").replace("<", "&lt;")


def page() -> str:
    """Give the page."""
    lines = [_HEAD]
    for service, found in groupby(bindings(), key=lambda binding: binding.method.service.rpartition(".")[2]):
        said = comments(service)
        lines.append(f"## {service}\n\n| request | does | permission |\n|---|---|---|")
        served = list(found)
        lines += [_row(binding, said[binding.method.name]) for binding in served]
        lines.append("")
        bounds = list(_bounds({binding.method.name: binding.message for binding in served}))
        if bounds:
            lines += ["| method | field | rule |\n|---|---|---|", *bounds, ""]
    return "\n".join(lines)
