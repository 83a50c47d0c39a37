"""Which project a request is for, and what one holder may pass on to another."""

from collections.abc import Iterable

from chartly.auth.errors import GrantDenied, ProjectDenied, ProjectUnsaid
from chartly.platform.errors import Violations
from chartly.platform.identity.policy import GRANTABLE, permissions
from chartly.platform.identity.scope import NAME, parse_project

from .token import Token

ANY = "*"


def choose_project(asked: str, allowed: frozenset[str], default: str) -> tuple[str, str]:
    """Choose tenant and project: what is asked, else the only one the token has, else the installation's default.

    Raises:
        ProjectNameInvalid: what is asked is no project's name.
        ProjectDenied: it is not among the token's.
        ProjectUnsaid: nothing is asked, and the token has several without the default.
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
    """Check what a new token is asked to be, whoever asks.

    Raises:
        InvalidRequest: with every violation.
    """
    wrong = Violations()
    principal_characters_max = 100  # as auth.proto says; it names a person or program in the ledger
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
    lifetime_s_min = 60  # as auth.proto says; shorter ones end before they are used
    if lifetime_s and not lifetime_s_min <= lifetime_s <= lifetime_s_max:
        wrong.add("lifetime_s", f"must be 0 or {lifetime_s_min} to {lifetime_s_max}")
    wrong.raise_if_any()


def check_grant(grantor: Token, roles: Iterable[str], projects: Iterable[str]) -> None:
    """Refuse to pass on more than the grantor has.

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
