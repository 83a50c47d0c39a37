"""Choose the project of a request, and check which rights a principal may grant."""

from collections.abc import Iterable

from chartly.auth.errors import GrantDenied, ProjectDenied, ProjectUnsaid
from chartly.platform.errors import Violations
from chartly.platform.identity.policy import GRANTABLE, permissions
from chartly.platform.identity.scope import NAME, parse_project

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


def check_request(principal: str, roles: Iterable[str], projects: Iterable[str], lifetime_s: int, lifetime_s_max: int) -> None:
    """Validate the request for a new token.

    Raises:
        InvalidRequest: with every violation.
    """
    wrong = Violations()
    principal_characters_max = 100  # as in auth.proto; the ledger shows it as the name of a person or program
    if not 1 <= len(principal) <= principal_characters_max or not principal.isprintable():
        wrong.add("principal", "must be 1 to 100 printable characters")
    if principal.startswith("service:"):
        wrong.add("principal", "service: is Chartly's own")
    roles, projects = list(roles), list(projects)
    wrong.require("roles", present=roles)
    for position, role in enumerate(roles):
        if role not in GRANTABLE:
            wrong.add(f"roles[{position}]", f"must be one of {', '.join(sorted(GRANTABLE))}")
    wrong.require("projects", present=projects)
    for position, project in enumerate(projects):
        tenant, _, name = project.partition("/")
        if project != ANY and not (NAME.fullmatch(tenant) and NAME.fullmatch(name)):
            wrong.add(f"projects[{position}]", "must be <tenant>/<project> or *")
    lifetime_s_min = 60  # as in auth.proto; a shorter life would end before the token is used
    if lifetime_s and not lifetime_s_min <= lifetime_s <= lifetime_s_max:
        wrong.add("lifetime_s", f"must be 0 or {lifetime_s_min} to {lifetime_s_max}")
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
