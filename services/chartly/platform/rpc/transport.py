"""Addresses, credentials and channel options: the one place that knows how services reach each other. It opens nothing."""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import grpc

from chartly.platform.config import Config

# sockaddr_un holds 108 bytes on Linux, the last a NUL.
_SOCKET_PATH_BYTES_MAX = 107


def socket_path(config: Config, name: str = "grpc.sock") -> Path:
    """Tell where a unix socket of this data directory is; deep directories get a short path in the temporary folder instead."""
    path = config.data_path / "run" / name
    if len(str(path).encode()) <= _SOCKET_PATH_BYTES_MAX:
        return path
    short = hashlib.sha256(str(config.data_path).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"chartly-{short}" / name


def listen_address(config: Config) -> str:
    """Tell what this process's server binds."""
    return f"unix:{socket_path(config)}" if config.server.listen == "unix" else config.server.listen


def target(config: Config, service: str) -> str:
    """Tell where ``service`` is: its own address, the default one, or this data directory's socket."""
    addresses = config.server.addresses
    return addresses.get(service) or addresses.get("default") or f"unix:{socket_path(config)}"


def message_options(config: Config) -> list[tuple[str, Any]]:
    """Bound the size of messages, both ways."""
    bytes_max = config.limits.rpc_message_bytes_max
    return [("grpc.max_receive_message_length", bytes_max), ("grpc.max_send_message_length", bytes_max)]


def server_options(config: Config) -> list[tuple[str, Any]]:
    """Set what a server needs: no silent sharing of a port, clients' keepalives allowed, bounded metadata."""
    return [
        *message_options(config),
        ("grpc.so_reuseport", 0),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.max_metadata_size", 64 * 1024),
    ]


def channel_options(config: Config) -> list[tuple[str, Any]]:
    """Set what a client needs: dead peers are found, balancing over all addresses, reconnection without long pauses."""
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
    """Tell whether mutual TLS guards ``address``; a unix socket needs none, its folder's mode guards it."""
    return bool(config.server.tls_certificate) and not address.startswith("unix:")


def server_credentials(config: Config) -> grpc.ServerCredentials | None:
    """Give the server's mTLS credentials: a client without a certificate of our CA is refused."""
    if not uses_tls(config, listen_address(config)):
        return None
    key, certificate, authority = _pem(config)
    return grpc.ssl_server_credentials([(key, certificate)], root_certificates=authority, require_client_auth=True)


def channel_credentials(config: Config, address: str) -> grpc.ChannelCredentials | None:
    """Give a client's mTLS credentials."""
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
