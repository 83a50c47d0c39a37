"""Scope and project names."""

import pytest

from chartly.platform.errors import InvalidArgument
from chartly.platform.identity.scope import NoScope, Scope, current_scope, parse_project, scoped


def test_project_is_split() -> None:
    """X-Chartly-Project is split into tenant and project."""
    assert parse_project("tenant-demo/proj_sales2") == ("tenant-demo", "proj_sales2")


@pytest.mark.parametrize("name", ["", "a", "a/", "/b", "a/b/c", "A/b", "a/..", "a b/c", "a/-b", "a/b-", "é/b", f"{'a' * 64}/b", "a/b\n"])
def test_other_names_are_refused(name: str) -> None:
    """Names with characters that have a meaning in paths or keys are refused."""
    with pytest.raises(InvalidArgument):
        parse_project(name)


def test_there_is_no_scope_outside_of_a_call() -> None:
    """Outside of a call there is no scope, and reading it raises NoScope."""
    with pytest.raises(NoScope):
        current_scope()


def test_scope_ends_with_its_block() -> None:
    """A scope ends with its block."""
    with scoped(Scope.service("orchestrator", "t", "p")):
        assert current_scope().namespace == "tenant/t/project/p"
    with pytest.raises(NoScope):
        current_scope()


def test_acting_service_remembers_for_whom() -> None:
    """A service that acts for a principal keeps that principal over further calls, for the ledger."""
    acting = Scope("user:ada", "t", "p", frozenset({"viewer"}), "r1").acting_as("orchestrator").acting_as("storage")

    assert (acting.principal, acting.on_behalf_of, acting.request_id) == ("service:storage", "user:ada", "r1")
