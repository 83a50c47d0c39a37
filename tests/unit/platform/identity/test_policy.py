"""Roles and permissions compared with the protos."""

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
    """Each method has exactly one of permission, public and internal; internal methods have no REST route."""
    assert [bool(method.permission), method.public, method.internal].count(True) == 1
    assert method.external != method.internal


def test_every_permission_is_granted_to_a_role() -> None:
    """Each permission of the protos is granted to a role."""
    asked = {method.permission for method in METHODS if method.permission}
    granted = set(permissions(ROLES.keys() - {"operator", SERVICE_ROLE}))

    assert asked - granted - OPERATOR_ONLY == set()


def test_viewer_changes_nothing() -> None:
    """A viewer's permissions are reads and queries only."""
    changing = {name for name in permissions(["viewer"]) if name.rpartition(".")[2] not in {"read", "query", "self"}}

    assert changing == set()


def test_only_operators_manage_tokens() -> None:
    """Only the operator role manages tokens."""
    others = set(ROLES) - {"operator", SERVICE_ROLE}

    assert not allows(others, "auth.tokens.write")
    assert allows(["operator"], "auth.tokens.write")


def test_unknown_role_grants_nothing() -> None:
    """An unknown role grants no permission."""
    assert not allows(["superuser"], "status.read")


def test_missing_permission_is_granted_to_no_role() -> None:
    """A method without a permission is allowed for no role."""
    assert not allows(["operator"], "")


def test_every_role_but_the_services_can_be_granted() -> None:
    """A token may have any role of the policy but the services' own."""
    roles = rules_of(TOKEN_FIELDS["roles"], Limits())

    assert roles.each
    assert set(roles.each.one_of) == set(ROLES) - {SERVICE_ROLE}


def test_projects_of_a_token_are_named_as_projects_are() -> None:
    """The proto's format of projects equals the pattern that parses scopes."""
    projects = rules_of(TOKEN_FIELDS["projects"], Limits())

    assert projects.each
    assert projects.each.format
    assert projects.each.format.pattern.pattern == rf"\*|{NAME.pattern}/{NAME.pattern}"
