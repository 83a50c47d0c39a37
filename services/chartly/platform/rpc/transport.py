"""Addresses, credentials and channel options of the connections between services."""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import grpc

from chartly.platform.config import Config

# sockaddr_un holds 108 bytes on Linux, with a final NUL.
_SOCKET_PATH_BYTES_MAX = 107


def socket_path(config: Config, name: str = "grpc.sock") -> Path:
    """Return the path of a unix socket of this data directory. For a long path, use a short one in the temporary folder."""
    path = config.data_path / "run" / name
    if len(str(path).encode()) <= _SOCKET_PATH_BYTES_MAX:
        return path
    short = hashlib.sha256(str(config.data_path).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"chartly-{short}" / name


def listen_address(config: Config) -> str:
    """Return the address of this process's server."""
    return f"unix:{socket_path(config)}" if config.server.listen == "unix" else config.server.listen


def target(config: Config, service: str) -> str:
    """Return the address of ``service``: its own, the default one, or this data directory's socket."""
    addresses = config.server.addresses
    return addresses.get(service) or addresses.get("default") or f"unix:{socket_path(config)}"


def message_options(config: Config) -> list[tuple[str, Any]]:
    """Return the options that bound messages in both directions."""
    bytes_max = config.limits.rpc_message_bytes_max
    return [("grpc.max_receive_message_length", bytes_max), ("grpc.max_send_message_length", bytes_max)]


def server_options(config: Config) -> list[tuple[str, Any]]:
    """Return a server's options: no shared port, keepalives of clients allowed, bounded metadata."""
    return [
        *message_options(config),
        ("grpc.so_reuseport", 0),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.max_metadata_size", 64 * 1024),
    ]


def channel_options(config: Config) -> list[tuple[str, Any]]:
    """Return a client's options: detection of dead peers, load balancing over all addresses, reconnection without long pauses."""
    options: list[tuple[str, Any]] = [
        *message_options(config),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 2_000),
        ("grpc.lb_policy_name", "round_robin"),
        ("grpc.max_metadata_size", 64 * 1024),
        ("grpc.use_local_subchannel_pool", 1),
    ]
    if config.server.tls_server_name:
        options.append(("grpc.ssl_target_name_override", config.server.tls_server_name))
    return options


def uses_tls(config: Config, address: str) -> bool:
    """Return whether ``address`` uses mutual TLS. A unix socket needs none: the mode of its folder protects it."""
    return bool(config.server.tls_certificate) and not address.startswith("unix:")


def server_credentials(config: Config) -> grpc.ServerCredentials | None:
    """Return the server's mTLS credentials. A client without a certificate of our CA is refused."""
    if not uses_tls(config, listen_address(config)):
        return None
    key, certificate, authority = _pem(config)
    return grpc.ssl_server_credentials([(key, certificate)], root_certificates=authority, require_client_auth=True)


def channel_credentials(config: Config, address: str) -> grpc.ChannelCredentials | None:
    """Return a client's mTLS credentials."""
    if not uses_tls(config, address):
        return None
    key, certificate, authority = _pem(config)
    return grpc.ssl_channel_credentials(root_certificates=authority, private_key=key, certificate_chain=certificate)


def _pem(config: Config) -> tuple[bytes, bytes, bytes]:
    server = config.server
    return (
        Path(server.tls_key).read_bytes(),
        Path(server.tls_certificate).read_bytes(),
        Path(server.tls_ca).read_bytes(),
    )
