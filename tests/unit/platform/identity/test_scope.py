"""Scope and project names."""

import pytest

from chartly.platform.errors import InvalidArgument
from chartly.platform.identity.scope import NoScope, Scope, current_scope, parse_project, scoped


def test_project_is_split() -> None:
    """X-Chartly-Project names tenant and project."""
    assert parse_project("tenant-demo/proj_sales2") == ("tenant-demo", "proj_sales2")


@pytest.mark.parametrize("name", ["", "a", "a/", "/b", "a/b/c", "A/b", "a/..", "a b/c", "a/-b", "a/b-", "é/b", f"{'a' * 64}/b", "a/b\n"])
def test_other_names_are_refused(name: str) -> None:
    """A name becomes a folder and a key: nothing in it may mean something there."""
    with pytest.raises(InvalidArgument):
        parse_project(name)


def test_there_is_no_scope_outside_of_a_call() -> None:
    """Forgetting whom one works for is an error, not a default."""
    with pytest.raises(NoScope):
        current_scope()


def test_scope_ends_with_its_block() -> None:
    """Background work for one tenant doesn't leak into the next."""
    with scoped(Scope.service("orchestrator", "t", "p")):
        assert current_scope().namespace == "tenant/t/project/p"
    with pytest.raises(NoScope):
        current_scope()


def test_acting_service_remembers_for_whom() -> None:
    """The ledger can tell who began it, over any number of services."""
    acting = Scope("user:ada", "t", "p", frozenset({"viewer"}), "r1").acting_as("orchestrator").acting_as("storage")

    assert (acting.principal, acting.on_behalf_of, acting.request_id) == ("service:storage", "user:ada", "r1")
