"""Internal tokens."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chartly.platform.config import load
from chartly.platform.identity.scope import Scope
from chartly.platform.identity.tokens import InternalKeyUnsafe, InternalTokenInvalid, InternalTokens, internal_key

KEY = bytes(range(32))
ADA = Scope("user:ada", "t", "p", frozenset({"viewer"}), "r1", "j1", credential="tok_1")


class HandClock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the time that was set."""
        return self.time

    def monotonic_s(self) -> float:
        """Return the time that was set, in seconds."""
        return self.time.timestamp()


@pytest.fixture
def clock() -> HandClock:
    """A clock that tests set."""
    return HandClock()


@pytest.fixture
def tokens(clock: HandClock) -> InternalTokens:
    """Tokens that are valid for five minutes."""
    return InternalTokens(KEY, clock, 300)


def test_token_gives_back_its_scope(tokens: InternalTokens) -> None:
    """A verified token has the principal and project that were signed; request and job come with each call."""
    assert tokens.verify(tokens.mint(ADA), "r2", "j2") == Scope("user:ada", "t", "p", frozenset({"viewer"}), "r2", "j2", credential="tok_1")


def test_scope_is_signed_once_while_it_is_fresh(tokens: InternalTokens, clock: HandClock) -> None:
    """A scope's token is reused for half of its life, and then renewed."""
    first = tokens.mint(ADA)
    clock.time += timedelta(seconds=149)
    assert tokens.mint(ADA) == first
    clock.time += timedelta(seconds=2)
    assert tokens.mint(ADA) != first


def test_expired_token_is_refused(tokens: InternalTokens, clock: HandClock) -> None:
    """An expired token is refused, also if it was verified before."""
    token = tokens.mint(ADA)
    tokens.verify(token)
    clock.time += timedelta(seconds=306)

    with pytest.raises(InternalTokenInvalid, match="expired"):
        tokens.verify(token)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é"])
def test_malformed_token_is_refused(tokens: InternalTokens, token: str) -> None:
    """Malformed input is refused as UNAUTHENTICATED."""
    with pytest.raises(InternalTokenInvalid):
        tokens.verify(token)


def test_token_of_another_key_is_refused(tokens: InternalTokens, clock: HandClock) -> None:
    """A token that another installation's key signed is refused."""
    with pytest.raises(InternalTokenInvalid, match="forged"):
        tokens.verify(InternalTokens(bytes(32), clock, 300).mint(ADA))


def test_changed_claims_are_refused(tokens: InternalTokens) -> None:
    """A token with changed claims is refused."""
    head, body, signature = tokens.mint(ADA).split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "==")) | {"roles": ["operator"]}
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()

    with pytest.raises(InternalTokenInvalid, match="forged"):
        tokens.verify(f"{head}.{forged}.{signature}")


def test_unsigned_token_is_refused(tokens: InternalTokens) -> None:
    """A token with the algorithm ``none`` is refused."""
    _, body, _ = tokens.mint(ADA).split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()

    with pytest.raises(InternalTokenInvalid, match="forged"):
        tokens.verify(f"{head}.{body}.")


def test_key_is_made_once_and_private(tmp_path: Path) -> None:
    """Later starts and other processes read the key that the first one created."""
    config = load(environment={}, overrides={"data_dir": str(tmp_path)})

    first, again = internal_key(config), internal_key(config)

    assert first == again
    assert (tmp_path / "keys" / "internal.key").stat().st_mode & 0o777 == 0o600


def test_readable_key_is_refused(tmp_path: Path) -> None:
    """A key file that others can read is refused."""
    config = load(environment={}, overrides={"data_dir": str(tmp_path)})
    internal_key(config)
    (tmp_path / "keys" / "internal.key").chmod(0o644)

    with pytest.raises(InternalKeyUnsafe):
        internal_key(config)


def test_short_key_is_refused() -> None:
    """A key that is shorter than the hash is refused, as RFC 7518 requires."""
    short = base64.b64encode(b"short").decode()

    with pytest.raises(InternalKeyUnsafe):
        internal_key(load(environment={"CHARTLY_AUTH_INTERNAL_KEY": short}))
