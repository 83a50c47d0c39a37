"""Whose profiles a caller sees and changes. It reads nothing."""

from chartly.platform.identity.scope import SERVICE_ROLE, Scope
from chartly.profiles import GLOBAL, ProfileUnknown, Reference
from chartly.registry.errors import NamespaceDenied


def check_readable(reference: Reference, scope: Scope) -> None:
    """Let the caller see its own project and global; anything else looks as if it didn't exist.

    Raises:
        ProfileUnknown: the reference is another project's.
    """
    if reference.namespace not in (scope.namespace, GLOBAL):
        raise ProfileUnknown(str(reference))


def check_writable(namespace: str, scope: Scope) -> None:
    """Let the caller write to its own project, and Chartly's services to global.

    Raises:
        NamespaceDenied: the namespace is neither.
    """
    if namespace == scope.namespace or (namespace == GLOBAL and SERVICE_ROLE in scope.roles):
        return
    raise NamespaceDenied(namespace)
