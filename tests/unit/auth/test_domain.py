"""Tokens, grants and rates of the auth domain."""

from datetime import UTC, datetime, timedelta

import pytest

from chartly.auth.domain.grant import check_grant, check_principal, choose_project
from chartly.auth.domain.rate import Rate
from chartly.auth.domain.token import Token, bearer, digest, token_id, well_formed
from chartly.auth.errors import GrantDenied, ProjectDenied, ProjectUnsaid
from chartly.platform.config import Limits
from chartly.platform.errors import InvalidRequest
from chartly.platform.rpc.validation import RequestValidator
from chartly.v1 import auth_pb2 as pb

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def token(*, roles: set[str], projects: set[str], **times: datetime) -> Token:
    """Return a token of a principal."""
    return Token(
        "tok_x", "d", "t", "user:ada", frozenset(roles), frozenset(projects), NOON, times.get("expires_at"), times.get("revoked_at")
    )


def test_ids_sort_by_creation() -> None:
    """Token ids sort by the time of their creation."""
    earlier, later = token_id(NOON, b"\xff" * 10), token_id(NOON + timedelta(milliseconds=1), bytes(10))

    assert earlier < later
    assert well_formed(bearer(earlier, bytes(32)))


@pytest.mark.parametrize(
    "text", ["", "tok_x.y", "Bearer x", bearer(token_id(NOON, bytes(10)), bytes(31)), bearer(token_id(NOON, bytes(10)), bytes(32)) + "\n"]
)
def test_malformed_token_is_not_looked_up(text: str) -> None:
    """A malformed token costs no query."""
    assert not well_formed(text)


def test_digest_depends_on_every_bit_of_the_token() -> None:
    """The digest does not contain the token, and changes with every bit of it."""
    one, two = (bearer(token_id(NOON, bytes(10)), bytes(31) + end) for end in (b"\0", b"\1"))

    assert len({digest(one), digest(two)}) == 2
    assert one not in digest(one)


def test_token_ends_at_expires_at() -> None:
    """At expires_at a token is expired."""
    limited = token(roles={"viewer"}, projects={"*"}, expires_at=NOON)

    assert (limited.problem(NOON - timedelta(microseconds=1)), limited.problem(NOON)) == (None, "expired")
    assert token(roles=set(), projects=set(), revoked_at=NOON).problem(NOON) == "revoked"


def test_asked_project_must_be_among_the_tokens() -> None:
    """The requested project must be one of the token's projects."""
    allowed = frozenset({"t/a", "t/b"})

    assert choose_project("t/b", allowed, "t/a") == ("t", "b")
    with pytest.raises(ProjectDenied):
        choose_project("t/c", allowed, "t/a")


def test_missing_project_is_the_only_one_or_the_default() -> None:
    """Without a requested project the token's only project or its default applies; else the request is refused."""
    assert choose_project("", frozenset({"t/only"}), "d/d") == ("t", "only")
    assert choose_project("", frozenset({"*"}), "d/d") == ("d", "d")
    assert choose_project("", frozenset({"t/a", "d/d"}), "d/d") == ("d", "d")
    with pytest.raises(ProjectUnsaid):
        choose_project("", frozenset({"t/a", "t/b"}), "d/d")


def test_any_project_is_open_to_a_token_for_all() -> None:
    """A token for all projects may name any project, also a new one."""
    assert choose_project("new/one", frozenset({"*"}), "d/d") == ("new", "one")


@pytest.mark.parametrize("principal", ["service:storage", "user:ada\n", "user:\u202eada"])
def test_principal_of_a_token_can_be_printed_and_is_no_service(principal: str) -> None:
    """A principal's name must be printable, since the ledger and logs show it, and must not name a service."""
    with pytest.raises(InvalidRequest) as refused:
        check_principal(principal)

    assert [violation.field for violation in refused.value.violations] == ["principal"]


def test_principal_may_have_any_letters() -> None:
    """A principal's name may have letters beyond ASCII; only unprintable characters are refused."""
    check_principal("user:jürgen")
    with pytest.raises(InvalidRequest):
        check_principal("user:jürgen\u0007")


def test_all_mistakes_of_a_request_come_back_at_once() -> None:
    """Invalid principal, role, project and lifetime are each a violation of one answer."""
    request = pb.CreateTokenRequest(principal="p" * 101, roles=["service"], projects=["everything"], lifetime_s=59)

    assert [violation.field for violation in RequestValidator(Limits()).violations(request)] == [
        "principal",
        "roles[0]",
        "projects[0]",
        "lifetime_s",
    ]


@pytest.mark.parametrize(("lifetime_s", "passes"), [(0, True), (59, False), (60, True), (100, True), (101, False), (-1, False)])
def test_lifetime_is_bounded(lifetime_s: int, *, passes: bool) -> None:
    """Lifetimes at the bounds are accepted, beyond them refused; the upper bound is configured."""
    request = pb.CreateTokenRequest(principal="user:ada", roles=["viewer"], projects=["t/p"], lifetime_s=lifetime_s)

    assert (RequestValidator(Limits(token_lifetime_s_max=100)).violations(request) == []) is passes


def test_caller_grants_only_own_roles_and_projects() -> None:
    """A caller can't grant a role or a project that the caller lacks."""
    engineer = token(roles={"engineer"}, projects={"t/p"})

    check_grant(engineer, ["viewer"], ["t/p"])
    with pytest.raises(GrantDenied, match="operator"):
        check_grant(engineer, ["operator"], ["t/p"])
    with pytest.raises(GrantDenied, match="t/q"):
        check_grant(engineer, ["viewer"], ["t/q"])
    with pytest.raises(GrantDenied):
        check_grant(engineer, ["viewer"], ["*"])


def test_a_minutes_requests_pass_and_the_next_waits() -> None:
    """Requests up to the bound pass; the next one gets a time to wait, and passes after it."""
    rate = Rate(60, names_max=10)
    assert [rate.take("ada", 100.0) for _ in range(60)] == [0.0] * 60

    wait_s = rate.take("ada", 100.0)

    assert 0 < wait_s <= 1
    assert rate.take("bob", 100.0) == 0
    assert rate.take("ada", 100.0 + wait_s) == 0


def test_rates_remember_a_bounded_number_of_names() -> None:
    """The number of names with a rate in memory is bounded."""
    rate = Rate(60, names_max=3)
    for number in range(1000):
        rate.take(str(number), 0.0)

    assert len(rate._full_at) == 3  # pyright: ignore[reportPrivateUsage]
