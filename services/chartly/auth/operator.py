"""The local operator: whoever may read the data directory may run the installation. Makes one token, at the first start.

The token itself is only in its file (mode 0600); the database holds its digest. A lost file is replaced by a new token; the
old one then still works for whoever has it, until it is revoked.
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
    """Others than its owner can read the operator's token; make the file's mode 0600, or remove it for a new one."""

    path: str


async def ensure_operator(store: TokenStore, config: Config, clock: Clock, blocking: Blocking) -> Token | None:
    """Make the operator's token unless its file holds one that works; give the new one's record.

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
    # Database first: a file whose token isn't known would be replaced at the next start anyway, the reverse would not be noticed.
    await store.add(token)
    await blocking.run(write_private, path, f"{text}\n".encode())
    return token


def _read(path: Path) -> str:
    if not path.exists():
        return ""
    if path.stat().st_mode & 0o077:
        raise OperatorTokenExposed(str(path))
    return path.read_text(encoding="utf-8").strip()
