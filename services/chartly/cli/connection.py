"""REST calls to the edge with a bearer token. An error answer is raised as the type that the service raised.

The token is CHARTLY_TOKEN, or the local operator's token from the data directory. The address is --url, or the one that the running
installation has written into that directory.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode

import httpx
import orjson

from chartly.platform.config import load
from chartly.platform.errors import FieldViolation, RemoteError, Unavailable, error
from chartly.platform.paths import edge_url_path, operator_token_path

DEFAULT_URL = "http://127.0.0.1:8090"
# A report over large datasets may take as long as a query may; the edge's own deadlines are shorter.
_TIMEOUT_S = 120.0
# The server's default bound: limits.page_size_max.
_PAGE_SIZE_MAX = 1_000
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"


@error(reason="SERVICE_UNAVAILABLE")
class EdgeUnreachable(Unavailable):
    """No installation answers at this address; start one with `chartly up`."""

    url: str


@error(reason="TOKEN_INVALID")
class NoToken(Unavailable):
    """There is no token: set CHARTLY_TOKEN, or name the data directory of an installation with --data."""

    data: str


class Connection:
    """A client of one edge for one project. Use as a context manager."""

    def __init__(self, data: Path, url: str = "", project: str = "", token: str = "") -> None:
        config = load(environment={}, overrides={"data_dir": str(data)})
        self.url = (url or _read(edge_url_path(config)) or DEFAULT_URL).rstrip("/")
        self._token = token or os.environ.get("CHARTLY_TOKEN", "") or _read(operator_token_path(config))
        if not self._token:
            raise NoToken(str(data))
        self.project = project
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        if project:
            headers["X-Chartly-Project"] = project
        self._client = httpx.Client(base_url=self.url, headers=headers, timeout=_TIMEOUT_S, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, **query: str | int) -> Any:
        """Send GET and return the decoded answer.

        Raises:
            RemoteError: the platform refused the request; has its reason and field violations.
            EdgeUnreachable: no installation answers.
        """
        return self._json(self._send("GET", path, {name: value for name, value in query.items() if value not in ("", 0)}))

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, idempotency_key: str = "") -> Any:
        """Send JSON with POST and return the decoded answer; errors as ``get``."""
        return self._json(self.post_raw(path, body, idempotency_key=idempotency_key))

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Send JSON with PUT and return the decoded answer; errors as ``get``."""
        return self._json(self._send("PUT", path, content=orjson.dumps(body), headers={"Content-Type": "application/json"}))

    def delete(self, path: str) -> Any:
        """Send DELETE and return the decoded answer; errors as ``get``."""
        return self._json(self._send("DELETE", path))

    def post_raw(self, path: str, body: Mapping[str, Any] | None = None, *, idempotency_key: str = "") -> bytes:
        """Send JSON with POST and return the answer's bytes; errors as ``get``."""
        headers = {"Content-Type": "application/json"} | ({"X-Idempotency-Key": idempotency_key} if idempotency_key else {})
        return self._send("POST", path, content=orjson.dumps(body or {}), headers=headers)

    def post_bytes(self, path: str, content: bytes, content_type: str, **query: str) -> Any:
        """Send bytes with POST and return the decoded answer; errors as ``get``."""
        return self._json(self._send("POST", path, query, content=content, headers={"Content-Type": content_type}))

    def get_raw(self, path: str) -> bytes | None:
        """Send GET and return the answer's bytes, None for 404; other errors as ``get``."""
        try:
            return self._send("GET", path)
        except RemoteError as refused:
            if refused.remote_code == HTTPStatus.NOT_FOUND:
                return None
            raise

    def pages(self, path: str, member: str, **query: str | int) -> Iterator[Any]:
        """Yield the items of all pages of a list."""
        token = ""
        while True:
            answer = self.get(path, **query, page_token=token)
            yield from answer.get(member, [])
            token = answer.get("next_page_token", "")
            if not token:
                return

    def first(self, path: str, member: str, count: int, **query: str | int) -> tuple[list[Any], bool]:
        """Return the first items of a list, and whether there are more."""
        found: list[Any] = []
        token = ""
        while True:
            answer = self.get(path, **query, page_size=min(count - len(found), _PAGE_SIZE_MAX), page_token=token)
            found += answer.get(member, [])
            token = answer.get("next_page_token", "")
            if not token or len(found) >= count:
                return found, bool(token)

    def stream(self, path: str, method: str = "GET") -> Iterator[Any]:
        """Read a stream of JSON lines; errors as ``get``."""
        try:
            with self._client.stream(method, encoded(path), timeout=httpx.Timeout(_TIMEOUT_S, read=None)) as answer:
                if answer.is_error:
                    answer.read()
                    raise _remote(answer)
                for line in answer.iter_lines():
                    if line.strip():
                        yield orjson.loads(line)
        except httpx.TransportError as failure:
            raise EdgeUnreachable(self.url) from failure

    def _send(self, method: str, path: str, query: Mapping[str, str | int] | None = None, **parts: Any) -> bytes:
        try:
            answer = self._client.request(method, encoded(path, query), **parts)
        except httpx.TransportError as failure:
            raise EdgeUnreachable(self.url) from failure
        if answer.is_error:
            raise _remote(answer)
        return answer.content

    @staticmethod
    def _json(content: bytes) -> Any:
        return orjson.loads(content) if content else {}


def encoded(path: str, query: Mapping[str, str | int] | None = None) -> str:
    """Return a path and its query as they stand in a request line. Names in the path may hold any character but a slash.

    A space becomes `%20`, never `+`: in a path `+` stands for itself, so that one rule holds for both.
    """
    return quote(path, safe="/:@+") + (f"?{urlencode(query, quote_via=quote)}" if query else "")


def _remote(answer: httpx.Response) -> RemoteError:
    """Return the error of a google.rpc.Status in JSON; for any other body, of the HTTP status."""
    status: dict[str, Any] = {}
    with suppress(orjson.JSONDecodeError):
        status = orjson.loads(answer.content)
    details: dict[str, dict[str, Any]] = {detail.get("@type", ""): detail for detail in status.get("details", [])}
    info, bad = details.get(_ERROR_INFO, {}), details.get(_BAD_REQUEST, {})
    broken: list[dict[str, str]] = bad.get("field_violations", bad.get("fieldViolations", []))
    violations = [FieldViolation(found.get("field", ""), found.get("description", ""), found.get("reason", "")) for found in broken]
    return RemoteError(
        service="edge",
        remote_code=answer.status_code,
        remote_reason=info.get("reason", f"HTTP_{answer.status_code}"),
        remote_message=status.get("message") or f"the edge answered {answer.status_code}",
        metadata=info.get("metadata", {}),
        violations=tuple(violations),
        retry_after_s=_retry_after_s(answer),
    )


def _retry_after_s(answer: httpx.Response) -> float | None:
    """Read Retry-After in seconds, the only form that the edge sends."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""
