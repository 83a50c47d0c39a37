"""Check which profiles a caller may read and write. Pure."""

from chartly.platform.identity.scope import SERVICE_ROLE, Scope
from chartly.profiles import GLOBAL, ProfileUnknown, Reference
from chartly.registry.errors import NamespaceDenied


def check_readable(reference: Reference, scope: Scope) -> None:
    """Allow the caller's own project and global. Any other namespace is answered as unknown.

    Raises:
        ProfileUnknown: the reference is another project's.
    """
    if reference.namespace not in (scope.namespace, GLOBAL):
        raise ProfileUnknown(str(reference))


def check_writable(namespace: str, scope: Scope) -> None:
    """Allow callers to write to their own project, and Chartly's services to write to global.

    Raises:
        NamespaceDenied: the namespace is neither.
    """
    if namespace == scope.namespace or (namespace == GLOBAL and SERVICE_ROLE in scope.roles):
        return
    raise NamespaceDenied(namespace)
