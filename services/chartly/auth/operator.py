"""The token of the local operator, created at the first start. Anyone who can read the data directory can operate the installation.

Only its file (mode 0600) holds the token; the database holds its digest. If the file is lost, a new token is created. The old one
remains valid until it is revoked.
"""

import secrets
from pathlib import Path

from chartly.platform.blocking import Blocking
from chartly.platform.clock import Clock
from chartly.platform.config import Config
from chartly.platform.errors import FailedPrecondition, error
from chartly.platform.files import write_private
from chartly.platform.paths import operator_token_path

from .domain.grant import ANY
from .domain.token import ID_RANDOM_BYTES, SECRET_BYTES, Token, bearer, digest, token_id
from .store import TokenStore

PRINCIPAL = "user:operator"


@error(reason="SERVICE_UNAVAILABLE")
class OperatorTokenExposed(FailedPrecondition):
    """The file of the operator's token is readable by others. Set its mode to 0600, or delete it to get a new token."""

    path: str


async def ensure_operator(store: TokenStore, config: Config, clock: Clock, blocking: Blocking) -> Token | None:
    """Create the operator's token, unless its file holds a valid one. Return the new token's record.

    Raises:
        OperatorTokenExposed: the file's mode lets others read it.
    """
    path = operator_token_path(config)
    text = await blocking.run(_read, path)
    if text:
        known = await store.by_digest(digest(text))
        if known is not None and known.problem(clock.now()) is None:
            return None
    now = clock.now()
    identifier = token_id(now, secrets.token_bytes(ID_RANDOM_BYTES))
    text = bearer(identifier, secrets.token_bytes(SECRET_BYTES))
    roles, projects = frozenset({"operator"}), frozenset({ANY})
    token = Token(identifier, digest(text), config.auth.tenant, PRINCIPAL, roles, projects, now, None, None)
    # Database first: a token that only the database has is harmless. A file with an unknown token would be replaced at the next start.
    await store.add(token)
    await blocking.run(write_private, path, f"{text}\n".encode())
    return token


def _read(path: Path) -> str:
    if not path.exists():
        return ""
    if path.stat().st_mode & 0o077:
        raise OperatorTokenExposed(str(path))
    return path.read_text(encoding="utf-8").strip()
