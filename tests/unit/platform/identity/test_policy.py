"""Roles and permissions, against the protos."""

from typing import Any

import pytest

from chartly.platform.config import Limits
from chartly.platform.identity.policy import ROLES, allows, permissions
from chartly.platform.identity.scope import NAME, SERVICE_ROLE
from chartly.platform.rpc.methods import Method, all_methods
from chartly.platform.rpc.rules import rules_of
from chartly.v1.auth_pb2 import CreateTokenRequest

# What only the operator may do; anything else that nobody is granted was forgotten.
OPERATOR_ONLY = {"auth.tokens.read", "auth.tokens.write"}

TOKEN_FIELDS: Any = CreateTokenRequest.DESCRIPTOR.fields_by_name
METHODS = sorted(all_methods().values(), key=lambda method: method.path)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.path)
def test_every_method_says_who_may_call_it(method: Method) -> None:
    """Exactly one of permission, public and internal; and what is internal has no REST route."""
    assert [bool(method.permission), method.public, method.internal].count(True) == 1
    assert method.external != method.internal


def test_every_permission_of_the_protos_is_granted_to_somebody() -> None:
    """A new permission is decided about in the table, not forgotten."""
    asked = {method.permission for method in METHODS if method.permission}
    granted = set(permissions(ROLES.keys() - {"operator", SERVICE_ROLE}))

    assert asked - granted - OPERATOR_ONLY == set()


def test_viewer_changes_nothing() -> None:
    """A viewer's grants are readings, and questions to datasets."""
    changing = {name for name in permissions(["viewer"]) if name.rpartition(".")[2] not in {"read", "query", "self"}}

    assert changing == set()


def test_nobody_else_manages_tokens() -> None:
    """Tokens are the operator's."""
    others = set(ROLES) - {"operator", SERVICE_ROLE}

    assert not allows(others, "auth.tokens.write")
    assert allows(["operator"], "auth.tokens.write")


def test_unknown_role_grants_nothing() -> None:
    """A role of another version of Chartly is no role."""
    assert not allows(["superuser"], "status.read")


def test_no_permission_is_nobodys() -> None:
    """A method without a permission isn't everybody's by accident."""
    assert not allows(["operator"], "")


def test_every_role_but_the_services_can_be_granted() -> None:
    """The roles that a request for a token may name are those of the policy, but for the one that opens internal methods."""
    roles = rules_of(TOKEN_FIELDS["roles"], Limits())

    assert roles.each
    assert set(roles.each.one_of) == set(ROLES) - {SERVICE_ROLE}


def test_projects_of_a_token_are_named_as_projects_are() -> None:
    """The format in the proto and the pattern that scopes are parsed with are the same."""
    projects = rules_of(TOKEN_FIELDS["projects"], Limits())

    assert projects.each
    assert projects.each.format
    assert projects.each.format.pattern.pattern == rf"\*|{NAME.pattern}/{NAME.pattern}"
