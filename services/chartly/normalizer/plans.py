"""The input of a plan's compilation: the frozen profile, its contract, and the secrets of the caller's project that its steps name."""

from chartly.platform.blocking import Blocking
from chartly.platform.identity.scope import current_scope
from chartly.platform.secrets import SecretStore
from chartly.profiles.secret_references import STAND_IN, secret_names

from .chunk import PlanSource
from .frozen import FrozenProfile


class PlanSources:
    """Combines profiles and secrets. Secrets are read for each chunk and never cached, so a change has effect at once."""

    def __init__(self, secrets: SecretStore, blocking: Blocking) -> None:
        self._secrets = secrets
        self._blocking = blocking

    async def get(self, profile_hash: str, normalizer: FrozenProfile) -> PlanSource:
        """Return the input for compiling the plan of a frozen profile, for the caller's project.

        Raises:
            SecretMissing: a step names a secret that the project doesn't have.
        """
        names = _names(normalizer)
        scope = current_scope()

        def read() -> tuple[tuple[str, str, bytes], ...]:
            return tuple((name, key, self._secrets.get(scope, name, key).reveal().encode()) for name, key in names)

        secrets = await self._blocking.run(read) if names else ()
        return PlanSource(profile_hash, normalizer.plan_json, normalizer.contract_json, secrets)

    def explaining(self, profile_hash: str, normalizer: FrozenProfile) -> PlanSource:
        """Return the same without secrets. With them, a caller who may see traces could compare hashes of guesses and identify people."""
        secrets = tuple((name, key, STAND_IN) for name, key in _names(normalizer))
        return PlanSource(profile_hash, normalizer.plan_json, normalizer.contract_json, secrets)


def _names(normalizer: FrozenProfile) -> list[tuple[str, str]]:
    return sorted(set(secret_names(normalizer.document["spec"])))
