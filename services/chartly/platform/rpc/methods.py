"""What the protos say about each method: who may call it, and whether it streams. It enforces nothing; the interceptor does."""

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
    """One RPC, by the options in its proto."""

    service: str
    """Full name of its proto service."""
    name: str
    permission: str
    """``noun.verb``, empty for public and internal methods."""
    public: bool
    """Answers without a token."""
    internal: bool
    """For services only; it has no REST route and no way through the edge."""
    server_streaming: bool
    client_streaming: bool
    external: bool
    """Has a REST route."""

    @property
    def path(self) -> str:
        """The gRPC path."""
        return f"/{self.service}/{self.name}"


def describe(descriptor: MethodDescriptor) -> Method:
    """Read a method's options."""
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
    """Find a method by gRPC path among the protos that this process has imported; None when there is none."""
    _, service, name = path.split("/", 2)
    try:
        return describe(descriptor_pool.Default().FindMethodByName(f"{service}.{name}"))
    except KeyError:
        return None


DESCRIPTORS = Path(__file__).parents[2] / "v1" / "descriptor.binpb"
"""All protos with their imports, as ``make generate`` packs them; the edge transcodes from the same file."""


@cache
def descriptors() -> tuple[MethodDescriptor, ...]:
    """List the descriptors of every method of every service, without importing any stub."""
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
    """List every method of every service by gRPC path, without importing any stub."""
    return MappingProxyType({described.path: described for described in map(describe, descriptors())})
