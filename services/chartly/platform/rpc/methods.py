"""The options of each method in the protos: its permission, and whether it streams. The interceptor enforces them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from google.api import annotations_pb2
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import MethodDescriptor

from chartly.v1 import permission_pb2


@dataclass(frozen=True, slots=True)
class Method:
    """One RPC with the options of its proto."""

    service: str
    """Full name of its proto service."""
    name: str
    permission: str
    """``noun.verb``, empty for public and internal methods."""
    public: bool
    """Whether it answers without a token."""
    internal: bool
    """Whether only services may call it. It has no REST route, and the edge refuses it."""
    server_streaming: bool
    client_streaming: bool
    external: bool
    """Whether it has a REST route."""

    @property
    def path(self) -> str:
        """The gRPC path."""
        return f"/{self.service}/{self.name}"


def describe(descriptor: MethodDescriptor) -> Method:
    """Return a method with its options."""
    options: Any = descriptor.GetOptions()  # extensions are typed in no stub
    return Method(
        service=descriptor.containing_service.full_name,
        name=descriptor.name,
        permission=options.Extensions[permission_pb2.permission],
        public=options.Extensions[permission_pb2.public],
        internal=options.Extensions[permission_pb2.internal],
        server_streaming=bool(descriptor.server_streaming),
        client_streaming=bool(descriptor.client_streaming),
        external=options.HasExtension(annotations_pb2.http),
    )


@cache
def method(path: str) -> Method | None:
    """Return a method by gRPC path among the protos that this process has imported; None if there is none."""
    _, service, name = path.split("/", 2)
    try:
        return describe(descriptor_pool.Default().FindMethodByName(f"{service}.{name}"))
    except KeyError:
        return None


DESCRIPTORS = Path(__file__).parents[2] / "v1" / "descriptor.binpb"
"""All protos with their imports, written by ``make generate``. The edge uses the same file for transcoding."""


@cache
def descriptors() -> tuple[MethodDescriptor, ...]:
    """Return the descriptors of every method of every service, without importing any stub."""
    files = descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    found: list[MethodDescriptor] = []
    for file in files.file:
        pool.Add(file)
        for service in file.service:
            found.extend(pool.FindServiceByName(f"{file.package}.{service.name}").methods)
    return tuple(found)


@cache
def all_methods() -> Mapping[str, Method]:
    """Return every method of every service by gRPC path, without importing any stub."""
    return MappingProxyType({described.path: described for described in map(describe, descriptors())})
