"""Look up secrets by reference: in the environment, then in a private file of the data directory. Nothing is cached.

``secretRef: {name: sales-http, key: token}`` of project ``tenant-demo/proj-sales`` is searched in this order:

- the environment variable ``CHARTLY_SECRET__TENANT_DEMO__PROJ_SALES__SALES_HTTP__TOKEN``;
- the file ``<data>/secrets/tenant-demo/proj-sales/sales-http/token`` (without a trailing newline), as Kubernetes mounts secrets.

Tenant and project are part of the name, so a profile of one project can never name another's secret.
"""

import os
import re
from pathlib import Path

from .config import Config
from .config.secret import Secret
from .errors import FailedPrecondition, error
from .identity.scope import Scope

PREFIX = "CHARTLY_SECRET__"
# Keys and tokens are short. A larger file is a mistake and must not be read into memory.
SECRET_BYTES_MAX = 64 * 1024

_PART = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?")


@error(reason="SECRET_MISSING")
class SecretMissing(FailedPrecondition):
    """The profile names a secret that does not exist. Set the environment variable, or put the secret into the file."""

    name: str
    key: str
    variable: str
    file: str
    """Relative to the data directory."""


class SecretStore:
    """Looks up secrets of one project at a time."""

    def __init__(self, config: Config) -> None:
        self._folder = config.data_path / "secrets"

    def get(self, scope: Scope, name: str, key: str) -> Secret:
        """Return a secret of the scope's project. Blocking: it reads at most one small file.

        Raises:
            SecretMissing: it doesn't exist, its name could leave the folder, or its file is empty, too large or not UTF-8.
        """
        variable = PREFIX + "__".join(_upper(part) for part in (scope.tenant, scope.project, name, key))
        text = ""
        if _PART.fullmatch(name) and _PART.fullmatch(key):
            text = os.environ.get(variable) or _read(self._folder / scope.tenant / scope.project / name / key)
        if not text:
            raise SecretMissing(name, key, variable, f"secrets/{scope.tenant}/{scope.project}/{name}/{key}")
        return Secret(text)


def _upper(part: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "_", part).upper()


def _read(path: Path) -> str:
    if not path.is_file() or path.stat().st_size > SECRET_BYTES_MAX:
        return ""
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n")
    except UnicodeDecodeError:
        return ""
