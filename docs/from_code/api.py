"""api.md: every REST path with what it does, from the protos."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from chartly.platform.config import Limits
from chartly.platform.rpc.bindings import Binding, bindings
from chartly.platform.rpc.rules import RuleBounds, Rules, is_map, items_sentence, listed, one_required, rules_of, sentence

_LIMITS = Limits()
PROTOS = Path(__file__).resolve().parents[2] / "proto" / "chartly" / "v1"

_HEAD = """# The REST API

The edge (`http://127.0.0.1:8090`) serves these requests. It also serves the same methods by gRPC and gRPC-Web, under their names.
`proto/chartly/v1` describes the fields, bounds and errors of each method.

```console
$ curl -H "Authorization: Bearer $(chartly auth token)" http://127.0.0.1:8090/v1/datasets
```

- **Token.** Every request except *public* ones needs `Authorization: Bearer …`. Without a valid token the answer is 401, before the body
  is checked. If the token's roles don't allow the request, the answer is 403 with the missing permission. `X-Chartly-Project:
  <tenant>/<project>` chooses a project if the token has several.
- **Bodies** are JSON, except those of pushes. A body with unknown members or values of another type gets 400, with a violation for each
  place. An unknown query parameter gets 400 too. Bodies from 4 MiB to 20 MiB are accepted, but their unknown members are ignored. Names
  may be in snake_case or camelCase; answers use snake_case.
- **Repeated requests.** Creating and running a workflow, retrying a run, calling a hook and pushing accept an `X-Idempotency-Key`. The
  same key with the same body returns the result of the first request; with another body it gets 409.
- **Errors** are a `google.rpc.Status`: `code`, `message` and `details`. The details contain the [reason](reasons.md) and its facts, the
  field violations, and the time to wait before a retry.
- **Lists** accept `page_size` (at most 1,000) and `page_token`: the `next_page_token` of the page before, which is empty on the last
  page.
- **JSON.** 64-bit integers are strings, enums are names, bytes are base64, times are RFC 3339. A stream is one JSON object per line; the
  last one says how it ended.
- **Compression.** Pushes may have a `Content-Encoding`: `gzip` (of any number of members), `deflate`, or several of them; a stream, one.
  The limits apply to the unpacked size. A body that is not whole gets 400, and nothing of it is taken. Other requests get 415.
- **Field rules.** Below each service's requests are the rules of their fields, with the default of each configured bound. A request that
  breaks rules gets 400 `INVALID_REQUEST` with a violation for each field. An optional field that is unset (an empty string, the number 0)
  is not checked. A string without a rule has at most `limits.string_bytes_max` bytes, an enum has a defined value, and times are in the
  years 1 to 9999.
- **HEAD** is not served; use GET. An unknown path, or a path with another verb, gets 404.

`make generate` writes this page from the protos; don't edit it here.
"""
_COMMENT = re.compile(r"((?:^  //[^\n]*\n)+)^  rpc (\w+)\(", re.MULTILINE)


def comments(service: str) -> dict[str, str]:
    """Return the first sentence about each method of a service, without the method's name."""
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


def _with_limit(said: str, bounds: RuleBounds | None) -> str:
    named = f" ([`limits.{bounds.limit}`](limits.md))" if bounds is not None and bounds.limit else ""
    return f"{said}{named}".replace("|", "&#124;").replace("<", "&lt;")


def page() -> str:
    """Return the page."""
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
