"""Choose the project of a request, and check which rights a principal may grant."""

from collections.abc import Iterable

from chartly.auth.errors import GrantDenied, ProjectDenied, ProjectUnsaid
from chartly.platform.errors import Violations
from chartly.platform.identity.policy import permissions
from chartly.platform.identity.scope import parse_project

from .token import Token

ANY = "*"


def choose_project(asked: str, allowed: frozenset[str], default: str) -> tuple[str, str]:
    """Return tenant and project: the requested one, else the only one of the token, else the installation's default.

    Raises:
        ProjectNameInvalid: the requested text is not a project name.
        ProjectDenied: the token is not for the requested project.
        ProjectUnsaid: no project is requested, and the token has several projects without the default.
    """
    if asked:
        chosen = parse_project(asked)
        if ANY not in allowed and asked not in allowed:
            raise ProjectDenied(asked)
        return chosen
    if ANY in allowed or default in allowed:
        return parse_project(default)
    if len(allowed) != 1:
        raise ProjectUnsaid
    return parse_project(next(iter(allowed)))


def check_principal(principal: str) -> None:
    """Validate the principal of a new token.

    Raises:
        InvalidRequest: the name can't be printed, or is one of Chartly's own services.
    """
    wrong = Violations()
    if not principal.isprintable():
        wrong.add("principal", "must have printable characters only")
    if principal.startswith("service:"):
        wrong.add("principal", "must not begin with service:, which is reserved for Chartly's services")
    wrong.raise_if_any()


def check_grant(grantor: Token, roles: Iterable[str], projects: Iterable[str]) -> None:
    """Refuse to grant a role or project that the grantor lacks.

    Raises:
        GrantDenied: names the first role or project that the grantor lacks.
    """
    own = set(permissions(grantor.roles))
    for role in roles:
        if ANY not in own and not set(permissions([role])) <= own:
            raise GrantDenied("role", role)
    for project in projects:
        if ANY not in grantor.projects and project not in grantor.projects:
            raise GrantDenied("project", project)
