"""The messages of Envoy's ``envoy.service.auth.v3`` that we use: the same wire format, in a separate descriptor pool.

The package ``xds-protos`` has them too, but it overwrites ``google/rpc`` and ``opentelemetry/proto`` in site-packages. A
separate pool collides with nothing. Maps are declared as repeated pairs, enums as int32; both have the same wire format.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

METHOD_SERVICE = "envoy.service.auth.v3.Authorization"

_PACKAGE = "chartly_edge"
_FIELD = descriptor_pb2.FieldDescriptorProto

# message → (name, number, type, repeated), with Envoy's field numbers.
_MESSAGES: dict[str, tuple[tuple[str, int, str, bool], ...]] = {
    "Pair": (("key", 1, "string", False), ("value", 2, "string", False)),
    "HttpRequest": (
        ("id", 1, "string", False),
        ("method", 2, "string", False),
        ("headers", 3, "Pair", True),
        ("path", 4, "string", False),
        ("raw_body", 12, "bytes", False),
    ),
    "Request": (("http", 2, "HttpRequest", False),),
    "AttributeContext": (("request", 4, "Request", False), ("context_extensions", 10, "Pair", True)),
    "CheckRequest": (("attributes", 1, "AttributeContext", False),),
    "Status": (("code", 1, "int32", False), ("message", 2, "string", False)),
    "HttpStatus": (("code", 1, "int32", False),),
    "HeaderValueOption": (("header", 1, "Pair", False), ("append_action", 3, "int32", False)),
    "DeniedHttpResponse": (
        ("status", 1, "HttpStatus", False),
        ("headers", 2, "HeaderValueOption", True),
        ("body", 3, "string", False),
    ),
    "OkHttpResponse": (("headers", 2, "HeaderValueOption", True), ("headers_to_remove", 5, "string", True)),
    "CheckResponse": (
        ("status", 1, "Status", False),
        ("denied_response", 2, "DeniedHttpResponse", False),
        ("ok_response", 3, "OkHttpResponse", False),
    ),
}

OVERWRITE = 2
"""HeaderAppendAction OVERWRITE_IF_EXISTS_OR_ADD: a value that the client sent under this name is replaced."""


def _pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(name="chartly_edge.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field_name, number, kind, repeated in fields:
            field = message.field.add(name=field_name, number=number)
            field.label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
            if kind == "string":
                field.type = _FIELD.TYPE_STRING
            elif kind == "bytes":
                field.type = _FIELD.TYPE_BYTES
            elif kind == "int32":
                field.type = _FIELD.TYPE_INT32
            else:
                field.type, field.type_name = _FIELD.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


_POOL = _pool()


def _class(name: str) -> Any:
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"{_PACKAGE}.{name}"))


CheckRequest = _class("CheckRequest")
CheckResponse = _class("CheckResponse")
