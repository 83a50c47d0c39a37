"""Operation of an installation: bounds on requests, a crash of Envoy, a used port, the operator's token."""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from chartly.platform.host import AddressTaken

from .test_requests import details


def test_rate_of_a_principal_is_bounded(run_edge: Callable[..., Any]) -> None:
    """One request beyond a principal's rate is 429 with a time to retry; other principals are not affected."""
    with run_edge(limits__principal_requests_per_minute=5) as edge:
        other = edge.make_token("viewer")
        statuses = [edge.ask("GET", "/v1/auth/introspect", headers=other).status_code for _ in range(5)]
        refused = edge.ask("GET", "/v1/auth/introspect", headers=other)
        operator = edge.ask("GET", "/v1/auth/introspect", headers=edge.operator)

    assert (statuses, refused.status_code, operator.status_code) == ([200] * 5, 429, 200)
    assert int(refused.headers["retry-after"]) >= 1
    assert details(refused)["ErrorInfo"]["reason"] == "QUOTA_EXCEEDED"
    assert details(refused)["RetryInfo"]["retry_delay"].endswith("s")


def test_killed_envoy_is_restarted(run_edge: Callable[..., Any]) -> None:
    """A killed Envoy is restarted on the same port and accepts the same token."""
    with run_edge() as edge:
        os.kill(edge.edge.pid, signal.SIGKILL)
        ends, answer = time.monotonic() + 20, None
        while answer is None or answer.status_code != 200:
            assert time.monotonic() < ends
            time.sleep(0.1)
            try:
                answer = edge.ask("GET", "/v1/auth/introspect", headers=edge.operator)
            except httpx.TransportError:
                continue


def test_used_port_is_reported(run_edge: Callable[..., Any], edge: Any) -> None:
    """A used port is reported before anything is started."""
    with pytest.raises(AddressTaken, match=str(edge.edge.port)), run_edge(edge__port=edge.edge.port):
        pass


def test_operators_token_is_private_and_stays(run_edge: Callable[..., Any]) -> None:
    """The operator's token file has mode 0600, stays the same after a restart, and the database has only its digest."""
    with run_edge() as first:
        token, path = first.token, first.config.data_path
    with run_edge() as second:
        assert second.token == token
        assert second.ask("GET", "/v1/auth/introspect", headers=second.operator).status_code == 200

    assert (path / "operator.token").stat().st_mode & 0o777 == 0o600
    assert token.partition(".")[2].encode() not in (path / "metadata.sqlite").read_bytes()


def test_readable_operator_token_stops_the_start(run_edge: Callable[..., Any]) -> None:
    """A token file that others can read stops the start."""
    with run_edge() as first:
        path = first.config.data_path / "operator.token"
    path.chmod(0o644)

    with pytest.raises(Exception, match="readable by others"), run_edge():
        pass
